// The pad of pickup codes issued beforehand, each with its square code. One is taken with the rock
// it is for, in the same transaction (queue.js), so that no code is ever given to two people.

/** @import { Page } from "./types.d.ts" */

import { ask } from "./api.js"
import * as vault from "./vault.js"

const FULL = 100
const REFILL_UNDER = 70
export const LOW = 15

export const left = () => vault.store().count("pad")

/**
 * The next code, and its place in the pad; null where none is left.
 * @returns {Promise<{ place: number, page: Page } | null>}
 */
export async function next() {
  const [row] = await vault.store().getAll("pad", null, 1)
  if (!row) return null
  return { place: Number(row.place), page: await vault.decrypt("pad", row) }
}

export async function empty() {
  const work = vault.writing("pad")
  work.store.clear()
  await work.done
}

/** Fills the pad up where it has been used. */
export async function refill() {
  const missing = FULL - await left()
  if (missing < FULL - REFILL_UNDER) return

  const answer = await ask("POST", "/v1/tablet/pad", { body: { count: missing } })
  /** @type {{ codes: Page[] }} */
  const { codes } = await answer.json()
  const rows = await Promise.all(codes.map((page) => vault.encrypt("pad", page)))

  const work = vault.writing("pad")
  for (const row of rows) work.store.put(row)
  await work.done
}
