// How the page is drawn: elements, one view at a time, a sentence at the foot, a question that wants an answer.

import { _ } from "./words.js"

/** An element: `h("button", { class: "big", onclick }, "text", other)`. False and null are left out. */
export function h(tag, attributes = {}, ...children) {
  const made = tag === "svg" || tag === "path" || tag === "rect" || tag === "polygon"
    ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value)
    else if (name === "value") made.value = value
    else made.setAttribute(name, value === true ? "" : value)
  }
  made.append(...children.flat(Infinity).filter(one => one !== null && one !== undefined && one !== false))
  return made
}

/** A large button; what it does may take time and may fail, and is not started twice. */
export function button(text, act, attributes = {}) {
  const made = h("button", { type: "button", ...attributes, onclick: async () => {
    if (made.getAttribute("aria-busy")) return
    made.setAttribute("aria-busy", "true")
    try {
      await act(made)
    } catch (error) {
      await onTrouble(error)
    } finally {
      made.removeAttribute("aria-busy")
    }
  } }, text)
  return made
}

let onTrouble = error => { throw error }
export const whenTrouble = act => { onTrouble = act }

const main = document.getElementById("main")
let drawing = 0

/** Puts a view on the screen and its top under the eyes. Of two that are drawn at once, the later one stays. */
export async function show(view) {
  const mine = ++drawing
  const children = await view()
  if (mine !== drawing) return
  main.replaceChildren(...[children].flat(Infinity).filter(Boolean))
  scrollTo(0, 0)
  main.focus({ preventScroll: true })
}

/** A sentence at the foot of the page, read aloud by a screen reader; the next one replaces it. */
export function say(text, { wrong = false } = {}) {
  const place = document.getElementById("said")
  place.replaceChildren(h("p", { class: wrong ? "wrong" : "fine" }, text))
  clearTimeout(say.timer)
  say.timer = setTimeout(() => place.replaceChildren(), wrong ? 12_000 : 5_000)
}

/** Whether the question was answered with yes. */
export function confirmed(question, yes, { grave = false } = {}) {
  return new Promise(resolve => {
    const box = h("dialog", { "aria-label": question },
      h("p", {}, question),
      h("div", { class: "row" },
        button(_("No, go back"), () => box.close(), { class: "quiet" }),
        button(yes, () => box.close("yes"), { class: grave ? "grave" : "" })))
    box.addEventListener("close", () => { resolve(box.returnValue === "yes"); box.remove() })
    document.body.append(box)
    box.showModal()
  })
}

/** A choice of several, each a large button that is pressed or not. `picked` gets the new value. */
export function choices(legend, options, chosen, picked, { many = false, lang = null } = {}) {
  const group = h("div", { class: "choices", role: "group", "aria-label": legend })
  const draw = now => group.replaceChildren(...options.map(({ value, text, drawn = null, lang: own = lang, alone = false }) => {
    const held = many ? (alone ? Array.isArray(now) && now.length === 0 : (now ?? []).includes(value)) : now === value
    return h("button", {
      type: "button", lang: own, "aria-pressed": String(held), "data-value": String(value),
      onclick: async () => {
        let next
        if (alone) next = held ? null : []
        else if (many) {
          next = held ? now.filter(one => one !== value) : [...(now ?? []), value]
          if (held && next.length === 0) next = null
        } else next = held ? null : value
        draw(next)
        group.querySelector(`[data-value="${CSS.escape(String(value))}"]`)?.focus()
        await picked(next)
      },
    }, drawn, h("span", {}, text))
  }))
  draw(chosen)
  return group
}
