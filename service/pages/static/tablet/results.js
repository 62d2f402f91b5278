// What came in for this site's rocks, kept encrypted and read without a network; and whom to reach
// again. What of it is shown: result.js, results_room.js.

/** @import { Encrypted, PersonToReach, PlainResult, Result, Sample } from "./types.d.ts" */

import { ask, isAnswered, NoContact, Refused } from "./api.js"
import * as queue from "./queue.js"
import * as vault from "./vault.js"
import { normalizeCode, spoken, theKit } from "./words.js"

const LISTED_MS = 60 * 86_400_000
const OVERLAP_MS = 60_000 // two processes of the service may commit out of order
const WHOLE_LIST_MS = 3_600_000
const AT_ONCE = 4

let wholeListAt = 0 // when the whole list was last seen by this page

// --- What sync.js calls ---

/** Rocks that changed since the last time, what is said of them; then whom to reach again. */
export async function fetchResults() {
  const { words } = theKit()
  const rows = await vault.store().getAll("results")
  const known = new Map(rows.map((row) => [row.id, row]))
  const isWhole = Date.now() - wholeListAt > WHOLE_LIST_MS ||
    rows.some((row) => row.words !== words)

  const samples = await listSince(await startOfList(isWhole))
  const changed = samples.filter(({ id, updated_at }) => {
    const row = known.get(id)
    return row?.updated_at !== updated_at || row.words !== words
  })
  const failure = await fetchEach(changed)

  if (isWhole) await eraseUnlisted(rows, samples)
  if (!failure) {
    if (isWhole) wholeListAt = Date.now()
    const last = samples.at(-1)
    if (last) await vault.put("results_since", last.updated_at)
  }

  await fetchPeople()
  if (failure) throw failure
}

/**
 * From when on the service is asked, by its clock.
 * @param {boolean} isWhole
 */
async function startOfList(isWhole) {
  const since = await vault.get("results_since")
  const { clock_off = 0 } = await vault.read(["clock_off"])
  const start = isWhole || !since
    ? Date.now() + clock_off - LISTED_MS
    : Date.parse(since) - OVERLAP_MS
  return new Date(start).toISOString()
}

/** @param {string} since */
async function listSince(since) {
  /** @type {Sample[]} */
  const samples = []
  /** @type {string | null} */
  let cursor = null
  do {
    const query = new URLSearchParams({ updated_since: since })
    if (cursor) query.set("cursor", cursor)

    const answer = await ask("GET", `/v1/samples?${query}`)
    const page = await answer.json()
    samples.push(...page.samples)
    cursor = page.next
  } while (cursor)
  return samples
}

/**
 * Fetches these, a few at once; gives the first failure of one that holds up no other.
 * @param {Sample[]} samples
 */
async function fetchEach(samples) {
  /** @type {unknown} */
  let failure = null
  const attempt = async (/** @type {Sample} */ sample) => {
    try {
      await fetchOne(sample.id, sample.updated_at)
    } catch (error) {
      if (!isAnswered(error) && !(error instanceof Refused)) throw error
      failure ??= error
    }
  }

  for (let start = 0; start < samples.length; start += AT_ONCE) {
    await Promise.all(samples.slice(start, start + AT_ONCE).map(attempt))
  }
  return failure
}

/**
 * Fetches the newest there is of one rock.
 * @param {string} id
 * @param {string} updated_at
 */
export async function fetchOne(id, updated_at) {
  try {
    const sample = await (await ask("GET", `/v1/samples/${id}`)).json()
    const languages = [...new Set([...sample.card_languages, "fr", spoken()])]
    const query = new URLSearchParams(languages.map((language) => ["lang", language]))
    const messages = await (await ask("GET", `/v1/samples/${id}/messages?${query}`)).json()
    const talk = await (await ask("GET", `/v1/samples/${id}/talk?lang=${spoken()}`)).json()

    const before = await find(id)
    const isSame = before && JSON.stringify(before.messages) === JSON.stringify(messages)
    if (!isSame) await forgetSounds(id)

    const seen = Boolean(isSame && before.seen)
    await put({ id, updated_at, words: theKit().words, sample, messages, talk, seen })
  } catch (error) {
    if (!(error instanceof Refused && error.kind === "not-found")) throw error
    await drop([id])
  }
}

/**
 * Erases what was taken back elsewhere, or is too old: it is in no list any more.
 * @param {PlainResult[]} rows
 * @param {Sample[]} samples
 */
async function eraseUnlisted(rows, samples) {
  const listed = new Set(samples.map(({ id }) => id))
  await drop(rows.map(({ id }) => id).filter((id) => !listed.has(id)))
  await queue.eraseUnlisted(listed)
}

async function fetchPeople() {
  const answer = await ask("GET", "/v1/reach-again")
  await vault.put("reach_again", (await answer.json()).people)

  const work = vault.writing("told")
  for (const row of await work.store.getAll()) {
    if (row.said) work.store.delete(row.id)
  }
  await work.done
}

