// How much cocaine a rock of this weight or size is expected to hold, from the kit's table; and its drawing, the same
// as the service's (service/evidence/scale.py).

import { h } from "./page.js"
import { _, filled, theKit, whole } from "./words.js"

/** Whether the whole rock was weighed, and may be one that the estimate speaks of. */
function isWholeRock(facts) {
  const { no_rock } = theKit()
  return !facts.already_used && !no_rock.form.includes(facts.form) && !no_rock.sold_as.includes(facts.sold_as)
}

/** `{ weight, low, middle, high }` in mg, the weight absent where it was a size; null where nothing is expected. */
export function expected(facts) {
  const { estimate } = theKit()
  if (!isWholeRock(facts)) return null
  if (facts.weight_mg) {
    if (facts.weighed !== "whole_rock" || facts.weight_mg < 1) return null
    const [low, middle, high] = ofWeight(facts.weight_mg, estimate)
    return { weight: facts.weight_mg, low, middle, high }
  }
  const row = estimate.sizes[facts.size]
  return row ? { low: row[0], middle: row[1], high: row[2] } : null
}

/** Straight between two rows of the table. */
function ofWeight(mg, { fine, coarse }) {
  if (mg < fine.length) return between(fine[Math.floor(mg) - 1], fine[Math.floor(mg)], mg % 1)
  const place = (mg - coarse.from_mg) / coarse.step_mg
  const below = Math.min(Math.floor(place), coarse.rows.length - 2)
  return between(coarse.rows[below], coarse.rows[below + 1], place - below)
}

const between = (low, high, part) => low.map((one, place) => one + (high[place] - one) * part)

/** What the worker reads. */
export function sentence(amount) {
  const numbers = { low: whole(amount.low), high: whole(amount.high) }
  return amount.weight
    ? _("8 in 10 rocks of {weight} mg hold {low} to {high} mg of cocaine.", { weight: whole(amount.weight), ...numbers })
    : _("8 in 10 rocks of this size hold {low} to {high} mg of cocaine.", numbers)
}

/** A message of the kit with the estimate's numbers in it. */
export const withNumbers = (text, amount) => amount
  ? filled(text, { weight: whole(amount.weight ?? 0), low: whole(amount.low), high: whole(amount.high) }) : text

const LEFT = 16, RIGHT = 304, GROUND = 38
const CORNERS = [[-1, 0], [-0.8, -0.9], [-0.1, -1.5], [0.7, -1.2], [1, -0.3], [0.8, 0]]

export function drawing({ low, middle, high }) {
  const largest = theKit().estimate.most_mg
  const most = largest * 1.2
  const place = mg => LEFT + (RIGHT - LEFT) * Math.min(Math.max(mg, 0), most) / most
  const rocks = [10, 45, 79, 120, 165, largest].map(mg => rock(place(mg), GROUND, 3 + 18 * Math.sqrt(mg / largest)))
  return h("svg", { viewBox: "0 0 320 72", class: "scale", role: "img", "aria-label": `${whole(low)}–${whole(high)} mg` },
    h("rect", { width: 320, height: 72, fill: "#fff" }),
    h("path", { d: `M${LEFT} ${GROUND}H${RIGHT}`, stroke: "#000", "stroke-width": 1.5 }),
    rocks,
    h("rect", { x: place(low), y: GROUND + 5, width: Math.max(place(high) - place(low), 3), height: 12, rx: 3 }),
    h("path", { d: `M${place(middle)} ${GROUND + 19}l8 12h-16Z` }),
    high > most && h("path", { d: `M${RIGHT} ${GROUND + 2}l13 9-13 9Z` }))
}

/** An angular rock that stands on a line; its width is twice its size. */
export const rock = (x, ground, size, line = 1.5) => h("polygon", {
  points: CORNERS.map(([dx, dy]) => `${(x + size * dx).toFixed(1)},${(ground + size * dy).toFixed(1)}`).join(" "),
  fill: "#d9d2c4", stroke: "#000", "stroke-width": line, "stroke-linejoin": "round",
})
