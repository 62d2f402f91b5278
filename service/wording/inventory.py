"""wording.toml and the glossaries: which sentences exist, what each stands on, who must sign it.

Reading checks: an unknown slot, field or placeholder, a pictogram without a drawing or a claim
without its evidence stops the start.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain
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
    {"name", "weight", "amount", "low", "high", "parts", "guess", "percent", "date", "told"}
)
UNSOURCED = "unsourced"
_SLOTS = (*MESSAGE_SLOTS, *TALK_SLOTS, NOTICE, FRAME)
_DRAWN_SLOTS = (*MESSAGE_SLOTS, NOTICE)
_EVIDENCE = frozenset({"source", "place", "figure"})
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
    """One language's words, as patterns."""

    terms: Mapping[str, Sequence[str]]
    """What we agreed to call each term."""
    never: Sequence[str]
    """What may never be said of a sample."""


def placeholders(text: str) -> frozenset[str]:
    """What stands in braces, whole. Raises ValueError for a brace that does not close."""
    names = set()
    for _, name, format, conversion in Formatter().parse(text):
        if name is None:
            continue
        if conversion:
            name += f"!{conversion}"
        if format:
            name += f":{format}"
        names.add(name)
    return frozenset(names)


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
    drawings = {path.stem for path in (folder / "pictograms").glob("*.svg")}
    by_key = {}
    for key, entry in toml(folder / "wording.toml").items():
        try:
            by_key[key] = _wording(key, entry, drawings)
        except ValueError as error:
            raise CatalogueError(f"wording.toml: {key}: {error}") from None
    return by_key


def terms(folder: Path) -> dict[str, re.Pattern[str]]:
    """What each term of the glossary looks like in English."""
    entries = toml(folder / "glossary.toml")
    return {term: re.compile(entry["en"], re.IGNORECASE) for term, entry in entries.items()}


def glossary(folder: Path, language: str) -> Glossary:
    """A language's agreed words; none where it has not agreed on any. Raises CatalogueError."""
    path = folder / language / "glossary.toml"
    entries = toml(path) if path.exists() else {}
    words = Glossary(entries.get("terms", {}), entries.get("never", ()))

    for pattern in chain(words.never, *words.terms.values()):
        try:
            re.compile(pattern)
        except re.error as error:
            raise CatalogueError(
                f"{language}/glossary.toml: {pattern!r} is no pattern: {error}"
            ) from None
    return words


def _wording(key: str, entry: Mapping[str, Any], drawings: set[str]) -> Wording:
    """An entry, checked. Raises ValueError for what is wrong with it."""
    unknown = entry.keys() - _FIELDS
    if unknown:
        raise ValueError(f"unknown field {sorted(unknown)}")

    slot = entry.get("slot")
    if slot not in _SLOTS:
        raise ValueError(f"unknown slot {slot!r}")

    english = entry.get("en", "")
    _check_english(english)
    pictogram = entry.get("pictogram")
    _check_drawing(slot, pictogram, drawings)

    evidence = tuple(entry.get("evidence", ()))
    if slot != FRAME and not evidence:
        raise ValueError("says something without its evidence")
    if not entry.get("review"):
        raise ValueError("nobody is named to sign it in review")

    try:
        severity = Severity(entry["severity"]) if slot in MESSAGE_SLOTS else None
        signers = tuple(Signer(name) for name in entry["review"])
        budget = int(entry["budget"])
    except (KeyError, ValueError) as error:
        raise ValueError(f"severity, review or budget: {error}") from None
    _check_evidence(evidence, signers)

    return Wording(
        key=key,
        slot=slot,
        english=english,
        note=entry.get("note", ""),
        budget=budget,
        severity=severity,
        pictogram=pictogram,
        review=signers,
        evidence=evidence,
    )


def _check_english(english: str) -> None:
    """Raise ValueError for a text that is missing, or has in braces what no rule fills."""
    if not english:
        raise ValueError("no English")

    unknown = placeholders(english) - PLACEHOLDERS
    if unknown:
        raise ValueError(f"unknown placeholder {sorted(unknown)}")


def _check_drawing(slot: str, pictogram: str | None, drawings: set[str]) -> None:
    """Raise ValueError unless messages and notices have a drawing, and nothing else has one."""
    is_drawn = pictogram in drawings
    names_nothing = bool(pictogram) and not is_drawn
    if names_nothing or is_drawn != (slot in _DRAWN_SLOTS):
        raise ValueError(f"no drawing for pictogram {pictogram!r}")


def _check_evidence(evidence: Sequence[Mapping[str, str]], signers: Sequence[Signer]) -> None:
    """Raise ValueError for a source that is not told whole.

    And for a claim without a source that was read, unless a clinician has to sign it.
    """
    for source in evidence:
        if not source.keys() >= _EVIDENCE:
            raise ValueError("evidence needs its source, place and figure")

    is_unsourced = any(source["source"] == UNSOURCED for source in evidence)
    if is_unsourced and Signer.CLINICIAN not in signers:
        raise ValueError("an unsourced claim needs a clinician in review")