/**
 * Says to the service what people were told, as the list showed it. It hides them until there is a
 * newer list.
 */
export async function sendTold() {
  for (const { id, changed_at, said } of await vault.store().getAll("told")) {
    if (said) continue

    try {
      await ask("POST", `/v1/samples/${id}/reached?${new URLSearchParams({ changed_at })}`)
    } catch (error) {
      if (!(error instanceof Refused)) throw error
    }

    const work = vault.writing("told")
    const current = await work.store.get(id)
    if (current?.changed_at === changed_at) work.store.put({ id, changed_at, said: true })
    await work.done
  }
}

/** Nothing of any answer is left here. */
export async function forgetAll() {
  const work = vault.writing("results", "vault")
  work.objectStore("results").clear()
  for (const name of await work.objectStore("vault").getAllKeys()) {
    const isOfResults = name.startsWith("sound/") || ["reach_again", "results_since"].includes(name)
    if (isOfResults) work.objectStore("vault").delete(name)
  }
  await work.done
  wholeListAt = 0
}

// --- The store ---

/** @param {Result} result */
async function put({ id, updated_at, words, seen, ...content }) {
  const record = await vault.encrypt(`results/${id}`, content)
  const work = vault.writing("results")
  work.store.put({ id, updated_at, words, seen, ...record })
  await work.done
}

/**
 * Notes that a worker has seen this very answer.
 * @param {Result} result
 */
export async function markSeen({ id, updated_at }) {
  const work = vault.writing("results")
  const current = await work.store.get(id)
  if (current?.updated_at === updated_at) work.store.put({ ...current, seen: true })
  await work.done
}

/**
 * Nothing of these rocks' answers is left here.
 * @param {string[]} ids
 */
export async function drop(ids) {
  const work = vault.writing("results")
  for (const id of ids) work.store.delete(id)
  await work.done
  for (const id of ids) await forgetSounds(id)
}

/** @param {string} id */
async function forgetSounds(id) {
  for (const name of await vault.namesUnder(`sound/${id}/`)) await vault.drop(name)
}

/** @param {string} id */
export async function find(id) {
  const row = await vault.store().get("results", id)
  return row && opened(row)
}

/**
 * @param {PlainResult & Encrypted} row
 * @returns {Promise<Result>}
 */
async function opened({ id, updated_at, words, seen, ...record }) {
  const content = await vault.decrypt(`results/${id}`, record)
  return { id, updated_at, words, seen, ...content }
}

/** Every answer, the newest first. */
export async function all() {
  const results = await Promise.all((await vault.store().getAll("results")).map(opened))
  return results.sort((a, b) => b.updated_at.localeCompare(a.updated_at))
}

/**
 * Whom to reach again: without those who were told the very answer of the list since.
 * @returns {Promise<PersonToReach[]>}
 */
export async function peopleToReach() {
  const rows = await vault.store().getAll("told")
  const told = new Map(rows.map(({ id, changed_at }) => [id, changed_at]))
  const people = await vault.get("reach_again") ?? []
  return people.filter(({ sample_id, changed_at }) => told.get(sample_id) !== changed_at)
}

/**
 * Notes that this person knows the answer of the list now.
 * @param {PersonToReach} person
 */
export async function markTold({ sample_id, changed_at }) {
  const work = vault.writing("told")
  work.store.put({ id: sample_id, changed_at })
  await work.done
}

/**
 * The rock that a code belongs to, here or in the queue.
 * @param {string} code
 */
export async function findByCode(code) {
  const result = (await all()).find(({ sample }) => normalizeCode(sample.pickup_code) === code)
  const found = (await queue.all()).find(({ rock }) => {
    return rock.page && normalizeCode(rock.page.code) === code
  })
  return { result, found }
}

/**
 * The card read aloud, fetched once and then kept; null where it was never fetched and cannot be.
 * @param {string} id
 * @param {string} language
 * @param {string} updated_at
 */
export async function sound(id, language, updated_at) {
  const name = /** @type {const} */ (`sound/${id}/${language}/${updated_at}`)
  const record = await vault.store().get("vault", name)
  if (record) return vault.decryptBytes(`vault/${name}`, record)

  try {
    const path = `/v1/samples/${id}/card?lang=${language}`
    const answer = await ask("GET", path, { accept: "audio/ogg" })
    const bytes = await answer.arrayBuffer()
    await vault.put(name, new Uint8Array(bytes))
    return bytes
  } catch (error) {
    if (error instanceof NoContact) return null
    throw error
  }
}

/**
 * What the service says of a code that no rock of this tablet has.
 * @param {string} code
 */
export async function askAboutCode(code) {
  const answer = await ask("GET", `/v1/results/${code}?lang=fr&lang=${spoken()}`)
  return answer.json()
}
