// The parts of a view that are drawn again when something has moved: a rock confirmed, an answer
// come, a notice published.

/** @import { Child } from "./types.d.ts" */

import * as header from "./header.js"
import { h, report } from "./page.js"
import * as vault from "./vault.js"

const DRAWN_AGAIN_MS = 150

/** @typedef {() => Child | Promise<Child>} Draw */

/** @type {Map<HTMLElement, { draw: Draw, wasConnected: boolean }>} */
const parts = new Map()
let timer = 0

/**
 * Parts of a view, as they are now.
 * @param {...Draw} draws
 */
export function living(...draws) {
  return Promise.all(draws.map(async (draw) => {
    const part = h("div", {})
    parts.set(part, { draw, wasConnected: false })
    refill(part, await draw())
    return part
  }))
}

/**
 * Puts new children in the place of the old ones, unless they are the same. What a finger is on
 * stays until it is let go: pressed on a button that is gone by then, it would do nothing.
 * @param {HTMLElement} part
 * @param {Child} children
 */
function refill(part, children) {
  const fresh = h("div", {}, children)
  if (part.firstElementChild?.isEqualNode(fresh)) return

  if (part.matches(":active")) redraw()
  else part.replaceChildren(fresh)
}

/** Draws every part again, once for all that moves in a short while. */
export function redraw() {
  clearTimeout(timer)
  timer = setTimeout(() => redrawNow().catch(reportUnlessGone), DRAWN_AGAIN_MS)
}

async function redrawNow() {
  if (vault.isLocked()) return

  await header.draw()
  for (const [part, { draw, wasConnected }] of parts) {
    if (part.isConnected) {
      parts.set(part, { draw, wasConnected: true })
      refill(part, await draw())
    } else if (wasConnected) parts.delete(part) // one still being drawn has not come yet
  }
}

/** @param {Error} error */
function reportUnlessGone(error) {
  // Locked or wiped while it was drawn: another view has taken its place.
  const isGone = error instanceof vault.Locked || error.name === "InvalidStateError"
  if (!isGone) report(error)
}
