// The two ends of what lies here. The service's: what was not confirmed stays behind, sealed, and
// nothing else. The worker's: everything, at once.

import { confirmed, h } from "./page.js"
import { OPEN } from "./rock_row.js"
import * as vault from "./vault.js"
import { _ } from "./words.js"

const HELD_MS = 3_000
const KEYS = [" ", "Enter"]
const ERASED = /** @type {const} */ (["open", "vault", "rocks", "results", "told", "pad"])

/** This tablet's way in is over. One write: there is no moment in between. */
export async function revoke() {
  const { label } = await vault.read(["label"])
  const work = vault.writing("carried", ...ERASED)

  for (const { id, state, sealed } of await work.objectStore("rocks").getAll()) {
    if (OPEN.includes(state) && sealed) work.objectStore("carried").put({ id, sealed })
  }
  for (const name of ERASED) work.objectStore(name).clear()
  work.objectStore("open").put({ label, at: Date.now() }, "ended")
  await work.done

  new BroadcastChannel("caillou-lock").postMessage("ended")
  location.reload()
}

/**
 * Removes the store, the kept page and its worker. Nothing waits for the network; a session is
 * ended if there is one.
 */
async function eraseEverything() {
  if (!await isEnrolled()) {
    const how = /** @type {const} */ ({ method: "POST", keepalive: true, redirect: "manual" })
    fetch("/sign-out", how).catch(() => {})
  }

  await vault.destroy()
  localStorage.clear()
  sessionStorage.clear()

  const names = await caches.keys()
  await Promise.all(names.map((name) => caches.delete(name)))
  const workers = await navigator.serviceWorker.getRegistrations()
  await Promise.all(workers.map((worker) => worker.unregister()))
}

async function isEnrolled() {
  try {
    return Boolean((await vault.read(["token_sha256"])).token_sha256)
  } catch {
    return false
  }
}

/**
 * A button that does something only when it was held for three seconds, and then asks once more.
 * @param {() => unknown} done
 */
export function panicButton(done) {
  const text = h("span", {}, _("Hold 3 seconds to erase everything"))
  const bar = h("span", { class: "held" })
  const hold = h("button", { type: "button", class: "grave hold" }, bar, text)
  /** @type {number | null} */
  let timer = null

  const askAndErase = async () => {
    release()
    const question = _(
      "Everything on this tablet is erased, also rocks that were not sent. Nobody can bring them back.",
    )
    if (!await confirmed(question, _("Erase everything now"), { grave: true })) return

    await eraseEverything()
    await done()
  }

  const begin = (/** @type {Event} */ event) => {
    if (event instanceof KeyboardEvent && (event.repeat || !KEYS.includes(event.key))) return

    event.preventDefault()
    hold.classList.add("holding")
    timer ??= setTimeout(askAndErase, HELD_MS)
  }

  const release = () => {
    if (timer !== null) clearTimeout(timer)
    timer = null
    hold.classList.remove("holding")
  }

  for (const name of ["pointerdown", "keydown"]) hold.addEventListener(name, begin)
  for (const name of ["pointerup", "pointerleave", "pointercancel", "keyup", "blur"]) {
    hold.addEventListener(name, release)
  }
  hold.addEventListener("contextmenu", (event) => event.preventDefault())
  return hold
}
