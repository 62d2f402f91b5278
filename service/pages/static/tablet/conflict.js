// Two versions of one rock: this tablet's and the one that the service holds, field by field. The
// worker picks; what they pick goes over the held one as its next revision.

import { choices } from "./choices.js"
import { factsOf, FIELDS, shown, valueAt, withValue } from "./fields.js"
import { button, h, show } from "./page.js"
import * as queue from "./queue.js"
import { _ } from "./words.js"

/**
 * @param {string} id
 * @param {{ back: () => unknown, done: () => unknown }} ways
 */
export async function view(id, { back, done }) {
  const found = await queue.find(id)
  const held = found?.rock.held
  if (!held) return back()

  const ours = found.rock.facts
  const theirs = factsOf(held)
  const differing = FIELDS
    .map((field) => ({
      field,
      here: valueAt(ours, field.path),
      there: valueAt(theirs, field.path),
    }))
    .filter(({ here, there }) => JSON.stringify(here) !== JSON.stringify(there))

  /** @type {Set<string>} the paths of the fields of which the service's version is right */
  const taken = new Set()
  const keep = async () => {
    const merged = differing
      .filter(({ field }) => taken.has(field.path))
      .reduce((facts, { field, there }) => withValue(facts, field.path, there), ours)
    await queue.edit(id, merged, held.revision)
    await done()
  }

  await show(() => [
    h("h1", {}, _("Two versions of one rock")),
    h(
      "p",
      {},
      _("Somebody else has changed this rock meanwhile. Choose for each line which one is right."),
    ),
    differing.length === 0 && h("p", {}, _("They say the same.")),
    differing.map(({ field, here, there }) => {
      const options = [
        { value: "ours", text: `${_("This tablet:")} ${shown(field, here)}` },
        { value: "theirs", text: `${_("The service:")} ${shown(field, there)}` },
      ]
      const pick = choices(field.text(), options, "ours", (version) => {
        if (version === "theirs") taken.add(field.path)
        else taken.delete(field.path)
      })
      const attributes = { class: "asked", "data-field": field.path }
      return h("section", attributes, h("h2", {}, field.text()), pick)
    }),
    h(
      "div",
      { class: "foot" },
      button(_("Back"), back, { class: "quiet" }),
      button(_("This is right: keep it"), keep),
    ),
  ])
}
