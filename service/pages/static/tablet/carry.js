// Rocks carried by hand: the file that a tablet leaves, and what the base does with it.

import { ask } from "./door.js"
import { fieldText } from "./fields.js"
import { button, confirmed, h, say } from "./page.js"
import { OPEN } from "./queue.js"
import * as vault from "./vault.js"
import { _ } from "./words.js"

/** What is sealed here, of this life of the tablet and of the one before. Known while locked too. */
export async function sealedRocks() {
  const rows = (await vault.store().getAll("rocks")).filter(one => OPEN.includes(one.state) && one.sealed)
  return [...rows, ...await vault.store().getAll("carried")].map(one => one.sealed)
}

/** A button that saves the file; absent where there is nothing to carry. */
export async function saveButton() {
  const rocks = await sealedRocks()
  if (rocks.length === 0) return null
  return button(_("Save the sealed file (rocks: {n})", { n: rocks.length }), async () => {
    const text = JSON.stringify({ caillou: "carried", version: 1, rocks: await sealedRocks() })
    const address = URL.createObjectURL(new Blob([text], { type: "application/json" }))
    h("a", { href: address, download: `caillou-${new Date().toISOString().slice(0, 16).replace(/[:T]/g, "-")}.json` }).click()
    setTimeout(() => URL.revokeObjectURL(address), 60_000)
    say(_("Saved. Bring the file to the base: only the service can open it."))
  }, { class: "quiet" })
}

/** Sealed rocks that the service would not have, with what it said of each; they stay until somebody lets go of them. */
export async function refused(redraw) {
  const rows = (await vault.store().getAll("carried")).filter(one => one.refused)
  const change = async act => {
    const work = vault.writing("carried")
    await act(work.store)
    await work.done
    await redraw()
  }
  return rows.length > 0 && h("section", { class: "refusal" },
    h("p", {}, _("The service would not have these sealed rocks:")),
    h("ul", { class: "list" }, rows.map(({ refused: why, ...one }) => h("li", {}, h("span", {}, [why.title, ...why.pointers.map(fieldText)].join(" ")),
      button(_("Send it again"), () => change(store => store.put(one)), { class: "quiet" }),
      button(_("Throw away"), async () => {
        if (await confirmed(_("Nobody can bring this rock back. Throw it away?"), _("Throw away"), { grave: true }))
          await change(store => store.delete(one.id))
      }, { class: "quiet" })))))
}

/** Where the base gives in a file that a tablet left. */
export function bringIn() {
  const told = h("div", { "aria-live": "polite" })
  const pick = h("input", { type: "file", accept: ".json,application/json", onchange: async () => {
    const [file] = pick.files
    if (!file) return
    try {
      told.replaceChildren(report(await send(file)))
    } catch (error) {
      told.replaceChildren(h("p", { class: "wrong" }, error.problem?.title ?? (error instanceof SyntaxError
        ? _("This is not a file that a tablet has saved.") : _("No contact with the service. Try again where there is a network."))))
    }
    pick.value = ""
  } })
  return h("div", {}, h("label", { class: "field" }, _("A sealed file that a tablet has saved"), pick), told)
}

async function send(file) {
  const body = JSON.parse(await file.text())
  return (await (await ask("POST", "/v1/samples/carried", { body, seconds: 60 })).json()).receipts
}

function report(receipts) {
  const taken = receipts.filter(one => one.status < 300)
  const refused = receipts.filter(one => one.status >= 300)
  return h("div", {},
    h("p", { class: "fine" }, _("{n} taken in, {m} refused.", { n: taken.length, m: refused.length })),
    h("ul", {},
      taken.filter(one => one.lab_label).map(one => h("li", {}, h("code", {}, one.lab_label))),
      refused.map(one => h("li", {}, [one.title, ...(one.errors ?? []).map(flaw => `${fieldText(flaw.pointer)}: ${flaw.detail}`)].join(" ")))))
}
