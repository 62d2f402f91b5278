// Who uses this page: a tablet that was let in, or somebody who has signed in; for how long, and
// how it ends.

import { NoContact, Refused } from "./api.js"
import { enrolView } from "./enrol.js"
import * as header from "./header.js"
import { fetchKit, OtherSite } from "./kit.js"
import * as queue from "./queue.js"
import * as results from "./results.js"
import * as screen from "./screen.js"
import { pinView } from "./shift.js"
import * as sync from "./sync.js"
import { keepScanner, openNewer } from "./update.js"
import * as vault from "./vault.js"
import { useKit } from "./words.js"

const CODE_LENGTH = 12
const SITE_COOKIE = "caillou-site="

const otherTabs = new BroadcastChannel("caillou-lock")
otherTabs.addEventListener("message", ({ data }) => {
  if (data === "ended") location.reload()
  else endShift()
})

// --- The way in ---

/**
 * By the session of whoever has signed in, else by a code that is typed or scanned.
 * @returns {Promise<void>}
 */
export async function letIn() {
  const code = location.hash.slice(1, 20)
  history.replaceState(null, "", location.pathname)

  if (!code) {
    try {
      await fetchKit()
      await vault.write({ signed_out: false })
      return await enter()
    } catch (error) {
      if (!isNoWayIn(error)) throw error
      const { signed_out } = await vault.read(["signed_out"])
      if (signed_out) return screen.refuse()
    }
  }
  return askCode(code)
}

/** @param {unknown} error */
const isNoWayIn = (error) =>
  error instanceof NoContact || error instanceof Refused || error instanceof OtherSite

/** @param {string} typed */
function askCode(typed) {
  const scanCode = async () => {
    const { scan } = await import("./scan.js")
    const text = await scan(letIn)
    if (text) await askCode(text.slice(text.lastIndexOf("#") + 1).slice(0, CODE_LENGTH))
  }
  return screen.askCode(() => {
    header.draw()
    return enrolView({ typed, scan: scanCode, done: afterEnrolling })
  })
}

async function afterEnrolling() {
  const work = vault.writing("open")
  work.store.delete("ended")
  await work.done

  await fetchKit()
  await keepStored()
  await pinView(enter)
}

/** Asks the browser not to tidy this store away; its refusal is shown in the third room. */
async function keepStored() {
  const persisted = await navigator.storage?.persist?.() ?? false
  await vault.write({ persisted })
}

/** Into the first room, or before the lock. */
export async function enter() {
  header.draw()
  const { signed_out, persisted } = await vault.read(["signed_out", "persisted"])
  const kit = vault.isLocked() ? undefined : await vault.get("kit")
  if (!vault.isLocked() && (!kit || signed_out)) return letIn()

  useKit(kit ?? null)
  sync.begin()
  keepScanner()
  if (persisted === undefined) await keepStored()
  return vault.isLocked() ? screen.lock() : screen.goHome()
}

// --- The shift ---

export async function endShift() {
  if (vault.isLocked()) return
  if (!await vault.lock()) return

  otherTabs.postMessage("lock")
  if (!openNewer()) await enter()
}

// --- The session ---

/**
 * Of which site somebody is signed in who uses this; null on a device that was let in, and when
 * that is over.
 */
export async function siteOfSession() {
  const names = /** @type {const} */ (["site", "token_sha256", "signed_out"])
  const { site, token_sha256, signed_out } = await vault.read([...names])
  return site && !token_sha256 && !signed_out ? site : null
}

/**
 * Ends what the browser says is over: signed out on another page, after its hours, or somebody
 * else's of another site.
 */
export async function endSession() {
  const site = await siteOfSession()
  const cookie = document.cookie.split("; ").find((cookie) => cookie.startsWith(SITE_COOKIE))
  const signedIn = cookie?.slice(SITE_COOKIE.length) ?? ""
  if (site && decodeURIComponent(signedIn) !== site) await signOut()
}

/**
 * The session is over: what is not confirmed stays, unseen, until somebody of this site signs in;
 * the rest goes.
 */
export const signOut = () =>
  screen.sessionEnds(async () => {
    await vault.write({ signed_out: true })
    await forgetConfirmed()
    sync.afterTalking(forgetConfirmed) // an answer may have been on its way
  })

async function forgetConfirmed() {
  await results.forgetAll()
  await queue.forgetConfirmed()
}

/**
 * The service knows nobody by what was shown to it: a tablet asks whether it stands, a session is
 * over.
 * @param {boolean} withToken
 */
export async function handleUnauthorized(withToken) {
  if (withToken) return sync.askWhetherItStands()
  const { site } = await vault.read(["site"])
  if (site) await signOut()
}
