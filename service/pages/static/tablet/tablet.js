// The page as a whole: what comes first at each start, the three rooms, and the rock that is looked at.

import * as carry from "./carry.js"
import * as conflict from "./conflict.js"
import { NoContact, Refused, whenEnded } from "./door.js"
import { FIELDS, fieldText, shown, valueAt } from "./fields.js"
import * as intake from "./intake.js"
import * as notices from "./notices.js"
import * as pad from "./pad.js"
import { button, confirmed, h, say, show, whenTrouble } from "./page.js"
import * as queue from "./queue.js"
import * as results from "./results.js"
import * as shift from "./shift.js"
import * as slip from "./slip.js"
import * as sync from "./sync.js"
import * as vault from "./vault.js"
import { panicButton } from "./wipe.js"
import { _, choose, languages, loadWords, readCode, spoken, useKit, writtenWithHour } from "./words.js"

const CARD_MM = 85.6   // ISO/IEC 7810 ID-1
const PICKUP_SYMBOLS = 13
const DRAWN_AGAIN_MS = 150
const LOOKS_FOR_NEWER_MS = 6 * 3_600_000
const PX_A_MM = 96 / 25.4

const STATES = () => ({
  here: _("on this tablet"), sent: _("sent, not confirmed yet"), confirmed: _("confirmed"), refused: _("to mend"),
  conflict: _("two versions"), back: _("being taken back"), gone: _("taken back"),
})

let signedOut = false   // the session of whoever had signed in is over
let room = null   // which room is on the screen; null while something else is

// --- Starting ---

async function start() {
  await loadWords()
  setTrueSize(Number(localStorage.getItem("px-a-mm")) || PX_A_MM)
  whenTrouble(trouble)
  addEventListener("unhandledrejection", event => {
    if (isKnown(event.reason)) event.preventDefault()
    trouble(event.reason)
  })
  whenEnded(async withToken => {
    if (withToken) await sync.askWhetherItStands()
    else if ((await vault.read(["site"])).site) await signOut()
  })
  await vault.open(() => shift.erasedView())
  keepShell()
  const { ended, site, signed_out } = await vault.read(["ended", "site", "signed_out"])
  signedOut = Boolean(signed_out)
  if (ended) return shift.endedView(ended, letIn)
  await endSession()
  if (!site || signedOut && !vault.isLocked()) return letIn()
  return enter()
}

/** Ends what the browser says is over: signed out on another page, after its hours, or somebody else's of another site. */
async function endSession() {
  const site = await siteOfSession()
  const signedIn = document.cookie.split("; ").find(one => one.startsWith("caillou-site="))?.slice("caillou-site=".length)
  if (site && decodeURIComponent(signedIn ?? "") !== site) await signOut()
}

/** The session is over: what is not confirmed stays, unseen, until somebody of this site signs in; the rest goes. */
async function signOut() {
  signedOut = true
  await vault.write({ signed_out: true })
  const forget = async () => {
    await results.forgetAll()
    await queue.forgetConfirmed()
  }
  await forget()
  sync.afterTalking(forget)  // an answer may have been on its way
  // A rock that is being taken in is finished first, and its code handed over.
  if (began && !document.querySelector("[data-stays]")) await signedOutView()
}

function signedOutView() {
  room = null
  document.querySelectorAll("dialog").forEach(one => one.close())
  document.getElementById("rooms").hidden = true
  bar()
  return shift.signedOutView()
}

let newer = false   // a newer page is kept than the one that is open

/** The worker keeps the shell; a newer one takes over at once, and its page is opened where nothing is being done. */
async function keepShell() {
  if (!("serviceWorker" in navigator)) return
  const ready = () => { document.documentElement.dataset.kept = "yes" }
  if (navigator.serviceWorker.controller) ready()
  navigator.serviceWorker.addEventListener("controllerchange", () => {
    newer = document.documentElement.dataset.kept === "yes"
    ready()
    if (began) keepScanner()
  })
  document.addEventListener("visibilitychange", () => { if (newer && room && !document.hidden) location.reload() })
  const how = { scope: "/tablet/", updateViaCache: "none" }
  const registered = await navigator.serviceWorker.register("/tablet/worker.js", how).catch(() => null)
  setInterval(() => registered?.update().catch(() => {}), LOOKS_FOR_NEWER_MS)
}

/** The worker fetches what scanning needs when nothing else is to be done. */
const keepScanner = () => navigator.serviceWorker?.ready.then(ready => ready.active?.postMessage("later"))

