// The encrypted store. One AES key for everything, itself locked by a key of this device and, once
// there is one, by the PIN; no script can export it. Beside it lies, in the open, only what a
// locked tablet has to know: which site it belongs to, its token's hash, the service's public key.

/** @import { Encrypted, Lock, Rows, Secrets, Settings } from "./types.d.ts" */
/** @import { Database, Work } from "./vendor.d.ts" */

// @ts-types="./vendor.d.ts"
import { deleteDB, openDB } from "./vendor/idb/index.js"

const NAME = "caillou-tablet"
const ROUNDS = 600_000
const FREE_TRIES = 3
const FIRST_WAIT_S = 5
const LONGEST_WAIT_S = 900
/** @type {IDBTransactionOptions} */
const STRICT = { durability: "strict" }
export const AES = { name: "AES-GCM", length: 256 }
/** @type {KeyUsage[]} */
const BOTH_WAYS = ["encrypt", "decrypt"]

/** @type {Database} */
let database
/** @type {CryptoKey | null} */
let key = null

/** Nothing can be read until the PIN is given. */
export class Locked extends Error {}

/** @param {() => unknown} onWiped called where another tab wipes everything */
export async function open(onWiped) {
  database = await openDB(NAME, 1, {
    upgrade(fresh) {
      fresh.createObjectStore("open")
      fresh.createObjectStore("vault")
      fresh.createObjectStore("rocks", { keyPath: "id" })
      fresh.createObjectStore("results", { keyPath: "id" })
      fresh.createObjectStore("told", { keyPath: "id" })
      fresh.createObjectStore("carried", { keyPath: "id" })
      fresh.createObjectStore("pad", { keyPath: "place", autoIncrement: true })
    },
    blocking(_version, next) {
      key = null
      database.close()
      if (next === null) onWiped()
      else location.reload() // another tab brings a newer page
    },
    terminated() {
      location.reload()
    },
  })

  const { lock } = await read(["lock"])
  if (!lock) await makeLock()
  else if (!lock.salt) key = await importKey(await unwrapKey(lock))
}

export const store = () => database

/**
 * A write that is on the disk when it is done.
 * @template {keyof Rows} N
 * @param {...N} names
 * @returns {Work<N>}
 */
export const writing = (...names) => database.transaction(names, "readwrite", STRICT)

// --- What lies open ---

/**
 * @template {keyof Settings} N
 * @param {N[]} names
 * @returns {Promise<Pick<Settings, N>>}
 */
export async function read(names) {
  const values = await Promise.all(names.map((name) => database.get("open", name)))
  const entries = names.map((name, index) => [name, values[index]])
  return Object.fromEntries(entries)
}

/** @param {Partial<Settings>} values */
export async function write(values) {
  const work = writing("open")
  for (const [name, value] of Object.entries(values)) work.store.put(value, name)
  await work.done
}

// --- Locking ---

/** @param {number} length */
export const randomBytes = (length) => crypto.getRandomValues(new Uint8Array(length))

/** @param {BufferSource} bytes */
const importKey = (bytes) => crypto.subtle.importKey("raw", bytes, "AES-GCM", false, BOTH_WAYS)

async function makeLock() {
  const device = await crypto.subtle.generateKey(AES, false, BOTH_WAYS)
  const bytes = randomBytes(32)
  await write({ lock: { device, ...await wrapKey(device, bytes), tries: 0, until: 0 } })
  key = await importKey(bytes)
}

/**
 * @param {CryptoKey} outer
 * @param {BufferSource} bytes
 */
async function wrapKey(outer, bytes) {
  const iv = randomBytes(12)
  return { iv, locked: await crypto.subtle.encrypt({ name: "AES-GCM", iv }, outer, bytes) }
}

/**
 * @param {string} pin
 * @param {BufferSource} salt
 */
async function deriveKey(pin, salt) {
  const typed = new TextEncoder().encode(pin)
  const material = await crypto.subtle.importKey("raw", typed, "PBKDF2", false, ["deriveKey"])
  const how = { name: "PBKDF2", hash: "SHA-256", salt, iterations: ROUNDS }
  return crypto.subtle.deriveKey(how, material, AES, false, BOTH_WAYS)
}

/**
 * The data key's bytes, for as long as it takes to import or to lock them anew.
 * @param {Lock} lock
 */
async function unwrapKey(lock, pin = "") {
  const how = { name: "AES-GCM", iv: lock.iv }
  const outer = await crypto.subtle.decrypt(how, lock.device, lock.locked)
  if (!lock.salt) return outer

  const bytes = new Uint8Array(outer)
  const inner = { name: "AES-GCM", iv: bytes.slice(0, 12) }
  return crypto.subtle.decrypt(inner, await deriveKey(pin, lock.salt), bytes.slice(12))
}

