// A shift: begun with the PIN, locked after a while. Nothing of any rock is shown here.

import { saveButton, sealedRocks } from "./carry.js"
import { button, h, say, show } from "./page.js"
import * as vault from "./vault.js"
import { panicButton } from "./wipe.js"
import { _ } from "./words.js"

const IDLE_MS = 5 * 60_000
const IDLE_LOOK_MS = 10_000
const LEAST_PIN = 4

const pinBox = () =>
  h("input", {
    type: "password",
    inputmode: "numeric",
    autocomplete: "off",
    maxlength: 12,
    class: "large",
  })

/**
 * Sets the PIN, or changes it; may be left for later, and everything works without.
 * @param {() => unknown} done
 */
export async function pinView(done) {
  const current = await vault.hasPin() ? pinBox() : null
  const first = pinBox()
  const second = pinBox()

  const set = async () => {
    const flaw = await flawOf(first.value, second.value, current?.value)
    if (flaw) return say(flaw, { wrong: true })

    await vault.setPin(first.value, current?.value)
    say(_("The PIN is set."))
    await done()
  }

  const advice = _(
    "It locks what lies here between two shifts. Six digits or more are better than four. Nobody can tell it to you again; a sealed file still brings the rocks to the base.",
  )
  await show(() => [
    h("h1", {}, _("A PIN for this tablet")),
    h("p", {}, advice),
    current && h("label", { class: "field" }, _("The PIN so far"), current),
    h("label", { class: "field" }, _("New PIN"), first),
    h("label", { class: "field" }, _("The same again"), second),
    h(
      "div",
      { class: "foot" },
      button(_("Later"), done, { class: "quiet" }),
      button(_("Set the PIN"), set),
    ),
  ])
}

/**
 * What is wrong with a new PIN; null where nothing is.
 * @param {string} pin
 * @param {string} again
 * @param {string} [current]
 */
async function flawOf(pin, again, current) {
  if (!/^\d+$/.test(pin) || pin.length < LEAST_PIN) {
    return _("A PIN has at least {n} digits.", { n: LEAST_PIN })
  }
  if (pin !== again) return _("These are two different PINs.")
  if (current !== undefined && !await vault.unlock(current)) return _("This is not the PIN so far.")
  return null
}

/**
 * A locked tablet says how many rocks lie on it, and nothing of them.
 * @param {{ done: () => unknown, erased: () => unknown }} ways
 */
export async function lockedView({ done, erased }) {
  const box = pinBox()
  const wrong = h("p", { role: "alert", class: "wrong" })

  const wait = async () => {
    const seconds = await vault.secondsToWait()
    wrong.textContent = seconds ? _("Wrong. Next try in {n} seconds.", { n: seconds }) : ""
    box.disabled = seconds > 0
    if (seconds && wrong.isConnected) setTimeout(wait, 1_000)
    return seconds
  }
  const enter = async () => {
    if (await vault.unlock(box.value)) return done()

    box.value = ""
    if (!await wait()) wrong.textContent = _("This is not the PIN.")
  }
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter") enter()
  })

  const waiting = (await sealedRocks()).length
  const save = await saveButton()
  const forgotten = _(
    "Save the sealed file and bring it to the base. Then erase this tablet and let it in again.",
  )
  await show(() => [
    h("h1", {}, _("Locked")),
    h("label", { class: "field" }, _("PIN"), box),
    wrong,
    h("div", { class: "row" }, button(_("Begin the shift"), enter)),
    waiting > 0 && h("p", {}, _("Not confirmed yet on this tablet: {n}.", { n: waiting })),
    save && h(
      "details",
      {},
      h("summary", {}, _("PIN forgotten?")),
      h("p", {}, forgotten),
      save,
    ),
    h("details", {}, h("summary", {}, _("In danger?")), panicButton(erased)),
  ])
  await wait()
  box.focus()
}

/**
 * Locks when nobody has touched the tablet for a while, in any tab; timers stand still while a
 * device sleeps.
 * @param {() => unknown} lock
 */
export function watchIdle(lock) {
  let touchedAt = Date.now()
  const otherTabs = new BroadcastChannel("caillou-touched")
  otherTabs.onmessage = () => {
    touchedAt = Date.now()
  }

  const look = () => {
    if (Date.now() - touchedAt > IDLE_MS) lock()
  }
  const touch = () => {
    look()
    if (Date.now() - touchedAt > IDLE_LOOK_MS) otherTabs.postMessage("touched")
    touchedAt = Date.now()
  }

  for (const name of ["pointerdown", "keydown"]) {
    addEventListener(name, touch, { capture: true, passive: true })
  }
  document.addEventListener("visibilitychange", look)
  setInterval(look, IDLE_LOOK_MS)
}
