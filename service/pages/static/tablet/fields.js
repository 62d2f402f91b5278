// What is asked of a rock, on six screens, and how each answer is asked for, shown and compared. Every field may be
// left out: nobody is turned away for not answering. What the person believes is asked before the size, because the
// size brings the first estimate.

import { choices, h } from "./page.js"
import { rock } from "./estimate.js"
import { _, label, nameOf, theKit, written } from "./words.js"

const CUTS_SHOWN = 7
const DAY_MS = 86_400_000

/** Six screens: a question, and its fields. A field is known by its place in the body that is sent. */
export const SCREENS = [
  { title: () => _("What is it?"), fields: [
    one("form", () => _("Form")), one("colour", () => _("Colour")), one("sold_as", () => _("Sold as")),
    one("smell", () => _("Smell")), yesNo("already_used", () => _("Has some of it been used already?")),
    one("reason", () => _("Why it is handed in")),
  ] },
  { title: () => _("What do they think is in it?"), fields: [
    { path: "beliefs/guess_percent", text: () => _("Out of 10 parts, how many are cocaine?"), ask: asksParts,
      show: value => _("{n} parts out of 10", { n: value / 10 }) },
    one("beliefs/quality", () => _("What do they think of it?")),
    { path: "beliefs/believed_cuts", text: () => _("What else is in it?"), ask: asksCuts, show: listed("substance") },
    many("beliefs/effects_blamed_on_cuts", () => _("Which effects come from what was mixed in?"), { none: true }),
    yesNo("beliefs/basing_cleans", () => _("Does turning powder into crack take out what was mixed in?")),
    yesNo("beliefs/ammonia_left", () => _("Is ammonia left in it?")),
  ] },
  { title: () => _("How big is it?"), fields: [
    { path: "weight_mg", text: () => _("Weight on the scale, in mg"), ask: asksWeight, show: value => `${value} mg` },
    { ...one("weighed", () => _("What was weighed")), codes: ["whole_rock", "piece"] },
    { path: "size", text: () => _("No scale? Lay it beside these. They are as large as real ones."), ask: asksSize,
      show: value => label("size", value) },
  ] },
  { title: () => _("How did they get it?"), fields: [
    { path: "transaction/price_eur", text: () => _("Price, in euros"), ask: asksPrice, show: value => `${value} €` },
    one("transaction/no_price_because", () => _("No price, because it was")),
    { path: "transaction/bought_on", text: () => _("When"), ask: asksDay, show: value => written(value) },
    one("transaction/place_type", () => _("Kind of place")), one("transaction/seller_type", () => _("Kind of seller")),
    { path: "transaction/area", text: () => _("Commune or arrondissement (INSEE code)"), ask: asksArea, show: String },
  ] },
  { title: () => _("How do they use it?"), fields: [
    one("use/route", () => _("How")), many("use/also_uses", () => _("What else they use")),
    yesNo("use/unexpected_effects", () => _("Effects they did not expect?")),
    many("use/effects_felt", () => _("Effects they felt")), many("use/effects_sought", () => _("Effects they look for")),
    one("person/age_band", () => _("Age")), one("person/gender", () => _("Gender")),
  ] },
  { title: () => _("Which card?"), fields: [
    { path: "card_languages", text: () => _("Their language, beside French"), ask: asksLanguages,
      show: value => value.map(nameOf).join(", ") },
    { path: "note_to_lab", text: () => _("A note to the laboratory (no name, no number, no address)"), ask: asksNote, show: String },
  ] },
]
export const SIZE_SCREEN = 2
export const FIELDS = SCREENS.flatMap(screen => screen.fields)

/** Whether a pointer names this field (a list's pointer goes on to the place in it). */
const isOf = (field, pointer) => `${pointer}/`.startsWith(`/${field.path}/`)

/** The screen that asks for the field that a pointer names. */
export const screenOf = pointer =>
  Math.max(0, SCREENS.findIndex(screen => screen.fields.some(field => isOf(field, pointer))))
export const flawsOf = (field, errors = []) => errors.filter(one => isOf(field, one.pointer))

/** What the field is called that a pointer names. */
export const fieldText = pointer => FIELDS.find(field => isOf(field, pointer))?.text()
  ?? { "/pickup_code": _("Pickup code"), "/taken_at": _("Date") }[pointer] ?? pointer

export const valueAt = (facts, path) => path.split("/").reduce((within, name) => within?.[name], facts) ?? null

/** The facts with this answer; null takes it out. */
export function withValue(facts, path, value) {
  const [name, inner] = path.split("/")
  const next = { ...facts }
  if (inner) next[name] = withValue(facts[name] ?? {}, inner, value)
  else if (value === null) delete next[name]
  else next[name] = value
  if (inner && Object.keys(next[name]).length === 0) delete next[name]
  return next
}

/** An answer in words. */
export const shown = (field, value) => value === null ? "–" : field.show(value)

// --- How a field asks: `ask(field, value, keep)` gives what stands on the screen; `keep` gets the answer ---

function listOf(path) {
  return path.split("/").at(-1)
}

function one(path, text) {
  const list = listOf(path)
  return { path, text, show: value => label(list, value), ask(field, value, keep) {
    const codes = field.codes ?? theKit().lists[list]
    return choices(field.text(), codes.map(code => ({ value: code, text: label(list, code) })), value, keep)
  } }
}

function many(path, text, { none = false } = {}) {
  const list = listOf(path)
  return { path, text, show: listed(list), ask(field, value, keep) {
    const options = theKit().lists[list].map(code => ({ value: code, text: label(list, code) }))
    if (none) options.push({ value: "", text: _("None"), alone: true })
    return choices(field.text(), options, value, keep, { many: true })
  } }
}

function listed(list) {
  return value => value.length ? value.map(code => label(list, code)).join(", ") : _("None")
}

