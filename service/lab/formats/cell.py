"""What stands in one cell -> what it means. Every way of writing has one reading here.

A reading never makes a finding smaller than it may be: "< 0,5" and "<LOQ" are found, too little to
measure; what cannot be read is refused, never taken for nothing.
"""

import re
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from service.foundation.problems import Flaw, Unfit
from service.lab.assay import Result
from service.vocabulary.codes import Basis, Outcome
from service.vocabulary.substances import resolve

_NUMBER = re.compile(r"(\d+(?:[.,]\d+)?)\s*%?")
_BETWEEN_REPLICATES = ";"
_UNDER = re.compile(r"<\s*(\d+(?:[.,]\d+)?)\s*%?")
_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(.*)")

_TOO_LITTLE = ("trace", "traces", "tr", "<loq", "<lq")
# Folded as `_folded` folds them. "-" is not here: it may mean any of three things.
_WORDS: dict[Outcome, tuple[str, ...]] = {
    Outcome.NOT_DETECTED: (
        *("nd", "notdetected", "nondetecte", "nondetectee", "absent", "absence"),
        *("neg", "negative", "negatif", "<lod", "<ld"),
    ),
    Outcome.DETECTED: (
        *(
            "detected",
            "detecte",
            "detectee",
            "present",
            "presence",
            "pos",
            "positive",
            "positif",
            "+",
            "oui",
            "yes",
        ),
        *_TOO_LITTLE,
    ),
    Outcome.NOT_TESTED: (
        "nottested",
        "nt",
        "nonteste",
        "nontestee",
        "na",
        "nonrecherche",
        "notsought",
    ),
    Outcome.IN_DOUBT: ("indoubt", "doubtful", "douteux", "douteuse"),
    Outcome.QUANTIFIED: ("quantified", "quantifie", "quantifiee"),
}
_OUTCOMES = {word: outcome for outcome, words in _WORDS.items() for word in words}
_BASES = (
    (Basis.HYDROCHLORIDE, re.compile(r"\b(hcl|hydrochloride|chlorhydrate)\b", re.IGNORECASE)),
    (Basis.BASE, re.compile(r"\bbase\b", re.IGNORECASE)),
)


def number(text: str) -> float | None:
    """A number from zero, with a decimal point or comma, with or without %; else None."""
    match = _NUMBER.fullmatch(text)
    return float(match[1].replace(",", ".")) if match else None


def result(
    substance: str, text: str, basis: Basis | None = None, loq: float | None = None
) -> Result | None:
    """One substance's cell: a number, "< x", "traces", "detected", "nd", "nt"; None if it is empty.

    Replicates stand with semicolons between them, as in "57,1; 58". `loq` is the limit of
    quantification that stands elsewhere in the row. Raises Unfit for what has no reading.
    """
    if not text:
        return None

    code = resolve(substance)
    under = _UNDER.fullmatch(text)
    if under:
        limit = float(under[1].replace(",", "."))
        return Result(substance=code, outcome=Outcome.DETECTED, loq_percent=limit)

    stated = outcome(text)
    if stated and stated is not Outcome.QUANTIFIED:
        too_little = _folded(text) in _TOO_LITTLE
        return Result(substance=code, outcome=stated, loq_percent=loq if too_little else None)

    contents = _contents(text)
    return Result(
        substance=code,
        outcome=Outcome.QUANTIFIED,
        content_percent=contents[0] if len(contents) == 1 else None,
        expressed_as=basis,
        loq_percent=loq,
        replicates=contents if len(contents) > 1 else (),
    ).summed_up


def _contents(text: str) -> tuple[float, ...]:
    """The number that stands there, or the replicates. Raises Unfit for what has no reading."""
    contents: list[float] = []

    for part in text.split(_BETWEEN_REPLICATES):
        content = number(part.strip())
        if content is None:
            raise Unfit(Flaw("", "no-reading"))
        contents.append(content)

    return tuple(contents)


@lru_cache(4096)
def outcome(text: str) -> Outcome | None:
    """An outcome by its code or by a laboratory's word; None where it says none."""
    return _OUTCOMES.get(_folded(text))


def basis_in(name: str) -> Basis | None:
    """What a content is expressed as, where the name itself says it, as in "Cocaine HCl"."""
    return next((basis for basis, pattern in _BASES if pattern.search(name)), None)


@lru_cache(4096)
def time(text: str, zone: ZoneInfo) -> datetime | None:
    """A day or a time, as in 2026-11-24T09:00:00+01:00 or 24/11/2026 09:00.

    It is in this zone where it has no offset; None for what is neither.
    """
    french = _DATE.fullmatch(text)
    if french:
        day, month, year, rest = french.groups()
        time_of_day = rest.replace(" ", "T", 1) if rest.strip() else ""
        text = f"{year}-{int(month):02}-{int(day):02}{time_of_day}"

    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        return None

    return read if read.tzinfo else read.replace(tzinfo=zone)


def _folded(text: str) -> str:
    plain = text.casefold().replace("é", "e").replace("è", "e")
    return "".join(character for character in plain if character.isalnum() or character in "<+")
