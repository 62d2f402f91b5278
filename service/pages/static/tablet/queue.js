// The rocks of this tablet and how far each has come. Nothing leaves the queue before the service's receipt, and what
// is not confirmed lies here twice: encrypted for this tablet, and sealed for the service alone.
//
// here       kept on this tablet
// sent       on its way, or its answer was lost: sent again until the receipt comes
// confirmed  the service's receipt names this revision
// refused    the service named a field: to be mended here
// conflict   the service holds another version: to be merged here
// back       the person took it back: to be told to the service
// gone       taken back and erased, here and there

import * as pad from "./pad.js"
import * as vault from "./vault.js"

export const OPEN = ["here", "sent", "refused", "conflict", "back"]
const TO_SEND = ["here", "sent", "back"]
const KEPT_DAYS = 7
const DAY_MS = 86_400_000

const heard = new BroadcastChannel("caillou-rocks")
const listeners = new Set()
heard.onmessage = () => listeners.forEach(one => one())
export const whenChanged = act => listeners.add(act)
function changed() {
  heard.postMessage("changed")
  listeners.forEach(one => one())
}

export class PadEmpty extends Error {}

/** A rock as it is sent. */
export const body = (id, rock) => ({
  id, revision: rock.revision, taken_at: rock.taken_at, pickup_code: rock.page.code, ...rock.facts,
})

/** Now, by this tablet's clock, with its offset from UTC. */
export function now() {
  const at = new Date()
  const minutes = -at.getTimezoneOffset()
  const local = new Date(at.getTime() + minutes * 60_000).toISOString().slice(0, 19)
  const two = number => String(Math.floor(Math.abs(number))).padStart(2, "0")
  return `${local}${minutes < 0 ? "-" : "+"}${two(minutes / 60)}:${two(Math.abs(minutes) % 60)}`
}

async function row(plain, rock) {
  const left = () => plain.state === "back" ? { withdraw: plain.id } : { sample: body(plain.id, rock) }
  return {
    ...plain,
    turn: (plain.turn ?? 0) + 1,
    ...await vault.encrypted(`rocks/${plain.id}`, rock),
    sealed: OPEN.includes(plain.state) ? await vault.sealed(left()) : null,
  }
}

const opened = async one => ({ ...one, rock: await vault.decrypted(`rocks/${one.id}`, one) })

/** Every rock with what it holds, newest first. */
export async function all() {
  const rows = await Promise.all((await vault.store().getAll("rocks")).map(opened))
  return rows.sort((one, other) => other.at - one.at)
}

export async function one(id) {
  const found = await vault.store().get("rocks", id)
  return found && opened(found)
}

/** How many rocks are in each state; known while locked too. */
export async function counts() {
  const found = Object.fromEntries([...OPEN, "confirmed", "gone"].map(state => [state, 0]))
  for (const { state } of await vault.store().getAll("rocks")) found[state] += 1
  return found
}

/** Keeps a new rock under the id that its draft was given: a second press keeps it once. Raises PadEmpty. */
export async function add(id, facts, draft) {
  for (;;) {
    const [page] = await pad.next(1)
    if (!page) throw new PadEmpty()
    const { bags = 0 } = await vault.read(["bags"])
    const bag = bags % 999 + 1
    const { place, ...ours } = page
    const rock = { revision: 1, facts, page: ours, taken_at: now() }
    const made = await row({ id, at: Date.now(), bag, state: "here" }, rock)
    const work = vault.writing("rocks", "pad", "open", "vault")
    const [there, still, counted] = await Promise.all([
      work.objectStore("rocks").get(id), work.objectStore("pad").get(place), work.objectStore("open").get("bags"),
    ])
    const free = !there && still && (counted ?? 0) === bags
    if (free) {
      work.objectStore("rocks").put(made)
      work.objectStore("pad").delete(place)
      work.objectStore("open").put(bag, "bags")
      if (draft) work.objectStore("vault").delete(draft)
    }
    await work.done
    if (there || free) {
      changed()
      return id
    }
  }
}

/** Changes a rock: `make` gets it opened and gives `{ plain, rock }`, or null to leave it. Tried again if overtaken. */
async function change(id, make) {
  for (;;) {
    const found = await one(id)
    const next = found && await make(found)
    if (!next) return null
    const { iv, data, sealed, rock, ...plain } = { ...found, ...next.plain }
    const made = await row(plain, next.rock ?? rock)
    const work = vault.writing("rocks", "vault")
    const current = await work.objectStore("rocks").get(id)
    const same = current?.turn === found.turn
    if (same) work.objectStore("rocks").put(made)
    // What was begun to be changed of it holds what was told, too.
    if (same && ["back", "gone"].includes(plain.state)) work.objectStore("vault").delete(`draft/${id}`)
    await work.done
    if (same) {
      changed()
      return made
    }
  }
}

