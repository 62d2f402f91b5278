// How a field is asked for: `ask(field, value, keep)` gives what stands on the screen, and `keep`
// gets the answer.

/** @import { Answer, Field, Keep, Option } from "./types.d.ts" */

import { choices } from "./choices.js"
import { rock } from "./estimate.js"
import { h } from "./page.js"
import { _, label, theKit } from "./words.js"

const CUTS_SHOWN = 7
const PARTS = 10
const DAY_MS = 86_400_000
const AREA = /^(?:\d{2}|2[AB])(?:\d|\d{3})?$/
const NUMBER = /^\d+(\.\d+)?$/

/** The middle of each class of sizes, in mg. */
const SIZES_MG = { small: 60, medium: 140, large: 300 }
/** Ours, provisional. */
const MG_PER_MM3 = 1.2

// --- Out of a list of codes ---

/** @param {string} path */
const lastName = (path) => path.slice(path.lastIndexOf("/") + 1)

/** @param {Answer} value */
export const codesOf = (value) => Array.isArray(value) ? value : []

/** @param {string} list */
export const listed = (list) => (/** @type {Answer} */ value) => {
  const codes = codesOf(value)
  return codes.length > 0 ? codes.map((code) => label(list, code)).join(", ") : _("None")
}

/**
 * @param {string} list
 * @param {string[]} codes
 * @returns {Option[]}
 */
const optionsOf = (list, codes) => codes.map((code) => ({ value: code, text: label(list, code) }))

/**
 * @param {string} path
 * @param {() => string} text
 * @returns {Field}
 */
export function oneOf(path, text) {
  const list = lastName(path)
  return {
    path,
    text,
    show: (value) => label(list, String(value)),
    ask(field, value, keep) {
      const codes = field.codes ?? theKit().lists[list]
      return choices(field.text(), optionsOf(list, codes), value, keep)
    },
  }
}

/**
 * @param {string} path
 * @param {() => string} text
 * @returns {Field}
 */
export function severalOf(path, text, { none = false } = {}) {
  const list = lastName(path)
  return {
    path,
    text,
    show: listed(list),
    ask(field, value, keep) {
      const options = optionsOf(list, theKit().lists[list])
      if (none) options.push({ value: "", text: _("None"), alone: true })
      return choices(field.text(), options, value, keep, { many: true })
    },
  }
}

/**
 * @param {string} path
 * @param {() => string} text
 * @returns {Field}
 */
export function yesNo(path, text) {
  return {
    path,
    text,
    show: (value) => value ? _("Yes") : _("No"),
    ask(field, value, keep) {
      const options = [{ value: true, text: _("Yes") }, { value: false, text: _("No") }]
      return choices(field.text(), options, value, keep)
    },
  }
}

// --- Typed ---

/**
 * A number as people type it; null for nothing, undefined for what is no number.
 * @param {string} text
 */
function parseNumber(text) {
  const typed = text.trim().replace(",", ".")
  if (!typed) return null
  return NUMBER.test(typed) ? Number(typed) : undefined
}

/**
 * A box for a number, and what is wrong with what was typed.
 * @param {Field} field
 * @param {Answer} value
 * @param {Keep} keep
 * @param {{ limit: number, above?: boolean, unit: string }} bounds `above`: zero is too little
 */
function askNumber(field, value, keep, { limit, above = false, unit }) {
  const wrong = h("p", { class: "wrong", id: `wrong-${lastName(field.path)}`, hidden: true })
  const box = h("input", {
    inputmode: "decimal",
    autocomplete: "off",
    value: value === null ? "" : String(value),
    "aria-label": field.text(),
    "aria-describedby": wrong.id,
  })

  /** @param {number} typed */
  const isWithin = (typed) => typed <= limit && (!above || typed > 0)

  box.addEventListener("input", async () => {
    const typed = parseNumber(box.value)
    const fits = typed === null || (typed !== undefined && isWithin(typed))
    box.toggleAttribute("aria-invalid", !fits)
    wrong.hidden = fits
    wrong.textContent = fits ? "" : _("A number up to {limit}.", { limit })
    await keep(fits ? typed : null)
  })
  return h("div", {}, h("div", { class: "measured" }, box, h("span", {}, unit)), wrong)
}

/** @type {Field["ask"]} */
export const askWeight = (field, value, keep) =>
  askNumber(field, value, keep, { limit: theKit().limits.weight_mg, above: true, unit: "mg" })

/** @type {Field["ask"]} */
export const askPrice = (field, value, keep) =>
  askNumber(field, value, keep, { limit: theKit().limits.price_eur, unit: "€" })

