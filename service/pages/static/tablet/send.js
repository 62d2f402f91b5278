// Rocks out: in batches, taken back one by one, and what the service says of each noted in the
// queue.

/** @import { OpenedRock, PlainRow, Receipt, Rock } from "./types.d.ts" */

import { ask, isAnswered, kindOf, NoContact, Refused } from "./api.js"
import { correctClock, redated } from "./clock.js"
import * as queue from "./queue.js"
import { body } from "./rock_row.js"
import * as vault from "./vault.js"

const BATCH = 50
const BATCH_PATIENCE_S = 40
// A retry of the same rock is not made to wait by the one before: only the service or the network
// may be slow.
const ROUNDS = 20

/** Sends every rock that waits; raises the first failure once all of them were tried. */
export async function sendRocks() {
  /** @type {Set<string>} */
  const failed = new Set()
  /** @type {unknown} */
  let later = null

  /** @param {{ id: string, turn?: number }} rock */
  const nameOf = ({ id, turn }) => `${id} ${turn}`

  /**
   * @param {OpenedRock[]} rocks
   * @param {() => Promise<void>} send
   */
  const attempt = async (rocks, send) => {
    try {
      await send()
    } catch (error) {
      if (!isAnswered(error) && !(error instanceof Refused)) throw error
      later ??= error
      for (const rock of rocks) failed.add(nameOf(rock))
    }
  }

  for (let round = 0; round < ROUNDS; round += 1) {
    const waiting = (await queue.toSend()).filter((rock) => !failed.has(nameOf(rock)))
    const rocks = waiting.slice(0, BATCH)
    if (rocks.length === 0) break

    for (const { id, turn, state, rock } of rocks) {
      if (state !== "back" && !rock.clock) await correctClock(id, turn)
    }
    const found = await Promise.all(rocks.map(({ id }) => queue.find(id)))
    const fresh = found.filter((rock) => rock !== undefined)

    for (const rock of fresh.filter(({ state }) => state === "back")) {
      await attempt([rock], () => sendBack(rock))
    }

    const kept = fresh.filter(({ state }) => state !== "back")
    await attempt(kept, async () => {
      try {
        await sendBatch(kept)
      } catch (error) {
        // Which of them it is that the service cannot do shows one by one.
        const isBroken = error instanceof NoContact && error.status === 500
        if (!isBroken || kept.length === 1) throw error
        for (const rock of kept) await attempt([rock], () => sendBatch([rock]))
      }
    })
  }

  if (later) throw later
}

/** @param {OpenedRock[]} rocks */
async function sendBatch(rocks) {
  const leaving = await queue.markSent(rocks)
  if (leaving.length === 0) return

  const samples = leaving.map(({ id, rock }) => body(id, rock))
  const receipts = await receiptsOf("/v1/samples/batch", { samples }, BATCH_PATIENCE_S)
  if (!Array.isArray(receipts) || receipts.length !== leaving.length) throw new NoContact(0, 200)

  let unsure = false
  for (const [index, receipt] of receipts.entries()) {
    if (!await settle(leaving[index], receipt)) unsure = true
  }
  if (unsure) throw new NoContact(0, 200)
}

/**
 * @param {string} path
 * @param {unknown} body
 * @param {number} [seconds]
 * @returns {Promise<Receipt[]>}
 */
async function receiptsOf(path, body, seconds) {
  const answer = await ask("POST", path, { body, seconds })
  return (await answer.json()).receipts
}

/**
 * Notes one line of the answer; false where it says nothing certain about this rock.
 * @param {OpenedRock} sent
 * @param {Receipt} receipt
 */
async function settle({ id, turn, rock }, receipt) {
  if (receipt.id !== id) return false

  /**
   * @param {Partial<PlainRow>} plain
   * @param {Partial<Rock>} more
   */
  const note = (plain, more) =>
    queue.settle(id, turn, (found) => ({ plain, rock: { ...found.rock, ...more } }))
  const { status, title = "", errors = [], held } = receipt

  if (status === 200 || status === 201) {
    if (receipt.revision !== rock.revision) return false
    const { lab_label: label, received_at } = receipt
    await note({ state: "confirmed" }, { label, received_at, problem: null, held: null })
    return true
  }

  if (status === 409 && kindOf(receipt.type) === "withdrawn") {
    await queue.settle(id, turn, () => queue.ERASED)
    return true
  }
  if (status === 409 && held) {
    await note({ state: "conflict" }, { held, problem: { title } })
    return true
  }
  if (status < 400 || status >= 500) return false

  const isMisdated = errors.some(({ pointer }) => pointer === "/taken_at")
  if (isMisdated && !rock.clock?.refused) {
    await queue.settle(id, turn, (found) => redated(found.rock, { refused: true }))
    return true
  }
  await note({ state: "refused", left: rock.revision - 1 }, { problem: { title, errors } })
  return true
}

/** @param {OpenedRock} rock */
async function sendBack({ id, turn }) {
  try {
    await ask("DELETE", `/v1/samples/${id}`)
  } catch (error) {
    if (!(error instanceof Refused && error.kind === "not-found")) throw error
  }
  await queue.settle(id, turn, ({ rock }) => ({ plain: { state: "gone" }, rock }))
}

// --- What a life before this one left sealed ---

/**
 * A tablet that was let in again brings by itself what it kept sealed when its first way in ended.
 */
export async function bringCarried() {
  const waiting = (await vault.store().getAll("carried")).filter((row) => !row.refused)
  if (waiting.length === 0) return

  const rows = waiting.slice(0, BATCH)
  const rocks = rows.map(({ sealed }) => sealed)
  const receipts = await receiptsOf("/v1/samples/carried", {
    caillou: "carried",
    version: 1,
    rocks,
  })

  const work = vault.writing("carried")
  for (const [index, { status, type, title = "", errors = [] }] of receipts.entries()) {
    const row = rows[index]
    if (status < 300 || kindOf(type) === "withdrawn") work.store.delete(row.id)
    else if (status < 500) {
      const pointers = errors.map(({ pointer }) => pointer)
      work.store.put({ ...row, refused: { title, pointers } })
    }
  }
  await work.done
}
