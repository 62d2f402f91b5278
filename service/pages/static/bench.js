// The sheet of results by keyboard: Enter goes down a column and opens a new row at its end,
// Ctrl+Enter reads back. Without this script the form works as forms do.

const form = /** @type {HTMLFormElement} */ (document.getElementById("form"))
const body = /** @type {HTMLTableSectionElement} */ (form.querySelector(".sheet tbody"))
let isTyped = Boolean(form.querySelector(".read-back, .refusal"))

// What was typed is not lost by another link or button of the page without a question.
form.addEventListener("input", () => {
  isTyped = true
})
form.addEventListener("submit", () => {
  isTyped = false
})
addEventListener("beforeunload", (event) => {
  if (isTyped) event.preventDefault()
})

body.addEventListener("keydown", (event) => {
  const field = event.target
  const isField = field instanceof HTMLInputElement || field instanceof HTMLSelectElement
  if (event.key !== "Enter" || !isField) return

  event.preventDefault()
  if (event.ctrlKey || event.metaKey) {
    form.requestSubmit(form.querySelector("button[value=check]"))
    return
  }

  const row = field.closest("tr")
  if (!row) return
  const below = row.nextElementSibling ?? body.appendChild(emptyCopy(row))
  /** @type {HTMLElement | null} */
  const next = below.querySelector(`[name=${field.name}]`)
  next?.focus()
})

/**
 * An empty copy of a row, numbered one further.
 * @param {HTMLTableRowElement} row
 */
function emptyCopy(row) {
  const copy = /** @type {HTMLTableRowElement} */ (row.cloneNode(true))
  const number = String(body.rows.length + 1)
  for (const flaw of copy.querySelectorAll(".wrong")) flaw.remove()

  for (const field of copy.querySelectorAll("input, select")) {
    const label = field.getAttribute("aria-label") ?? ""
    const typed = /** @type {HTMLInputElement} */ (field)
    typed.value = ""
    typed.removeAttribute("aria-invalid")
    typed.removeAttribute("aria-describedby")
    typed.setAttribute("aria-label", label.replace(/\d+$/, number))
  }
  return copy
}
