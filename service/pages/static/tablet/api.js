// How the tablet speaks to the service, and what it takes for an answer of it.

/** @import { Problem } from "./types.d.ts" */

import * as vault from "./vault.js"
import { spoken } from "./words.js"

const PATIENCE_S = 20
const JSON_ONLY = "application/json"
const PROBLEM = "application/problem+json"
const PROBLEM_TYPE = "urn:caillou:problem:"

/** No answer of the service: no network, a proxy's page, a server that is down or asks to wait. */
export class NoContact extends Error {
  /** @param {number | null} status */
  constructor(waitSeconds = 0, status = null) {
    super("no contact")
    this.waitSeconds = waitSeconds
    this.status = status
  }
}

/** The service says no, with a problem (RFC 9457). */
export class Refused extends Error {
  /** @param {Problem} problem */
  constructor(problem) {
    super(problem.type)
    this.problem = problem
  }
  get kind() {
    return kindOf(this.problem.type)
  }
}

/** @param {string | undefined} type */
export const kindOf = (type) => String(type).replace(PROBLEM_TYPE, "")

/**
 * Whether somebody is there, who could not do this one thing.
 * @param {unknown} error
 */
export const isAnswered = (error) => error instanceof NoContact && error.status !== null

/** @type {(withToken: boolean) => Promise<void>} */
let onUnauthorized = async () => {}

/** @param {(withToken: boolean) => Promise<void>} act */
export function whenUnauthorized(act) {
  onUnauthorized = act
}

/**
 * @typedef {object} Asked
 * @property {unknown} [body]
 * @property {string} [accept]
 * @property {Record<string, string>} [headers]
 * @property {number} [seconds]
 */

/**
 * Asks with this tablet's token, or with the session of whoever signed in. Gives the Response, 304
 * too.
 * @param {string} method
 * @param {string} path
 * @param {Asked} asked
 */
export async function ask(method, path, { headers = {}, ...asked } = {}) {
  const token = await vault.get("token")
  /** @type {Record<string, string>} */
  const bearer = token ? { Authorization: `Bearer ${token}` } : {}
  const all = { ...bearer, ...headers }

  const answer = await request(method, path, { ...asked, headers: all }, token ? "omit" : undefined)
  if (answer.ok || answer.status === 304) return answer

  const problem = await problemOf(answer)
  if (answer.status === 401) await onUnauthorized(Boolean(token))
  if (answer.status >= 500 || answer.status === 429) {
    throw new NoContact(Number(answer.headers.get("retry-after")) || 0, answer.status)
  }
  throw new Refused(problem)
}

/**
 * Asks as anyone may, without showing who asks.
 * @param {string} path
 * @param {unknown} body
 */
export async function askAsAnyone(path, body) {
  const answer = await request("POST", path, { body }, "omit")
  if (answer.ok) return answer.json()

  const problem = await problemOf(answer)
  if (answer.status >= 500) throw new NoContact()
  throw new Refused(problem)
}

/**
 * @param {string} method
 * @param {string} path
 * @param {Asked} asked
 * @param {RequestCredentials} credentials
 */
async function request(method, path, asked, credentials = "same-origin") {
  const { body, accept = JSON_ONLY, headers, seconds = PATIENCE_S } = asked
  /** @type {Record<string, string>} */
  const medium = body === undefined ? {} : { "Content-Type": JSON_ONLY }

  let answer
  try {
    answer = await fetch(path, {
      method,
      headers: {
        Accept: `${accept}, ${PROBLEM};q=0.9`,
        "Accept-Language": spoken(),
        ...medium,
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body, withoutHalfLetters),
      credentials,
      cache: "no-store",
      redirect: "error",
      signal: AbortSignal.timeout(seconds * 1000),
    })
  } catch {
    throw new NoContact()
  }

  if (!isOurs(answer, accept)) throw new NoContact()
  await noteClock(answer)
  return answer
}

/**
 * Whether an answer can be the service's: of the medium that was asked for, or a problem.
 * @param {Response} answer
 * @param {string} accept
 */
function isOurs(answer, accept) {
  const medium = answer.headers.get("content-type")?.split(";")[0] ?? ""
  if (answer.status === 304 || medium === PROBLEM) return true
  return answer.ok && (answer.status === 204 || medium === accept)
}

/**
 * A letter that was cut in two (half an emoji) is no JSON: it is left out.
 * @param {string} _name
 * @param {unknown} value
 */
const withoutHalfLetters = (_name, value) =>
  typeof value === "string" ? value.replace(/\p{Surrogate}/gu, "") : value

/**
 * @param {Response} answer
 * @returns {Promise<Problem>}
 */
async function problemOf(answer) {
  try {
    const problem = await answer.json()
    if (typeof problem.type === "string") return problem
  } catch { /* a proxy's */ }
  throw new NoContact()
}

/**
 * How far this tablet's clock is from the service's, in ms; kept for rocks that were dated by a
 * wrong one.
 * @param {Response} answer
 */
async function noteClock(answer) {
  const theirs = Date.parse(answer.headers.get("date") ?? "")
  if (Number.isNaN(theirs)) return

  const { clock_off = 0 } = await vault.read(["clock_off"])
  const off = theirs - Date.now()
  if (Math.abs(off - clock_off) > 5_000) await vault.write({ clock_off: off })
}
