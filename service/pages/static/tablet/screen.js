// What may be on the screen: one value, and what each event makes of it.
//
// starting   the page has just been opened
// enrolling  a code is asked for, or a first PIN
// ended      the service has ended this tablet's way in
// locked     the PIN is asked for
// signedOut  the session of whoever had signed in is over
// room       one of the three rooms
// away       one thing has the whole screen: a rock, an answer, the camera
// takingIn   a rock is taken in or changed, and its code handed over
// lastRock   the same, and the session is over meanwhile: finished first, then signed out
// erased     nothing is left on this tablet
//
// Something of a rock is seen in `room`, `away`, `takingIn` and `lastRock`, and nowhere else.

/**
 * @typedef {"starting" | "enrolling" | "ended" | "locked" | "signedOut"
 *   | "room" | "away" | "takingIn" | "lastRock" | "erased"} View
 *
 * @typedef {"askCode" | "wayEnds" | "lock" | "refuse" | "sessionEnds"
 *   | "enterRoom" | "leaveRoom" | "takeIn" | "goBack" | "erase"} Event
 *
 * @typedef {"rocks" | "results" | "tablet"} Room
 */

import { byId } from "./page.js"

/**
 * Where each event leads from each view. What is not listed leaves the screen as it is: where a
 * tablet is locked or signed out, whatever comes late from before draws nothing any more.
 * @type {Record<View, Partial<Record<Event, View>>>}
 */
const NEXT = {
  starting: {
    askCode: "enrolling",
    wayEnds: "ended",
    lock: "locked",
    refuse: "signedOut",
    enterRoom: "room",
    erase: "erased",
  },
  enrolling: {
    askCode: "enrolling",
    lock: "locked",
    refuse: "signedOut",
    enterRoom: "room",
    erase: "erased",
  },
  ended: {
    askCode: "enrolling",
    refuse: "signedOut",
    enterRoom: "room",
    erase: "erased",
  },
  locked: {
    askCode: "enrolling",
    lock: "locked",
    refuse: "signedOut",
    sessionEnds: "signedOut",
    enterRoom: "room",
    erase: "erased",
  },
  signedOut: {
    lock: "locked",
    refuse: "signedOut",
    enterRoom: "signedOut",
    leaveRoom: "signedOut",
    takeIn: "signedOut",
    erase: "erased",
  },
  room: {
    lock: "locked",
    sessionEnds: "signedOut",
    enterRoom: "room",
    leaveRoom: "away",
    takeIn: "takingIn",
    erase: "erased",
  },
  away: {
    lock: "locked",
    sessionEnds: "signedOut",
    enterRoom: "room",
    leaveRoom: "away",
    takeIn: "takingIn",
    goBack: "room",
    erase: "erased",
  },
  takingIn: {
    lock: "locked",
    sessionEnds: "lastRock",
    enterRoom: "room",
    leaveRoom: "away",
    takeIn: "takingIn",
    goBack: "room",
    erase: "erased",
  },
  lastRock: {
    lock: "locked",
    enterRoom: "signedOut",
    leaveRoom: "signedOut",
    takeIn: "lastRock",
    goBack: "signedOut",
    erase: "erased",
  },
  erased: {},
}

/** @type {View[]} before them a tablet is let in, after them it is not used any more */
const IN_USE = ["locked", "room", "away", "takingIn", "lastRock"]
/** @type {View[]} a question that is still open would be one about a rock */
const WITHOUT_DIALOGS = ["locked", "signedOut"]

/** @type {{ view: View, room: Room }} */
const screen = { view: "starting", room: "rocks" }

/** @type {Partial<Record<View, () => unknown>>} */
const drawings = {}

/**
 * How each view is drawn that needs nothing but its name.
 * @param {Partial<Record<View, () => unknown>>} given
 */
export const useDrawings = (given) => Object.assign(drawings, given)

export const room = () => screen.room
export const isRoom = () => screen.view === "room"
export const isErased = () => screen.view === "erased"
export const isInUse = () => IN_USE.includes(screen.view)

/**
 * Makes of the screen what this event makes of it; gives the view, null where nothing changes.
 * @param {Event} event
 */
function move(event) {
  const before = screen.view
  const next = NEXT[before][event]
  if (!next) return null

  screen.view = next
  byId("rooms").hidden = next !== "room"
  if (WITHOUT_DIALOGS.includes(next)) {
    for (const dialog of document.querySelectorAll("dialog")) dialog.close()
  }
  // So that the back key comes home.
  if (before === "room" && (next === "away" || next === "takingIn")) history.pushState({}, "")
  return next
}

/**
 * Moves, and draws where that leads.
 * @param {Event} event
 * @param {() => unknown} [draw] how the view is drawn where it is as meant, and not signed out
 */
async function happen(event, draw) {
  const next = move(event)
  if (!next) return

  if (draw && next !== "signedOut") await draw()
  else await drawings[next]?.()
}

// --- What can happen ---

/**
 * Nobody may use this page yet, so a code is asked for.
 * @param {() => unknown} draw
 */
export const askCode = (draw) => happen("askCode", draw)

/**
 * The service has ended this tablet's way in.
 * @param {() => unknown} draw
 */
export const wayEnds = (draw) => happen("wayEnds", draw)

/** The shift is over: the PIN is asked for. */
export const lock = () => happen("lock")

/** Nobody is signed in whom the service knows. */
export const refuse = () => happen("refuse")

/**
 * The session is over. From now on nothing more of it is drawn; what lies here of it is forgotten
 * before the screen says so.
 * @param {() => Promise<void>} forget
 */
export async function sessionEnds(forget) {
  const next = move("sessionEnds")
  await forget()
  if (next && next === screen.view) await drawings[next]?.()
}

/** @param {Room} room */
export function enterRoom(room) {
  screen.room = room
  return happen("enterRoom")
}

export const goHome = () => enterRoom("rocks")

/**
 * One thing has the whole screen.
 * @param {() => unknown} draw
 */
export const leaveRoom = (draw) => happen("leaveRoom", draw)

/**
 * A rock is taken in, or changed, or its code handed over: not to be cut off.
 * @param {() => unknown} draw
 */
export const takeIn = (draw) => happen("takeIn", draw)

/** The device's back key: home, from wherever a room was left for. */
export function goBack() {
  if (!isRoom()) screen.room = "rocks"
  return happen("goBack")
}

/** Nothing is left on this tablet. */
export const erase = () => happen("erase")
