// One result: shown with what to say of it, turned round for the person, printed.

/** @import { Child, Message, Messages, Sample, Talk } from "./types.d.ts" */

import { ask, NoContact, Refused } from "./api.js"
import { button, h, say, show } from "./page.js"
import * as results from "./results.js"
import { columnsOf, lines, remarks } from "./slip.js"
import { playButton } from "./speech.js"
import { turnRound } from "./turned.js"
import { _, dateText, directionOf, label, languageName, theKit } from "./words.js"

const PATIENCE_MS = 3_000 // with a person who waits

/**
 * @param {string} id
 * @param {{ back: () => unknown, edit: (sample: Sample) => unknown }} ways
 */
export async function view(id, ways) {
  const result = await newest(id, ways)
  if (!result) {
    say(_("There is nothing here about this rock."), { wrong: true })
    return ways.back()
  }

  await results.markSeen(result)
  const { sample, messages, talk } = result
  const columns = columnsOf(sample.card_languages)
  const again = () => view(id, ways)
  const player = (/** @type {string} */ language) =>
    playButton(() => results.sound(id, language, result.updated_at))

  await show(() => [
    h("header", { class: "no-print", "data-result": id }, heading(sample, columns)),
    h(
      "div",
      { class: "row no-print" },
      button(
        _("Turn the tablet round"),
        () => turnRound(messages.messages, columns, again, { player, result: id }),
      ),
      player(columns[0]),
      button(_("Print the card"), () => printCard(id), { class: "quiet" }),
      button(_("Change or take back"), () => ways.edit(sample), { class: "quiet" }),
    ),
    h(
      "section",
      { class: "no-print talk" },
      h("h2", {}, _("For you: what to say and ask")),
      points(talk),
    ),
    card(sample, messages, columns),
    h("div", { class: "foot" }, button(_("Back"), ways.back, { class: "quiet" })),
  ])
}

/**
 * The newest result there is; where the service does not say it in time, what lies here, until it
 * does.
 * @param {string} id
 * @param {Parameters<typeof view>[1]} ways
 */
async function newest(id, ways) {
  const before = await results.find(id)
  const fetching = results.fetchOne(id, before?.updated_at ?? "")
  fetching.then(() => before && showIfChanged(id, before.messages, ways)).catch(() => {})

  try {
    if (before) await Promise.race([fetching, patience()])
    else await fetching
  } catch (error) {
    if (!(error instanceof NoContact || error instanceof Refused)) throw error
  }
  return results.find(id)
}

const patience = () => new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))

/**
 * Shows the answer that came while an older one is on the screen.
 * @param {string} id
 * @param {Messages} shown
 * @param {Parameters<typeof view>[1]} ways
 */
async function showIfChanged(id, shown, ways) {
  const now = await results.find(id)
  const isOnScreen = document.querySelector(`[data-result="${id}"]`)
  if (!now || !isOnScreen || JSON.stringify(now.messages) === JSON.stringify(shown)) return

  await view(id, ways)
  say(_("The answer has changed."))
}

/**
 * @param {Sample} sample
 * @param {string[]} columns
 */
function heading(sample, columns) {
  const rest = [
    label("state", sample.state),
    _("taken in {when}", { when: dateText(sample.taken_at) }),
    columns.map(languageName).join(", "),
  ]
  return [
    h("h1", {}, h("code", {}, sample.lab_label)),
    h("p", {}, h("code", {}, sample.pickup_code), rest.map((text) => ` · ${text}`)),
  ]
}

/**
 * @param {Talk} talk
 * @returns {Child}
 */
function points(talk) {
  const textOf = (/** @type {Message} */ { text }) => text[talk.languages[0]] ?? text.fr
  const inEach = (/** @type {Message} */ { text }) =>
    Object.entries(text).map(([language, words]) =>
      h("p", { lang: language, dir: directionOf(language) }, words)
    )
  return [
    h("ul", {}, talk.points.map((point) => h("li", { "data-key": point.key }, textOf(point)))),
    talk.if_told.length > 0 && h(
      "details",
      {},
      h("summary", {}, _("Only if they speak of it")),
      h("ul", {}, talk.if_told.map((point) => h("li", {}, inEach(point)))),
    ),
    Object.values(talk.marks).map((mark) => h("p", { class: "mark" }, mark)),
  ]
}

/**
 * @param {Sample} sample
 * @param {Messages} said
 * @param {string[]} columns
 */
function card(sample, { messages, marks, interpreter }, columns) {
  const { frames } = theKit()
  const each = (/** @type {string} */ key) =>
    columns.map((language) =>
      h("p", { lang: language, dir: directionOf(language) }, frames[language][key])
    )
  return h(
    "article",
    { class: "slip" },
    h("header", {}, h("div", {}, each("card-title"))),
    h("p", { class: "code" }, sample.pickup_code),
    remarks(interpreter, columns),
    lines(messages, columns),
    h("footer", {}, each("card-read-again"), remarks(marks, columns)),
  )
}

/**
 * Prints the card as the service composes it, with its drawings; without a network, what is on the
 * screen.
 * @param {string} id
 */
async function printCard(id) {
  let composed
  try {
    const answer = await ask("GET", `/v1/samples/${id}/card`, { accept: "text/html" })
    composed = await answer.text()
  } catch (error) {
    if (!(error instanceof NoContact)) throw error
    return print()
  }

  const frame = h("iframe", { srcdoc: composed, class: "unseen", title: _("Print the card") })
  const loaded = new Promise((resolve) => frame.addEventListener("load", resolve, { once: true }))
  document.body.append(frame)
  await loaded

  const inside = frame.contentWindow
  inside?.addEventListener("afterprint", () => frame.remove(), { once: true })
  inside?.print()
}
