// What came in for this site's rocks: kept encrypted, read without a network, shown large, read aloud, printed; and
// whom to reach again, corrections first.

import { ask, NoContact, Refused } from "./door.js"
import { button, h, say, show } from "./page.js"
import { columnsOf, lines, remarks, turned } from "./slip.js"
import { playButton } from "./speech.js"
import * as queue from "./queue.js"
import * as vault from "./vault.js"
import { _, directionOf, label, nameOf, readCode, spoken, theKit, written } from "./words.js"

const DAYS = 60
const OVERLAP_MS = 60_000   // README: two processes may commit out of order
const WHOLE_LIST_MS = 3_600_000
const AT_ONCE = 4
const PATIENCE_MS = 3_000   // with a person who waits
const TOLD = ["answered", "corrected"]

let listed = 0   // when the whole list was last seen by this page

// --- What sync.js calls ---

/** Rocks that changed since the last time, their messages and talking points; then whom to reach again. */
export async function fetchResults() {
  const words = theKit().words
  const known = new Map((await vault.store().getAll("results")).map(one => [one.id, one]))
  const whole = Date.now() - listed > WHOLE_LIST_MS || [...known.values()].some(one => one.words !== words)
  const since = await vault.get("results_since")
  const { clock_off = 0 } = await vault.read(["clock_off"])
  const from = whole || !since ? Date.now() + clock_off - DAYS * 86_400_000 : Date.parse(since) - OVERLAP_MS
  const found = await listSince(new Date(from).toISOString())
  const upToDate = ({ id, updated_at }) => known.get(id)?.updated_at === updated_at && known.get(id).words === words
  const changed = found.filter(one => !upToDate(one))
  let later = null
  const fetched = one => fetchOne(one).catch(error => {
    if (!error.answered && !(error instanceof Refused)) throw error
    later ??= error
  })
  for (let place = 0; place < changed.length; place += AT_ONCE)
    await Promise.all(changed.slice(place, place + AT_ONCE).map(fetched))
  if (whole) {
    // What was taken back elsewhere, or is too old, is in no list any more.
    const ids = new Set(found.map(one => one.id))
    await drop([...known.keys()].filter(id => !ids.has(id)))
    await queue.goneElsewhere(ids)
  }
  if (!later) {
    if (whole) listed = Date.now()
    if (found.length) await vault.put("results_since", found.at(-1).updated_at)
  }
  await vault.put("reach_again", (await (await ask("GET", "/v1/reach-again")).json()).people)
  const work = vault.writing("told")
  for (const told of await work.store.getAll()) if (told.said) work.store.delete(told.id)
  await work.done
  if (later) throw later
}

async function listSince(since) {
  const found = []
  let cursor = null
  do {
    const query = new URLSearchParams({ updated_since: since, ...cursor ? { cursor } : {} })
    const page = await (await ask("GET", `/v1/samples?${query}`)).json()
    found.push(...page.samples)
    cursor = page.next
  } while (cursor)
  return found
}

async function fetchOne({ id, updated_at }) {
  try {
    const sample = await (await ask("GET", `/v1/samples/${id}`)).json()
    const wished = [...new Set([...sample.card_languages, "fr", spoken()])]
    const langs = new URLSearchParams(wished.map(one => ["lang", one]))
    const messages = await (await ask("GET", `/v1/samples/${id}/messages?${langs}`)).json()
    const talk = await (await ask("GET", `/v1/samples/${id}/talk?lang=${spoken()}`)).json()
    const before = await one(id)
    const same = before && JSON.stringify(before.messages) === JSON.stringify(messages)
    if (!same) await forgetSounds(id)
    await put({ id, updated_at, words: theKit().words, sample, messages, talk, seen: Boolean(same && before.seen) })
  } catch (error) {
    if (!(error instanceof Refused && error.kind === "not-found")) throw error
    await drop([id])
  }
}

/** Says to the service what people were told, as the list showed it. It hides them until there is a newer list. */
export async function sendTold() {
  for (const { id, changed_at, said } of await vault.store().getAll("told")) {
    if (said) continue
    try {
      await ask("POST", `/v1/samples/${id}/reached?${new URLSearchParams({ changed_at })}`)
    } catch (error) {
      if (!(error instanceof Refused)) throw error
    }
    const work = vault.writing("told")
    if ((await work.store.get(id))?.changed_at === changed_at) work.store.put({ id, changed_at, said: true })
    await work.done
  }
}

