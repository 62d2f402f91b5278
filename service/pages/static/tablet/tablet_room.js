// The third room: this tablet itself.

import * as carry from "./carry.js"
import { living, redraw } from "./living.js"
import * as pad from "./pad.js"
import { button, h } from "./page.js"
import { enterRoom, erase, leaveRoom } from "./screen.js"
import { pinView } from "./shift.js"
import * as sync from "./sync.js"
import { calibration } from "./true_size.js"
import * as vault from "./vault.js"
import { panicButton } from "./wipe.js"
import { _, momentText } from "./words.js"

const CLOCK_OFF_MS = 120_000

export async function tabletRoom() {
  const { persisted } = await vault.read(["persisted"])
  return [
    h("h1", {}, _("This tablet")),
    await state(),
    persisted === false && storageWarning(),
    h("section", {}, h("h2", {}, "PIN"), h("div", { class: "row" }, await pinButton())),
    h("section", {}, h("h2", {}, _("True size")), calibration()),
    await byHand(),
    h("section", {}, h("h2", {}, _("In danger?")), panicButton(erase)),
  ]
}

async function state() {
  const { label, site, clock_off = 0 } = await vault.read(["label", "site", "clock_off"])
  const { last } = sync.standing()
  const isKept = Boolean(navigator.serviceWorker?.controller)
  const lines = [
    [_("Let in as"), `${label ?? _("whoever has signed in")} · ${site}`],
    [_("Last contact"), last ? momentText(last) : "–"],
    [_("Works without a network"), isKept ? _("Yes") : _("Not yet")],
    [_("Pickup codes left"), String(await pad.left())],
    [_("Space used"), await spaceUsed()],
  ]
  if (Math.abs(clock_off) > CLOCK_OFF_MS) {
    lines.push([_("This tablet's clock"), clockText(clock_off)])
  }

  return h("dl", {}, lines.map(([term, text]) => [h("dt", {}, term), h("dd", {}, text)]))
}

async function spaceUsed() {
  const estimate = await navigator.storage?.estimate?.()
  if (!estimate) return "–"

  const { usage = 0, quota = 0 } = estimate
  return `${(usage / 1e6).toFixed(1)} MB / ${(quota / 1e6).toFixed(0)} MB`
}

/** @param {number} off in ms */
function clockText(off) {
  const minutes = Math.round(-off / 60_000)
  return _(
    "{n} minutes off. Rocks are dated by the service's clock where it is more than a day.",
    { n: minutes },
  )
}

function storageWarning() {
  const text = _(
    "The browser does not promise to keep what lies here when space runs out. Install this page, or send often.",
  )
  return h("p", { class: "refusal" }, text)
}

async function pinButton() {
  const text = await vault.hasPin() ? _("Change the PIN") : _("Set a PIN")
  const set = () => leaveRoom(() => pinView(() => enterRoom("tablet")))
  return button(text, set, { class: "quiet" })
}

async function byHand() {
  const advice = _(
    "If this tablet gets no network any more: save what is not confirmed, sealed for the service alone, and bring it to the base.",
  )
  const nothing = () => h("p", {}, _("Everything is confirmed: there is nothing to carry."))
  return h(
    "section",
    {},
    h("h2", {}, _("Carried by hand")),
    h("p", {}, advice),
    await living(() => carry.refused(redraw)),
    h("div", { class: "row" }, await carry.saveButton() ?? nothing()),
    carry.bringIn(),
  )
}
