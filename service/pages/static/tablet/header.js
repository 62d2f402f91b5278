// The bar at the top: what waits to be confirmed, the languages, the ways out.

/**
 * Who uses this page, and how they end that.
 * @typedef {object} Use
 * @property {() => Promise<string | null>} siteOfSession
 * @property {() => Promise<void>} signOut
 * @property {() => Promise<void>} endShift
 */

import { button, byId, h } from "./page.js"
import * as queue from "./queue.js"
import * as screen from "./screen.js"
import * as sync from "./sync.js"
import * as vault from "./vault.js"
import { _, chooseLanguage, languages, spoken } from "./words.js"

/** @type {Use} */
let use

/** @param {Use} given */
export function begin(given) {
  use = given
}

export async function draw() {
  const { site } = await vault.read(["site"])
  const parts = [
    h("strong", { class: "home" }, "Caillou"),
    site && await status(),
    languageButtons(),
    await use.siteOfSession() && signOutForm(),
    !vault.isLocked() && await vault.hasPin() &&
    button(_("End the shift"), use.endShift, { class: "quiet" }),
  ]
  byId("bar").replaceChildren(...parts.filter((part) => part instanceof Node))
}

async function status() {
  const { signed_out } = await vault.read(["signed_out"])
  const waiting = await queue.countOpen() + await vault.store().count("carried")
  const text = signed_out ? _("Signed out") : progress(waiting)
  const contact = contactText()
  return h(
    "span",
    { id: "status", "data-open": String(waiting) },
    h("span", {}, text),
    contact && h("small", {}, contact),
  )
}

/** @param {number} waiting */
function progress(waiting) {
  if (sync.standing().busy) return _("Sending…")
  return waiting === 0 ? _("All confirmed") : _("{n} not confirmed", { n: waiting })
}

function contactText() {
  const { contact, last } = sync.standing()
  if (contact === false) return _("no contact")
  return last ? _("in contact") : null
}

function languageButtons() {
  const buttons = languages().map((code) => {
    const attributes = {
      type: "button",
      class: "quiet",
      lang: code,
      "aria-pressed": String(code === spoken()),
      onclick: async () => {
        chooseLanguage(code)
        if (screen.isRoom()) await screen.enterRoom(screen.room())
        else location.reload()
      },
    }
    return h("button", attributes, code.toUpperCase())
  })
  return h("span", { class: "tongues", role: "group", "aria-label": _("Language") }, buttons)
}

function signOutForm() {
  const form = h(
    "form",
    { method: "post", action: "/sign-out" },
    h("button", { class: "quiet" }, _("Sign out")),
  )
  form.addEventListener("submit", async (event) => {
    event.preventDefault()
    await use.signOut()
    form.submit()
  })
  return form
}
