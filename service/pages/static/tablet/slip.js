// The slip: the code, and what is said while the result is waited for, in the person's language
// beside French. To print, or to copy by hand and read back.

/** @import { Amount, Facts, Message, OpenedRock, Page, Texts } from "./types.d.ts" */

import * as estimate from "./estimate.js"
import { button, h, show } from "./page.js"
import { canSpeak, speakButton } from "./speech.js"
import { pictogram, turnRound } from "./turned.js"
import { _, directionOf, normalizeCode, theKit } from "./words.js"

// What a slip carries of what is said; the page behind its code has the rest.
const ON_SLIP = [
  "state-waiting",
  "state-in-analysis",
  "estimate-by-weight",
  "estimate-may-hold-more",
  "emergency-signs",
  "card-no-name",
]

// --- What is said ---

/**
 * What is said of this rock while it waits, in reading order.
 * @param {Facts} facts
 */
function messagesOf(facts) {
  const amount = estimate.expected(facts)
  const weighed = Boolean(amount?.weight)
  const uses = facts.use?.also_uses ?? []
  const told = ["alcohol", "opioids", "benzodiazepines"].filter((use) => uses.includes(use)).join()
  const crackRock = estimate.isCrackRock(facts)
  const { route = "" } = facts.use ?? {}
  const { waiting } = theKit()
  const knownRoute = waiting.some((fitting) => fitting.route === route) ? route : ""

  const fitting = waiting.find((one) =>
    one.crack_rock === crackRock && one.weighed === weighed && one.route === knownRoute &&
    one.also_uses.join() === told
  )
  return (fitting?.keys ?? []).map((key) => messageOf(key, amount))
}

/**
 * @param {string} key
 * @param {Amount | null} amount
 * @returns {Message}
 */
function messageOf(key, amount = null) {
  const message = theKit().messages[key]
  const texts = Object.entries(message.text)
    .map(([language, text]) => [language, estimate.withNumbers(text, amount)])
  return { key, ...message, text: Object.fromEntries(texts) }
}

/** @param {string[]} languages */
export const columnsOf = (languages = []) => [...new Set([languages[0] ?? "fr", "fr"])]

/**
 * A message in each column; a text that may not be shown gives its place to the drawing and the
 * French.
 * @param {Message[]} messages
 * @param {string[]} columns
 */
export function lines(messages, columns) {
  const inColumn = (/** @type {Message} */ message, /** @type {string} */ language) => {
    const text = message.text[language]
    return text
      ? h("p", { lang: language, dir: directionOf(language) }, text)
      : pictogram(message.pictogram)
  }
  return messages.map((message) =>
    h(
      "section",
      { class: message.slot, "data-key": message.key },
      columns.map((language) => inColumn(message, language)),
    )
  )
}

/**
 * What is said of the words themselves, in each language that has something of it: who is to help,
 * what they are worth.
 * @param {Texts} texts
 * @param {string[]} columns
 */
export const remarks = (texts, columns) =>
  columns.filter((language) => texts[language]).map((language) =>
    h("p", { class: "mark", lang: language, dir: directionOf(language) }, texts[language])
  )

// --- The paper ---

/** @param {Page} page */
function square({ width = "0", path = "" }) {
  const attributes = {
    viewBox: `0 0 ${width} ${width}`,
    class: "square",
    role: "img",
    "aria-label": _("Square code"),
  }
  return h(
    "svg",
    attributes,
    h("rect", { width, height: width, fill: "#fff" }),
    h("path", { d: path, stroke: "#000", fill: "none" }),
  )
}

/**
 * The slip as it is printed.
 * @param {Facts} facts
 * @param {Page} page
 */
function slip(facts, page) {
  const kit = theKit()
  const columns = columnsOf(facts.card_languages)
  const messages = messagesOf(facts).filter(({ slot, key }) =>
    slot === "alert" || ON_SLIP.includes(key)
  )
  const each = (/** @type {string} */ key) =>
    columns.map((language) =>
      h("p", { lang: language, dir: directionOf(language) }, kit.frames[language][key])
    )
  return h(
    "article",
    { class: "slip" },
    h(
      "header",
      {},
      h("div", {}, each("card-title"), h("p", { class: "code" }, page.code)),
      page.path && square(page),
    ),
    remarks(kit.interpreter, columns),
    lines([...messages, messageOf("card-no-name")], columns),
    h("footer", {}, each("card-come-back"), remarks(kit.marks, columns)),
  )
}

function printOnRoll() {
  const { classList } = document.documentElement
  classList.add("roll")
  addEventListener("afterprint", () => classList.remove("roll"), { once: true })
  print()
}

// --- The screen ---

/**
 * After a rock was kept: the code to hand over, the bag's number, the estimate, and ways to say it.
 * @param {OpenedRock} found
 * @param {() => unknown} done
 */
export function afterKeeping(found, done) {
  const { facts, page = { code: "" } } = found.rock
  const amount = estimate.expected(facts)
  const columns = columnsOf(facts.card_languages)
  const [language] = columns
  const again = () => afterKeeping(found, done)
  const sentences = () => messagesOf(facts).map(({ text }) => text[language] ?? text.fr)

  return show(() => [
    h("h1", {}, _("Kept on this tablet")),
    found.bag !== null && h(
      "p",
      { class: "bag" },
      _("Write this number on the bag:"),
      " ",
      h("strong", {}, String(found.bag)),
    ),
    amount && h(
      "section",
      { class: "hint" },
      h("p", {}, estimate.sentence(amount)),
      estimate.drawing(amount),
    ),
    h(
      "div",
      { class: "row no-print" },
      button(_("Print the slip"), () => print()),
      button(_("Print on a roll"), printOnRoll, { class: "quiet" }),
      button(
        _("Turn the tablet round"),
        () => turnRound(messagesOf(facts), columns, again),
      ),
      canSpeak(language) && speakButton(sentences(), language),
    ),
    slip(facts, page),
    byHand(page.code),
    h("div", { class: "foot" }, button(_("Done"), done)),
  ])
}

/**
 * No printer: the code is copied by hand, then typed back from the paper, so that a slip of the pen
 * is found now.
 * @param {string} code
 */
function byHand(code) {
  const right = normalizeCode(code)
  const verdict = h("p", { "aria-live": "polite" })
  const box = h("input", { autocomplete: "off", autocapitalize: "characters", maxlength: 20 })

  const compare = () => {
    const typed = normalizeCode(box.value)
    const isWhole = typed === right
    const isBegun = right.startsWith(typed)
    box.toggleAttribute("aria-invalid", !isBegun)
    verdict.className = isWhole ? "fine" : "wrong"
    if (isWhole) verdict.textContent = _("Right: the paper says the same.")
    else verdict.textContent = isBegun ? "" : _("Not the same: look at the paper again.")
  }
  box.addEventListener("input", compare)

  return h(
    "details",
    { class: "no-print" },
    h("summary", {}, _("No printer: copy it by hand")),
    h("p", { class: "code large" }, code),
    h("label", { class: "field" }, _("Now type what stands on the paper"), box),
    verdict,
  )
}
