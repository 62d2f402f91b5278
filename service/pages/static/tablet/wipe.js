// The two ends of what lies here. The service's: what was not confirmed stays behind, sealed, and nothing else. The
// worker's: everything, at once.

import { _ } from "./words.js"
import { button, confirmed, h } from "./page.js"
import { OPEN } from "./queue.js"
import * as vault from "./vault.js"

const HELD_MS = 3_000

/** This tablet's way in is over. One write: there is no moment in between. */
export async function revoked() {
  const { label } = await vault.read(["label"])
  const work = vault.writing("open", "vault", "rocks", "results", "told", "carried", "pad")
  for (const { id, state, sealed } of await work.objectStore("rocks").getAll())
    if (OPEN.includes(state) && sealed) work.objectStore("carried").put({ id, sealed })
  for (const name of ["open", "vault", "rocks", "results", "told", "pad"]) work.objectStore(name).clear()
  work.objectStore("open").put({ label, at: Date.now() }, "ended")
  await work.done
  new BroadcastChannel("caillou-lock").postMessage("ended")
  location.reload()
}

/** Removes the store, the kept page and its worker. Nothing waits for the network; a session is ended if there is one. */
export async function everything() {
  const { token_sha256 } = await vault.read(["token_sha256"]).catch(() => ({}))
  if (!token_sha256) fetch("/sign-out", { method: "POST", keepalive: true, redirect: "manual" }).catch(() => {})
  await vault.destroy()
  localStorage.clear()
  sessionStorage.clear()
  await Promise.all((await caches.keys()).map(name => caches.delete(name)))
  await Promise.all((await navigator.serviceWorker.getRegistrations()).map(one => one.unregister()))
}

/** A button that does something only when it was held for three seconds, and then asks once more. */
export function panicButton(done) {
  const bar = h("span", { class: "held" })
  const made = h("button", { type: "button", class: "grave hold" }, bar, h("span", {}, _("Hold 3 seconds to erase everything")))
  let timer = null
  const begin = event => {
    if (event.type === "keydown" && (event.repeat || ![" ", "Enter"].includes(event.key))) return
    event.preventDefault()
    made.classList.add("holding")
    timer ??= setTimeout(async () => {
      release()
      const sure = await confirmed(
        _("Everything on this tablet is erased, also rocks that were not sent. Nobody can bring them back."),
        _("Erase everything now"), { grave: true })
      if (!sure) return
      await everything()
      done()
    }, HELD_MS)
  }
  const release = () => {
    clearTimeout(timer)
    timer = null
    made.classList.remove("holding")
  }
  for (const name of ["pointerdown", "keydown"]) made.addEventListener(name, begin)
  for (const name of ["pointerup", "pointerleave", "pointercancel", "keyup", "blur"]) made.addEventListener(name, release)
  made.addEventListener("contextmenu", event => event.preventDefault())
  return made
}
