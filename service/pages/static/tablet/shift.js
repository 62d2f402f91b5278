// Who may use this tablet now: let in by a code once, unlocked by the PIN for each shift, locked after a while.

import { askAsAnyone, NoContact } from "./door.js"
import { button, h, say, show } from "./page.js"
import { saveButton, sealedRocks } from "./carry.js"
import * as vault from "./vault.js"
import { panicButton } from "./wipe.js"
import { _, written } from "./words.js"

const IDLE_MS = 5 * 60_000
const IDLE_LOOK_MS = 10_000
const LEAST_PIN = 4

// --- Let in ---

/** Where the code is typed that `enrol tablet` has shown; `typed` is what stood in the address. */
export function enrolView(done, { typed = "", scan = null } = {}) {
  const box = h("input", { value: typed, autocomplete: "off", autocapitalize: "characters", maxlength: 12, class: "large" })
  const wrong = h("p", { class: "wrong", role: "alert", hidden: true })
  const enter = async () => {
    try {
      await enrol(box.value)
    } catch (error) {
      wrong.hidden = false
      wrong.textContent = error instanceof NoContact
        ? _("No contact with the service. Try again where there is a network.") : error.problem?.title ?? String(error)
      return
    }
    await done()
  }
  return show(() => [
    h("h1", {}, _("Let this tablet in")),
    h("p", {}, _("Type the code that whoever runs the service has shown you. It works once, for ten minutes.")),
    wrong,
    h("label", { class: "field" }, _("Code"), box),
    h("div", { class: "row" }, button(_("Let it in"), enter), scan && button(_("Scan it"), scan, { class: "quiet" })),
    h("p", {}, h("a", { href: "/sign-in" }, _("Or sign in with your name, on a computer of the centre."))),
  ])
}

/** The token is drawn here, and only its hash is sent: the same try twice is one enrolment. */
async function enrol(code) {
  if (await vault.get("token")) return   // let in already: what came after it failed
  let token = await vault.get("coming_in")
  if (!token) {
    token = vault.base64(crypto.getRandomValues(new Uint8Array(32)))
    await vault.put("coming_in", token)
  }
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(token))
  const token_sha256 = [...new Uint8Array(hash)].map(one => one.toString(16).padStart(2, "0")).join("")
  const { label, site } = await askAsAnyone("/v1/tablet/enrolment", { code, token_sha256 })
  await vault.put("token", token)
  await vault.write({ label, site, token_sha256 })
  await vault.drop("coming_in")
}

// --- The PIN ---

/** Sets the PIN, or changes it; may be left for later, and everything works without. */
export async function pinView(done) {
  const had = await vault.hasPin()
  const boxes = [had && _("The PIN so far"), _("New PIN"), _("The same again")].filter(Boolean).map(text =>
    ({ text, box: h("input", { type: "password", inputmode: "numeric", autocomplete: "off", maxlength: 12, class: "large" }) }))
  const set = async () => {
    const values = boxes.map(one => one.box.value)
    const [again, pin, current] = values.reverse()
    if (!/^\d+$/.test(pin) || pin.length < LEAST_PIN) return say(_("A PIN has at least {n} digits.", { n: LEAST_PIN }), { wrong: true })
    if (pin !== again) return say(_("These are two different PINs."), { wrong: true })
    if (had && !await vault.unlock(current)) return say(_("This is not the PIN so far."), { wrong: true })
    await vault.setPin(pin, current)
    say(_("The PIN is set."))
    await done()
  }
  await show(() => [
    h("h1", {}, _("A PIN for this tablet")),
    h("p", {}, _("It locks what lies here between two shifts. Six digits or more are better than four. Nobody can tell it to you again; a sealed file still brings the rocks to the base.")),
    boxes.map(one => h("label", { class: "field" }, one.text, one.box)),
    h("div", { class: "foot" }, button(_("Later"), done, { class: "quiet" }), button(_("Set the PIN"), set)),
  ])
}

