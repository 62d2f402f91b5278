// Notices of the network, at the top of the first page: heard as soon as one is published, asked
// for at each talk with the service all the same, and kept for where there is no network.

/** @import { Notices } from "./types.d.ts" */

import { ask } from "./api.js"
import { h } from "./page.js"
import * as vault from "./vault.js"
import { spoken } from "./words.js"

// The service says something every 15 s, if only that it is there.
const SILENT_MS = 40_000
const AN_HOUR_S = 3_600
const DATA = "data: "

export async function fetchNotices() {
  const answer = await ask("GET", "/v1/notices")
  await keep(await answer.json())
}

/** @param {Notices} said */
const keep = ({ notices, marks }) => vault.put("notices", { notices, marks: marks ?? {} })

let listening = false

/**
 * Listens, and calls `heard` after each change. Whatever ends it, the next talk begins it again.
 * @param {() => void} heard
 */
export async function listen(heard) {
  if (listening) return

  listening = true
  let reader = null
  try {
    const how = { accept: "text/event-stream", seconds: AN_HOUR_S }
    const answer = await ask("GET", "/v1/notices/stream", how)
    if (!answer.body) return

    reader = answer.body.pipeThrough(new TextDecoderStream()).getReader()
    await readEvents(reader, heard)
  } catch {
    // No network, locked, or over: the talk says so.
  } finally {
    listening = false
    await reader?.cancel().catch(() => {})
  }
}

/**
 * @param {ReadableStreamDefaultReader<string>} reader
 * @param {() => void} heard
 */
async function readEvents(reader, heard) {
  let rest = ""
  for (;;) {
    const { value, done } = await nextPart(reader)
    if (done) return

    const events = (rest + value).split("\n\n")
    rest = events.pop() ?? ""
    for (const data of events.map(dataOf).filter(Boolean)) {
      await keep(JSON.parse(data))
      heard()
    }
  }
}

/** @param {string} event */
function dataOf(event) {
  const lines = event.split("\n").filter((line) => line.startsWith(DATA))
  return lines.map((line) => line.slice(DATA.length)).join("\n")
}

/**
 * What comes next; fails where nothing comes in time.
 * @param {ReadableStreamDefaultReader<string>} reader
 */
function nextPart(reader) {
  let timer = 0
  /** @type {Promise<never>} */
  const silence = new Promise((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error("silent")), SILENT_MS)
  })
  return Promise.race([reader.read(), silence]).finally(() => clearTimeout(timer))
}

/**
 * The notices as they were when there last was a network, in the worker's language, else in French.
 */
export async function drawn() {
  const { notices, marks } = await vault.get("notices") ?? { notices: [], marks: {} }
  const mark = marks[spoken()] ?? marks.fr
  return notices.map(({ text }) =>
    h(
      "section",
      { class: "notice", role: "note" },
      h("p", {}, text[spoken()] ?? text.fr),
      mark && h("p", { class: "mark" }, mark),
    )
  )
}
