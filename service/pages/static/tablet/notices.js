// Notices of the network, at the top of the first page: heard as soon as one is published, asked for at each talk
// with the service all the same, and kept for where there is no network.

import { ask } from "./door.js"
import { h } from "./page.js"
import * as vault from "./vault.js"
import { spoken } from "./words.js"

// The service says something every 15 s, if only that it is there.
const SILENT_MS = 40_000
const AN_HOUR_S = 3_600

export async function fetchNotices() {
  await keep(await (await ask("GET", "/v1/notices")).json())
}

const keep = ({ notices, marks }) => vault.put("notices", { notices, marks: marks ?? {} })

let listening = false

/** Listens, and calls `heard` after each change. Whatever ends it, the next talk begins it again. */
export async function listen(heard) {
  if (listening) return
  listening = true
  let reader = null
  try {
    const answer = await ask("GET", "/v1/notices/stream", { accept: "text/event-stream", seconds: AN_HOUR_S })
    reader = answer.body.pipeThrough(new TextDecoderStream()).getReader()
    for (let rest = "", part = await next(reader); !part.done; part = await next(reader)) {
      const events = (rest + part.value).split("\n\n")
      rest = events.pop()
      for (const event of events) {
        const data = event.split("\n").filter(line => line.startsWith("data: ")).map(line => line.slice(6))
        if (data.length === 0) continue
        await keep(JSON.parse(data.join("\n")))
        heard()
      }
    }
  } catch {
    // No network, locked, or over: the talk says so.
  } finally {
    listening = false
    await reader?.cancel().catch(() => {})
  }
}

function next(reader) {
  let timer
  const silent = new Promise((_, give) => { timer = setTimeout(() => give(new Error("silent")), SILENT_MS) })
  return Promise.race([reader.read(), silent]).finally(() => clearTimeout(timer))
}

/** The notices as they were when there last was a network, in the worker's language, else in French. */
export async function drawn() {
  const { notices, marks } = await vault.get("notices") ?? { notices: [], marks: {} }
  const mark = marks[spoken()] ?? marks.fr
  return notices.map(({ text }) => h("section", { class: "notice", role: "note" },
    h("p", {}, text[spoken()] ?? text.fr), mark && h("p", { class: "mark" }, mark)))
}
