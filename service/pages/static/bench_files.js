// A file is sent twice: to be judged, then to be kept. The door answers a line of JSON for each step it takes.

const form = document.getElementById("file")
const report = document.getElementById("report")
const progress = form.querySelector("progress")
const part = name => report.querySelector(`[data-part="${name}"]`)

let judged = null

form.addEventListener("submit", event => {
  event.preventDefault()
  judged = new FormData(form)
  send(judged, true)
})
// What was judged is what is kept: another file, or another way of reading it, is judged anew.
part("keep").addEventListener("click", () => send(judged, false))
form.addEventListener("input", () => { report.hidden = true })

async function send(fields, dry) {
  const asked = new URLSearchParams({ dry_run: dry })
  for (const name of ["layout", "encoding", "laboratory"]) asked.set(name, fields.get(name))
  const body = new FormData()
  body.set("file", fields.get("file"))
  busy(true)
  try {
    const answer = await fetch(`${form.dataset.door}?${asked}`, {
      method: "POST", body, headers: { Accept: "application/x-ndjson, application/problem+json;q=0.9" },
    })
    if (answer.ok) show(await lastLine(answer.body))
    else refuse(await answer.json())
  } catch {
    refuse({ title: form.dataset.lost })
  } finally {
    busy(false)
    report.hidden = false
    report.focus()
  }
}

/** The report, which is the last line; the lines before it move the bar. */
async function lastLine(stream) {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader()
  let text = "", last = null
  for (;;) {
    const { value, done } = await reader.read()
    if (done) break
    const lines = (text + value).split("\n")
    text = lines.pop()
    for (const line of lines) {
      last = JSON.parse(line)
      if (last.samples) {
        progress.max = last.samples
        progress.value = last.done
      }
    }
  }
  if (!last || !("accepted" in last)) throw new Error("cut off")
  return last
}

function show(told) {
  part("refusal").hidden = true
  part("judged").hidden = false
  const tense = told.dry_run ? "dry" : "kept"
  for (const name of ["title", "accepted-title"]) part(name).textContent = part(name).dataset[tense]
  part("rows_read").textContent = told.rows_read
  part("accepted").textContent = told.accepted.length
  part("held").textContent = told.held.join(" ") || "0"
  part("unknown_names").textContent = told.unknown_names.join(" · ") || "0"
  part("complaints").hidden = told.rows.length === 0
  part("complaints").querySelector("tbody").replaceChildren(...told.rows.map(row))
  part("keep").hidden = !told.dry_run || told.accepted.length === 0
}

function row(complaint) {
  const line = document.createElement("tr")
  for (const name of ["row", "label", "cell", "value", "detail"]) {
    const cell = document.createElement("td")
    cell.className = name === "detail" || name === "value" ? "long" : ""
    cell.textContent = complaint[name]
    line.append(cell)
  }
  return line
}

function refuse(problem) {
  part("judged").hidden = true
  part("refusal").hidden = false
  part("refusal").textContent = [problem.title, ...(problem.errors ?? []).map(one => one.detail)].join(" ")
}

function busy(now) {
  progress.hidden = !now
  progress.removeAttribute("value")
  for (const field of [...form.elements, part("keep")]) field.disabled = now
}