/** By the session of whoever has signed in, else by a code that is typed or scanned. */
async function letIn() {
  const typed = location.hash.slice(1, 20)
  history.replaceState(null, "", location.pathname)
  if (!typed) {
    try {
      await sync.fetchKit()
      await vault.write({ signed_out: false })
      signedOut = false
      return await enter()
    } catch (error) {
      if (!(error instanceof NoContact || error instanceof Refused || error instanceof sync.OtherSite)) throw error
      if ((await vault.read(["signed_out"])).signed_out) return signedOutView()
    }
  }
  bar()
  const scanned = async () => {
    const { scan } = await import("./scan.js")
    const text = await scan(() => letIn())
    if (text) await shift.enrolView(afterEnrolling, { typed: text.split("#").at(-1).slice(0, 12), scan: scanned })
  }
  return shift.enrolView(afterEnrolling, { typed, scan: scanned })
}

async function afterEnrolling() {
  const work = vault.writing("open")
  work.store.delete("ended")
  await work.done
  await sync.fetchKit()
  await keepStored()
  await shift.pinView(enter)
}

/** Asks the browser not to tidy this store away; its refusal is shown in the third room. */
async function keepStored() {
  const persisted = await navigator.storage?.persist?.() ?? false
  await vault.write({ persisted })
}

let began = false
async function enter() {
  bar()
  const kit = vault.isLocked() ? null : await vault.get("kit")
  if (!vault.isLocked() && (!kit || signedOut)) return letIn()
  useKit(kit)
  if (!began) {
    began = true
    sync.begin()
    shift.watchIdle(endShift)
    keepScanner()
    if ((await vault.read(["persisted"])).persisted === undefined) await keepStored()
  } else sync.hope()
  return vault.isLocked() ? shift.lockedView(enter) : enterRoom("rocks")
}

async function endShift() {
  if (vault.isLocked()) return
  if (!await vault.lock()) return
  locks.postMessage("lock")
  if (newer) return location.reload()
  room = null
  document.getElementById("rooms").hidden = true
  document.querySelectorAll("dialog").forEach(one => one.close())
  await enter()
}
const locks = new BroadcastChannel("caillou-lock")
locks.onmessage = ({ data }) => data === "ended" ? location.reload() : endShift()

const isKnown = error => error instanceof NoContact || error instanceof Refused || error instanceof vault.Locked
  || error?.name === "QuotaExceededError"

function trouble(error) {
  if (error instanceof vault.Locked) return enter()
  if (error instanceof NoContact) return say(_("No contact with the service. Try again where there is a network."), { wrong: true })
  if (error instanceof Refused) {
    const flaws = (error.problem.errors ?? []).map(one => one.detail)
    return say([error.problem.title, ...flaws].join(" "), { wrong: true })
  }
  if (error?.name === "QuotaExceededError")
    return say(_("This tablet is full: this was not kept. Free some space, then press again."), { wrong: true })
  return say(`${_("Something broke on this tablet. What was kept before is still there.")} (${error?.name}: ${error?.message})`, { wrong: true })
}

// --- The frame ---

async function bar() {
  document.getElementById("bar").replaceChildren(...[
    h("strong", { class: "home" }, "Caillou"),
    (await vault.read(["site"])).site && await status(),
    h("span", { class: "tongues", role: "group", "aria-label": _("Language") }, languages().map(one => h("button", {
      type: "button", class: "quiet", lang: one, "aria-pressed": String(one === spoken()),
      onclick: async () => { choose(one); await (room ? enterRoom(room) : location.reload()) },
    }, one.toUpperCase()))),
    await siteOfSession() && h("form", { method: "post", action: "/sign-out", onsubmit: async event => {
      event.preventDefault()
      const form = event.target
      await signOut()
      form.submit()
    } }, h("button", { class: "quiet" }, _("Sign out"))),
    !vault.isLocked() && await vault.hasPin() && button(_("End the shift"), endShift, { class: "quiet" }),
  ].filter(Boolean))
}

/** Of which site somebody is signed in who uses this; null on a device that was let in, and when that is over. */
async function siteOfSession() {
  const { site, token_sha256 } = await vault.read(["site", "token_sha256"])
  return site && !token_sha256 && !signedOut ? site : null
}

