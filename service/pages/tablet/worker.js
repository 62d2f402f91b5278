// The shell from its cache, everything else from the network: no answer of the service is ever kept
// here. A file that is not the one of this very release is not kept: the install fails and is tried
// again.

/// <reference types="./worker.d.ts" />

const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self))

/**
 * Keeps these files; `addAll` would not look at their hashes.
 * @param {Record<string, string | null>} files
 */
async function keep(files) {
  const cache = await caches.open(cacheName)
  await Promise.all(
    Object.entries(files).map(async ([path, hash]) => {
      const answer = await fetch(path, { cache: "reload", integrity: hash ?? undefined })
      if (!answer.ok) throw new TypeError(path)
      await cache.put(path, answer)
    }),
  )
}

/** The caches of the releases before. */
async function olderCaches() {
  const names = await caches.keys()
  return names.filter((name) => name.startsWith("caillou-tablet-") && name !== cacheName)
}

worker.addEventListener("install", (event) => event.waitUntil(install()))

async function install() {
  await keep(first)
  // What the release before has fetched for scanning is not lost with it.
  if ((await olderCaches()).length > 0) await keep(later).catch(() => {})
  await worker.skipWaiting()
}

worker.addEventListener("activate", (event) => event.waitUntil(activate()))

async function activate() {
  const names = await olderCaches()
  await Promise.all(names.map((name) => caches.delete(name)))
  await worker.clients.claim()
}

// What scanning needs, once the page has nothing else to do.
worker.addEventListener("message", (event) => {
  if (event.data === "later") event.waitUntil(keepMissing().catch(() => {}))
})

async function keepMissing() {
  const cache = await caches.open(cacheName)
  for (const [path, hash] of Object.entries(later)) {
    if (!await cache.match(path)) await keep({ [path]: hash })
  }
}

worker.addEventListener("fetch", (event) => {
  const { request } = event
  const { origin, pathname } = new URL(request.url)
  if (request.method !== "GET" || origin !== location.origin) return

  const isPage = request.mode === "navigate" && pathname === "/tablet/"
  if (!isPage && !(pathname in first) && !(pathname in later)) return
  event.respondWith(answer(request, isPage ? "/tablet/" : pathname))
})

/**
 * @param {Request} request
 * @param {string} path
 */
async function answer(request, path) {
  const cache = await caches.open(cacheName)
  return await cache.match(path) ?? fetch(request)
}