export const isLocked = () => key === null
export const hasPin = async () => Boolean((await read(["lock"])).lock?.salt)

/** How many seconds until the next PIN may be tried. */
export async function secondsToWait() {
  const { lock } = await read(["lock"])
  const seconds = Math.ceil((lock.until - Date.now()) / 1000)
  // A clock that was set back does not make anybody wait longer than the longest wait.
  return Math.min(LONGEST_WAIT_S, Math.max(0, seconds))
}

/** @param {number} tries */
function waitAfter(tries) {
  if (tries < FREE_TRIES) return 0
  return Math.min(LONGEST_WAIT_S, FIRST_WAIT_S * 2 ** (tries - FREE_TRIES))
}

/**
 * Whether the PIN was right. A try is counted before it is made: closing the page saves nobody the
 * wait.
 * @param {string} pin
 */
export async function unlock(pin) {
  if (await secondsToWait()) return false

  const { lock } = await read(["lock"])
  const tries = lock.tries + 1
  await write({ lock: { ...lock, tries, until: Date.now() + waitAfter(tries) * 1000 } })

  let bytes
  try {
    bytes = await unwrapKey(lock, pin)
  } catch {
    return false
  }

  key = await importKey(bytes)
  await write({ lock: { ...lock, tries: 0, until: 0 } })
  return true
}

/**
 * Sets or changes the PIN. Only while unlocked.
 * @param {string} pin
 * @param {string} [current] the PIN so far, if there is one
 */
export async function setPin(pin, current) {
  const { lock } = await read(["lock"])
  const bytes = await unwrapKey(lock, current)

  const salt = randomBytes(16)
  const inner = await wrapKey(await deriveKey(pin, salt), bytes)
  const both = new Uint8Array([...inner.iv, ...new Uint8Array(inner.locked)])
  const outer = await wrapKey(lock.device, both)

  await write({ lock: { device: lock.device, ...outer, salt, tries: 0, until: 0 } })
}

/** Ends the shift; without a PIN there is nothing that could lock. */
export async function lock() {
  if (!await hasPin()) return false
  key = null
  return true
}

// --- Records ---

/**
 * A value as it is stored at a place: moved elsewhere, it cannot be opened.
 * @param {string} place
 * @param {unknown} value
 * @returns {Promise<Encrypted>}
 */
export async function encrypt(place, value) {
  if (!key) throw new Locked()

  const iv = randomBytes(12)
  const how = { name: "AES-GCM", iv, additionalData: new TextEncoder().encode(place) }
  const bytes = value instanceof Uint8Array
    ? new Uint8Array(value)
    : new TextEncoder().encode(JSON.stringify(value))
  return { iv, data: await crypto.subtle.encrypt(how, key, bytes) }
}

/**
 * @param {string} place
 * @param {Encrypted} record
 */
export async function decryptBytes(place, { iv, data }) {
  if (!key) throw new Locked()

  const how = { name: "AES-GCM", iv, additionalData: new TextEncoder().encode(place) }
  return await crypto.subtle.decrypt(how, key, data)
}

/**
 * @param {string} place
 * @param {Encrypted} record
 */
export const decrypt = async (place, record) =>
  JSON.parse(new TextDecoder().decode(await decryptBytes(place, record)))

/**
 * @template {keyof Secrets} N
 * @param {N} name
 * @returns {Promise<Secrets[N] | undefined>}
 */
export async function get(name) {
  const record = await database.get("vault", name)
  if (!key) throw new Locked()
  return record && await decrypt(`vault/${name}`, record)
}

/**
 * @template {keyof Secrets} N
 * @param {N} name
 * @param {Secrets[N]} value
 */
export async function put(name, value) {
  const record = await encrypt(`vault/${name}`, value)
  const work = writing("vault")
  work.store.put(record, name)
  await work.done
}

/** @param {keyof Secrets} name */
export async function drop(name) {
  const work = writing("vault")
  work.store.delete(name)
  await work.done
}

/**
 * The names that begin so.
 * @template {"draft/" | `sound/${string}/`} P
 * @param {P} prefix
 * @returns {Promise<`${P}${string}`[]>}
 */
export async function namesUnder(prefix) {
  const names = await database.getAllKeys("vault", IDBKeyRange.bound(prefix, `${prefix}\uffff`))
  return /** @type {`${P}${string}`[]} */ (names)
}

// --- The end ---

/**
 * Empties the whole database, then removes it: another tab that does not let go of it keeps nothing
 * by that.
 */
export async function destroy() {
  key = null
  try {
    const work = writing(...database.objectStoreNames)
    for (const name of database.objectStoreNames) work.objectStore(name).clear()
    await work.done
  } catch { /* closed already: another tab was first */ }
  database.close()
  await deleteDB(NAME)
}