function yesNo(path, text) {
  const options = () => [{ value: true, text: _("Yes") }, { value: false, text: _("No") }]
  return { path, text, show: value => value ? _("Yes") : _("No"),
    ask: (field, value, keep) => choices(field.text(), options(), value, keep) }
}

/** A number as people type it; null for nothing, undefined for what is no number. */
function number(text) {
  const typed = text.trim().replace(",", ".")
  if (!typed) return null
  return /^\d+(\.\d+)?$/.test(typed) ? Number(typed) : undefined
}

function asksNumber(field, value, keep, { limit, above = false, unit }) {
  const wrong = h("p", { class: "wrong", id: `wrong-${listOf(field.path)}`, hidden: true })
  const box = h("input", { inputmode: "decimal", autocomplete: "off", value: value ?? "", "aria-label": field.text(),
    "aria-describedby": wrong.id, oninput: async () => {
      const typed = number(box.value)
      const fits = typed === null || (typed !== undefined && typed <= limit && (!above || typed > 0))
      box.toggleAttribute("aria-invalid", !fits)
      wrong.hidden = fits
      wrong.textContent = fits ? "" : _("A number up to {limit}.", { limit })
      await keep(fits ? typed : null)
    } })
  return h("div", {}, h("div", { class: "measured" }, box, h("span", {}, unit)), wrong)
}

function asksWeight(field, value, keep) {
  return asksNumber(field, value, keep, { limit: theKit().limits.weight_mg, above: true, unit: "mg" })
}
function asksPrice(field, value, keep) {
  return asksNumber(field, value, keep, { limit: theKit().limits.price_eur, unit: "€" })
}

// A ball of 1.2 mg to the mm3 (ours, provisional) at the middle of each class: 60, 140 and 300 mg.
const DRAWN = { small: 60, medium: 140, large: 300 }
const ACROSS_MM = mg => 2 * Math.cbrt(mg / 1.2 * 3 / (4 * Math.PI))

function asksSize(field, value, keep) {
  const options = Object.entries(DRAWN).map(([code, mg]) => {
    const mm = ACROSS_MM(mg)
    const drawn = h("svg", { viewBox: `0 0 ${mm} ${mm}`, class: "true-size", "aria-hidden": "true" }, rock(mm / 2, mm * 0.87, mm / 2, 0.25))
    drawn.style.setProperty("--mm", mm)
    return { value: code, text: label("size", code), drawn }
  })
  return choices(field.text(), options, value, keep)
}

function asksParts(field, value, keep) {
  const options = Array.from({ length: 11 }, (_none, parts) => ({ value: parts * 10, text: String(parts) }))
  const group = choices(field.text(), options, value, keep)
  group.classList.add("parts")
  return group
}

function asksCuts(field, value, keep) {
  const known = theKit().substances
  const common = [...new Set([...known.slice(0, CUTS_SHOWN), ...value ?? []])]
  const place = h("div", {})
  const draw = (codes, now) => place.replaceChildren(
    choices(field.text(), [
      ...codes.map(code => ({ value: code, text: label("substance", code) })),
      { value: "", text: _("Nothing else"), alone: true },
    ], now, next => { now = next; return keep(next) }, { many: true }),
    h("label", { class: "field" }, _("Something else"), h("select", { onchange: async event => {
      const code = event.target.value
      if (!code) return
      now = [...new Set([...now ?? [], code])]
      await keep(now)
      draw([...new Set([...codes, code])], now)
    } }, h("option", { value: "" }, "…"), rest(known, codes).map(code => h("option", { value: code }, label("substance", code))))))
  draw(common, value)
  return place
}

const rest = (known, codes) => known.filter(code => !codes.includes(code))
  .sort((a, b) => label("substance", a).localeCompare(label("substance", b)))

function asksDay(field, value, keep) {
  const ago = days => {
    const at = new Date(Date.now() - days * DAY_MS)
    return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 10)
  }
  const days = [{ value: ago(0), text: _("Today") }, { value: ago(1), text: _("Yesterday") }]
  const box = h("input", { type: "date", value: value ?? "", max: ago(0), onchange: () => keep(box.value || null) })
  const quick = choices(field.text(), days, value, next => { box.value = next ?? ""; return keep(next) })
  return h("div", {}, quick, h("label", { class: "field" }, _("Another day"), box))
}

function asksArea(field, value, keep) {
  const wrong = h("p", { class: "wrong", id: "wrong-area", hidden: true }, _("Two, three or five characters, as in 75 or 75118."))
  const box = h("input", { value: value ?? "", autocomplete: "off", maxlength: 5, inputmode: "text", "aria-label": field.text(),
    "aria-describedby": wrong.id, oninput: async () => {
      const typed = box.value.trim().toUpperCase()
      const fits = typed === "" || /^(?:\d{2}|2[AB])(?:\d|\d{3})?$/.test(typed)
      wrong.hidden = fits
      box.toggleAttribute("aria-invalid", !fits)
      await keep(fits ? typed || null : null)
    } })
  return h("div", {}, box, wrong)
}

function asksLanguages(field, value, keep) {
  const others = theKit().languages.map(one => ({ value: one.code, text: one.name, lang: one.code }))
  // One beside French is what paper holds: the first choice is what the person reads.
  return choices(field.text(), others, value?.[0] ?? null, next => keep(next === null ? null : [...new Set([next, "fr"])]))
}

function asksNote(field, value, keep) {
  const box = h("textarea", { rows: 2, maxlength: theKit().limits.note, "aria-label": field.text(), oninput: () => {
    // A line break is no character that a label could print.
    const text = box.value.replace(/\s+/g, " ").trim()
    return keep(text || null)
  } })
  box.value = value ?? ""
  return box
}
