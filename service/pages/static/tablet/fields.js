// What is asked of a rock, on six screens, and how an answer is found, shown and compared. Every
// field may be left out: nobody is turned away for not answering. What the person believes is asked
// before the size, because the size brings the first estimate.

/** @import { Answer, Facts, Field, Flaw, Sample, Screen } from "./types.d.ts" */

import * as questions from "./questions.js"
import { _, dateText, label, languageName } from "./words.js"

const { listed, oneOf, severalOf, yesNo } = questions

/**
 * Six screens: a question, and its fields. A field is known by its place in the body that is sent.
 * @type {Screen[]}
 */
export const SCREENS = [
  {
    title: () => _("What is it?"),
    fields: [
      oneOf("form", () => _("Form")),
      oneOf("colour", () => _("Colour")),
      oneOf("sold_as", () => _("Sold as")),
      {
        path: "sold_as_name",
        text: () => _("Sold as something else: as what? (no name of a person)"),
        ask: questions.askName,
        show: String,
      },
      oneOf("smell", () => _("Smell")),
      yesNo("already_used", () => _("Has some of it been used already?")),
      oneOf("reason", () => _("Why it is handed in")),
    ],
  },
  {
    title: () => _("What do they think is in it?"),
    fields: [
      {
        path: "beliefs/guess_percent",
        text: () => _("Out of 10 parts, how many are cocaine?"),
        ask: questions.askParts,
        show: (value) => _("{n} parts out of 10", { n: Number(value) / 10 }),
      },
      oneOf("beliefs/quality", () => _("What do they think of it?")),
      {
        path: "beliefs/believed_cuts",
        text: () => _("What else is in it?"),
        ask: questions.askCuts,
        show: listed("substance"),
      },
      severalOf(
        "beliefs/effects_blamed_on_cuts",
        () => _("Which effects come from what was mixed in?"),
        { none: true },
      ),
      yesNo(
        "beliefs/basing_cleans",
        () => _("Does turning powder into crack take out what was mixed in?"),
      ),
      yesNo("beliefs/ammonia_left", () => _("Is ammonia left in it?")),
    ],
  },
  {
    title: () => _("How big is it?"),
    fields: [
      {
        path: "weight_mg",
        text: () => _("Weight on the scale, in mg"),
        ask: questions.askWeight,
        show: (value) => `${value} mg`,
      },
      { ...oneOf("weighed", () => _("What was weighed")), codes: ["whole_rock", "piece"] },
      {
        path: "size",
        text: () => _("No scale? Lay it beside these. They are as large as real ones."),
        ask: questions.askSize,
        show: (value) => label("size", String(value)),
      },
    ],
  },
  {
    title: () => _("How did they get it?"),
    fields: [
      {
        path: "transaction/price_eur",
        text: () => _("Price, in euros"),
        ask: questions.askPrice,
        show: (value) => `${value} €`,
      },
      oneOf("transaction/no_price_because", () => _("No price, because it was")),
      {
        path: "transaction/bought_on",
        text: () => _("When"),
        ask: questions.askDay,
        show: (value) => dateText(String(value)),
      },
      oneOf("transaction/place_type", () => _("Kind of place")),
      oneOf("transaction/seller_type", () => _("Kind of seller")),
      {
        path: "transaction/area",
        text: () => _("Commune or arrondissement (INSEE code)"),
        ask: questions.askArea,
        show: String,
      },
    ],
  },
  {
    title: () => _("How do they use it?"),
    fields: [
      oneOf("use/route", () => _("How")),
      severalOf("use/also_uses", () => _("What else they use")),
      yesNo("use/unexpected_effects", () => _("Effects they did not expect?")),
      severalOf("use/effects_felt", () => _("Effects they felt")),
      severalOf("use/effects_sought", () => _("Effects they look for")),
      oneOf("person/age_band", () => _("Age")),
      oneOf("person/gender", () => _("Gender")),
    ],
  },
  {
    title: () => _("Which card?"),
    fields: [
      {
        path: "card_languages",
        text: () => _("Their language, beside French"),
        ask: questions.askLanguages,
        show: (value) => questions.codesOf(value).map(languageName).join(", "),
      },
      {
        path: "note_to_lab",
        text: () => _("A note to the laboratory (no name, no number, no address)"),
        ask: questions.askNote,
        show: String,
      },
    ],
  },
]
export const SIZE_SCREEN = 2
export const FIELDS = SCREENS.flatMap((screen) => screen.fields)

