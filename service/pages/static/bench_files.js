// A file is sent twice: to be judged, then to be kept. The service answers a line of JSON for each
// step it takes.

/**
 * @typedef {object} RowFlaw
 * @property {string} row
 * @property {string} label
 * @property {string} cell
 * @property {string} value
 * @property {string} detail
 *
 * @typedef {object} Report the last line of an answer
 * @property {boolean} dry_run
 * @property {number} rows_read
 * @property {string[]} accepted
 * @property {string[]} held
 * @property {string[]} unknown_names
 * @property {RowFlaw[]} rows
 * @property {RowFlaw[]} questions what may be a slip and holds nothing back
 *
 * @typedef {object} Step a line before it
 * @property {number} samples
 * @property {number} done
 */

const form = /** @type {HTMLFormElement} */ (document.getElementById("file"))
const reportBox = /** @type {HTMLElement} */ (document.getElementById("report"))
const progress = /** @type {HTMLProgressElement} */ (form.querySelector("progress"))

/** @param {string} name */
const part = (name) => /** @type {HTMLElement} */ (reportBox.querySelector(`[data-part="${name}"]`))
const keepButton = /** @type {HTMLButtonElement} */ (part("keep"))

let judged = new FormData()

form.addEventListener("submit", (event) => {
  event.preventDefault()
  judged = new FormData(form)
  send(judged, true)
})
// What was judged is what is kept: another file, or another way of reading it, is judged anew.
keepButton.addEventListener("click", () => send(judged, false))
form.addEventListener("input", () => {
  reportBox.hidden = true
})

/**
 * @param {FormData} fields
 * @param {boolean} isDry
 */
async function send(fields, isDry) {
  const query = new URLSearchParams({ dry_run: String(isDry) })
  for (const name of ["layout", "encoding", "laboratory"]) {
    query.set(name, String(fields.get(name)))
  }
  const body = new FormData()
  body.set("file", fields.get("file") ?? "")

  disable(true)
  try {
    const answer = await fetch(`${form.dataset.door}?${query}`, {
      method: "POST",
      body,
      headers: { Accept: "application/x-ndjson, application/problem+json;q=0.9" },
    })
    if (answer.ok) showReport(await lastLine(answer))
    else showRefusal(await answer.json())
  } catch {
    showRefusal({ title: form.dataset.lost })
  } finally {
    disable(false)
    reportBox.hidden = false
    reportBox.focus()
  }
}

/**
 * The report, which is the last line; the lines before it move the bar.
 * @param {Response} answer
 * @returns {Promise<Report>}
 */
async function lastLine(answer) {
  if (!answer.body) throw new Error("no body")

  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader()
  let text = ""
  /** @type {Report | Step | null} */
  let last = null
  for (;;) {
    const { value, done } = await reader.read()
    if (done) break

    const lines = (text + value).split("\n")
    text = lines.pop() ?? ""
    for (const line of lines) {
      last = readLine(line)
    }
  }

  if (!last || !("accepted" in last)) throw new Error("cut off")
  return last
}

/**
 * @param {string} line
 * @returns {Report | Step}
 */
function readLine(line) {
  const read = JSON.parse(line)
  if (read.samples) {
    progress.max = read.samples
    progress.value = read.done
  }
  return read
}

/** @param {Report} report */
function showReport({ dry_run, rows_read, accepted, held, unknown_names, rows, questions }) {
  part("refusal").hidden = true
  part("judged").hidden = false

  const tense = dry_run ? "dry" : "kept"
  for (const name of ["title", "accepted-title"]) {
    part(name).textContent = part(name).dataset[tense] ?? ""
  }
  part("rows_read").textContent = String(rows_read)
  part("accepted").textContent = String(accepted.length)
  part("held").textContent = held.join(" ") || "0"
  part("unknown_names").textContent = unknown_names.join(" · ") || "0"

  showRows("complaints", rows)
  showRows("questions", questions)
  for (const cell of part("questions").querySelectorAll("td:last-child")) {
    cell.classList.add("asked")
  }
  keepButton.hidden = !dry_run || accepted.length === 0
}

/**
 * @param {string} name
 * @param {RowFlaw[]} rows
 */
function showRows(name, rows) {
  part(name).hidden = rows.length === 0
  part(name).querySelector("tbody")?.replaceChildren(...rows.map(tableRow))
}

/** @param {RowFlaw} flaw */
function tableRow(flaw) {
  const row = document.createElement("tr")
  for (const name of /** @type {const} */ (["row", "label", "cell", "value", "detail"])) {
    const cell = row.insertCell()
    cell.className = name === "detail" || name === "value" ? "long" : ""
    cell.textContent = flaw[name]
  }
  return row
}

/** @param {{ title?: string, errors?: { detail: string }[] }} problem */
function showRefusal({ title, errors = [] }) {
  part("judged").hidden = true
  part("refusal").hidden = false
  part("refusal").textContent = [title, ...errors.map(({ detail }) => detail)].join(" ")
}

/** @param {boolean} isBusy */
function disable(isBusy) {
  progress.hidden = !isBusy
  progress.removeAttribute("value")

  const fields = /** @type {Iterable<HTMLInputElement>} */ (form.elements)
  for (const field of [...fields, keepButton]) field.disabled = isBusy
}
