// The slip: the code, and what is said while the result is waited for, in the person's language beside French. To
// print, or to copy by hand and read back.

import * as estimate from "./estimate.js"
import { button, h, show } from "./page.js"
import { canSpeak, speakButton } from "./speech.js"
import { _, directionOf, readCode, theKit } from "./words.js"

// What a slip carries of what is said; the page behind its code has the rest.
const ON_SLIP = key => ["state-waiting", "state-in-analysis", "estimate-by-weight", "emergency-signs", "card-no-name"].includes(key)

/** What is said of this rock while it waits, in reading order. */
export function messagesOf(facts) {
  const kit = theKit()
  const amount = estimate.expected(facts)
  const uses = facts.use?.also_uses ?? []
  const asked = ["alcohol", "opioids"].filter(one => uses.includes(one))
  const fits = one => one.weighed === Boolean(amount?.weight) && one.also_uses.join() === asked.join()
  return kit.waiting.find(fits).keys.map(key => said(key, amount))
}

const said = (key, amount) => {
  const message = theKit().messages[key]
  const texts = Object.entries(message.text).map(([language, text]) => [language, estimate.withNumbers(text, amount)])
  return { key, ...message, text: Object.fromEntries(texts) }
}

export const columnsOf = languages => [...new Set([languages?.[0] ?? "fr", "fr"])]

/** A message in each column; a text that may not be shown gives its place to the drawing and the French. */
export function lines(messages, columns) {
  return messages.map(one => h("section", { class: one.slot, "data-key": one.key },
    columns.map(language => one.text[language]
      ? h("p", { lang: language, dir: directionOf(language) }, one.text[language])
      : pictogram(one))))
}

function pictogram({ pictogram: name }) {
  const drawn = theKit().pictograms[name]
  return drawn ? h("img", { class: "pictogram", alt: "", src: `data:image/svg+xml,${encodeURIComponent(drawn)}` }) : null
}

export function square({ width, path }) {
  return h("svg", { viewBox: `0 0 ${width} ${width}`, class: "square", role: "img", "aria-label": _("Square code") },
    h("rect", { width, height: width, fill: "#fff" }), h("path", { d: path, stroke: "#000", fill: "none" }))
}

/** The slip as it is printed. `page` is the code with its square code. */
export function slip(facts, page) {
  const kit = theKit()
  const columns = columnsOf(facts.card_languages)
  const all = messagesOf(facts)
  const kept = [...all.filter(one => one.slot === "alert" || ON_SLIP(one.key)), said("card-no-name")]
  const frames = key => columns.map(language => h("p", { lang: language, dir: directionOf(language) }, kit.frames[language][key]))
  return h("article", { class: "slip" },
    h("header", {}, h("div", {}, frames("card-title"), h("p", { class: "code" }, page.code)), page.path && square(page)),
    remarks(kit.interpreter, columns),
    lines(kept, columns),
    h("footer", {}, frames("card-come-back"), remarks(kit.marks, columns)))
}

/** What is said of the words themselves, in each language that has something of it: who is to help, what they are worth. */
export const remarks = (texts, columns) => columns.map(language => texts[language]
  && h("p", { class: "mark", lang: language, dir: directionOf(language) }, texts[language]))

/** After a rock was kept: the code to hand over, the bag's number, the estimate, and ways to say it. */
export function afterKeeping({ rock, bag }, done) {
  const amount = estimate.expected(rock.facts)
  const columns = columnsOf(rock.facts.card_languages)
  return show(() => [
    h("h1", { "data-stays": true }, _("Kept on this tablet")),
    bag && h("p", { class: "bag" }, _("Write this number on the bag:"), " ", h("strong", {}, String(bag))),
    amount && h("section", { class: "hint" }, h("p", {}, estimate.sentence(amount)), estimate.drawing(amount)),
    h("div", { class: "row no-print" },
      button(_("Print the slip"), () => print()),
      button(_("Print on a roll"), () => onARoll(), { class: "quiet" }),
      button(_("Turn the tablet round"), () => turned(messagesOf(rock.facts), columns, () => afterKeeping({ rock, bag }, done))),
      canSpeak(columns[0]) && speakButton(messagesOf(rock.facts).map(one => one.text[columns[0]] ?? one.text.fr), columns[0])),
    slip(rock.facts, rock.page),
    byHand(rock.page.code),
    h("div", { class: "foot" }, button(_("Done"), done)),
  ])
}

function onARoll() {
  document.documentElement.classList.add("roll")
  addEventListener("afterprint", () => document.documentElement.classList.remove("roll"), { once: true })
  print()
}

/** No printer: the code is copied by hand, then typed back from the paper, so that a slip of the pen is found now. */
function byHand(code) {
  const said = h("p", { "aria-live": "polite" })
  const box = h("input", { autocomplete: "off", autocapitalize: "characters", maxlength: 20, oninput: () => {
    const typed = readCode(box.value)
    const right = readCode(code)
    box.toggleAttribute("aria-invalid", !right.startsWith(typed))
    said.className = typed === right ? "fine" : "wrong"
    said.textContent = typed === right ? _("Right: the paper says the same.")
      : right.startsWith(typed) ? "" : _("Not the same: look at the paper again.")
  } })
  return h("details", { class: "no-print" }, h("summary", {}, _("No printer: copy it by hand")),
    h("p", { class: "code large" }, code),
    h("label", { class: "field" }, _("Now type what stands on the paper"), box), said)
}

/** What is said, large, for the person; in any language that we speak. */
export function turned(messages, columns, back, play = null, result = null) {
  const kit = theKit()
  let language = columns[0]
  // Under what matters most, so that nobody takes a draft for more.
  const first = messages.findLastIndex(one => ["alert", "state"].includes(one.slot))
  const mark = () => kit.marks[language] && h("p", { class: "mark" }, kit.marks[language])
  const draw = () => h("article", { class: "turned", "data-result": result, lang: language, dir: directionOf(language) },
    h("nav", { "aria-label": _("Language") }, kit.languages.map(one => h("button", {
      type: "button", class: "quiet", lang: one.code, "aria-pressed": String(one.code === language),
      onclick: () => { language = one.code; show(draw) },
    }, one.name))),
    first < 0 && mark(),
    messages.map((one, place) => [h("section", { class: one.slot, "data-key": one.key },
      pictogram(one),
      h("p", { lang: one.text[language] ? language : "fr", dir: directionOf(one.text[language] ? language : "fr") },
        one.text[language] ?? one.text.fr)), place === first && mark()]),
    h("div", { class: "foot", dir: "ltr" }, button(_("Back to the worker"), back, { class: "quiet" }), play?.(language)))
  return show(draw)
}
