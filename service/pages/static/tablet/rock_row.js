// A rock as it lies on this tablet, and how far it has come:
//
// here       kept on this tablet
// sent       on its way, or its answer was lost: sent again until the receipt comes
// confirmed  the service's receipt names this revision
// refused    the service named a field: to be mended here
// conflict   the service holds another version: to be merged here
// back       the person took it back: to be told to the service
// gone       taken back and erased, here and there

/** @import { OpenedRock, PlainRow, Rock, RockRow, RockState } from "./types.d.ts" */

import { seal } from "./seal.js"
import * as vault from "./vault.js"

/**
 * What the service has not confirmed.
 * @type {RockState[]}
 */
export const OPEN = ["here", "sent", "refused", "conflict", "back"]

/**
 * A rock as it is sent.
 * @param {string} id
 * @param {Rock} rock
 */
export const body = (id, rock) => ({
  id,
  revision: rock.revision,
  taken_at: rock.taken_at,
  pickup_code: rock.page?.code,
  ...rock.facts,
})

/** Now, by this tablet's clock, with its offset from UTC. */
export function localNow() {
  const at = new Date()
  const minutes = -at.getTimezoneOffset()
  const local = new Date(at.getTime() + minutes * 60_000).toISOString().slice(0, 19)

  const hours = twoDigits(Math.floor(Math.abs(minutes) / 60))
  const sign = minutes < 0 ? "-" : "+"
  return `${local}${sign}${hours}:${twoDigits(Math.abs(minutes) % 60)}`
}

/** @param {number} number */
const twoDigits = (number) => String(number).padStart(2, "0")

/**
 * A rock as it lies in the store.
 * @param {PlainRow} plain
 * @param {Rock} rock
 * @returns {Promise<RockRow>}
 */
export async function rowOf(plain, rock) {
  const message = plain.state === "back" ? { withdraw: plain.id } : { sample: body(plain.id, rock) }
  return {
    ...plain,
    turn: (plain.turn ?? 0) + 1,
    ...await vault.encrypt(`rocks/${plain.id}`, rock),
    sealed: OPEN.includes(plain.state) ? await seal(message) : null,
  }
}

/**
 * @param {RockRow} row
 * @returns {Promise<OpenedRock>}
 */
export async function opened(row) {
  return { ...row, rock: await vault.decrypt(`rocks/${row.id}`, row) }
}