/** Nothing of any answer is left here. */
export async function forgetAll() {
  const work = vault.writing("results", "vault")
  work.objectStore("results").clear()
  for (const name of await work.objectStore("vault").getAllKeys())
    if (name.startsWith("sound/") || ["reach_again", "results_since"].includes(name)) work.objectStore("vault").delete(name)
  await work.done
  listed = 0
}

// --- The store ---

async function put({ id, updated_at, words, seen, ...told }) {
  const record = await vault.encrypted(`results/${id}`, told)
  const work = vault.writing("results")
  work.store.put({ id, updated_at, words, seen, ...record })
  await work.done
}

/** Notes that a worker has seen this very answer. */
async function see({ id, updated_at }) {
  const work = vault.writing("results")
  const current = await work.store.get(id)
  if (current?.updated_at === updated_at) work.store.put({ ...current, seen: true })
  await work.done
}

/** Nothing of these rocks' answers is left here. */
export async function drop(ids) {
  const work = vault.writing("results")
  for (const id of ids) work.store.delete(id)
  await work.done
  for (const id of ids) await forgetSounds(id)
}

async function forgetSounds(id) {
  for (const name of await vault.names(`sound/${id}/`)) await vault.drop(name)
}

async function one(id) {
  const found = await vault.store().get("results", id)
  return found && opened(found)
}

const opened = async ({ id, updated_at, words, seen, ...record }) =>
  ({ id, updated_at, words, seen, ...await vault.decrypted(`results/${id}`, record) })

export async function all() {
  const rows = await Promise.all((await vault.store().getAll("results")).map(opened))
  return rows.sort((a, b) => b.updated_at.localeCompare(a.updated_at))
}

/** Whom to reach again: without those who were told the very answer of the list since. */
export async function toReach() {
  const told = new Map((await vault.store().getAll("told")).map(({ id, changed_at }) => [id, changed_at]))
  return (await vault.get("reach_again") ?? []).filter(one => told.get(one.sample_id) !== one.changed_at)
}

// --- The lists ---

/** People to reach again, at the top of everything. */
export async function reachAgain(open, redraw) {
  const people = await toReach()
  if (people.length === 0) return null
  return h("section", { class: "again" },
    h("h2", {}, _("People to reach again")),
    h("p", {}, _("Their answer has changed since they were told. Give them the new card.")),
    h("ul", { class: "list" }, people.map(person => h("li", {},
      h("div", {}, h("code", {}, person.pickup_code),
        person.grave && h("strong", { class: "flag" }, _("a warning came or went")),
        h("span", {}, `${label("state", person.state)} · ${written(person.changed_at)} · ${person.lab_label}`)),
      h("div", { class: "row" },
        button([_("Show"), h("span", { class: "unseen" }, ` ${person.pickup_code}`)], () => open(person.sample_id)),
        button([_("They know now"), h("span", { class: "unseen" }, ` ${person.pickup_code}`)], async () => {
          const work = vault.writing("told")
          work.store.put({ id: person.sample_id, changed_at: person.changed_at })
          await work.done
          await redraw()
        }, { class: "quiet" }))))))
}

/** This site's rocks, what has an answer first. */
export async function list(open) {
  const rocks = await all()
  const rank = rock => TOLD.includes(rock.sample.state) && !rock.seen ? 0 : 1
  rocks.sort((a, b) => rank(a) - rank(b))
  if (rocks.length === 0) return h("p", {}, _("No rock has been taken in here yet."))
  return h("ul", { class: "list" }, rocks.map(rock => h("li", {},
    h("button", { type: "button", class: "plain", onclick: () => open(rock.id) },
      h("code", {}, rock.sample.lab_label), h("code", { class: "quiet" }, rock.sample.pickup_code),
      h("span", { class: rock.sample.state }, label("state", rock.sample.state)),
      rank(rock) === 0 && h("strong", { class: "flag" }, _("new")),
      h("span", {}, written(rock.sample.taken_at))))))
}

/** The rock that a code belongs to, here or in the queue: `{ result }`, `{ rock }`, or nothing. */
export async function byCode(code) {
  const result = (await all()).find(one => readCode(one.sample.pickup_code) === code)
  const rock = (await queue.all()).find(one => one.rock.page && readCode(one.rock.page.code) === code)
  return { result, rock }
}

// --- One result ---

