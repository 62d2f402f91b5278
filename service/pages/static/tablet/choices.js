// A choice of several, each a large button that is pressed or not.

/** @import { Answer, Keep, Option } from "./types.d.ts" */

import { h } from "./page.js"

/**
 * A group of buttons. `picked` gets the new answer: a value, with `many` a list of them; null where
 * nothing is pressed any more.
 * @param {string} legend
 * @param {Option[]} options
 * @param {Answer} chosen
 * @param {Keep} picked
 */
export function choices(legend, options, chosen, picked, { many = false } = {}) {
  const group = h("div", { class: "choices", role: "group", "aria-label": legend })
  const press = many ? pressOneOfMany : pressOne
  const isPressed = many ? isOneOfMany : isTheOne

  /** @param {Answer} answer */
  function draw(answer) {
    const buttons = options.map((option) => {
      const value = String(option.value)
      const attributes = {
        type: "button",
        lang: option.lang,
        "aria-pressed": String(isPressed(option, answer)),
        "data-value": value,
        onclick: async () => {
          const next = press(option, answer)
          draw(next)
          /** @type {HTMLElement | null} */
          const again = group.querySelector(`[data-value="${CSS.escape(value)}"]`)
          again?.focus()
          await picked(next)
        },
      }
      return h("button", attributes, option.drawn, h("span", {}, option.text))
    })
    group.replaceChildren(...buttons)
  }

  draw(chosen)
  return group
}

/**
 * @param {Option} option
 * @param {Answer} answer
 */
const isTheOne = (option, answer) => answer === option.value

/**
 * @param {Option} option
 * @param {Answer} answer
 */
const pressOne = (option, answer) => isTheOne(option, answer) ? null : option.value

/**
 * @param {Option} option
 * @param {Answer} answer
 */
function isOneOfMany(option, answer) {
  if (!Array.isArray(answer)) return false
  return option.alone ? answer.length === 0 : answer.includes(String(option.value))
}

/**
 * @param {Option} option
 * @param {Answer} answer
 */
function pressOneOfMany(option, answer) {
  const value = String(option.value)
  const others = Array.isArray(answer) ? answer.filter((other) => other !== value) : []
  const pressed = isOneOfMany(option, answer)

  if (option.alone) return pressed ? null : []
  if (!pressed) return [...others, value]
  return others.length === 0 ? null : others
}
