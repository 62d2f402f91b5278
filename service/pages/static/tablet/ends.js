// What is shown once nobody may use this tablet any more: signed out, no longer let in, erased.

/** @import { Settings } from "./types.d.ts" */

import { saveButton, sealedRocks } from "./carry.js"
import { button, byId, h, show } from "./page.js"
import * as vault from "./vault.js"
import { panicButton } from "./wipe.js"
import { _, dateText } from "./words.js"

/**
 * Nobody is signed in any more: nothing is shown, and nothing that was not confirmed is lost.
 */
export async function signedOutView() {
  const left = (await sealedRocks()).length
  await show(() => [
    h("h1", {}, _("Signed out")),
    left > 0 && h("p", {}, _("Not confirmed yet on this tablet: {n}.", { n: left })),
    h("p", {}, _("What is not confirmed stays here until somebody of this site signs in.")),
    h("p", {}, h("a", { class: "button", href: "/sign-in" }, _("Sign in"))),
  ])
}

/**
 * After the service has ended this tablet's way in: what is left is sealed.
 * @param {NonNullable<Settings["ended"]>} ended
 * @param {{ letInAgain: () => unknown, erased: () => unknown }} ways
 */
export async function endedView({ label, at }, { letInAgain, erased }) {
  const save = await saveButton()
  const left = await vault.store().count("carried")
  const ended = _(
    "Its way in was ended by the service ({label}, {when}). What lay here has been erased.",
    { label: label ?? "", when: dateText(at) },
  )
  const sealed = _(
    "Not confirmed, and sealed so that nobody can read it here: {n}. Save the file and bring it to the base.",
    { n: left },
  )
  await show(() => [
    h("h1", {}, _("This tablet is no longer let in")),
    h("p", {}, ended),
    left > 0 && [h("p", {}, sealed), h("div", { class: "row" }, save)],
    h(
      "div",
      { class: "foot" },
      button(_("Let this tablet in again"), letInAgain, { class: "quiet" }),
    ),
    h("details", {}, h("summary", {}, _("Erase the rest")), panicButton(erased)),
  ])
}

export function erasedView() {
  byId("bar").replaceChildren()
  return show(() => [
    h("h1", {}, _("Everything is erased")),
    h("p", {}, _("Nothing is left on this tablet.")),
  ])
}