async function status() {
  const now = sync.standing()
  const counted = await queue.counts()
  const waiting = queue.OPEN.reduce((sum, state) => sum + counted[state], await vault.store().count("carried"))
  const text = signedOut ? _("Signed out") : now.busy ? _("Sending…") : waiting === 0 ? _("All confirmed") : _("{n} not confirmed", { n: waiting })
  const contact = now.contact === false ? _("no contact") : now.last ? _("in contact") : ""
  return h("span", { id: "status", "data-open": String(waiting) },
    h("span", {}, text), contact && h("small", {}, contact))
}

const ROOMS = () => ({ rocks: _("Rocks"), results: _("Results"), tablet: _("This tablet") })

async function enterRoom(name) {
  if (signedOut) return signedOutView()
  room = name
  history.replaceState({ home: true }, "")
  const place = document.getElementById("rooms")
  place.hidden = false
  place.replaceChildren(...Object.entries(ROOMS()).map(([one, text]) => h("button", {
    type: "button", "aria-current": one === name ? "page" : null, onclick: () => enterRoom(one),
  }, text)))
  await bar()
  await show({ rocks: rocksRoom, results: resultsRoom, tablet: tabletRoom }[name])
  drawAgain()  // of what has moved while it was drawn
}

/** Away from the rooms: what was asked has the whole screen, and the device's back key comes home. */
function away(act) {
  if (signedOut) return signedOutView()
  room = null
  document.getElementById("rooms").hidden = true
  history.pushState({}, "")
  return act()
}
addEventListener("popstate", () => { if (room === null && began && !vault.isLocked()) enterRoom("rocks") })

/** Puts new children in the place of the old ones, unless they are the same. */
function refill(place, children) {
  const fresh = h("div", {}, children)
  if (!place.firstElementChild?.isEqualNode(fresh)) place.replaceChildren(fresh)
}

const places = new Map()
function living(draw) {
  const place = h("div", {})
  places.set(place, { draw, shown: false })
  return place
}

let planned = null
function drawAgain() {
  clearTimeout(planned)
  planned = setTimeout(() => fillAgain().catch(error => {
    // Locked or wiped while it was drawn: another view has taken its place.
    if (!(error instanceof vault.Locked || error.name === "InvalidStateError")) trouble(error)
  }), DRAWN_AGAIN_MS)
}

async function fillAgain() {
  if (vault.isLocked()) return
  await bar()
  for (const [place, { draw, shown }] of places) {
    if (place.isConnected) {
      places.set(place, { draw, shown: true })
      refill(place, await draw())
    } else if (shown) places.delete(place)  // its view has gone; one that is still being drawn has not come yet
  }
}
sync.whenMoved(() => {
  drawAgain()
  endSession()
})
queue.whenChanged(drawAgain)

async function filledNow(...drawn) {
  return Promise.all(drawn.map(async draw => {
    const place = living(draw)
    refill(place, await draw())
    return place
  }))
}

// --- Rocks ---

async function rocksRoom() {
  return [
    await filledNow(warnings, () => notices.drawn(), () => results.reachAgain(openResult, () => drawAgain())),
    button(_("Take a rock in"), () => away(() => intake.begin(home, kept)), { class: "huge" }),
    await filledNow(unfinished),
    finder(),
    await filledNow(queued),
    button(_("Send now"), () => sync.hope(), { class: "quiet" }),
  ]
}

const home = () => enterRoom("rocks")

async function kept(id, edited) {
  sync.hope()
  if (edited) return openRock(id)
  return slip.afterKeeping(await queue.one(id), home)
}

async function warnings() {
  const [left, now] = [await pad.left(), sync.standing()]
  return [
    left === 0 ? h("p", { class: "refusal", role: "alert" }, _("No pickup code is left on this tablet. It needs a network to fetch some."))
      : left < pad.LOW && h("p", { class: "refusal" }, _("Only {n} pickup codes are left on this tablet. It fetches more where there is a network.", { n: left })),
    now.trouble instanceof sync.OtherSite && h("p", { class: "refusal", role: "alert" },
      _("The rocks here are of {ours}, and you are let in for {theirs}: nothing is sent.", now.trouble)),
    now.trouble && !(now.trouble instanceof sync.OtherSite) && h("p", { class: "refusal" },
      now.trouble.problem?.title ?? _("Something broke while sending. It is tried again.")),
  ]
}

