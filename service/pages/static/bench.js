// The sheet of results by keyboard: Enter goes down a column and opens a new row at its end, Ctrl+Enter reads back.
// Without this script the form works as forms do.

const form = document.getElementById("form")
const body = form.querySelector(".sheet tbody")
let typed = Boolean(form.querySelector(".read-back, .refusal"))

// What was typed is not lost by another link or button of the page without a question.
form.addEventListener("input", () => { typed = true })
form.addEventListener("submit", () => { typed = false })
addEventListener("beforeunload", event => { if (typed) event.preventDefault() })

body.addEventListener("keydown", event => {
  if (event.key !== "Enter" || event.target.matches("button")) return
  event.preventDefault()
  if (event.ctrlKey || event.metaKey) {
    form.requestSubmit(form.querySelector("button[value=check]"))
    return
  }
  const row = event.target.closest("tr")
  const below = row.nextElementSibling ?? body.appendChild(blank(row))
  below.querySelector(`[name=${event.target.name}]`).focus()
})

/** An empty copy of a row, numbered one further. */
function blank(row) {
  const copy = row.cloneNode(true)
  const number = body.rows.length + 1
  copy.querySelectorAll(".wrong").forEach(one => one.remove())
  copy.querySelectorAll("input, select").forEach(one => {
    one.value = ""
    one.removeAttribute("aria-invalid")
    one.removeAttribute("aria-describedby")
    one.setAttribute("aria-label", one.getAttribute("aria-label").replace(/\d+$/, number))
  })
  return copy
}
