"""The shell: the files of the tablet's page under one hash, and the worker that keeps them."""

import base64
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from service.foundation.http import HEADERS
from service.pages.page import TEMPLATES
from service.wording.catalogue import Catalogue
from service.wording.inventory import SOURCE

# Fetched when scanning is first opened or when the page has nothing else to do, and kept since.
LATER = (
    "/static/tablet/scan.js",
    "/static/tablet/vendor/zxing-wasm/share.js",
    "/static/tablet/vendor/zxing-wasm/reader/index.js",
    "/static/tablet/vendor/zxing-wasm/reader/zxing_reader.wasm",
)
KEPT = {".js", ".css", ".svg", ".png", ".wasm"}
PAGE = "/tablet/"
MADE = (PAGE, "/tablet/texts.json", "/tablet/manifest.webmanifest")
_WORKER = Path(__file__).with_name("worker.js").read_text("utf-8")
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
        {
            "src": "/static/tablet/icon.svg",
            "sizes": "any",
            "type": "image/svg+xml",
            "purpose": "any",
        },
        {
            "src": "/static/tablet/icon-192.png",
            "sizes": "192x192",
            "type": "image/png",
            "purpose": "any",
        },
        {
            "src": "/static/tablet/icon-512.png",
            "sizes": "512x512",
            "type": "image/png",
            "purpose": "any maskable",
        },
    ],
}


# What its page may load beyond the others: a worker, a manifest, the reader of square codes, what
# it keeps itself.
POLICY = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; "
    "manifest-src 'self'; "
    "connect-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data: blob:; "
    "media-src 'self' blob:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


@dataclass(frozen=True, slots=True)
class Shell:
    """What the worker keeps: each address with the hash of its file, None where it is made anew.

    `texts` are the page's, by language and English; English itself has none.
    """

    version: str
    page: str
    first: Mapping[str, str | None]
    later: Mapping[str, str | None]
    texts: Mapping[str, Mapping[str, str]]

    @classmethod
    def of(cls, static: Path, catalogue: Catalogue) -> "Shell":
        files = sorted(path for path in (static / "tablet").rglob("*") if path.suffix in KEPT)
        hashes = {
            "/static/" + path.relative_to(static).as_posix(): "sha256-"
            + base64.b64encode(hashlib.sha256(path.read_bytes()).digest()).decode()
            for path in files
        }
        spoken = [language for language in catalogue.page_languages if language != SOURCE]
        english = sorted(
            {
                text
                for path in files
                if path.suffix == ".js"
                for text in said(path.read_text("utf-8"))
            }
        )
        texts = {
            language: {text: catalogue.page("page", text, language) for text in english}
            for language in spoken
        }
        page = TEMPLATES.get_template("tablet.html").render()
        content = hashlib.sha256(
            json.dumps([texts, MANIFEST, page, POLICY, HEADERS, hashes]).encode()
        )
        first = {
            **dict.fromkeys(MADE),
            **{one: hash for one, hash in hashes.items() if one not in LATER},
        }
        return cls(
            content.hexdigest()[:16], page, first, {one: hashes[one] for one in LATER}, texts
        )

    def worker(self) -> str:
        """The service worker: the shell from its cache, everything else from the network."""
        return (
            f"const cacheName = {json.dumps('caillou-tablet-' + self.version)}\n"
            f"const first = {json.dumps(self.first)}\n"
            f"const later = {json.dumps(self.later)}\n\n"
            f"{_WORKER}"
        )


def said(script: str) -> Iterator[str]:
    """The English of every `_("...")` of a script."""
    return (json.loads(f'"{found}"') for found in _SAID.findall(script))
