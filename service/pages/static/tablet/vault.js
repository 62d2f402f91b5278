// The encrypted store. One AES key for everything, itself locked by a key of this device and, once there is one, by
// the PIN; no script can export it. Beside it lies, in the open, only what a locked tablet has to know: which site it
// belongs to, its token's hash, the service's public key.

import { openDB, deleteDB } from "./vendor/idb/index.js"

const NAME = "caillou-tablet"
const ROUNDS = 600_000
const FREE_TRIES = 3
const FIRST_WAIT_S = 5
const LONGEST_WAIT_S = 900
const STRICT = { durability: "strict" }

let db = null
let key = null
let gone = () => {}

/** Nothing can be read until the PIN is given. */
export class Locked extends Error {}

export async function open(onGone) {
  gone = onGone
  db = await openDB(NAME, 1, {
    upgrade(made) {
      for (const name of ["open", "vault"]) made.createObjectStore(name)
      for (const name of ["rocks", "results", "told", "carried"]) made.createObjectStore(name, { keyPath: "id" })
      made.createObjectStore("pad", { keyPath: "place", autoIncrement: true })
    },
    blocking(_now, next) {
      key = null
      db.close()
      if (next === null) gone()   // another tab wipes everything
      else location.reload()      // or brings a newer page
    },
    terminated() { location.reload() },
  })
  const { lock } = await read(["lock"])
  if (!lock) await makeLock()
  else if (!lock.salt) key = await imported(await raw(lock))
}

export const store = () => db

/** A write that is on the disk when it is done. */
export const writing = (...names) => db.transaction(names, "readwrite", STRICT)

// --- What lies open ---

export async function read(names) {
  const found = await Promise.all(names.map(name => db.get("open", name)))
  return Object.fromEntries(names.map((name, place) => [name, found[place]]))
}

export async function write(values) {
  const work = writing("open")
  for (const [name, value] of Object.entries(values)) work.store.put(value, name)
  await work.done
}

// --- Locking ---

const random = bytes => crypto.getRandomValues(new Uint8Array(bytes))
const imported = bytes => crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt", "decrypt"])

async function makeLock() {
  const device = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"])
  const bytes = random(32)
  await write({ lock: { device, ...await under(device, bytes), tries: 0, until: 0 } })
  key = await imported(bytes)
}

async function under(with_, bytes) {
  const iv = random(12)
  return { iv, locked: await crypto.subtle.encrypt({ name: "AES-GCM", iv }, with_, bytes) }
}

