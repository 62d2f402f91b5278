// A rock is taken in: six screens, each answer kept as it is given, so that a tab that dies loses nothing.

import * as estimate from "./estimate.js"
import { flawsOf, SCREENS, screenOf, SIZE_SCREEN, shown, valueAt, withValue } from "./fields.js"
import { button, h, say, show } from "./page.js"
import * as queue from "./queue.js"
import * as vault from "./vault.js"
import { _ } from "./words.js"

/** A new draft, or one of a rock that is to be changed; `errors` are what the service found wrong with it. */
export async function begin(leave, kept, { rock = null, errors = [], screen = 0 } = {}) {
  const draft = rock
    ? { id: rock.id, of: rock.rock.revision, facts: rock.rock.facts, screen, errors }
    : { id: crypto.randomUUID(), of: 0, facts: {}, screen, errors }
  await resume(draft, leave, kept)
}

/** The drafts that were left lying. */
export async function drafts() {
  const names = await vault.names("draft/")
  return (await Promise.all(names.map(name => vault.get(name)))).filter(Boolean)
}

export const forget = draft => vault.drop(`draft/${draft.id}`)

/** Goes on with a draft as it is now: another tab may have gone on with it, or kept it. */
export async function goOn({ id }, leave, kept) {
  const draft = await vault.get(`draft/${id}`)
  return draft ? resume(draft, leave, kept) : leave()
}

export async function resume(draft, leave, kept) {
  const name = `draft/${draft.id}`
  let writing = Promise.resolve()
  // One after another, so that the last answer given is the last one written.
  const save = () => (writing = writing.catch(() => {}).then(() => vault.put(name, draft)))

  const finish = async () => {
    await save()
    try {
      if (draft.of) {
        await queue.edit(draft.id, draft.facts, draft.of)
        await forget(draft)
      } else await queue.add(draft.id, draft.facts, name)
    } catch (error) {
      if (!(error instanceof queue.PadEmpty)) throw error
      say(_("No pickup code is left on this tablet. Your answers are kept here until there is a network."), { wrong: true })
      return
    }
    await kept(draft.id, Boolean(draft.of))
  }

  const go = screen => {
    draft.screen = screen
    return Promise.all([save(), show(draw)])
  }

  function draw() {
    const screen = SCREENS[draft.screen]
    const hint = h("div", { class: "hint", "aria-live": "polite" })
    const hinted = () => hint.replaceChildren(...draft.screen === SIZE_SCREEN ? onTheSpot(draft.facts) : [])
    const answered = field => async value => {
      draft.facts = withValue(draft.facts, field.path, value)
      hinted()
      await save()
    }
    hinted()
    const last = draft.screen === SCREENS.length - 1
    return [
      h("ol", { class: "steps", "data-stays": true, "aria-label": _("Screens") }, SCREENS.map((one, place) => h("li", {},
        h("button", { type: "button", "aria-current": place === draft.screen ? "step" : null, onclick: () => go(place) },
          String(place + 1), h("span", { class: "unseen" }, one.title()))))),
      h("h1", {}, screen.title()),
      screen.fields.map(field => h("section", { class: "asked", "data-field": field.path },
        h("h2", {}, field.text()),
        flawsOf(field, draft.errors).map(flaw => h("p", { class: "wrong" }, flaw.detail)),
        field.ask(field, valueAt(draft.facts, field.path), answered(field)))),
      hint,
      last && summary(draft.facts, go),
      h("div", { class: "foot" },
        button(draft.screen ? _("Back") : _("Leave"), () => draft.screen ? go(draft.screen - 1) : leave(), { class: "quiet" }),
        !last && button(_("Keep it now"), finish, { class: "quiet" }),
        last ? button(_("Keep it"), finish) : button(_("Next"), () => go(draft.screen + 1))),
    ]
  }

  await save()
  await show(draw)
}

/** What is expected of a rock of this size, as soon as it is known. */
function onTheSpot(facts) {
  const amount = estimate.expected(facts)
  return amount ? [h("p", {}, estimate.sentence(amount)), estimate.drawing(amount)] : []
}

function summary(facts, go) {
  const rows = SCREENS.slice(0, -1).flatMap((screen, place) => screen.fields
    .filter(field => valueAt(facts, field.path) !== null)
    .map(field => h("li", {}, h("button", { type: "button", class: "plain", onclick: () => go(place) },
      h("span", {}, field.text()), " ", h("strong", {}, shown(field, valueAt(facts, field.path)))))))
  return rows.length > 0 && h("section", { class: "summary" }, h("h2", {}, _("What was told")), h("ul", {}, rows))
}

/** A rock that the service would not have: what it said, and the screen where that is mended. */
export function mend(rock, leave, kept) {
  const errors = rock.rock.problem?.errors ?? []
  return begin(leave, kept, { rock, errors, screen: screenOf(errors[0]?.pointer ?? "") })
}

export const isAboutCode = rock => (rock.rock.problem?.errors ?? []).some(one => one.pointer === "/pickup_code")
