// The conversation with the service: rocks out, then codes, kit, answers and notices in. One tab at a time; again
// after a while, longer each time it fails, and at once when there is reason to hope. `navigator.onLine` is not asked:
// it knows of cables, not of services.

import { ask, askAsAnyone, NoContact, Refused } from "./door.js"
import * as notices from "./notices.js"
import * as pad from "./pad.js"
import * as queue from "./queue.js"
import * as results from "./results.js"
import * as vault from "./vault.js"
import { useKit } from "./words.js"
import { revoked } from "./wipe.js"

const BATCH = 50
const QUIET_S = 30
const FIRST_WAIT_S = 2
const LONGEST_WAIT_S = 60
const A_DAY_MS = 86_400_000
// A retry of the same rock is not made to wait by the one before: only the service or the network may be slow.
const ROUNDS = 20

const state = { busy: false, failures: 0, contact: null, last: null, trouble: null }
const listeners = new Set()
export const whenMoved = act => listeners.add(act)
const moved = () => listeners.forEach(one => one())
export const standing = () => ({ ...state })

let timer = null
let again = false

/** Talks to the service now. Asked again meanwhile, it goes once more when it is done. */
export async function sync() {
  if (state.busy) {
    again = true
    return
  }
  state.busy = true
  moved()
  try {
    await navigator.locks.request("caillou-sync", { ifAvailable: true }, async lock => { if (lock) await talk() })
    Object.assign(state, { failures: 0, contact: true, trouble: null })
  } catch (error) {
    if (!(error instanceof NoContact || error instanceof vault.Locked)) state.trouble = error
    state.failures += 1
    state.contact = !(error instanceof NoContact) || error.answered
    state.wait = error.waitSeconds ?? 0
  } finally {
    state.busy = false
    plan()
    moved()
  }
  if (again) {
    again = false
    await sync()
  }
}

function plan() {
  clearTimeout(timer)
  const grown = Math.min(LONGEST_WAIT_S, FIRST_WAIT_S * 2 ** (state.failures - 1)) * (0.75 + Math.random() / 2)
  const seconds = state.failures ? Math.max(grown, state.wait ?? 0) : QUIET_S
  timer = setTimeout(sync, seconds * 1000)
}

/** Begins, and goes on for as long as the page is open. */
export function begin() {
  for (const [where, what] of [[window, "online"], [document, "visibilitychange"]])
    where.addEventListener(what, () => { if (!document.hidden) hope() })
  hope()
}

/** There is reason to hope: the wait starts from the beginning. */
export function hope() {
  state.failures = 0
  return sync()
}

/** Does this once nothing is said to the service any more, in any tab. */
export const afterTalking = act => navigator.locks.request("caillou-sync", act)

async function talk() {
  const { token_sha256, signed_out } = await vault.read(["token_sha256", "signed_out"])
  if (signed_out) return
  if (vault.isLocked()) {
    if (token_sha256) await askWhetherItStands()
    return
  }
  await fetchKit()
  // What the service cannot do for one rock holds back neither codes nor answers nor warnings.
  let later = null
  for (const send of [sendRocks, bringCarried]) {
    try {
      await send()
    } catch (error) {
      if (error instanceof vault.Locked || error instanceof NoContact && !error.answered) throw error
      later ??= error
    }
  }
  await pad.refill()
  await results.sendTold()
  await results.fetchResults()
  await notices.fetchNotices()
  notices.listen(moved)
  await queue.tidy()
  if (later) throw later
  state.last = Date.now()
}

/** Asked after a refused token and while locked: only the service's own word about this token's hash ends it. */
export async function askWhetherItStands() {
  const { token_sha256 } = await vault.read(["token_sha256"])
  const said = await askAsAnyone("/v1/tablet/standing", { token_sha256 })
  if (said.token_sha256 === token_sha256 && said.stands === false) await revoked()
}

/** The day's kit. A store belongs to one site: with another site's credential nothing is sent or fetched. */
export async function fetchKit() {
  const { kit_tag, site, sealed_for } = await vault.read(["kit_tag", "site", "sealed_for"])
  const answer = await ask("GET", "/v1/tablet/kit", { headers: kit_tag ? { "If-None-Match": kit_tag } : {} })
  if (answer.status === 304) return
  const kit = await answer.json()
  if (!kit.public_key || !kit.site) throw new NoContact()
  if (site && site !== kit.site) throw new OtherSite(site, kit.site)
  await vault.put("kit", kit)
  await vault.write({ site: kit.site, public_key: kit.public_key })
  useKit(kit)
  if (sealed_for && sealed_for !== kit.public_key) {
    await queue.sealAnew()
    await pad.empty()  // its codes were drawn under the key that is gone
  }
  // Last, so that what was cut off in between is done again.
  await vault.write({ sealed_for: kit.public_key, kit_tag: answer.headers.get("etag") })
}

/** The credential is another site's than the rocks that lie here. */
export class OtherSite extends Error {
  constructor(ours, theirs) {
    super("other site")
    Object.assign(this, { ours, theirs })
  }
}

// --- Rocks out ---

