// What the page says: the worker's texts in English here and in other languages from texts.json, labels from the kit.

let texts = {}
let language = "fr"
let kit = null

/** Reads the texts, which lie in the shell; the language is the one chosen last, else the browser's, else French. */
export async function loadWords() {
  texts = await (await fetch("/tablet/texts.json")).json()
  const wished = [localStorage.getItem("language"), ...navigator.languages.map(one => one.slice(0, 2)), "fr"]
  choose(wished.find(one => languages().includes(one)))
}

export const languages = () => [...Object.keys(texts), "en"]
export const spoken = () => language
export const useKit = known => { kit = known }
export const theKit = () => kit

export function choose(one) {
  language = one
  localStorage.setItem("language", one)
  document.documentElement.lang = one
}

/** The text in the worker's language, with its braces filled. */
export const _ = (english, values = {}) => filled(texts[language]?.[english] ?? english, values)

export const filled = (text, values) => text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole)

/** What a code of this field is called; the code itself where the kit does not know it. */
export const label = (field, code) => kit?.labels[language]?.[field]?.[code] ?? code.replaceAll("_", " ")

export const nameOf = code => kit?.languages.find(one => one.code === code)?.name ?? code
export const directionOf = code => kit?.languages.find(one => one.code === code)?.direction ?? "ltr"

/** To the nearest whole number, halves up, as the service rounds. */
export const whole = number => Math.floor(number + 0.5)

const day = new Intl.DateTimeFormat("en-GB", { day: "2-digit", month: "2-digit", year: "numeric" })
const hour = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" })
export const written = at => day.format(new Date(at))
export const writtenWithHour = at => `${written(at)} ${hour.format(new Date(at))}`

const MISREAD = { O: "0", I: "1", L: "1" }
/** What a tired person typed, as it is stored. */
export const readCode = text =>
  text.toUpperCase().replace(/[OIL]/g, one => MISREAD[one]).replace(/[^0-9A-Z]/g, "")
