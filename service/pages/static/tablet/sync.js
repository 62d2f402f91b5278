// The conversation with the service: rocks out, then codes, kit, answers and notices in. One tab at
// a time; again after a while, longer each time it fails, and at once when there is reason to hope.
// `navigator.onLine` is not asked: it knows of cables, not of services.

import { askAsAnyone, isAnswered, NoContact } from "./api.js"
import { fetchKit } from "./kit.js"
import * as notices from "./notices.js"
import * as pad from "./pad.js"
import * as queue from "./queue.js"
import * as results from "./results.js"
import { bringCarried, sendRocks } from "./send.js"
import * as vault from "./vault.js"
import { revoke } from "./wipe.js"

const LOCK = "caillou-sync"
const QUIET_S = 30
const FIRST_WAIT_S = 2
const LONGEST_WAIT_S = 60

/**
 * @typedef {object} Standing
 * @property {boolean} busy
 * @property {number} failures one after another
 * @property {boolean | null} contact whether there was an answer, the last time; null before it
 * @property {number | null} last when everything was said and heard
 * @property {unknown} trouble what is in the way though there is a network
 * @property {number} waitSeconds how long the service asks to wait
 */

/** @type {Standing} */
const state = {
  busy: false,
  failures: 0,
  contact: null,
  last: null,
  trouble: null,
  waitSeconds: 0,
}
export const standing = () => ({ ...state })

/** @type {Set<() => void>} */
const listeners = new Set()
const callListeners = () => listeners.forEach((listener) => listener())

/** @param {() => void} act */
export const whenMoved = (act) => listeners.add(act)

let timer = 0
let askedAgain = false

/** Talks to the service now. Asked again meanwhile, it goes once more when it is done. */
async function sync() {
  if (state.busy) {
    askedAgain = true
    return
  }

  state.busy = true
  callListeners()
  try {
    await navigator.locks.request(LOCK, { ifAvailable: true }, (lock) => lock ? talk() : undefined)
    Object.assign(state, { failures: 0, contact: true, trouble: null })
  } catch (error) {
    noteFailure(error)
  } finally {
    state.busy = false
    planNext()
    callListeners()
  }

  if (askedAgain) {
    askedAgain = false
    await sync()
  }
}

/** @param {unknown} error */
function noteFailure(error) {
  const isExpected = error instanceof NoContact || error instanceof vault.Locked
  if (!isExpected) state.trouble = error

  state.failures += 1
  state.contact = !(error instanceof NoContact) || isAnswered(error)
  state.waitSeconds = error instanceof NoContact ? error.waitSeconds : 0
}

function planNext() {
  clearTimeout(timer)
  timer = setTimeout(sync, secondsToWait() * 1000)
}

function secondsToWait() {
  if (state.failures === 0) return QUIET_S

  const grown = Math.min(LONGEST_WAIT_S, FIRST_WAIT_S * 2 ** (state.failures - 1))
  const spread = 0.75 + Math.random() / 2
  return Math.max(grown * spread, state.waitSeconds)
}

let begun = false

/** Begins, and goes on for as long as the page is open; begun already, there is reason to hope. */
export function begin() {
  if (!begun) hopeWhenever()
  begun = true
  hope()
}

function hopeWhenever() {
  const hopeWhenSeen = () => {
    if (!document.hidden) hope()
  }
  addEventListener("online", hopeWhenSeen)
  document.addEventListener("visibilitychange", hopeWhenSeen)
}

/** There is reason to hope: the wait starts from the beginning. */
export function hope() {
  state.failures = 0
  return sync()
}

/**
 * Does this once nothing is said to the service any more, in any tab.
 * @param {() => Promise<void>} act
 */
export const afterTalking = (act) => navigator.locks.request(LOCK, act)

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
      if (error instanceof vault.Locked) throw error
      if (error instanceof NoContact && !isAnswered(error)) throw error
      later ??= error
    }
  }

  await pad.refill()
  await results.sendTold()
  await results.fetchResults()
  await notices.fetchNotices()
  notices.listen(callListeners)
  await queue.tidy()

  if (later) throw later
  state.last = Date.now()
}

/**
 * Asked after a refused token and while locked: only the service's own word about this token's hash
 * ends it.
 */
export async function askWhetherItStands() {
  const { token_sha256 } = await vault.read(["token_sha256"])
  const answer = await askAsAnyone("/v1/tablet/standing", { token_sha256 })
  if (answer.token_sha256 === token_sha256 && answer.stands === false) await revoke()
}
