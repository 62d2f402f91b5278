// Two versions of one rock: this tablet's and the one that the service holds, field by field. The worker picks; what
// they pick goes over the held one as its next revision.

import { FIELDS, shown, valueAt, withValue } from "./fields.js"
import { button, choices, h, show } from "./page.js"
import * as queue from "./queue.js"
import { _ } from "./words.js"

export async function view(id, { back, done }) {
  const { rock } = await queue.one(id)
  const ours = rock.facts
  const theirs = queue.factsOf(rock.held)
  const differing = FIELDS.filter(field =>
    JSON.stringify(valueAt(ours, field.path)) !== JSON.stringify(valueAt(theirs, field.path)))
  const picked = new Map(differing.map(field => [field.path, "ours"]))
  await show(() => [
    h("h1", {}, _("Two versions of one rock")),
    h("p", {}, _("Somebody else has changed this rock meanwhile. Choose for each line which one is right.")),
    differing.length === 0 && h("p", {}, _("They say the same.")),
    differing.map(field => h("section", { class: "asked", "data-field": field.path }, h("h2", {}, field.text()),
      choices(field.text(), [
        { value: "ours", text: `${_("This tablet:")} ${shown(field, valueAt(ours, field.path))}` },
        { value: "theirs", text: `${_("The service:")} ${shown(field, valueAt(theirs, field.path))}` },
      ], "ours", value => { picked.set(field.path, value ?? "ours") }))),
    h("div", { class: "foot" },
      button(_("Back"), back, { class: "quiet" }),
      button(_("This is right: keep it"), async () => {
        const merged = differing.reduce((facts, field) => picked.get(field.path) === "ours"
          ? facts : withValue(facts, field.path, valueAt(theirs, field.path)), ours)
        await queue.edit(id, merged, rock.held.revision)
        await done()
      })),
  ])
}
