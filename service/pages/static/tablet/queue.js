// The rocks of this tablet and how far each has come. Nothing leaves the queue before the service's
// receipt, and what is not confirmed lies here twice: encrypted for this tablet, and sealed for the
// service alone.

/** @import { Change, Facts, OpenedRock, Page, PlainRow, Rock } from "./types.d.ts" */
/** @import { RockRow, RockState, Sample } from "./types.d.ts" */

import { factsOf } from "./fields.js"
import * as pad from "./pad.js"
import { localNow, OPEN, opened, rowOf } from "./rock_row.js"
import * as vault from "./vault.js"

/** @type {RockState[]} */
const TO_SEND = ["here", "sent", "back"]
/** @type {RockState[]} */
const OVER = ["confirmed", "gone"]
/** @type {RockState[]} */
const TAKEN_BACK = ["back", "gone"]
/** @type {RockState[]} */
const NEVER_ACCEPTED = ["here", "refused"]
const KEPT_MS = 7 * 86_400_000
const BAGS = 999

const otherTabs = new BroadcastChannel("caillou-rocks")
/** @type {Set<() => void>} */
const listeners = new Set()
const callListeners = () => listeners.forEach((listener) => listener())
otherTabs.onmessage = callListeners

/** @param {() => void} act */
export const whenChanged = (act) => listeners.add(act)

function announceChange() {
  otherTabs.postMessage("changed")
  callListeners()
}

export class PadEmpty extends Error {}

/** Every rock with what it holds, newest first. */
export async function all() {
  const rocks = await Promise.all((await vault.store().getAll("rocks")).map(opened))
  return rocks.sort((a, b) => b.at - a.at)
}

/** @param {string} id */
export async function find(id) {
  const row = await vault.store().get("rocks", id)
  return row && opened(row)
}

/** How many rocks are not confirmed; known while locked too. */
export async function countOpen() {
  const rows = await vault.store().getAll("rocks")
  return rows.filter((row) => OPEN.includes(row.state)).length
}

/**
 * Keeps a new rock under the id that its draft was given: a second press keeps it once. Raises
 * PadEmpty.
 * @param {string} id
 * @param {Facts} facts
 * @param {string} [draft] the name of the draft that goes with it
 */
export async function add(id, facts, draft) {
  for (;;) {
    const code = await pad.next()
    if (!code) throw new PadEmpty()

    const { bags = 0 } = await vault.read(["bags"])
    const bag = bags % BAGS + 1
    const rock = { revision: 1, facts, page: code.page, taken_at: localNow() }
    const row = await rowOf({ id, at: Date.now(), bag, state: "here" }, rock)

    const work = vault.writing("rocks", "pad", "open", "vault")
    const [there, unused, counted] = await Promise.all([
      work.objectStore("rocks").get(id),
      work.objectStore("pad").get(code.place),
      work.objectStore("open").get("bags"),
    ])
    const free = !there && unused && (counted ?? 0) === bags
    if (free) {
      work.objectStore("rocks").put(row)
      work.objectStore("pad").delete(code.place)
      work.objectStore("open").put(bag, "bags")
      if (draft) work.objectStore("vault").delete(draft)
    }
    await work.done

    if (there || free) {
      announceChange()
      return id
    }
  }
}

/**
 * Changes a rock: `make` gets it opened and gives what is to be changed, or null to leave it. Tried
 * again if overtaken.
 * @param {string} id
 * @param {(found: OpenedRock) => Change | null | Promise<Change>} make
 */
async function change(id, make) {
  for (;;) {
    const found = await find(id)
    const wanted = found && await make(found)
    if (!wanted) return null

    const { iv: _iv, data: _data, sealed: _sealed, rock, ...before } = found
    const plain = { ...before, ...wanted.plain }
    const row = await rowOf(plain, wanted.rock ?? rock)

    const work = vault.writing("rocks", "vault")
    const current = await work.objectStore("rocks").get(id)
    const unchanged = current?.turn === found.turn
    if (unchanged) {
      work.objectStore("rocks").put(row)
      // What was begun to be changed of it holds what was told, too.
      if (TAKEN_BACK.includes(plain.state)) work.objectStore("vault").delete(`draft/${id}`)
    }
    await work.done

    if (unchanged) {
      announceChange()
      return row
    }
  }
}

/**
 * An edit is a revision more than what the service may hold. One that never left is edited in
 * place: counted on, it would go over what another tablet has sent meanwhile.
 * @param {string} id
 * @param {Facts} facts
 * @param {number} revision the one that it is an edit of, as far as is known
 */