/** @type {Field["ask"]} */
export function askArea(field, value, keep) {
  const problem = _("Two, three or five characters, as in 75 or 75118.")
  const wrong = h("p", { class: "wrong", id: "wrong-area", hidden: true }, problem)
  const box = h("input", {
    value: String(value ?? ""),
    autocomplete: "off",
    maxlength: 5,
    inputmode: "text",
    "aria-label": field.text(),
    "aria-describedby": wrong.id,
  })

  box.addEventListener("input", async () => {
    const typed = box.value.trim().toUpperCase()
    const fits = typed === "" || AREA.test(typed)
    wrong.hidden = fits
    box.toggleAttribute("aria-invalid", !fits)
    await keep(fits && typed || null)
  })
  return h("div", {}, box, wrong)
}

/** @type {Field["ask"]} */
export const askNote = (field, value, keep) => askText(field, value, keep, theKit().limits.note)

/** @type {Field["ask"]} */
export const askName = (field, value, keep) => askText(field, value, keep, theKit().limits.sold_as)

/**
 * @param {Field} field
 * @param {Answer} value
 * @param {Keep} keep
 * @param {number} maxlength
 */
function askText(field, value, keep, maxlength) {
  const box = h("textarea", { rows: 2, maxlength, "aria-label": field.text() })
  box.value = String(value ?? "")

  box.addEventListener("input", async () => {
    // A line break is no character that a label could print.
    const text = box.value.replace(/\s+/g, " ").trim()
    await keep(text || null)
  })
  return box
}

// --- The others ---

/** @param {number} mg */
const acrossMm = (mg) => 2 * Math.cbrt(mg / MG_PER_MM3 * 3 / (4 * Math.PI))

/** @type {Field["ask"]} */
export function askSize(field, value, keep) {
  const options = Object.entries(SIZES_MG).map(([code, mg]) => {
    const mm = acrossMm(mg)
    const attributes = { viewBox: `0 0 ${mm} ${mm}`, class: "true-size", "aria-hidden": "true" }
    const drawn = h("svg", attributes, rock(mm / 2, mm * 0.87, mm / 2, 0.25))
    drawn.style.setProperty("--mm", String(mm))
    return { value: code, text: label("size", code), drawn }
  })
  return choices(field.text(), options, value, keep)
}

/** @type {Field["ask"]} */
export function askParts(field, value, keep) {
  const counts = Array.from({ length: PARTS + 1 }, (_none, parts) => parts)
  const options = counts.map((parts) => ({ value: parts * 100 / PARTS, text: String(parts) }))
  const group = choices(field.text(), options, value, keep)
  group.classList.add("parts")
  return group
}

/** @type {Field["ask"]} */
export function askCuts(field, value, keep) {
  const known = theKit().substances
  const group = h("div", {})
  let answer = value

  /** @param {string[]} codes */
  function draw(codes) {
    const options = [
      ...optionsOf("substance", codes),
      { value: "", text: _("Nothing else"), alone: true },
    ]
    const keepNow = (/** @type {Answer} */ next) => {
      answer = next
      return keep(next)
    }

    const others = h("select", {}, h("option", { value: "" }, "…"), othersThan(known, codes))
    others.addEventListener("change", async () => {
      const code = others.value
      if (!code) return
      await keepNow([...new Set([...codesOf(answer), code])])
      draw([...new Set([...codes, code])])
    })

    group.replaceChildren(
      choices(field.text(), options, answer, keepNow, { many: true }),
      h("label", { class: "field" }, _("Something else"), others),
    )
  }

  draw([...new Set([...known.slice(0, CUTS_SHOWN), ...codesOf(value)])])
  return group
}

/**
 * @param {string[]} known
 * @param {string[]} codes
 */
function othersThan(known, codes) {
  const others = optionsOf("substance", known.filter((code) => !codes.includes(code)))
  others.sort((a, b) => a.text.localeCompare(b.text))
  return others.map(({ value, text }) => h("option", { value: String(value) }, text))
}

/** @type {Field["ask"]} */
export function askDay(field, value, keep) {
  const today = daysAgo(0)
  const days = [{ value: today, text: _("Today") }, { value: daysAgo(1), text: _("Yesterday") }]

  const box = h("input", { type: "date", value: String(value ?? ""), max: today })
  box.addEventListener("change", () => keep(box.value || null))

  const quick = choices(field.text(), days, value, (day) => {
    box.value = String(day ?? "")
    return keep(day)
  })
  return h("div", {}, quick, h("label", { class: "field" }, _("Another day"), box))
}

/** @param {number} days */
function daysAgo(days) {
  const at = new Date(Date.now() - days * DAY_MS)
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 10)
}

/** @type {Field["ask"]} */
export function askLanguages(field, value, keep) {
  const others = theKit().languages.map(({ code, name }) => ({
    value: code,
    text: name,
    lang: code,
  }))
  const [first = null] = codesOf(value)
  // One beside French is what paper holds: the first choice is what the person reads.
  return choices(
    field.text(),
    others,
    first,
    (code) => keep(code === null ? null : [...new Set([String(code), "fr"])]),
  )
}
