// A tablet is let in, once, by a code that whoever runs the service has shown.

import { askAsAnyone, NoContact, Refused } from "./api.js"
import { button, h, show } from "./page.js"
import { base64 } from "./seal.js"
import * as vault from "./vault.js"
import { _ } from "./words.js"

const CODE_LENGTH = 12

/**
 * Where the code is typed that `enrol tablet` has shown.
 * @param {object} given
 * @param {string} given.typed what stood in the address, or was scanned
 * @param {() => unknown} given.scan
 * @param {() => unknown} given.done
 */
export function enrolView({ typed, scan, done }) {
  const box = h("input", {
    value: typed,
    autocomplete: "off",
    autocapitalize: "characters",
    maxlength: CODE_LENGTH,
    class: "large",
  })
  const wrong = h("p", { class: "wrong", role: "alert", hidden: true })

  const enter = async () => {
    try {
      await enrol(box.value)
    } catch (error) {
      wrong.hidden = false
      wrong.textContent = failureText(error)
      return
    }
    await done()
  }

  const advice = _(
    "Type the code that whoever runs the service has shown you. It works once, for ten minutes.",
  )
  const signIn = _("Or sign in with your name, on a computer of the centre.")
  return show(() => [
    h("h1", {}, _("Let this tablet in")),
    h("p", {}, advice),
    wrong,
    h("label", { class: "field" }, _("Code"), box),
    h(
      "div",
      { class: "row" },
      button(_("Let it in"), enter),
      button(_("Scan it"), scan, { class: "quiet" }),
    ),
    h("p", {}, h("a", { href: "/sign-in" }, signIn)),
  ])
}

/** @param {unknown} error */
function failureText(error) {
  if (error instanceof NoContact) {
    return _("No contact with the service. Try again where there is a network.")
  }
  return error instanceof Refused ? error.problem.title : String(error)
}

/**
 * The token is drawn here, and only its hash is sent: the same try twice is one enrolment.
 * @param {string} code
 */
async function enrol(code) {
  if (await vault.get("token")) return // let in already: what came after it failed

  let token = await vault.get("coming_in")
  if (!token) {
    token = base64(vault.randomBytes(32))
    await vault.put("coming_in", token)
  }

  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(token))
  const token_sha256 = [...new Uint8Array(hash)]
    .map((byte) => byte.toString(16).padStart(2, "0"))
    .join("")
  const { label, site } = await askAsAnyone("/v1/tablet/enrolment", { code, token_sha256 })

  await vault.put("token", token)
  await vault.write({ label, site, token_sha256 })
  await vault.drop("coming_in")
}