export const edit = (id, facts, revision = 0) =>
  change(id, ({ state, left = 0, rock }) => {
    const base = Math.max(revision, rock.revision)
    const unsent = NEVER_ACCEPTED.includes(state) && left < base
    const next = base + (unsent ? 0 : 1)
    return {
      plain: { state: "here" },
      rock: { ...rock, facts, revision: next, problem: null, held: null },
    }
  })

/**
 * Takes another code of the pad, where the service would not have the first one. The old slip is
 * void.
 * @param {string} id
 */
export async function takeAnotherCode(id) {
  const page = await tearOff()
  return change(id, ({ rock }) => ({
    plain: { state: "here" },
    rock: { ...rock, page, revision: rock.revision + 1, problem: null },
  }))
}

/** Takes the next code out of the pad, for nobody else. */
async function tearOff() {
  for (;;) {
    const code = await pad.next()
    if (!code) throw new PadEmpty()

    const work = vault.writing("pad")
    const unused = await work.store.get(code.place)
    if (unused) work.store.delete(code.place)
    await work.done

    if (unused) return code.page
  }
}

/**
 * The person takes it back: what it held is erased here at once, and there as soon as there is a
 * network.
 * @param {string} id
 */
export const takeBack = (id) => change(id, () => ({ ...ERASED, plain: { state: "back" } }))

/**
 * Keeps a rock that another tablet took in, to be changed here.
 * @param {Sample} sample
 */
export async function adopt(sample) {
  const { id, revision, taken_at } = sample
  if (await find(id)) return

  /** @type {Page} */
  const page = { code: sample.pickup_code }
  const rock = { revision, taken_at, page, facts: factsOf(sample), label: sample.lab_label }
  const row = await rowOf({ id, at: Date.now(), bag: null, state: "confirmed" }, rock)

  const work = vault.writing("rocks")
  if (!await work.store.get(id)) work.store.put(row)
  await work.done
}

// --- What sending notes ---

export async function toSend() {
  const rows = await vault.store().getAll("rocks")
  const waiting = rows.filter((row) => TO_SEND.includes(row.state))
  return Promise.all(waiting.sort((a, b) => a.at - b.at).map(opened))
}

/**
 * Notes that these leave now, and as which revision; gives those that nobody has changed since they
 * were read.
 * @param {OpenedRock[]} rocks
 */
export async function markSent(rocks) {
  const work = vault.writing("rocks")
  const leaving = []
  for (const opened of rocks) {
    const current = await work.store.get(opened.id)
    if (!current || current.turn !== opened.turn) continue
    work.store.put({ ...current, left: opened.rock.revision, state: "sent" })
    leaving.push(opened)
  }
  await work.done

  announceChange()
  return leaving
}

/**
 * Notes the service's word about what was sent as this turn. An edit made meanwhile stays to be
 * sent.
 * @param {string} id
 * @param {number | undefined} turn
 * @param {(found: OpenedRock) => Change | Promise<Change>} make
 */
export const settle = (id, turn, make) =>
  change(id, (found) => found.turn === turn ? make(found) : null)

/**
 * Erases confirmed rocks that the service lists no longer: they were taken back elsewhere, and what
 * was told goes here too.
 * @param {Set<string>} listed
 */
export async function eraseUnlisted(listed) {
  for (const { id, state, turn } of await vault.store().getAll("rocks")) {
    if (state === "confirmed" && !listed.has(id)) await settle(id, turn, () => ERASED)
  }
}

/**
 * What is left of a rock that was taken back.
 * @type {Change}
 */
export const ERASED = { plain: { state: "gone" }, rock: { revision: 0, facts: {} } }

/** Seals anew what is not confirmed: the service's public key has changed. */
export async function sealAnew() {
  for (const { id, state } of await vault.store().getAll("rocks")) {
    if (OPEN.includes(state)) await change(id, ({ rock }) => ({ plain: {}, rock }))
  }
}

/** Lets go of what the service has confirmed long enough ago. */
export const tidy = () => forget((row) => Date.now() - row.at > KEPT_MS)
export const forgetConfirmed = () => forget(() => true)

/** @param {(row: RockRow) => boolean} isDue */
async function forget(isDue) {
  const work = vault.writing("rocks")
  for (const row of await work.store.getAll()) {
    if (OVER.includes(row.state) && isDue(row)) work.store.delete(row.id)
  }
  await work.done
}
