// Drawn sizes that are true on this screen: a bank card is laid on a drawing of one, once.

import { h } from "./page.js"
import { _ } from "./words.js"

const CARD_MM = 85.6 // ISO/IEC 7810 ID-1
const PX_A_MM = 96 / 25.4
const KEPT = "px-a-mm"

const keptSize = () => Number(localStorage.getItem(KEPT)) || PX_A_MM

export const useKeptSize = () => useSize(keptSize())

/** @param {number} pxPerMm */
function useSize(pxPerMm) {
  const { style } = document.documentElement
  style.setProperty("--px-a-mm", String(pxPerMm))
  style.setProperty("--card-mm", String(CARD_MM))
}

/** A bank card laid on the drawing: drag until they are the same, and drawn sizes are true. */
export function calibration() {
  const drawing = h("div", { class: "bank-card", "aria-hidden": "true" })
  const slide = h("input", { type: "range", min: 2, max: 9, step: 0.02, value: keptSize() })
  slide.addEventListener("input", () => useSize(Number(slide.value)))
  slide.addEventListener("change", () => localStorage.setItem(KEPT, slide.value))

  return [
    h("p", {}, _("Lay a bank card on the drawing and slide until both are as wide.")),
    h("label", { class: "field" }, _("Width"), slide),
    drawing,
  ]
}
