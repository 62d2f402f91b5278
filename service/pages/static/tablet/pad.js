// The pad of pickup codes issued beforehand, each with its square code. One is taken with the rock it is for, in the
// same transaction (queue.js), so that no code is ever given to two people.

import { ask } from "./door.js"
import * as vault from "./vault.js"

const FULL = 100
const REFILL_UNDER = 70
export const LOW = 15

export const left = () => vault.store().count("pad")

/** The next codes, each with its place in the pad. */
export async function next(count) {
  const pages = await vault.store().getAll("pad", null, count)
  return Promise.all(pages.map(async page => ({ place: page.place, ...await vault.decrypted("pad", page) })))
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
  const { codes } = await (await ask("POST", "/v1/tablet/pad", { body: { count: missing } })).json()
  const pages = await Promise.all(codes.map(page => vault.encrypted("pad", page)))
  const work = vault.writing("pad")
  for (const page of pages) work.store.put(page)
  await work.done
}
