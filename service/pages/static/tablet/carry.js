// Rocks carried by hand: the file that a tablet leaves, and what the base does with it.

/** @import { CarriedRow, Receipt } from "./types.d.ts" */

import { ask, Refused } from "./api.js"
import { fieldText } from "./fields.js"
import { button, confirmed, h, say } from "./page.js"
import { OPEN } from "./rock_row.js"
import * as vault from "./vault.js"
import { _ } from "./words.js"

const PATIENCE_S = 60
const OFFERED_MS = 60_000

// --- The file ---

/**
 * What is sealed here, of this life of the tablet and of the one before. Known while locked too.
 */
export async function sealedRocks() {
  const rocks = (await vault.store().getAll("rocks")).filter((row) => OPEN.includes(row.state))
  const carried = await vault.store().getAll("carried")
  return [...rocks, ...carried].map((row) => row.sealed).filter((sealed) => sealed !== null)
}

/** A button that saves the file; absent where there is nothing to carry. */
export async function saveButton() {
  const rocks = await sealedRocks()
  if (rocks.length === 0) return null

  const text = _("Save the sealed file (rocks: {n})", { n: rocks.length })
  return button(text, saveFile, { class: "quiet" })
}

async function saveFile() {
  const file = { caillou: "carried", version: 1, rocks: await sealedRocks() }
  const blob = new Blob([JSON.stringify(file)], { type: "application/json" })
  const address = URL.createObjectURL(blob)
  const minute = new Date().toISOString().slice(0, 16).replace(/[:T]/g, "-")

  h("a", { href: address, download: `caillou-${minute}.json` }).click()
  setTimeout(() => URL.revokeObjectURL(address), OFFERED_MS)
  say(_("Saved. Bring the file to the base: only the service can open it."))
}

// --- What the service would not have of it ---

/**
 * Sealed rocks that the service would not have, with what it said of each; they stay until somebody
 * lets go of them.
 * @param {() => unknown} redraw
 */
export async function refused(redraw) {
  const rows = (await vault.store().getAll("carried")).filter((row) => row.refused)
  if (rows.length === 0) return null

  return h(
    "section",
    { class: "refusal" },
    h("p", {}, _("The service would not have these sealed rocks:")),
    h("ul", { class: "list" }, rows.map((row) => h("li", {}, refusedRock(row, redraw)))),
  )
}

/**
 * @param {CarriedRow} row
 * @param {() => unknown} redraw
 */
function refusedRock({ id, sealed, refused }, redraw) {
  const sendAgain = async () => {
    const work = vault.writing("carried")
    work.store.put({ id, sealed })
    await work.done
    await redraw()
  }
  const throwAway = async () => {
    const question = _("Nobody can bring this rock back. Throw it away?")
    if (!await confirmed(question, _("Throw away"), { grave: true })) return

    const work = vault.writing("carried")
    work.store.delete(id)
    await work.done
    await redraw()
  }

  const reasons = [refused?.title, ...(refused?.pointers ?? []).map(fieldText)]
  return [
    h("span", {}, reasons.join(" ")),
    button(_("Send it again"), sendAgain, { class: "quiet" }),
    button(_("Throw away"), throwAway, { class: "quiet" }),
  ]
}

// --- At the base ---

/** Where the base gives in a file that a tablet left. */
export function bringIn() {
  const outcome = h("div", { "aria-live": "polite" })
  const pick = h("input", { type: "file", accept: ".json,application/json" })
  pick.addEventListener("change", async () => {
    const [file] = pick.files ?? []
    if (!file) return

    try {
      outcome.replaceChildren(report(await send(file)))
    } catch (error) {
      outcome.replaceChildren(h("p", { class: "wrong" }, failureText(error)))
    }
    pick.value = ""
  })

  const text = _("A sealed file that a tablet has saved")
  return h("div", {}, h("label", { class: "field" }, text, pick), outcome)
}

/** @param {unknown} error */
function failureText(error) {
  if (error instanceof Refused) return error.problem.title
  if (error instanceof SyntaxError) return _("This is not a file that a tablet has saved.")
  return _("No contact with the service. Try again where there is a network.")
}

/**
 * @param {File} file
 * @returns {Promise<Receipt[]>}
 */
async function send(file) {
  const body = JSON.parse(await file.text())
  const answer = await ask("POST", "/v1/samples/carried", { body, seconds: PATIENCE_S })
  return (await answer.json()).receipts
}

/** @param {Receipt[]} receipts */
function report(receipts) {
  const taken = receipts.filter(({ status }) => status < 300)
  const refused = receipts.filter(({ status }) => status >= 300)
  const counts = _("{n} taken in, {m} refused.", { n: taken.length, m: refused.length })

  const labels = taken.map(({ lab_label }) => lab_label).filter(Boolean)
  return h(
    "div",
    {},
    h("p", { class: "fine" }, counts),
    h(
      "ul",
      {},
      labels.map((label) => h("li", {}, h("code", {}, label))),
      refused.map((receipt) => h("li", {}, refusalText(receipt))),
    ),
  )
}

/** @param {Receipt} receipt */
function refusalText({ title, errors = [] }) {
  const flaws = errors.map(({ pointer, detail }) => `${fieldText(pointer)}: ${detail}`)
  return [title, ...flaws].join(" ")
}
