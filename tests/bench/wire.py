"""Requests of a tablet and a laboratory, as ready-made bytes, the same for every target."""

from typing import Any
from uuid import UUID

import orjson

from service.lab.wire import ASSAY_EXAMPLE
from tests.conftest import token_of
from tests.rocks import assay_body, result, rock_body

# A panel as laboratories report it: what was found, and what was looked for in vain.
PANEL = (
    *ASSAY_EXAMPLE["results"],
    *(
        result(substance, "not_detected", lod_percent=0.1)
        for substance in (
            "phenacetin",
            "lidocaine",
            "procaine",
            "caffeine",
            "paracetamol",
            "fentanyl",
        )
    ),
)
LANGUAGES = ("ru", "fr")
_QUERY = "&".join(f"lang={language}" for language in LANGUAGES)


def put_sample(id: UUID, code: str) -> bytes:
    return _request("PUT", f"/v1/samples/{id}", "outreach", rock_body(code))


def put_assay(id: UUID, label: str) -> bytes:
    return _request("PUT", f"/v1/assays/{id}", "instrument", assay_body(label, *PANEL))


def get_messages(sample: UUID) -> bytes:
    return _request("GET", f"/v1/samples/{sample}/messages?{_QUERY}", "outreach")


def get_card(sample: UUID) -> bytes:
    return _request(
        "GET", f"/v1/samples/{sample}/card?lang={LANGUAGES[0]}", "outreach", accept="text/html"
    )


def _request(
    method: str, path: str, holder: str, body: Any = None, accept: str = "application/json"
) -> bytes:
    content = orjson.dumps(body) if body is not None else b""
    head = (
        f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: {accept}\r\n"
        f"Authorization: Bearer {token_of(holder)}\r\n"
    )
    if content:
        head += f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n"
    return head.encode() + b"\r\n" + content