async function sendRocks() {
  const failed = new Set()
  let later = null
  const nameOf = ({ id, turn }) => `${id} ${turn}`
  const trying = async (rows, send) => {
    try {
      await send()
    } catch (error) {
      if (!error.answered && !(error instanceof Refused)) throw error
      later ??= error
      rows.forEach(one => failed.add(nameOf(one)))
    }
  }
  for (let round = 0; round < ROUNDS; round += 1) {
    const rows = (await queue.toSend()).filter(one => !failed.has(nameOf(one))).slice(0, BATCH)
    if (rows.length === 0) break
    for (const one of rows) if (one.state !== "back" && !one.rock.clock) await rightTheClock(one)
    const fresh = (await Promise.all(rows.map(({ id }) => queue.one(id)))).filter(Boolean)
    const toTell = fresh.filter(one => one.state !== "back")
    for (const one of fresh.filter(found => found.state === "back")) await trying([one], () => sendBack(one))
    await trying(toTell, async () => {
      try {
        await sendBatch(toTell)
      } catch (error) {
        // Which of them it is that the service cannot do shows one by one.
        if (error.status !== 500 || toTell.length === 1) throw error
        for (const one of toTell) await trying([one], () => sendBatch([one]))
      }
    })
  }
  if (later) throw later
}

async function sendBatch(found) {
  const rows = await queue.markSent(found)
  if (rows.length === 0) return
  const samples = rows.map(({ id, rock }) => queue.body(id, rock))
  const answer = await ask("POST", "/v1/samples/batch", { body: { samples }, seconds: 40 })
  const { receipts } = await answer.json()
  if (!Array.isArray(receipts) || receipts.length !== rows.length) throw new NoContact(0, 200)
  let unsure = false
  for (const [place, receipt] of receipts.entries()) unsure = !await settle(rows[place], receipt) || unsure
  if (unsure) throw new NoContact(0, 200)
}

/** Notes one line of the answer; false where it says nothing certain about this rock. */
async function settle({ id, turn, rock }, receipt) {
  if (receipt.id !== id) return false
  const to = (plain, more = {}) => queue.settle(id, turn, found => ({ plain, rock: { ...found.rock, ...more } }))
  if (receipt.status === 200 || receipt.status === 201) {
    if (receipt.revision !== rock.revision) return false
    await to({ state: "confirmed" }, { label: receipt.lab_label, received_at: receipt.received_at, problem: null, held: null })
    return true
  }
  const kind = String(receipt.type).replace("urn:caillou:problem:", "")
  if (receipt.status === 409 && kind === "withdrawn") {
    await queue.settle(id, turn, () => queue.gone)
    return true
  }
  if (receipt.status === 409 && receipt.held) {
    await to({ state: "conflict" }, { held: receipt.held, problem: { title: receipt.title } })
    return true
  }
  if (receipt.status >= 400 && receipt.status < 500) {
    const early = receipt.errors?.some(one => one.pointer === "/taken_at")
    if (early && !rock.clock?.refused) {
      await queue.settle(id, turn, found => dated(found, found.rock.clock ? Date.now() : null, true))
      return true
    }
    await to({ state: "refused", left: rock.revision - 1 }, { problem: { title: receipt.title, errors: receipt.errors ?? [] } })
    return true
  }
  return false
}

async function sendBack({ id, turn }) {
  try {
    await ask("DELETE", `/v1/samples/${id}`)
  } catch (error) {
    if (!(error instanceof Refused && error.kind === "not-found")) throw error
  }
  await queue.settle(id, turn, ({ rock }) => ({ plain: { state: "gone" }, rock }))
}

// --- A clock that is a year off ---

/** Dates a rock by the service's clock where this tablet's is more than a day off; what it said is kept beside. */
async function rightTheClock({ id, turn }) {
  const { clock_off = 0 } = await vault.read(["clock_off"])
  if (Math.abs(clock_off) > A_DAY_MS) await queue.settle(id, turn, found => dated(found))
}

/** `refused`: the service would not have the date; then it is moved by how far the clocks are apart, or to now. */
async function dated({ rock }, at = null, refused = false) {
  const { clock_off = 0 } = await vault.read(["clock_off"])
  const said = rock.clock?.said ?? rock.taken_at
  const right = refused && Math.abs(clock_off) < A_DAY_MS
    ? new Date((at ?? Date.now()) + clock_off) : new Date(Date.parse(said) + clock_off)
  const days = Math.round((right - Date.parse(said)) / A_DAY_MS)
  return {
    plain: { state: "here" },
    rock: {
      ...rock,
      taken_at: right.toISOString(),
      facts: boughtMoved(rock.facts, rock.clock?.moved_days ?? 0, days),
      clock: { said, moved_days: days, refused },
    },
  }
}

/** The day of purchase was said by the same clock: "today" moves with it. */
function boughtMoved(facts, before, days) {
  const bought = facts.transaction?.bought_on
  if (!bought || before === days) return facts
  const moved = new Date(Date.parse(bought) + (days - before) * A_DAY_MS).toISOString().slice(0, 10)
  return { ...facts, transaction: { ...facts.transaction, bought_on: moved } }
}

// --- What a life before this one left sealed ---

/** A tablet that was let in again brings by itself what it kept sealed when its first way in ended. */
async function bringCarried() {
  const kept = (await vault.store().getAll("carried")).filter(one => !one.refused)
  if (kept.length === 0) return
  const rocks = kept.slice(0, BATCH)
  const answer = await ask("POST", "/v1/samples/carried", {
    body: { caillou: "carried", version: 1, rocks: rocks.map(one => one.sealed) },
  })
  const { receipts } = await answer.json()
  const work = vault.writing("carried")
  receipts.forEach((receipt, place) => {
    const over = receipt.status < 300 || receipt.type === "urn:caillou:problem:withdrawn"
    if (over) work.store.delete(rocks[place].id)
    else if (receipt.status < 500) work.store.put({ ...rocks[place], refused: { title: receipt.title, pointers: (receipt.errors ?? []).map(flaw => flaw.pointer) } })
  })
  await work.done
}