export async function view(id, { back, edit }) {
  let told = await one(id)
  try {
    // The newest there is; where the service does not say it in time, what lies here, until it does.
    const newest = fetchOne({ id, updated_at: told?.updated_at ?? "" })
    newest.then(async () => {
      const now = await one(id)
      if (now && document.querySelector(`[data-result="${id}"]`) && JSON.stringify(now.messages) !== JSON.stringify(told.messages)) {
        await view(id, { back, edit })
        say(_("The answer has changed."))
      }
    }).catch(() => {})
    await (told ? Promise.race([newest, new Promise(give => setTimeout(give, PATIENCE_MS))]) : newest)
    told = await one(id)
  } catch (error) {
    if (!(error instanceof NoContact || error instanceof Refused)) throw error
  }
  if (!told) {
    say(_("There is nothing here about this rock."), { wrong: true })
    return back()
  }
  await see(told)
  const { sample, messages } = told
  const columns = columnsOf(sample.card_languages)
  const again = () => view(id, { back, edit })
  const turnedRound = () => turned(messages.messages, columns, again,
    language => playButton(() => sound(id, language, told.updated_at)), id)
  await show(() => [
    h("header", { class: "no-print", "data-result": id },
      h("h1", {}, h("code", {}, sample.lab_label)),
      h("p", {}, h("code", {}, sample.pickup_code), ` · ${label("state", sample.state)} · ${_("taken in {when}", { when: written(sample.taken_at) })} · ${columns.map(nameOf).join(", ")}`)),
    h("div", { class: "row no-print" },
      button(_("Turn the tablet round"), turnedRound),
      playButton(() => sound(id, columns[0], told.updated_at)),
      button(_("Print the card"), () => printed(id), { class: "quiet" }),
      edit && button(_("Change or take back"), () => edit(sample), { class: "quiet" })),
    h("section", { class: "no-print talk" }, h("h2", {}, _("For you: what to say and ask")), points(told.talk)),
    card(sample, messages, columns),
    h("div", { class: "foot" }, button(_("Back"), back, { class: "quiet" })),
  ])
}

function points(talk) {
  const text = one => one.text[talk.languages[0]] ?? one.text.fr
  return [
    h("ul", {}, talk.points.map(one => h("li", { "data-key": one.key }, text(one)))),
    talk.if_told.length > 0 && h("details", {}, h("summary", {}, _("Only if they speak of it")),
      h("ul", {}, talk.if_told.map(one => h("li", {}, Object.entries(one.text).map(([language, said]) =>
        h("p", { lang: language, dir: directionOf(language) }, said)))))),
    Object.values(talk.marks).map(mark => h("p", { class: "mark" }, mark)),
  ]
}

function card(sample, { messages, marks, interpreter }, columns) {
  const kit = theKit()
  const each = key => columns.map(language => h("p", { lang: language, dir: directionOf(language) }, kit.frames[language][key]))
  return h("article", { class: "slip" },
    h("header", {}, h("div", {}, each("card-title"))),
    h("p", { class: "code" }, sample.pickup_code),
    remarks(interpreter, columns),
    lines(messages, columns),
    h("footer", {}, each("card-read-again"), remarks(marks, columns)))
}

/** Prints the card as the service composes it, with its drawings; without a network, what is on the screen. */
async function printed(id) {
  let composed
  try {
    composed = await (await ask("GET", `/v1/samples/${id}/card`, { accept: "text/html" })).text()
  } catch (error) {
    if (!(error instanceof NoContact)) throw error
    return print()
  }
  const frame = h("iframe", { srcdoc: composed, class: "unseen", title: _("Print the card") })
  const loaded = new Promise(give => frame.addEventListener("load", give, { once: true }))
  document.body.append(frame)
  await loaded
  frame.contentWindow.addEventListener("afterprint", () => frame.remove(), { once: true })
  frame.contentWindow.print()
}

/** The card read aloud, fetched once and then kept; null where it was never fetched and cannot be. */
async function sound(id, language, updated_at) {
  const name = `sound/${id}/${language}/${updated_at}`
  const kept = await vault.store().get("vault", name)
  if (kept) return vault.decryptedBytes(`vault/${name}`, kept)
  try {
    const answer = await ask("GET", `/v1/samples/${id}/card?lang=${language}`, { accept: "audio/ogg" })
    const bytes = new Uint8Array(await answer.arrayBuffer())
    await vault.put(name, bytes)
    return bytes
  } catch (error) {
    if (error instanceof NoContact) return null
    throw error
  }
}

/** What the service says of a code that no rock of this tablet has; null where it says nothing. */
export async function elsewhere(code) {
  const answer = await ask("GET", `/v1/results/${code}?lang=fr&lang=${spoken()}`)
  return answer.json()
}
