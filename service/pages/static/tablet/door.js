// How the tablet speaks to the service, and what it takes for an answer of it.

import * as vault from "./vault.js"
import { spoken } from "./words.js"

const PATIENCE_S = 20

/** No answer of the service: no network, a proxy's page, a server that is down or asks to wait. */
export class NoContact extends Error {
  constructor(waitSeconds = 0, status = null) {
    super("no contact")
    this.waitSeconds = waitSeconds
    this.status = status
  }
  /** Somebody is there, who could not do this one thing. */
  get answered() { return this.status !== null }
}

/** The service says no, with a problem (RFC 9457). */
export class Refused extends Error {
  constructor(problem) {
    super(problem.type)
    this.problem = problem
  }
  get kind() { return this.problem.type.replace("urn:caillou:problem:", "") }
}

let ended = async () => {}
export const whenEnded = act => { ended = act }

/** Asks with this tablet's token, or with the session of whoever signed in. Gives the Response, 304 too. */
export async function ask(method, path, { body, accept = "application/json", headers = {}, seconds } = {}) {
  const token = await vault.get("token")
  const bearer = token ? { Authorization: `Bearer ${token}` } : {}
  const answer = await knock(method, path, { body, accept, headers: { ...bearer, ...headers }, seconds, token })
  if (answer.ok || answer.status === 304) return answer
  const problem = await problemOf(answer)
  if (answer.status === 401) await ended(Boolean(token))
  if (answer.status >= 500 || answer.status === 429) throw new NoContact(Number(answer.headers.get("retry-after")) || 0, answer.status)
  throw new Refused(problem)
}

/** Asks as anyone may, without showing who asks. */
export async function askAsAnyone(path, body) {
  const answer = await knock("POST", path, { body, accept: "application/json", headers: {}, token: true })
  if (answer.ok) return answer.json()
  const problem = await problemOf(answer)
  if (answer.status >= 500) throw new NoContact()
  throw new Refused(problem)
}

async function knock(method, path, { body, accept, headers, seconds = PATIENCE_S, token }) {
  let answer
  try {
    answer = await fetch(path, {
      method,
      headers: { Accept: `${accept}, application/problem+json;q=0.9`, "Accept-Language": spoken(),
        ...body === undefined ? {} : { "Content-Type": "application/json" }, ...headers },
      body: body === undefined ? undefined : JSON.stringify(body, whole),
      credentials: token ? "omit" : "same-origin",
      cache: "no-store",
      redirect: "error",
      signal: AbortSignal.timeout(seconds * 1000),
    })
  } catch {
    throw new NoContact()
  }
  const medium = answer.headers.get("content-type")?.split(";")[0] ?? ""
  const fits = answer.ok && (answer.status === 204 || accept.split(",").some(one => one.trim() === medium))
  if (!fits && answer.status !== 304 && medium !== "application/problem+json") throw new NoContact()
  await noteClock(answer)
  return answer
}

/** A letter that was cut in two (half an emoji) is no JSON: it is left out. */
const whole = (_, value) => typeof value === "string" ? value.replace(/\p{Surrogate}/gu, "") : value

async function problemOf(answer) {
  try {
    const problem = await answer.json()
    if (typeof problem.type === "string") return problem
  } catch { /* a proxy's */ }
  throw new NoContact()
}

/** How far this tablet's clock is from the service's, in ms; kept for rocks that were dated by a wrong one. */
async function noteClock(answer) {
  const theirs = Date.parse(answer.headers.get("date"))
  if (Number.isNaN(theirs)) return
  const { clock_off } = await vault.read(["clock_off"])
  const now = theirs - Date.now()
  if (Math.abs(now - (clock_off ?? 0)) > 5_000) await vault.write({ clock_off: now })
}
