"""wording.toml and the glossaries: which sentences exist, what each stands on, how it is said, who must sign it.

Reading checks: an unknown slot, field or placeholder, a pictogram without a drawing or a claim without its
evidence stops the start.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from string import Formatter
from typing import Any

SOURCE = "en"
FALLBACK = "fr"
MESSAGE_SLOTS = ("alert", "state", "result", "cut", "belief", "care")
TALK_SLOTS = ("heard", "known", "ask")
NOTICE = "notice"
FRAME = "frame"
PLACEHOLDERS = frozenset(
    {"name", "weight", "amount", "low", "high", "parts", "guess", "percent", "date"},
)
UNSOURCED = "unsourced"
_FIELDS = frozenset({"slot", "severity", "pictogram", "budget", "en", "note", "review", "evidence"})


class CatalogueError(Exception):
    """The words are not fit to be served; the text says which file, key and language."""


class Severity(StrEnum):
    """Vital: paper never goes without it. Useful gives way before serious."""

    VITAL = "vital"
    SERIOUS = "serious"
    USEFUL = "useful"


class Signer(StrEnum):
    """Who signs a text, and as what."""

    SPEAKER = "speaker"
    CLINICIAN = "clinician"
    COUNSEL = "counsel"
    COORDINATOR = "coordinator"


@dataclass(frozen=True, slots=True)
class Wording:
    """One entry of wording.toml.

    Severity is a message's, a pictogram also a notice's; a frame text carries no evidence.
    """

    key: str
    slot: str
    english: str
    note: str
    budget: int
    severity: Severity | None
    pictogram: str | None
    review: tuple[Signer, ...]
    evidence: tuple[Mapping[str, str], ...]

    @property
    def is_message(self) -> bool:
        return self.slot in MESSAGE_SLOTS


@dataclass(frozen=True, slots=True)
class Glossary:
    """One language's words: patterns agreed for each term, and patterns that may never be said of a sample."""

    terms: Mapping[str, Sequence[str]]
    never: Sequence[str]


def placeholders(text: str) -> frozenset[str]:
    """What stands in braces, whole. Raises ValueError for a brace that does not close."""
    return frozenset(
        name + (f"!{conversion}" if conversion else "") + (f":{format}" if format else "")
        for _, name, format, conversion in Formatter().parse(text)
        if name is not None
    )


def digits(text: str) -> list[str]:
    """Every number, smallest text first; in whatever digits it is written."""
    return sorted(re.findall(r"\d+", text))


def toml(path: Path) -> dict[str, Any]:
    """A file of TOML. Raises CatalogueError naming it."""
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise CatalogueError(f"{path.parent.name}/{path.name}: {error}") from None


def wordings(folder: Path) -> dict[str, Wording]:
    """Every entry by its key, in the order of the file. Raises CatalogueError."""
    drawn = {path.stem for path in (folder / "pictograms").glob("*.svg")}
    return {
        key: _wording(key, entry, drawn) for key, entry in toml(folder / "wording.toml").items()
    }


def terms(folder: Path) -> dict[str, re.Pattern[str]]:
    """What each term of the glossary looks like in English."""
    read = toml(folder / "glossary.toml")
    return {term: re.compile(entry["en"], re.IGNORECASE) for term, entry in read.items()}


def glossary(folder: Path, language: str) -> Glossary:
    """A language's agreed words; none where it has not agreed on any."""
    path = folder / language / "glossary.toml"
    read = toml(path) if path.exists() else {}
    words = Glossary(read.get("terms", {}), read.get("never", ()))
    for pattern in (*words.never, *(one for patterns in words.terms.values() for one in patterns)):
        try:
            re.compile(pattern)
        except re.error as error:
            raise CatalogueError(
                f"{language}/glossary.toml: {pattern!r} is no pattern: {error}"
            ) from None
    return words


def _wording(key: str, entry: Mapping[str, Any], drawn: set[str]) -> Wording:
    def wrong(what: str) -> CatalogueError:
        return CatalogueError(f"wording.toml: {key}: {what}")

    if unknown := entry.keys() - _FIELDS:
        raise wrong(f"unknown field {sorted(unknown)}")
    slot, english, pictogram = entry.get("slot"), entry.get("en", ""), entry.get("pictogram")
    if slot not in (*MESSAGE_SLOTS, *TALK_SLOTS, NOTICE, FRAME):
        raise wrong(f"unknown slot {slot!r}")
    if not english:
        raise wrong("no English")
    try:
        unheard = placeholders(english) - PLACEHOLDERS
    except ValueError as error:
        raise wrong(str(error)) from None
    if unheard:
        raise wrong(f"unknown placeholder {sorted(unheard)}")
    is_drawn = slot in (*MESSAGE_SLOTS, NOTICE)
    if is_drawn != (pictogram in drawn) or (pictogram and pictogram not in drawn):
        raise wrong(f"no drawing for pictogram {pictogram!r}")
    if slot != FRAME and not entry.get("evidence"):
        raise wrong("says something without its evidence")
    if not entry.get("review"):
        raise wrong("nobody is named to sign it in review")
    try:
        severity = Severity(entry["severity"]) if slot in MESSAGE_SLOTS else None
        signers = tuple(Signer(one) for one in entry["review"])
        budget = int(entry["budget"])
    except (KeyError, ValueError) as error:
        raise wrong(f"severity, review or budget: {error}") from None
    evidence = tuple(entry.get("evidence", ()))
    if any(not {"source", "place", "figure"} <= one.keys() for one in evidence):
        raise wrong("evidence needs its source, place and figure")
    if any(one["source"] == UNSOURCED for one in evidence) and Signer.CLINICIAN not in signers:
        raise wrong("an unsourced claim needs a clinician in review")
    return Wording(
        key, slot, english, entry.get("note", ""), budget, severity, pictogram, signers, evidence
    )
