// Notices of the network, at the top of the first page. The doors are asked for what they may not have yet: without
// them there are none, and nothing breaks.

import { ask, Refused } from "./door.js"
import { h } from "./page.js"
import * as vault from "./vault.js"
import { spoken } from "./words.js"

export async function fetchNotices() {
  try {
    const { notices, marks } = await (await ask("GET", "/v1/notices")).json()
    await vault.put("notices", { notices: Array.isArray(notices) ? notices : [], marks: marks ?? {} })
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    await vault.drop("notices")
  }
}

/** The words of a notice in the worker's language, else in French, else whatever it has. */
function words(notice) {
  for (const part of [notice.text, notice.body, notice.title]) {
    if (typeof part === "string") return part
    if (part && typeof part === "object") return part[spoken()] ?? part.fr ?? Object.values(part)[0]
  }
  return null
}

/** The notices as they were when there last was a network. */
export async function drawn() {
  const { notices, marks } = await vault.get("notices") ?? { notices: [], marks: {} }
  const said = notices.map(words).filter(one => typeof one === "string")
  const mark = marks[spoken()] ?? marks.fr
  return said.map(text => h("section", { class: "notice", role: "note" }, h("p", {}, text),
    mark && h("p", { class: "mark" }, mark)))
}