/**
 * An edit is a revision more than what the service may hold. One that never left is edited in place: counted on, it
 * would go over what another tablet has sent meanwhile.
 */
export const edit = (id, facts, revision = 0) => change(id, ({ state, left = 0, rock }) => {
  const base = Math.max(revision, rock.revision)
  const unsent = ["here", "refused"].includes(state) && left < base
  return { plain: { state: "here" }, rock: { ...rock, facts, revision: base + (unsent ? 0 : 1), problem: null, held: null } }
})

/** Another code of the pad, where the service would not have the first one. The old slip is void. */
export async function anotherCode(id) {
  const [page] = await pad.next(1)
  if (!page) throw new PadEmpty()
  const { place, ...ours } = page
  const work = vault.writing("pad")
  const still = await work.store.get(place)
  if (still) work.store.delete(place)
  await work.done
  if (!still) return anotherCode(id)
  return change(id, ({ rock }) => ({
    plain: { state: "here" },
    rock: { ...rock, page: ours, revision: rock.revision + 1, problem: null },
  }))
}

/** The person takes it back: what it held is erased here at once, and there as soon as there is a network. */
export const takeBack = id => change(id, () => ({ ...gone, plain: { state: "back" } }))

/** A rock that another tablet took in, to be changed here. */
export async function adopt(held, page) {
  if (await one(held.id)) return
  const { id, revision, taken_at } = held
  const rock = { revision, taken_at, page, facts: factsOf(held), label: held.lab_label }
  const made = await row({ id, at: Date.now(), bag: null, state: "confirmed" }, rock)
  const work = vault.writing("rocks")
  if (!await work.store.get(id)) work.store.put(made)
  await work.done
}

/** What was told of a rock, out of what the service holds of it. */
export function factsOf(held) {
  const ours = ["revision", "taken_at", "pickup_code", "id", "site", "lab_label", "state", "received_at", "updated_at"]
  const none = (name, value) => value === null || (name === "card_languages" && value.length === 0)
  const kept = Object.entries(held).filter(([name, value]) => !ours.includes(name) && !none(name, value))
  return Object.fromEntries(kept.map(([name, value]) => [name,
    value && typeof value === "object" && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== null)) : value]))
}

// --- What sync.js notes ---

export async function toSend() {
  const rows = (await vault.store().getAll("rocks")).filter(found => TO_SEND.includes(found.state))
  return Promise.all(rows.sort((one, other) => one.at - other.at).map(opened))
}

/** Notes that these leave now, and as which revision; gives those that nobody has changed since they were read. */
export async function markSent(rows) {
  const work = vault.writing("rocks")
  const leaving = []
  for (const one of rows) {
    const current = await work.store.get(one.id)
    if (current?.turn !== one.turn) continue
    work.store.put({ ...current, left: one.rock.revision, state: "sent" })
    leaving.push(one)
  }
  await work.done
  changed()
  return leaving
}

/** Notes the service's word about what was sent as this turn. An edit made meanwhile stays to be sent. */
export const settle = (id, turn, make) => change(id, found => found.turn === turn ? make(found) : null)

/** Confirmed rocks that the service lists no longer: they were taken back elsewhere, and what was told goes here too. */
export async function goneElsewhere(listed) {
  for (const { id, state, turn } of await vault.store().getAll("rocks"))
    if (state === "confirmed" && !listed.has(id)) await settle(id, turn, () => gone)
}

/** What is left of a rock that was taken back. */
export const gone = { plain: { state: "gone" }, rock: { revision: 0, facts: {} } }

/** Seals anew what is not confirmed: the service's public key has changed. */
export async function sealAnew() {
  for (const { id, state } of await vault.store().getAll("rocks"))
    if (OPEN.includes(state)) await change(id, ({ rock }) => ({ plain: {}, rock }))
}

/** Lets go of what the service has confirmed long enough ago. */
export const tidy = () => forget(found => Date.now() - found.at > KEPT_DAYS * DAY_MS)
export const forgetConfirmed = () => forget(() => true)

async function forget(which) {
  const work = vault.writing("rocks")
  for (const found of await work.store.getAll())
    if (["confirmed", "gone"].includes(found.state) && which(found)) work.store.delete(found.id)
  await work.done
}
