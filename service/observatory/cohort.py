"""The synthetic cohort: 144 made-up rocks whose survey table rounds to the published one.

It is there to show and train with, made by tests/observatory/make_cohort.py. It belongs to the site
`synthetic`, which is counted alone and teaches nothing; each of its bodies says in its own words
that it is synthetic.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid5

FILE = Path(__file__).parent / "synthetic-cohort.csv"
SAYS = (
    "SYNTHETIC: no rock of this file ever was. "
    "Made by tests/observatory/make_cohort.py; see service/demo.py."
)
FILE_COLUMNS = (
    "number",
    "taken_at",
    "weight_mg",
    "field_mg",
    "content_percent",
    "price_eur",
    "no_price_because",
    "guess_percent",
    "quality",
    "place_type",
    "seller_type",
    "area",
    "believed",
    "blamed",
    "found",
    "also_tested",
)
LABORATORY = "synthetic"
PANEL = ("levamisole", "phenacetin", "lidocaine", "caffeine", "hydroxyzine", "diltiazem")
NEVER_FOUND = ("amphetamine", "buprenorphine")
_IDS = UUID("5ca11e00-0000-4000-8000-000000000144")


@dataclass(frozen=True, slots=True)
class Made:
    """One rock as a tablet and a laboratory send it, but for its code and its label."""

    sample: dict[str, object]
    assay_id: UUID
    assay: dict[str, object]


def cohort() -> Iterator[Made]:
    """Every rock, in the order in which they were taken in."""
    lines = FILE.read_text("utf-8").splitlines()
    for row in csv.DictReader(line for line in lines if not line.startswith("#")):
        yield Made(_sample(row), uuid5(_IDS, f"assay {row['number']}"), _assay(row))


def _sample(row: dict[str, str]) -> dict[str, object]:
    return {
        "id": str(uuid5(_IDS, f"sample {row['number']}")),
        "revision": 1,
        "taken_at": row["taken_at"],
        "reason": "survey",
        "sold_as": "crack",
        "form": "rock",
        "weight_mg": float(row["field_mg"]),
        "weighed": "whole_rock",
        "note_to_lab": "SYNTHETIC",
        "transaction": _transaction(row),
        "beliefs": _beliefs(row),
    }


def _transaction(row: dict[str, str]) -> dict[str, object]:
    return {
        "price_eur": _number(row["price_eur"]),
        "no_price_because": row["no_price_because"] or None,
        "place_type": row["place_type"],
        "area": row["area"] or None,
        "seller_type": row["seller_type"],
    }


def _beliefs(row: dict[str, str]) -> dict[str, object]:
    believed = row["believed"].split()
    return {
        "guess_percent": _number(row["guess_percent"]),
        "quality": row["quality"],
        "believed_cuts": believed,
        "effects_blamed_on_cuts": row["blamed"].split(),
        "ammonia_left": "ammonia" in believed,
    }


def _number(text: str) -> float | None:
    return float(text) if text else None


def _assay(row: dict[str, str]) -> dict[str, object]:
    found = row["found"].split()
    results = [_cocaine(float(row["content_percent"]))]
    for code in (*PANEL, *NEVER_FOUND, *row["also_tested"].split()):
        outcome = "detected" if code in found else "not_detected"
        results.append({"substance": code, "outcome": outcome})

    return {
        "version": 1,
        "status": "final",
        "laboratory": LABORATORY,
        "method": "gc_ms",
        "analysed_at": row["taken_at"],
        "rock_weight_mg": float(row["weight_mg"]),
        "results": results,
    }


def _cocaine(percent: float) -> dict[str, object]:
    if not percent:
        return {"substance": "cocaine", "outcome": "not_detected", "lod_percent": 0.1}
    return {
        "substance": "cocaine",
        "outcome": "quantified",
        "content_percent": percent,
        "expressed_as": "base",
    }
