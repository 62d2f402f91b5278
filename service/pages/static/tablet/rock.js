// One rock: as it was taken in here, and its answer. Both have the whole screen.

/** @import { OpenedRock, RockState, Sample } from "./types.d.ts" */

import * as conflict from "./conflict.js"
import { answered, fieldText, shown } from "./fields.js"
import * as intake from "./intake.js"
import { button, confirmed, h, show } from "./page.js"
import * as queue from "./queue.js"
import * as result from "./result.js"
import * as results from "./results.js"
import { enterRoom, goHome, leaveRoom, takeIn } from "./screen.js"
import * as slip from "./slip.js"
import * as sync from "./sync.js"
import { _, momentText } from "./words.js"

/** @type {Record<RockState, () => string>} */
const STATES = {
  here: () => _("on this tablet"),
  sent: () => _("sent, not confirmed yet"),
  confirmed: () => _("confirmed"),
  refused: () => _("to mend"),
  conflict: () => _("two versions"),
  back: () => _("being taken back"),
  gone: () => _("taken back"),
}

/** @param {RockState} state */
export const stateText = (state) => STATES[state]()

// --- Taken in, changed ---

export const beginRock = () => takeIn(() => intake.begin({ leave: goHome, kept: afterKeeping }))

/** @param {Parameters<typeof intake.goOn>[0]} draft */
export const goOn = (draft) =>
  takeIn(() => intake.goOn(draft, { leave: goHome, kept: afterKeeping }))

/**
 * @param {string} id
 * @param {boolean} edited
 * @returns {Promise<void>}
 */
async function afterKeeping(id, edited) {
  sync.hope()
  if (edited) return openRock(id)

  const found = await queue.find(id)
  if (found) await takeIn(() => slip.afterKeeping(found, goHome))
}

// --- As it was taken in ---

/**
 * @param {string} id
 * @returns {Promise<void>}
 */
export async function openRock(id) {
  const found = await queue.find(id)
  if (!found) return goHome()

  return leaveRoom(() => show(() => drawn(found)))
}

/** @param {OpenedRock} found */
function drawn(found) {
  const { rock, state, bag } = found
  const facts = answered(rock.facts)
  return [
    h("h1", {}, rock.page ? h("code", {}, rock.page.code) : _("Taken back")),
    h("p", { class: `state-${state}`, id: "rock-state" }, stateText(state)),
    bag !== null && h("p", {}, _("Number on the bag: {n}", { n: bag })),
    rock.label && h("p", {}, _("Laboratory's label:"), " ", h("code", {}, rock.label)),
    clockNote(found),
    problem(found),
    h("div", { class: "row" }, buttons(found)),
    facts.length > 0 && h(
      "dl",
      {},
      facts.map(({ field, value }) => [
        h("dt", {}, field.text()),
        h("dd", {}, shown(field, value)),
      ]),
    ),
    h("div", { class: "foot" }, button(_("Back"), goHome, { class: "quiet" })),
  ]
}

/** @param {OpenedRock} found */
function clockNote({ rock: { clock, taken_at } }) {
  if (!clock || !taken_at) return null

  const text = _(
    "This tablet's clock was wrong: it said {said}. Dated {right} by the service's clock.",
    { said: momentText(clock.said), right: momentText(taken_at) },
  )
  return h("p", {}, text)
}

/** @param {OpenedRock} found */
function problem({ rock }) {
  if (!rock.problem) return null

  const { title, errors = [] } = rock.problem
  const flaws = errors.map(({ pointer, detail }) => h("p", {}, `${fieldText(pointer)}: ${detail}`))
  return h("div", { class: "refusal", role: "alert" }, h("p", {}, title), flaws)
}

/** @param {OpenedRock} found */
function buttons(found) {
  const { id, state, rock } = found
  const isRefused = state === "refused"
  const isAboutCode = intake.isAboutCode(found)
  const isKept = state !== "back" && state !== "gone"

  const again = () => openRock(id)
  const ways = { leave: again, kept: afterKeeping }
  const compare = () => conflict.view(id, { back: again, done: () => afterKeeping(id, true) })
  const takeCode = async () => {
    await queue.takeAnotherCode(id)
    await afterKeeping(id, false)
  }

  return [
    state === "conflict" && button(_("Compare the two versions"), compare),
    isRefused && isAboutCode && button(_("Take another code"), takeCode),
    isRefused && !isAboutCode &&
    button(_("Mend it"), () => takeIn(() => intake.mend(found, ways))),
    isKept && button(
      _("Change"),
      () => takeIn(() => intake.change(found, ways)),
      { class: "quiet" },
    ),
    isKept && rock.page?.path && button(
      _("Slip"),
      () => takeIn(() => slip.afterKeeping(found, again)),
      { class: "quiet" },
    ),
    isKept && button(_("They take it back"), () => takeBack(id), { class: "quiet" }),
  ]
}

/** @param {string} id */
async function takeBack(id) {
  const question = _(
    "The person takes it back: what was told and any result are erased, here and at the service.",
  )
  if (!await confirmed(question, _("Take it back"), { grave: true })) return

  await queue.takeBack(id)
  await results.drop([id])
  await afterKeeping(id, true)
}

// --- Its answer ---

/** @param {string} id */
export function openResult(id) {
  const edit = async (/** @type {Sample} */ sample) => {
    await queue.adopt(sample)
    await openRock(sample.id)
  }
  return leaveRoom(() => result.view(id, { back: () => enterRoom("results"), edit }))
}