/** What stands on a line of a list. */
const BRIEF = ["form", "colour", "weight_mg", "size"]

// --- Which field a pointer names ---

/**
 * Whether a pointer names this field (a list's pointer goes on to the place in it).
 * @param {Field} field
 * @param {string} pointer
 */
const isOf = (field, pointer) => `${pointer}/`.startsWith(`/${field.path}/`)

/**
 * The screen that asks for the field that a pointer names.
 * @param {string} pointer
 */
export function screenOf(pointer) {
  const index = SCREENS.findIndex(({ fields }) => fields.some((field) => isOf(field, pointer)))
  return Math.max(0, index)
}

/**
 * @param {Field} field
 * @param {Flaw[]} flaws
 */
export const flawsOf = (field, flaws) => flaws.filter(({ pointer }) => isOf(field, pointer))

/**
 * What the field is called that a pointer names.
 * @param {string} pointer
 */
export function fieldText(pointer) {
  const field = FIELDS.find((field) => isOf(field, pointer))
  if (field) return field.text()
  if (pointer === "/pickup_code") return _("Pickup code")
  if (pointer === "/taken_at") return _("Date")
  return pointer
}

// --- Answers ---

/**
 * @param {Facts} facts
 * @param {string} path
 * @returns {Answer}
 */
export function valueAt(facts, path) {
  /** @type {any} what lies at a path has the type of that field, which only the path tells */
  let value = facts
  for (const name of path.split("/")) value = value?.[name]
  return value ?? null
}

/**
 * The facts with this answer; null takes it out.
 * @param {Facts} facts
 * @param {string} path
 * @param {Answer} value
 * @returns {Facts}
 */
export function withValue(facts, path, value) {
  const [name, inner] = path.split("/")
  if (!inner) return withEntry(facts, name, value)

  const group = withEntry(/** @type {Facts} */ (facts[name] ?? {}), inner, value)
  return withEntry(facts, name, Object.keys(group).length > 0 ? group : null)
}

/**
 * @param {Facts} facts
 * @param {string} name
 * @param {unknown} value
 * @returns {Facts}
 */
function withEntry(facts, name, value) {
  const { [name]: _before, ...others } = facts
  return value === null ? others : { ...facts, [name]: value }
}

/**
 * An answer in words.
 * @param {Field} field
 * @param {Answer} value
 */
export const shown = (field, value) => value === null ? "–" : field.show(value)

/**
 * Each field that was answered, with its answer.
 * @param {Facts} facts
 */
export function answered(facts, fields = FIELDS) {
  return fields
    .map((field) => ({ field, value: valueAt(facts, field.path) }))
    .filter(({ value }) => value !== null)
}

/** @param {Facts} facts */
export const shownBriefly = (facts) =>
  answered(facts, FIELDS.filter((field) => BRIEF.includes(field.path)))
    .map(({ field, value }) => shown(field, value))
    .join(" · ")

/**
 * What was told of a rock, out of what the service holds of it: what this page asks for, and
 * nothing else that a newer service may say of a rock, which would be refused if it were sent back.
 * @param {Sample} sample
 * @returns {Facts}
 */
export function factsOf(sample) {
  const told = answered(sample).filter(({ field, value }) =>
    // The service says of a rock without languages that it has none of them.
    field.path !== "card_languages" || questions.codesOf(value).length > 0
  )

  /** @type {Facts} */
  const none = {}
  return told.reduce((facts, { field, value }) => withValue(facts, field.path, value), none)
}