async function unfinished() {
  const drafts = await intake.drafts()
  if (drafts.length === 0) return []
  return h("section", {}, h("h2", {}, _("Not finished")), h("ul", { class: "list" }, drafts.map(draft => h("li", {},
    button([_("Go on"), " ", h("span", {}, shownBriefly(draft.facts))], () => away(() => intake.goOn(draft, home, kept))),
    button(_("Throw away"), async () => {
      if (!await confirmed(_("Throw away what was answered so far?"), _("Throw away"))) return
      await intake.forget(draft)
      drawAgain()
    }, { class: "quiet" })))))
}

const shownBriefly = facts => FIELDS.filter(field => ["weight_mg", "size", "form", "colour"].includes(field.path))
  .map(field => [field, valueAt(facts, field.path)]).filter(([, value]) => value !== null)
  .map(([field, value]) => shown(field, value)).join(" · ")

async function queued() {
  const rows = await queue.all()
  const states = STATES()
  return h("section", {}, h("h2", {}, _("Rocks of this tablet")),
    rows.length === 0 ? h("p", {}, _("None yet.")) : h("ul", { class: "list", id: "queue" }, rows.map(one => h("li", { "data-id": one.id, "data-state": one.state },
      h("button", { type: "button", class: "plain", onclick: () => openRock(one.id) },
        one.bag && h("strong", { class: "bag" }, String(one.bag)),
        one.rock.page && h("code", {}, one.rock.page.code),
        h("span", { class: `state-${one.state}` }, states[one.state]),
        one.rock.label && h("code", {}, one.rock.label),
        h("span", {}, shownBriefly(one.rock.facts)),
        h("span", {}, writtenWithHour(one.at)))))))
}

