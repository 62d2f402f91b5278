// The worker keeps the page; a newer one takes over at once, and is opened where nothing is being
// done.

import * as screen from "./screen.js"

const LOOKS_FOR_NEWER_MS = 6 * 3_600_000

let isNewerKept = false // a newer page than the one that is open

export async function keepPage() {
  if (!("serviceWorker" in navigator)) return

  const { dataset } = document.documentElement
  if (navigator.serviceWorker.controller) dataset.kept = "yes"
  navigator.serviceWorker.addEventListener("controllerchange", () => {
    isNewerKept = dataset.kept === "yes"
    dataset.kept = "yes"
    if (screen.isInUse()) keepScanner()
  })
  document.addEventListener("visibilitychange", () => {
    if (screen.isRoom() && !document.hidden) openNewer()
  })

  const registration = await register()
  setInterval(() => registration?.update().catch(() => {}), LOOKS_FOR_NEWER_MS)
}

async function register() {
  const how = /** @type {const} */ ({ scope: "/tablet/", updateViaCache: "none" })
  try {
    return await navigator.serviceWorker.register("/tablet/worker.js", how)
  } catch {
    return null
  }
}

/** The worker fetches what scanning needs when nothing else is to be done. */
export async function keepScanner() {
  const registration = await navigator.serviceWorker?.ready
  registration?.active?.postMessage("later")
}

/** Opens the newer page, if there is one; whether it does. */
export function openNewer() {
  if (isNewerKept) location.reload()
  return isNewerKept
}
