// A clock that is a year off: rocks are dated by the service's clock, and what this tablet's said
// is kept beside.

/** @import { Change, Facts, Rock } from "./types.d.ts" */

import * as queue from "./queue.js"
import * as vault from "./vault.js"

const A_DAY_MS = 86_400_000

/**
 * Dates a rock by the service's clock where this tablet's is more than a day off.
 * @param {string} id
 * @param {number | undefined} turn
 */
export async function correctClock(id, turn) {
  const { clock_off = 0 } = await vault.read(["clock_off"])
  if (Math.abs(clock_off) > A_DAY_MS) await queue.settle(id, turn, ({ rock }) => redated(rock))
}

/**
 * The change that dates a rock anew: by how far the clocks are apart. `refused`: the service would
 * not have the date; where the clocks agree by now, the rock is dated by them as they are.
 * @param {Rock} rock
 * @returns {Promise<Change>}
 */
export async function redated(rock, { refused = false } = {}) {
  const { clock_off = 0 } = await vault.read(["clock_off"])
  const said = rock.clock?.said ?? rock.taken_at ?? ""
  const agree = Math.abs(clock_off) < A_DAY_MS
  const right = (refused && agree ? Date.now() : Date.parse(said)) + clock_off
  const days = Math.round((right - Date.parse(said)) / A_DAY_MS)

  return {
    plain: { state: "here" },
    rock: {
      ...rock,
      taken_at: new Date(right).toISOString(),
      facts: withPurchaseMoved(rock.facts, days - (rock.clock?.moved_days ?? 0)),
      clock: { said, moved_days: days, refused },
    },
  }
}

/**
 * The day of purchase was said by the same clock: "today" moves with it.
 * @param {Facts} facts
 * @param {number} days
 */
function withPurchaseMoved(facts, days) {
  const bought = facts.transaction?.bought_on
  if (!bought || days === 0) return facts

  const moved = new Date(Date.parse(bought) + days * A_DAY_MS).toISOString().slice(0, 10)
  return { ...facts, transaction: { ...facts.transaction, bought_on: moved } }
}
