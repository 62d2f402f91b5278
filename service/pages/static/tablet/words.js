// What the page says: the worker's texts in English here and in other languages from texts.json,
// labels from the kit.

/** @import { Kit, Texts } from "./types.d.ts" */

/** @type {Record<string, Texts>} */
let texts = {}
let language = "fr"
/** @type {Kit | null} */
let kit = null

/**
 * Reads the texts, which lie in the shell; the language is the one chosen last, else the browser's,
 * else French.
 */
export async function loadWords() {
  texts = await (await fetch("/tablet/texts.json")).json()

  const browsers = navigator.languages.map((code) => code.slice(0, 2))
  const wished = [localStorage.getItem("language") ?? "", ...browsers]
  chooseLanguage(wished.find((code) => languages().includes(code)) ?? "fr")
}

export const languages = () => [...Object.keys(texts), "en"]
export const spoken = () => language

/** @param {string} code */
export function chooseLanguage(code) {
  language = code
  localStorage.setItem("language", code)
  document.documentElement.lang = code
}

/** @param {Kit | null} known */
export function useKit(known) {
  kit = known
}

/** The kit, which is there wherever anything of a rock is shown. */
export function theKit() {
  if (!kit) throw new Error("no kit")
  return kit
}

/**
 * The text in the worker's language, with its braces filled.
 * @param {string} english
 * @param {Record<string, string | number>} values
 */
export const _ = (english, values = {}) => fillIn(texts[language]?.[english] ?? english, values)

/**
 * @param {string} text
 * @param {Record<string, string | number>} values
 */
export const fillIn = (text, values) =>
  text.replace(/\{(\w+)\}/g, (braces, name) => String(values[name] ?? braces))

/**
 * What a code of this field is called; the code itself where the kit does not know it.
 * @param {string} field
 * @param {string} code
 */
export const label = (field, code) =>
  kit?.labels[language]?.[field]?.[code] ?? code.replaceAll("_", " ")

/** @param {string} code */
const languageOf = (code) => kit?.languages.find((language) => language.code === code)

/** @param {string} code */
export const languageName = (code) => languageOf(code)?.name ?? code

/** @param {string} code */
export const directionOf = (code) => languageOf(code)?.direction ?? "ltr"

/**
 * To the nearest whole number, halves up, as the service rounds.
 * @param {number} number
 */
export const rounded = (number) => Math.floor(number + 0.5)

const DAY = new Intl.DateTimeFormat("en-GB", { day: "2-digit", month: "2-digit", year: "numeric" })
const HOUR = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" })

/** @param {string | number} at */
export const dateText = (at) => DAY.format(new Date(at))

/** @param {string | number} at */
export const momentText = (at) => `${dateText(at)} ${HOUR.format(new Date(at))}`

/** @type {Record<string, string>} */
const MISREAD = { O: "0", I: "1", L: "1" }

/**
 * What a tired person typed, as it is stored.
 * @param {string} text
 */
export const normalizeCode = (text) =>
  text.toUpperCase().replace(/[OIL]/g, (letter) => MISREAD[letter]).replace(/[^0-9A-Z]/g, "")
