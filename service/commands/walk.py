"""Through a running demo over HTTP: one rock up to its cards, or the synthetic survey."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol
from urllib.error import HTTPError, URLError
from urllib.request import OpenerDirector, ProxyHandler, Request, build_opener
from uuid import uuid4

import orjson

from service.demo import FILE
from service.foundation import clock
from service.observatory.cohort import cohort

CARDS = (("fr",), ("en", "fr"), ("ar", "fr"), ("ru", "fr"))
PATIENCE_SECONDS = 60
"""For one answer; taking in the whole synthetic survey is the longest."""
_PDF = "application/pdf"
_HTML = "text/html"


class NoAnswer(Exception):
    """No service answers at the address of the demo."""


class Ask(Protocol):
    """Sends one request, its body as JSON; the answer's bytes. Raises where it is refused."""

    def __call__(
        self, method: str, path: str, token: str = "", body: object = None, accept: str = "*/*"
    ) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Client:
    """Asks a running demo. It is on this machine: no proxy stands between."""

    base_url: str
    _opener: OpenerDirector = field(default_factory=lambda: build_opener(ProxyHandler({})))

    def ask(
        self, method: str, path: str, token: str = "", body: object = None, accept: str = "*/*"
    ) -> bytes:
        """The answer's bytes. Raises HTTPError for a refusal, NoAnswer where nobody is there."""
        request = Request(f"{self.base_url}{path}", method=method)  # noqa: S310  our own address
        request.add_header("Accept", accept)
        if token:
            request.add_header("Authorization", f"Bearer {token}")
        if body is not None:
            request.add_header("Content-Type", "application/json")
            request.data = orjson.dumps(body)

        try:
            with self._opener.open(request, timeout=PATIENCE_SECONDS) as response:
                answer: bytes = response.read()
                return answer
        except HTTPError:
            raise
        except URLError as error:
            raise NoAnswer(str(error.reason)) from error


def walk(data_dir: Path, into: Path) -> list[Path]:
    """Take one rock from the tablet to its cards, through HTTP; the files it left.

    Raises FileNotFoundError where there is no demo, NoAnswer where it does not run, HTTPError for
    any refusal.
    """
    known: dict[str, str] = json.loads((data_dir / FILE).read_text())
    into.mkdir(exist_ok=True)
    ask = Client(known["base_url"]).ask
    worker = known["outreach"]
    lab = known["lab"]
    now = clock.now()

    pad = json.loads(ask("POST", "/v1/pickup-pads", worker, {"count": 1}))
    code: str = pad["codes"][0]
    sample = f"/v1/samples/{uuid4()}"
    rock = _rock(code, now)
    receipt = json.loads(ask("PUT", sample, worker, rock))
    waiting = ask("GET", f"{sample}/card?lang=ar", worker, accept=_PDF)
    files = [_save(into / "waiting-ar.pdf", waiting)]

    assay = _assay(receipt["lab_label"], now)
    ask("PUT", f"/v1/assays/{uuid4()}", lab, assay)

    for languages in CARDS:
        query = "&".join(f"lang={language}" for language in languages)
        spoken = "-".join(languages)
        name = f"card-{spoken}"
        for ending, medium in (("pdf", _PDF), ("html", _HTML)):
            card = ask("GET", f"{sample}/card?{query}", worker, accept=medium)
            files.append(_save(into / f"{name}.{ending}", card))

    messages = ask("GET", f"{sample}/messages?lang=en&lang=fr", worker)
    files.append(_save(into / "messages.json", messages))
    result = ask("GET", f"/r/{code}?lang=ru")
    files.append(_save(into / "result.html", result))
    return files


class AlreadyThere(Exception):
    """The synthetic rocks were loaded before."""


def load_cohort(ask: Ask, outreach: str, lab: str) -> int:
    """Take in the synthetic cohort and its answers, through HTTP; how many rocks.

    Raises AlreadyThere where they were loaded before.
    """
    rocks = list(cohort())
    pad = json.loads(ask("POST", "/v1/pickup-pads", outreach, {"count": len(rocks)}))
    samples = [
        {**rock.sample, "pickup_code": code} for rock, code in zip(rocks, pad["codes"], strict=True)
    ]
    batch = json.loads(ask("POST", "/v1/samples/batch", outreach, {"samples": samples}))

    labels = list(_labels(batch["receipts"]))
    for rock, label in zip(rocks, labels, strict=True):
        ask("PUT", f"/v1/assays/{rock.assay_id}", lab, {**rock.assay, "lab_label": label})
    return len(rocks)


def _labels(receipts: list[dict[str, str]]) -> Iterator[str]:
    """The label of each rock that was taken in. Raises AlreadyThere for one that was not."""
    for receipt in receipts:
        if "lab_label" not in receipt:
            raise AlreadyThere
        yield receipt["lab_label"]


def _save(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def _rock(code: str, now: datetime) -> dict[str, Any]:
    return {
        "revision": 1,
        "taken_at": now,
        "pickup_code": code,
        "sold_as": "crack",
        "form": "rock",
        "weight_mg": 138,
        "weighed": "whole_rock",
        "transaction": {"price_eur": 20, "place_type": "street"},
        "beliefs": {
            "guess_percent": 40,
            "effects_blamed_on_cuts": ["tight_jaw"],
            "basing_cleans": True,
        },
        "card_languages": ["ru", "fr"],
    }


def _assay(label: str, now: datetime) -> dict[str, Any]:
    return {
        "lab_label": label,
        "version": 1,
        "status": "final",
        "laboratory": "demo-laboratory",
        "method": "gc_ms",
        "analysed_at": now - timedelta(hours=1),
        "rock_weight_mg": 138.4,
        "results": [
            {
                "substance": "cocaine",
                "outcome": "quantified",
                "content_percent": 57.0,
                "expressed_as": "base",
                "uncertainty_percent": 5,
            },
            {"substance": "levamisole", "outcome": "detected"},
            {"substance": "amphetamine", "outcome": "not_detected", "lod_percent": 0.1},
            {"substance": "buprenorphine", "outcome": "not_tested"},
        ],
    }
