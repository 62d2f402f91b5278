// A rock is taken in: six screens, each answer kept as it is given, so that a tab that dies loses
// nothing.

/** @import { Answer, Child, Draft, Facts, Field, Flaw, OpenedRock } from "./types.d.ts" */

import * as estimate from "./estimate.js"
import { answered, flawsOf, screenOf, SCREENS, shown, SIZE_SCREEN } from "./fields.js"
import { valueAt, withValue } from "./fields.js"
import { button, h, say, show } from "./page.js"
import * as queue from "./queue.js"
import * as vault from "./vault.js"
import { _ } from "./words.js"

/**
 * Where it goes from the six screens.
 * @typedef {object} Ways
 * @property {() => unknown} leave the draft stays
 * @property {(id: string, edited: boolean) => unknown} kept
 */

/**
 * Begins a new rock.
 * @param {Ways} ways
 */
export const begin = (ways) =>
  resume({ id: crypto.randomUUID(), of: 0, facts: {}, screen: 0, errors: [] }, ways)

/**
 * Begins to change a rock; `errors` are what the service found wrong with it.
 * @param {OpenedRock} found
 * @param {Ways} ways
 * @param {Flaw[]} errors
 */
export function change({ id, rock }, ways, errors = [], screen = 0) {
  return resume({ id, of: rock.revision, facts: rock.facts, screen, errors }, ways)
}

/**
 * A rock that the service would not have: what it said, and the screen where that is mended.
 * @param {OpenedRock} found
 * @param {Ways} ways
 */
export function mend(found, ways) {
  const errors = flawsIn(found)
  return change(found, ways, errors, screenOf(errors[0]?.pointer ?? ""))
}

/** @param {OpenedRock} found */
const flawsIn = ({ rock }) => rock.problem?.errors ?? []

/** @param {OpenedRock} found */
export const isAboutCode = (found) =>
  flawsIn(found).some(({ pointer }) => pointer === "/pickup_code")

// --- Drafts ---

/** @param {Pick<Draft, "id">} draft */
const nameOf = ({ id }) => /** @type {const} */ (`draft/${id}`)

/** The drafts that were left lying. */
export async function drafts() {
  const names = await vault.namesUnder("draft/")
  const found = await Promise.all(names.map((name) => vault.get(name)))
  return found.filter((draft) => draft !== undefined)
}

/** @param {Draft} draft */
export const forget = (draft) => vault.drop(nameOf(draft))

/**
 * Goes on with a draft as it is now: another tab may have gone on with it, or kept it.
 * @param {Draft} listed
 * @param {Ways} ways
 */
export async function goOn(listed, ways) {
  const draft = await vault.get(nameOf(listed))
  return draft ? resume(draft, ways) : ways.leave()
}

/**
 * @param {Draft} draft
 * @param {Ways} ways
 */
async function resume(draft, { leave, kept }) {
  let writing = Promise.resolve()
  // One after another, so that the last answer given is the last one written.
  const save = () => {
    writing = writing.catch(() => {}).then(() => vault.put(nameOf(draft), draft))
    return writing
  }

  const finish = async () => {
    await save()
    try {
      await keep(draft)
    } catch (error) {
      if (!(error instanceof queue.PadEmpty)) throw error
      const text = _(
        "No pickup code is left on this tablet. Your answers are kept here until there is a network.",
      )
      return say(text, { wrong: true })
    }
    await kept(draft.id, Boolean(draft.of))
  }

  /** @param {number} screen */
  const go = (screen) => {
    draft.screen = screen
    return Promise.all([save(), show(draw)])
  }

  const draw = () => drawn(draft, { save, finish, go, leave })

  await save()
  await show(draw)
}

/** @param {Draft} draft */
async function keep(draft) {
  if (!draft.of) return queue.add(draft.id, draft.facts, nameOf(draft))

  await queue.edit(draft.id, draft.facts, draft.of)
  await forget(draft)
}

// --- What stands on a screen ---

/**
 * @param {Draft} draft
 * @param {object} acts
 * @param {() => unknown} acts.save
 * @param {() => unknown} acts.finish
 * @param {(screen: number) => unknown} acts.go
 * @param {() => unknown} acts.leave
 * @returns {Child}
 */
function drawn(draft, { save, finish, go, leave }) {
  const screen = SCREENS[draft.screen]
  const isFirst = draft.screen === 0
  const isLast = draft.screen === SCREENS.length - 1

  const hint = h("div", { class: "hint", "aria-live": "polite" })
  const drawHint = () =>
    hint.replaceChildren(...draft.screen === SIZE_SCREEN ? expectation(draft.facts) : [])
  drawHint()

  /** @param {Field} field */
  const keepAnswer = (field) => async (/** @type {Answer} */ value) => {
    draft.facts = withValue(draft.facts, field.path, value)
    drawHint()
    await save()
  }

  const back = isFirst
    ? button(_("Leave"), leave, { class: "quiet" })
    : button(_("Back"), () => go(draft.screen - 1), { class: "quiet" })

  return [
    steps(draft.screen, go),
    h("h1", {}, screen.title()),
    screen.fields.map((field) =>
      h(
        "section",
        { class: "asked", "data-field": field.path },
        h("h2", {}, field.text()),
        flawsOf(field, draft.errors).map(({ detail }) => h("p", { class: "wrong" }, detail)),
        field.ask(field, valueAt(draft.facts, field.path), keepAnswer(field)),
      )
    ),
    hint,
    isLast && summary(draft.facts, go),
    h(
      "div",
      { class: "foot" },
      back,
      !isLast && button(_("Keep it now"), finish, { class: "quiet" }),
      isLast ? button(_("Keep it"), finish) : button(_("Next"), () => go(draft.screen + 1)),
    ),
  ]
}

/**
 * @param {number} current
 * @param {(screen: number) => unknown} go
 */
function steps(current, go) {
  const buttons = SCREENS.map(({ title }, index) => {
    const attributes = {
      type: "button",
      "aria-current": index === current ? "step" : null,
      onclick: () => go(index),
    }
    return h("button", attributes, String(index + 1), h("span", { class: "unseen" }, title()))
  })
  const items = buttons.map((button) => h("li", {}, button))
  return h("ol", { class: "steps", "aria-label": _("Screens") }, items)
}

/**
 * What is expected of a rock of this size, as soon as it is known.
 * @param {Facts} facts
 */
function expectation(facts) {
  const amount = estimate.expected(facts)
  return amount ? [h("p", {}, estimate.sentence(amount)), estimate.drawing(amount)] : []
}

/**
 * @param {Facts} facts
 * @param {(screen: number) => unknown} go
 */
function summary(facts, go) {
  const rows = SCREENS.slice(0, -1).flatMap(({ fields }, index) =>
    answered(facts, fields).map(({ field, value }) => {
      const attributes = { type: "button", class: "plain", onclick: () => go(index) }
      const answer = h("strong", {}, shown(field, value))
      return h("li", {}, h("button", attributes, h("span", {}, field.text()), " ", answer))
    })
  )
  if (rows.length === 0) return null

  return h("section", { class: "summary" }, h("h2", {}, _("What was told")), h("ul", {}, rows))
}
