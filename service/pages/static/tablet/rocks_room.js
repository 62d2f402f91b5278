// The first room: what is to be known at once, a rock taken in, those that are here, one found by
// its code.

/** @import { Draft, OpenedRock } from "./types.d.ts" */

import { Refused } from "./api.js"
import { shownBriefly } from "./fields.js"
import * as intake from "./intake.js"
import { OtherSite } from "./kit.js"
import { living, redraw } from "./living.js"
import * as notices from "./notices.js"
import * as pad from "./pad.js"
import { button, confirmed, h, say } from "./page.js"
import * as queue from "./queue.js"
import * as results from "./results.js"
import { peopleToReach } from "./results_room.js"
import { beginRock, goOn, openResult, openRock, stateText } from "./rock.js"
import { goHome, leaveRoom } from "./screen.js"
import { columnsOf } from "./slip.js"
import * as sync from "./sync.js"
import { turnRound } from "./turned.js"
import { _, momentText, normalizeCode } from "./words.js"

const PICKUP_SYMBOLS = 13

export async function rocksRoom() {
  return [
    await living(warnings, notices.drawn, peopleToReach),
    button(_("Take a rock in"), beginRock, { class: "huge" }),
    await living(unfinished),
    finder(),
    await living(rocks),
    button(_("Send now"), sync.hope, { class: "quiet" }),
  ]
}

// --- What is to be known at once ---

async function warnings() {
  return [padWarning(await pad.left()), sendingWarning(sync.standing().trouble)]
}

/** @param {number} left */
function padWarning(left) {
  if (left === 0) {
    const text = _("No pickup code is left on this tablet. It needs a network to fetch some.")
    return h("p", { class: "refusal", role: "alert" }, text)
  }
  if (left >= pad.LOW) return null

  const text = _(
    "Only {n} pickup codes are left on this tablet. It fetches more where there is a network.",
    { n: left },
  )
  return h("p", { class: "refusal" }, text)
}

/** @param {unknown} trouble */
function sendingWarning(trouble) {
  if (!trouble) return null

  if (trouble instanceof OtherSite) {
    const { ours, theirs } = trouble
    const text = _(
      "The rocks here are of {ours}, and you are let in for {theirs}: nothing is sent.",
      { ours, theirs },
    )
    return h("p", { class: "refusal", role: "alert" }, text)
  }

  const text = trouble instanceof Refused
    ? trouble.problem.title
    : _("Something broke while sending. It is tried again.")
  return h("p", { class: "refusal" }, text)
}

// --- The rocks ---

async function unfinished() {
  const drafts = await intake.drafts()
  if (drafts.length === 0) return null

  const items = drafts.map((draft) => h("li", {}, draftButtons(draft)))
  return h("section", {}, h("h2", {}, _("Not finished")), h("ul", { class: "list" }, items))
}

/** @param {Draft} draft */
function draftButtons(draft) {
  const throwAway = async () => {
    const question = _("Throw away what was answered so far?")
    if (!await confirmed(question, _("Throw away"))) return

    await intake.forget(draft)
    redraw()
  }
  const text = [_("Go on"), " ", h("span", {}, shownBriefly(draft.facts))]
  return [
    button(text, () => goOn(draft)),
    button(_("Throw away"), throwAway, { class: "quiet" }),
  ]
}

async function rocks() {
  const found = await queue.all()
  const list = found.length === 0
    ? h("p", {}, _("None yet."))
    : h("ul", { class: "list", id: "queue" }, found.map(rockItem))
  return h("section", {}, h("h2", {}, _("Rocks of this tablet")), list)
}

/** @param {OpenedRock} found */
function rockItem({ id, at, bag, state, rock }) {
  const line = h(
    "button",
    { type: "button", class: "plain", onclick: () => openRock(id) },
    bag !== null && h("strong", { class: "bag" }, String(bag)),
    rock.page && h("code", {}, rock.page.code),
    h("span", { class: `state-${state}` }, stateText(state)),
    rock.label && h("code", {}, rock.label),
    h("span", {}, shownBriefly(rock.facts)),
    h("span", {}, momentText(at)),
  )
  return h("li", { "data-id": id, "data-state": state }, line)
}

// --- One found by its code ---

/** A person comes back with their slip: its code leads to the rock. */
function finder() {
  const box = h("input", { autocomplete: "off", autocapitalize: "characters", maxlength: 20 })
  const go = button(_("Find"), () => find(box.value), { class: "quiet" })
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter") go.click()
  })

  return h(
    "section",
    { class: "finder" },
    h("label", { class: "field" }, _("Somebody comes with a code"), box),
    go,
    button(_("Scan"), () => leaveRoom(scanCode), { class: "quiet" }),
  )
}

async function scanCode() {
  const { scan } = await import("./scan.js")
  const text = await scan(goHome)
  if (text) await find(text)
}

/** @param {string} text what was typed, or the address of a result's page */
async function find(text) {
  const [, ending = text] = text.match(/.*\/r\/(.*)/) ?? []
  const code = normalizeCode(ending.split(/[?#]/)[0])
  if (code.length !== PICKUP_SYMBOLS) {
    const problem = _("A code has {n} letters and digits.", { n: PICKUP_SYMBOLS })
    return say(problem, { wrong: true })
  }

  const { result, found } = await results.findByCode(code)
  if (result) return openResult(result.id)
  if (found) return openRock(found.id)

  const { messages, languages } = await results.askAboutCode(code)
  return leaveRoom(() => turnRound(messages, columnsOf(languages), goHome))
}
