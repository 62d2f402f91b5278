"""The shell: the files that the tablet's page is made of, under one hash, and the worker that keeps them."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from service.wording.catalogue import Catalogue
from service.wording.inventory import SOURCE

# Fetched when scanning is first opened or when the page has nothing else to do, and kept from then on.
LATER = (
    "/static/tablet/scan.js",
    "/static/tablet/vendor/zxing-wasm/share.js",
    "/static/tablet/vendor/zxing-wasm/reader/index.js",
    "/static/tablet/vendor/zxing-wasm/reader/zxing_reader.wasm",
)
KEPT = {".js", ".css", ".svg", ".png", ".wasm"}
PAGE = "/tablet/"
MADE = (PAGE, "/tablet/texts.json", "/tablet/manifest.webmanifest")
_SAID = re.compile(r'\b_\(\s*"((?:[^"\\]|\\.)*)"')

MANIFEST = {
    "id": PAGE,
    "name": "Caillou",
    "short_name": "Caillou",
    "start_url": PAGE,
    "scope": PAGE,
    "display": "standalone",
    "background_color": "#ffffff",
    "theme_color": "#111111",
    "icons": [
        {"src": "/static/tablet/icon.svg", "sizes": "any", "type": "image/svg+xml", "purpose": "any"},
        {"src": "/static/tablet/icon-192.png", "sizes": "192x192", "type": "image/png", "purpose": "any"},
        {"src": "/static/tablet/icon-512.png", "sizes": "512x512", "type": "image/png", "purpose": "any maskable"},
    ],
}


@dataclass(frozen=True, slots=True)
class Shell:
    """What the worker keeps. `texts` are the page's, by language and English; English itself has none."""

    version: str
    first: tuple[str, ...]
    texts: Mapping[str, Mapping[str, str]]

    @classmethod
    def of(cls, static: Path, catalogue: Catalogue) -> "Shell":
        files = sorted(path for path in (static / "tablet").rglob("*") if path.suffix in KEPT)
        addresses = {path: "/static/" + path.relative_to(static).as_posix() for path in files}
        spoken = [language for language in catalogue.page_languages if language != SOURCE]
        english = sorted(
            {text for path in files if path.suffix == ".js" for text in said(path.read_text("utf-8"))}
        )
        texts = {
            language: {text: catalogue.page("page", text, language) for text in english} for language in spoken
        }
        content = hashlib.sha256(json.dumps([texts, MANIFEST]).encode())
        for path in files:
            content.update(path.read_bytes())
        content.update((static.parent / "templates" / "tablet.html").read_bytes())
        first = (*MADE, *(address for address in addresses.values() if address not in LATER))
        return cls(content.hexdigest()[:16], first, texts)

    def worker(self) -> str:
        """The service worker: the shell from its cache, everything else from the network."""
        return (
            _WORKER.replace("VERSION", self.version)
            .replace("FIRST", json.dumps(self.first))
            .replace("LATER", json.dumps(LATER))
        )


def said(script: str) -> Iterator[str]:
    """The English of every `_("...")` of a script."""
    return (json.loads(f'"{found}"') for found in _SAID.findall(script))


_WORKER = """\
// The shell from its cache, everything else from the network: no answer of the service is ever kept here.
const name = "caillou-tablet-VERSION"
const first = FIRST
const later = LATER

addEventListener("install", event => event.waitUntil((async () => {
  const kept = await caches.open(name)
  await kept.addAll(first.map(one => new Request(one, { cache: "reload" })))
  await skipWaiting()
})()))

addEventListener("activate", event => event.waitUntil((async () => {
  const old = (await caches.keys()).filter(one => one.startsWith("caillou-tablet-") && one !== name)
  await Promise.all(old.map(one => caches.delete(one)))
  await clients.claim()
})()))

// What scanning needs, once the page has nothing else to do.
addEventListener("message", event => {
  if (event.data === "later") event.waitUntil((async () => {
    const kept = await caches.open(name)
    for (const one of later) if (!await kept.match(one)) await kept.add(one)
  })().catch(() => {}))
})

addEventListener("fetch", event => {
  const asked = new URL(event.request.url)
  if (event.request.method !== "GET" || asked.origin !== location.origin) return
  const page = event.request.mode === "navigate" && asked.pathname === "/tablet/"
  if (!page && !first.includes(asked.pathname) && !later.includes(asked.pathname)) return
  event.respondWith((async () => {
    const kept = await (await caches.open(name)).match(page ? "/tablet/" : asked.pathname)
    return kept ?? fetch(event.request)
  })())
})
"""
