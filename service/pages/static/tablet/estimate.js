// How much cocaine a rock of this weight or size is expected to hold, from the kit's table; and its
// drawing, the same as the service's (service/evidence/scale.py).

/** @import { Amount, Amounts, EstimateTable, Facts } from "./types.d.ts" */

import { h } from "./page.js"
import { _, fillIn, rounded, theKit } from "./words.js"

/**
 * Whether it may be a rock of crack, as far as anybody said.
 * @param {Facts} facts
 */
export function isCrackRock({ form = "", sold_as = "" }) {
  const { no_rock } = theKit()
  return !no_rock.form.includes(form) && !no_rock.sold_as.includes(sold_as)
}

/**
 * What is expected; null where nothing is.
 * @param {Facts} facts
 * @returns {Amount | null}
 */
export function expected(facts) {
  const { estimate } = theKit()
  if (facts.already_used || !isCrackRock(facts)) return null

  const weight = facts.weight_mg
  if (weight) {
    if (facts.weighed !== "whole_rock" || weight < 1) return null
    const [low, middle, high] = ofWeight(weight, estimate)
    return { weight, low, middle, high }
  }

  const amounts = estimate.sizes[facts.size ?? ""]
  if (!amounts) return null
  const [low, middle, high] = amounts
  return { low, middle, high }
}

/**
 * Straight between two rows of the table.
 * @param {number} mg
 * @param {EstimateTable} table
 */
function ofWeight(mg, { fine, coarse }) {
  if (mg < fine.length) return between(fine[Math.floor(mg) - 1], fine[Math.floor(mg)], mg % 1)

  const steps = (mg - coarse.from_mg) / coarse.step_mg
  const below = Math.min(Math.floor(steps), coarse.rows.length - 2)
  return between(coarse.rows[below], coarse.rows[below + 1], steps - below)
}

/**
 * @param {Amounts} below
 * @param {Amounts} above
 * @param {number} part
 */
const between = (below, above, part) => below.map((mg, index) => mg + (above[index] - mg) * part)

/**
 * What the worker reads.
 * @param {Amount} amount
 */
export function sentence(amount) {
  const numbers = { low: rounded(amount.low), high: rounded(amount.high) }
  if (!amount.weight) {
    return _("8 in 10 rocks of this size hold {low} to {high} mg of cocaine.", numbers)
  }

  const weight = rounded(amount.weight)
  return _("8 in 10 rocks of {weight} mg hold {low} to {high} mg of cocaine.", {
    weight,
    ...numbers,
  })
}

/**
 * A message of the kit with the estimate's numbers in it.
 * @param {string} text
 * @param {Amount | null} amount
 */
export function withNumbers(text, amount) {
  if (!amount) return text

  const { weight = 0, low, high } = amount
  return fillIn(text, { weight: rounded(weight), low: rounded(low), high: rounded(high) })
}

// --- The drawing ---

const WIDTH = 320
const HEIGHT = 72
const LEFT = 16
const RIGHT = 304
const GROUND = 38
const ROCKS_MG = [10, 45, 79, 120, 165]
const CORNERS = [[-1, 0], [-0.8, -0.9], [-0.1, -1.5], [0.7, -1.2], [1, -0.3], [0.8, 0]]

/** @param {Amount} amount */
export function drawing({ low, middle, high }) {
  const largest = theKit().estimate.most_mg
  const end = largest * 1.2
  /** @param {number} mg */
  const across = (mg) => LEFT + (RIGHT - LEFT) * Math.min(Math.max(mg, 0), end) / end
  /** @param {number} mg */
  const sizeOf = (mg) => 3 + 18 * Math.sqrt(mg / largest)

  const attributes = {
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
    class: "scale",
    role: "img",
    "aria-label": `${rounded(low)}–${rounded(high)} mg`,
  }
  const range = { x: across(low), width: Math.max(across(high) - across(low), 3) }

  return h(
    "svg",
    attributes,
    h("rect", { width: WIDTH, height: HEIGHT, fill: "#fff" }),
    h("path", { d: `M${LEFT} ${GROUND}H${RIGHT}`, stroke: "#000", "stroke-width": 1.5 }),
    [...ROCKS_MG, largest].map((mg) => rock(across(mg), GROUND, sizeOf(mg))),
    h("rect", { ...range, y: GROUND + 5, height: 12, rx: 3 }),
    h("path", { d: `M${across(middle)} ${GROUND + 19}l8 12h-16Z` }),
    high > end && h("path", { d: `M${RIGHT} ${GROUND + 2}l13 9-13 9Z` }),
  )
}

/**
 * An angular rock that stands on a line; its width is twice its size.
 * @param {number} x
 * @param {number} ground
 * @param {number} size
 */
export function rock(x, ground, size, line = 1.5) {
  const corners = CORNERS.map(([right, down]) => [x + size * right, ground + size * down])
  return h("polygon", {
    points: corners.map(([left, top]) => `${left.toFixed(1)},${top.toFixed(1)}`).join(" "),
    fill: "#d9d2c4",
    stroke: "#000",
    "stroke-width": line,
    "stroke-linejoin": "round",
  })
}