/** A locked tablet says how many rocks lie on it, and nothing of them. */
export async function lockedView(done) {
  const box = h("input", { type: "password", inputmode: "numeric", autocomplete: "off", maxlength: 12, class: "large" })
  const said = h("p", { role: "alert", class: "wrong" })
  const waiting = async () => {
    const seconds = await vault.waitFor()
    said.textContent = seconds ? _("Wrong. Next try in {n} seconds.", { n: seconds }) : ""
    box.disabled = seconds > 0
    if (seconds && said.isConnected) setTimeout(waiting, 1_000)
    return seconds
  }
  const enter = async () => {
    if (await vault.unlock(box.value)) return done()
    box.value = ""
    if (!await waiting()) said.textContent = _("This is not the PIN.")
  }
  box.addEventListener("keydown", event => { if (event.key === "Enter") enter() })
  const waitingRocks = (await sealedRocks()).length
  const save = await saveButton()
  await show(() => [
    h("h1", {}, _("Locked")),
    h("label", { class: "field" }, _("PIN"), box),
    said,
    h("div", { class: "row" }, button(_("Begin the shift"), enter)),
    waitingRocks > 0 && h("p", {}, _("Not confirmed yet on this tablet: {n}.", { n: waitingRocks })),
    save && h("details", {}, h("summary", {}, _("PIN forgotten?")),
      h("p", {}, _("Save the sealed file and bring it to the base. Then erase this tablet and let it in again.")), save),
    h("details", {}, h("summary", {}, _("In danger?")), panicButton(erasedView)),
  ])
  await waiting()
  box.focus()
}

/** Locks when nobody has touched the tablet for a while, in any tab; timers stand still while a device sleeps. */
export function watchIdle(lock) {
  let last = Date.now()
  const elsewhere = new BroadcastChannel("caillou-touched")
  elsewhere.onmessage = () => { last = Date.now() }
  const look = () => { if (Date.now() - last > IDLE_MS) lock() }
  const touched = () => {
    look()
    if (Date.now() - last > IDLE_LOOK_MS) elsewhere.postMessage("touched")
    last = Date.now()
  }
  for (const name of ["pointerdown", "keydown"]) addEventListener(name, touched, { capture: true, passive: true })
  document.addEventListener("visibilitychange", look)
  setInterval(look, IDLE_LOOK_MS)
}

// --- The end ---

/** Nobody is signed in any more: nothing is shown, and nothing that was not confirmed is lost. */
export async function signedOutView() {
  const left = (await sealedRocks()).length
  await show(() => [
    h("h1", {}, _("Signed out")),
    left > 0 && h("p", {}, _("Not confirmed yet on this tablet: {n}.", { n: left })),
    h("p", {}, _("What is not confirmed stays here until somebody of this site signs in.")),
    h("p", {}, h("a", { class: "button", href: "/sign-in" }, _("Sign in"))),
  ])
}

/** After the service has ended this tablet's way in: what is left is sealed. */
export async function endedView({ label, at }, letInAgain) {
  const save = await saveButton()
  const left = await vault.store().count("carried")
  await show(() => [
    h("h1", {}, _("This tablet is no longer let in")),
    h("p", {}, _("Its way in was ended by the service ({label}, {when}). What lay here has been erased.", { label: label ?? "", when: written(at) })),
    left > 0 && [
      h("p", {}, _("Not confirmed, and sealed so that nobody can read it here: {n}. Save the file and bring it to the base.", { n: left })),
      h("div", { class: "row" }, save),
    ],
    h("div", { class: "foot" }, button(_("Let this tablet in again"), letInAgain, { class: "quiet" })),
    h("details", {}, h("summary", {}, _("Erase the rest")), panicButton(erasedView)),
  ])
}

export function erasedView() {
  document.getElementById("bar").replaceChildren()
  document.getElementById("rooms").hidden = true
  return show(() => [h("h1", {}, _("Everything is erased")), h("p", {}, _("Nothing is left on this tablet."))])
}
