// The tablet turned round: what is said, large, for the person; in any language that we speak.

/** @import { Child, Message } from "./types.d.ts" */

import { button, h, show } from "./page.js"
import { _, directionOf, theKit } from "./words.js"

/** @param {string | null} name */
export function pictogram(name) {
  const drawn = name && theKit().pictograms[name]
  if (!drawn) return null

  const src = `data:image/svg+xml,${encodeURIComponent(drawn)}`
  return h("img", { class: "pictogram", alt: "", src })
}

/**
 * @param {Message[]} messages
 * @param {string[]} columns the person's languages
 * @param {() => unknown} back
 * @param {object} more
 * @param {(language: string) => Child} [more.player] what reads it aloud
 * @param {string} [more.result] the result that it is of
 */
export function turnRound(messages, columns, back, { player, result } = {}) {
  const kit = theKit()
  let language = columns[0]

  const speak = (/** @type {string} */ code) => {
    language = code
    return show(draw)
  }
  const languages = () =>
    kit.languages.map(({ code, name }) => {
      const attributes = {
        type: "button",
        class: "quiet",
        lang: code,
        "aria-pressed": String(code === language),
        onclick: () => speak(code),
      }
      return h("button", attributes, name)
    })

  // Under what matters most, so that nobody takes a draft for more.
  const marked = messages.findLastIndex(({ slot }) => slot === "alert" || slot === "state")
  const mark = () => kit.marks[language] && h("p", { class: "mark" }, kit.marks[language])

  const draw = () =>
    h(
      "article",
      { class: "turned", "data-result": result, lang: language, dir: directionOf(language) },
      h("nav", { "aria-label": _("Language") }, languages()),
      marked < 0 && mark(),
      messages.map((message, index) => [
        section(message, language),
        index === marked && mark(),
      ]),
      h(
        "div",
        { class: "foot", dir: "ltr" },
        button(_("Back to the worker"), back, { class: "quiet" }),
        player?.(language),
      ),
    )
  return show(draw)
}

/**
 * @param {Message} message
 * @param {string} language
 */
function section({ slot, key, pictogram: name, text }, language) {
  const lang = text[language] ? language : "fr"
  const words = h("p", { lang, dir: directionOf(lang) }, text[lang])
  return h("section", { class: slot, "data-key": key }, pictogram(name), words)
}
