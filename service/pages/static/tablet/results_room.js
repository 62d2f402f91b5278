// The second room: whom to reach again, and this site's rocks with their answers.

/** @import { PersonToReach, Result } from "./types.d.ts" */

import { living, redraw } from "./living.js"
import { button, h } from "./page.js"
import * as results from "./results.js"
import { openResult } from "./rock.js"
import { _, dateText, label } from "./words.js"

const ANSWERED = ["answered", "corrected"]

export async function resultsRoom() {
  return [h("h1", {}, _("Results")), await living(peopleToReach, list)]
}

// --- Whom to reach again ---

/** People to reach again, at the top of everything. */
export async function peopleToReach() {
  const people = await results.peopleToReach()
  if (people.length === 0) return null

  const advice = _("Their answer has changed since they were told. Give them the new card.")
  return h(
    "section",
    { class: "again" },
    h("h2", {}, _("People to reach again")),
    h("p", {}, advice),
    h("ul", { class: "list" }, people.map(personItem)),
  )
}

/** @param {PersonToReach} person */
function personItem(person) {
  const code = person.pickup_code
  const summary = [label("state", person.state), dateText(person.changed_at), person.lab_label]
  const name = () => h("span", { class: "unseen" }, ` ${code}`)

  const markTold = async () => {
    await results.markTold(person)
    redraw()
  }

  return h(
    "li",
    {},
    h(
      "div",
      {},
      h("code", {}, code),
      person.grave && h("strong", { class: "flag" }, _("a warning came or went")),
      h("span", {}, summary.join(" · ")),
    ),
    h(
      "div",
      { class: "row" },
      button([_("Show"), name()], () => openResult(person.sample_id)),
      button([_("They know now"), name()], markTold, { class: "quiet" }),
    ),
  )
}

// --- The rocks ---

/** @param {Result} result */
const isNew = ({ sample, seen }) => ANSWERED.includes(sample.state) && !seen

/** This site's rocks, what has a new answer first. */
async function list() {
  const rocks = await results.all()
  if (rocks.length === 0) return h("p", {}, _("No rock has been taken in here yet."))

  const sorted = [...rocks.filter(isNew), ...rocks.filter((rock) => !isNew(rock))]
  return h("ul", { class: "list" }, sorted.map(resultItem))
}

/** @param {Result} result */
function resultItem(result) {
  const { id, sample } = result
  const line = h(
    "button",
    { type: "button", class: "plain", onclick: () => openResult(id) },
    h("code", {}, sample.lab_label),
    h("code", { class: "quiet" }, sample.pickup_code),
    h("span", { class: sample.state }, label("state", sample.state)),
    isNew(result) && h("strong", { class: "flag" }, _("new")),
    h("span", {}, dateText(sample.taken_at)),
  )
  return h("li", {}, line)
}
