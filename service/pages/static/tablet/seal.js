// Sealed for the service alone: service/intake/carried.py says how it opens it.

import { AES, randomBytes, read } from "./vault.js"

/** @param {ArrayBuffer | Uint8Array} bytes */
export function base64(bytes) {
  const text = btoa(String.fromCharCode(...new Uint8Array(bytes)))
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")
}

/** @param {string} text */
function bytesOf(text) {
  const characters = atob(text.replaceAll("-", "+").replaceAll("_", "/"))
  return Uint8Array.from(characters, (character) => character.charCodeAt(0))
}

const CURVE = { name: "ECDH", namedCurve: "P-256" }
const PURPOSE = new TextEncoder().encode("caillou-carried-1")

/** @param {unknown} value */
export async function seal(value) {
  const { public_key } = await read(["public_key"])
  const service = bytesOf(public_key)
  const theirs = await crypto.subtle.importKey("raw", service, CURVE, false, [])

  const pair = await crypto.subtle.generateKey(CURVE, false, ["deriveBits"])
  const ours = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey))
  const agreement = { name: "ECDH", public: theirs }
  const shared = await crypto.subtle.deriveBits(agreement, pair.privateKey, 256)

  const material = await crypto.subtle.importKey("raw", shared, "HKDF", false, ["deriveKey"])
  const salt = new Uint8Array([...ours, ...service])
  const how = { name: "HKDF", hash: "SHA-256", salt, info: PURPOSE }
  const once = await crypto.subtle.deriveKey(how, material, AES, false, ["encrypt"])

  const iv = randomBytes(12)
  const bytes = new TextEncoder().encode(JSON.stringify(value))
  const box = { name: "AES-GCM", iv, additionalData: PURPOSE }
  const data = await crypto.subtle.encrypt(box, once, bytes)
  return base64(new Uint8Array([...ours, ...iv, ...new Uint8Array(data)]))
}