async function ofPin(pin, salt) {
  const typed = await crypto.subtle.importKey("raw", new TextEncoder().encode(pin), "PBKDF2", false, ["deriveKey"])
  const how = { name: "PBKDF2", hash: "SHA-256", salt, iterations: ROUNDS }
  return crypto.subtle.deriveKey(how, typed, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"])
}

/** The data key's bytes, for as long as it takes to import or to lock them anew. */
async function raw(lock, pin) {
  const opened = await crypto.subtle.decrypt({ name: "AES-GCM", iv: lock.iv }, lock.device, lock.locked)
  if (!lock.salt) return opened
  const from = new Uint8Array(opened)
  const how = { name: "AES-GCM", iv: from.slice(0, 12) }
  return crypto.subtle.decrypt(how, await ofPin(pin, lock.salt), from.slice(12))
}

export const isLocked = () => key === null
export const hasPin = async () => Boolean((await read(["lock"])).lock?.salt)

/** How many seconds until the next PIN may be tried. */
export async function waitFor() {
  const { lock } = await read(["lock"])
  // A clock that was set back does not make anybody wait longer than the longest wait.
  return Math.min(LONGEST_WAIT_S, Math.max(0, Math.ceil((lock.until - Date.now()) / 1000)))
}

/** Whether the PIN was right. A try is counted before it is made: closing the page saves nobody the wait. */
export async function unlock(pin) {
  if (await waitFor()) return false
  const { lock } = await read(["lock"])
  const tries = lock.tries + 1
  const wait = tries < FREE_TRIES ? 0 : Math.min(LONGEST_WAIT_S, FIRST_WAIT_S * 2 ** (tries - FREE_TRIES))
  await write({ lock: { ...lock, tries, until: Date.now() + wait * 1000 } })
  let bytes
  try {
    bytes = await raw(lock, pin)
  } catch {
    return false
  }
  key = await imported(bytes)
  await write({ lock: { ...lock, tries: 0, until: 0 } })
  return true
}

/** Sets or changes the PIN. Only while unlocked: `current` is the PIN so far, if there is one. */
export async function setPin(pin, current) {
  const { lock } = await read(["lock"])
  const bytes = await raw(lock, current)
  const salt = random(16)
  const inner = await under(await ofPin(pin, salt), bytes)
  const outer = new Uint8Array([...inner.iv, ...new Uint8Array(inner.locked)])
  await write({ lock: { device: lock.device, ...await under(lock.device, outer), salt, tries: 0, until: 0 } })
}

/** Ends the shift; without a PIN there is nothing that could lock. */
export async function lock() {
  if (!await hasPin()) return false
  key = null
  return true
}

// --- Records ---

/** A value as it is stored at a place: moved elsewhere, it cannot be opened. */
export async function encrypted(place, value) {
  if (!key) throw new Locked()
  const iv = random(12)
  const how = { name: "AES-GCM", iv, additionalData: new TextEncoder().encode(place) }
  const bytes = value instanceof Uint8Array ? value : new TextEncoder().encode(JSON.stringify(value))
  return { iv, data: await crypto.subtle.encrypt(how, key, bytes) }
}

export async function decryptedBytes(place, { iv, data }) {
  if (!key) throw new Locked()
  return crypto.subtle.decrypt({ name: "AES-GCM", iv, additionalData: new TextEncoder().encode(place) }, key, data)
}

export const decrypted = async (place, record) =>
  JSON.parse(new TextDecoder().decode(await decryptedBytes(place, record)))

export async function get(name) {
  const record = await db.get("vault", name)
  if (!key) throw new Locked()
  return record && decrypted(`vault/${name}`, record)
}

export async function put(name, value) {
  const record = await encrypted(`vault/${name}`, value)
  const work = writing("vault")
  work.store.put(record, name)
  await work.done
}

export async function drop(name) {
  const work = writing("vault")
  work.store.delete(name)
  await work.done
}

export const names = prefix => db.getAllKeys("vault", IDBKeyRange.bound(prefix, `${prefix}\uffff`))

// --- Sealed for the service alone (service/intake/carried.py says how it opens it) ---

export const base64 = bytes =>
  btoa(String.fromCharCode(...new Uint8Array(bytes))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")
const bytesOf = text => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), one => one.charCodeAt(0))

const CURVE = { name: "ECDH", namedCurve: "P-256" }
const PURPOSE = new TextEncoder().encode("caillou-carried-1")

export async function sealed(value) {
  const { public_key } = await read(["public_key"])
  const service = bytesOf(public_key)
  const theirs = await crypto.subtle.importKey("raw", service, CURVE, false, [])
  const pair = await crypto.subtle.generateKey(CURVE, false, ["deriveBits"])
  const ours = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey))
  const shared = await crypto.subtle.deriveBits({ name: "ECDH", public: theirs }, pair.privateKey, 256)
  const material = await crypto.subtle.importKey("raw", shared, "HKDF", false, ["deriveKey"])
  const how = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array([...ours, ...service]), info: PURPOSE }
  const own = await crypto.subtle.deriveKey(how, material, { name: "AES-GCM", length: 256 }, false, ["encrypt"])
  const iv = random(12)
  const bytes = new TextEncoder().encode(JSON.stringify(value))
  const data = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: PURPOSE }, own, bytes)
  return base64(new Uint8Array([...ours, ...iv, ...new Uint8Array(data)]))
}

// --- The end ---

/** Empties the whole database, then removes it: another tab that does not let go of it keeps nothing by that. */
export async function destroy() {
  key = null
  try {
    const work = writing(...db.objectStoreNames)
    for (const name of db.objectStoreNames) work.objectStore(name).clear()
    await work.done
  } catch { /* closed already: another tab was first */ }
  db.close()
  await deleteDB(NAME)
}