/** A person comes back with their slip: its code leads to the rock. */
function finder() {
  const box = h("input", { autocomplete: "off", autocapitalize: "characters", maxlength: 20 })
  const find = async text => {
    const code = readCode(text.split("/r/").at(-1).split(/[?#]/)[0])
    if (code.length !== PICKUP_SYMBOLS) return say(_("A code has {n} letters and digits.", { n: PICKUP_SYMBOLS }), { wrong: true })
    const { result, rock } = await results.byCode(code)
    if (result) return openResult(result.id)
    if (rock) return openRock(rock.id)
    const told = await results.elsewhere(code)
    return away(() => slip.turned(told.messages, slip.columnsOf(told.languages), home))
  }
  box.addEventListener("keydown", event => { if (event.key === "Enter") go.click() })
  const go = button(_("Find"), () => find(box.value), { class: "quiet" })
  return h("section", { class: "finder" }, h("label", { class: "field" }, _("Somebody comes with a code"), box),
    go, button(_("Scan"), async () => away(async () => {
      const { scan } = await import("./scan.js")
      const text = await scan(home)
      if (text) await find(text)
    }), { class: "quiet" }))
}

// --- One rock ---

async function openRock(id) {
  const found = await queue.one(id)
  if (!found) return home()
  const { rock, state, bag } = found
  const again = () => openRock(id)
  const told = FIELDS.map(field => [field, valueAt(rock.facts, field.path)]).filter(([, value]) => value !== null)
  const changeable = !["back", "gone"].includes(state)
  return away(() => show(() => [
    h("h1", {}, rock.page ? h("code", {}, rock.page.code) : _("Taken back")),
    h("p", { class: `state-${state}`, id: "rock-state" }, STATES()[state]),
    bag && h("p", {}, _("Number on the bag: {n}", { n: bag })),
    rock.label && h("p", {}, _("Laboratory's label:"), " ", h("code", {}, rock.label)),
    rock.clock && h("p", {}, _("This tablet's clock was wrong: it said {said}. Dated {right} by the service's clock.", {
      said: writtenWithHour(rock.clock.said), right: writtenWithHour(rock.taken_at) })),
    rock.problem && h("div", { class: "refusal", role: "alert" }, h("p", {}, rock.problem.title),
      (rock.problem.errors ?? []).map(flaw => h("p", {}, `${fieldText(flaw.pointer)}: ${flaw.detail}`))),
    h("div", { class: "row" },
      state === "conflict" && button(_("Compare the two versions"), () => conflict.view(id, { back: again, done: () => kept(id, true) })),
      state === "refused" && intake.isAboutCode(found) && button(_("Take another code"), async () => {
        await queue.anotherCode(id)
        await kept(id, false)
      }),
      state === "refused" && !intake.isAboutCode(found) && button(_("Mend it"), () => intake.mend(found, again, kept)),
      changeable && button(_("Change"), () => intake.begin(again, kept, { rock: found }), { class: "quiet" }),
      changeable && rock.page?.path && button(_("Slip"), () => slip.afterKeeping(found, again), { class: "quiet" }),
      changeable && button(_("They take it back"), async () => {
        if (!await confirmed(_("The person takes it back: what was told and any result are erased, here and at the service."), _("Take it back"), { grave: true })) return
        await queue.takeBack(id)
        await results.drop([id])
        await kept(id, true)
      }, { class: "quiet" })),
    told.length > 0 && h("dl", {}, told.map(([field, value]) => [h("dt", {}, field.text()), h("dd", {}, shown(field, value))])),
    h("div", { class: "foot" }, button(_("Back"), home, { class: "quiet" })),
  ]))
}


// --- Results ---

const resultsRoom = async () => [
  h("h1", {}, _("Results")),
  await filledNow(() => results.reachAgain(openResult, () => drawAgain()), () => results.list(openResult)),
]

function openResult(id) {
  const back = () => enterRoom("results")
  const edit = async sample => {
    await queue.adopt(sample, { code: sample.pickup_code })
    await openRock(sample.id)
  }
  return away(() => results.view(id, { back, edit }))
}

// --- This tablet ---

async function tabletRoom() {
  const { label, site, persisted, clock_off = 0 } = await vault.read(["label", "site", "persisted", "clock_off"])
  const estimate = await navigator.storage?.estimate?.()
  const now = sync.standing()
  return [
    h("h1", {}, _("This tablet")),
    h("dl", {},
      h("dt", {}, _("Let in as")), h("dd", {}, `${label ?? _("whoever has signed in")} · ${site}`),
      h("dt", {}, _("Last contact")), h("dd", {}, now.last ? writtenWithHour(now.last) : "–"),
      h("dt", {}, _("Works without a network")), h("dd", {}, navigator.serviceWorker?.controller ? _("Yes") : _("Not yet")),
      h("dt", {}, _("Pickup codes left")), h("dd", {}, String(await pad.left())),
      h("dt", {}, _("Space used")), h("dd", {}, estimate ? `${(estimate.usage / 1e6).toFixed(1)} MB / ${(estimate.quota / 1e6).toFixed(0)} MB` : "–"),
      Math.abs(clock_off) > 120_000 && [h("dt", {}, _("This tablet's clock")), h("dd", {}, _("{n} minutes off. Rocks are dated by the service's clock where it is more than a day.", { n: Math.round(-clock_off / 60_000) }))]),
    persisted === false && h("p", { class: "refusal" }, _("The browser does not promise to keep what lies here when space runs out. Install this page, or send often.")),
    h("section", {}, h("h2", {}, "PIN"), h("div", { class: "row" },
      button(await vault.hasPin() ? _("Change the PIN") : _("Set a PIN"), () => away(() => shift.pinView(() => enterRoom("tablet"))), { class: "quiet" }))),
    h("section", {}, h("h2", {}, _("True size")), calibration()),
    h("section", {}, h("h2", {}, _("Carried by hand")),
      h("p", {}, _("If this tablet gets no network any more: save what is not confirmed, sealed for the service alone, and bring it to the base.")),
      await filledNow(() => carry.refused(drawAgain)),
      h("div", { class: "row" }, await carry.saveButton() ?? h("p", {}, _("Everything is confirmed: there is nothing to carry."))),
      carry.bringIn()),
    h("section", {}, h("h2", {}, _("In danger?")), panicButton(shift.erasedView)),
  ]
}

/** A bank card laid on the drawing: drag until they are the same, and drawn sizes are true. */
function calibration() {
  const drawn = h("div", { class: "bank-card", "aria-hidden": "true" })
  const now = Number(localStorage.getItem("px-a-mm")) || PX_A_MM
  const slide = h("input", { type: "range", min: 2, max: 9, step: 0.02, value: now, oninput: () => setTrueSize(Number(slide.value)),
    onchange: () => localStorage.setItem("px-a-mm", slide.value) })
  return [h("p", {}, _("Lay a bank card on the drawing and slide until both are as wide.")),
    h("label", { class: "field" }, _("Width"), slide), drawn]
}

function setTrueSize(px) {
  document.documentElement.style.setProperty("--px-a-mm", px)
  document.documentElement.style.setProperty("--card-mm", CARD_MM)
}

await start()
