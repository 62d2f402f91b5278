// How the page is drawn: elements, one view at a time, a sentence at the foot, a question that
// wants an answer.

/** @import { Attributes, Child, ElementOf } from "./types.d.ts" */

import { _ } from "./words.js"

const SVG = "http://www.w3.org/2000/svg"
const SVG_TAGS = ["svg", "path", "rect", "polygon"]
const SAID_MS = 5_000
const SAID_WRONG_MS = 12_000

/**
 * An element: `h("button", { class: "big", onclick }, "text", other)`. False and null are left out.
 * @template {string} T
 * @param {T} tag
 * @param {Attributes} attributes
 * @param {...Child} children
 * @returns {ElementOf<T>}
 */
export function h(tag, attributes = {}, ...children) {
  const element = SVG_TAGS.includes(tag)
    ? document.createElementNS(SVG, tag)
    : document.createElement(tag)

  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue
    if (typeof value === "function") {
      element.addEventListener(name.slice(2), /** @type {EventListener} */ (value))
    } else if (name === "value") /** @type {HTMLInputElement} */ (element).value = String(value)
    else element.setAttribute(name, value === true ? "" : String(value))
  }

  element.append(...nodesOf(children))
  return /** @type {ElementOf<T>} */ (element)
}

/**
 * @param {Child[]} children
 * @returns {(Node | string)[]}
 */
function nodesOf(children) {
  return children.flatMap((child) => {
    if (Array.isArray(child)) return nodesOf(child)
    if (child instanceof Node) return [child]
    if (child === null || child === undefined || child === false) return []
    return [String(child)]
  })
}

/**
 * The element of the page that is always there.
 * @param {string} id
 */
export function byId(id) {
  const element = document.getElementById(id)
  if (!element) throw new Error(`no #${id}`)
  return element
}

/** @type {(error: unknown) => unknown} */
let onTrouble = (error) => {
  throw error
}

/** @param {(error: unknown) => unknown} act */
export function whenTrouble(act) {
  onTrouble = act
}

/**
 * Says what has failed, in the way that the page has set.
 * @param {unknown} error
 */
export const report = (error) => onTrouble(error)

/**
 * A large button; what it does may take time and may fail, and is not started twice.
 * @param {Child} text
 * @param {() => unknown} act
 * @param {Attributes} attributes
 */
export function button(text, act, attributes = {}) {
  const element = h("button", { type: "button", ...attributes }, text)
  element.addEventListener("click", async () => {
    if (element.getAttribute("aria-busy")) return

    element.setAttribute("aria-busy", "true")
    try {
      await act()
    } catch (error) {
      await report(error)
    } finally {
      element.removeAttribute("aria-busy")
    }
  })
  return element
}

let drawing = 0

/**
 * Puts a view on the screen and its top under the eyes. Of two that are drawn at once, the later
 * one stays.
 * @param {() => Child | Promise<Child>} view
 */
export async function show(view) {
  drawing += 1
  const mine = drawing
  const children = await view()
  if (mine !== drawing) return

  const main = byId("main")
  main.replaceChildren(...nodesOf([children]))
  scrollTo(0, 0)
  main.focus({ preventScroll: true })
}

let silence = 0

/**
 * A sentence at the foot of the page, read aloud by a screen reader; the next one replaces it.
 * @param {string} text
 */
export function say(text, { wrong = false } = {}) {
  const foot = byId("said")
  foot.replaceChildren(h("p", { class: wrong ? "wrong" : "fine" }, text))

  clearTimeout(silence)
  silence = setTimeout(() => foot.replaceChildren(), wrong ? SAID_WRONG_MS : SAID_MS)
}

/**
 * Whether the question was answered with yes.
 * @param {string} question
 * @param {string} yes
 * @returns {Promise<boolean>}
 */
export function confirmed(question, yes, { grave = false } = {}) {
  return new Promise((resolve) => {
    const box = h("dialog", { "aria-label": question })
    const row = h(
      "div",
      { class: "row" },
      button(_("No, go back"), () => box.close(), { class: "quiet" }),
      button(yes, () => box.close("yes"), { class: grave ? "grave" : "" }),
    )
    box.append(h("p", {}, question), row)
    box.addEventListener("close", () => {
      resolve(box.returnValue === "yes")
      box.remove()
    })

    document.body.append(box)
    box.showModal()
  })
}
