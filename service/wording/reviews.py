"""Who signed which words: draft, reviewed by a second speaker, approved by those whom wording.toml names.

A signature is bound to the exact English and the exact text that were read, and both are kept in it: an edit of
either leaves it behind, and the text is a draft again. Signatures are only ever added.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path

from service.wording.inventory import CatalogueError, Signer, toml


class Review(StrEnum):
    """How far a text has been looked at; the least first."""

    MISSING = "missing"
    DRAFT = "draft"
    REVIEWED = "reviewed"
    APPROVED = "approved"


@dataclass(frozen=True, slots=True)
class Signature:
    """One person's word for one text. `by` names somebody of the service, never a person who brought a rock."""

    key: str
    signer: Signer
    by: str
    on: date
    english: str
    text: str

    def holds(self, english: str, text: str) -> bool:
        return self.english == english and self.text == text


_RANK = {state: rank for rank, state in enumerate(Review)}


def least(states: Iterable[Review]) -> Review:
    """The state that has been looked at least; approved where there is none."""
    return min(states, key=_RANK.__getitem__, default=Review.APPROVED)


Signatures = Mapping[str, Sequence[Signature]]


def review(
    signatures: Sequence[Signature], english: str, text: str, required: Iterable[Signer]
) -> Review:
    """The state of a text under its signatures. Nobody's approval counts before a second speaker's."""
    signed = {one.signer for one in signatures if one.holds(english, text)}
    if Signer.SPEAKER not in signed:
        return Review.DRAFT
    return Review.APPROVED if set(required) <= signed else Review.REVIEWED


def signatures(folder: Path, language: str) -> Signatures:
    """What was signed in a language, by key. Raises CatalogueError for a record that cannot be read."""
    path = _path(folder, language)
    if not path.exists():
        return {}
    found: dict[str, list[Signature]] = {}
    try:
        for entry in toml(path)["signed"]:
            one = Signature(**{**entry, "signer": Signer(entry["signer"])})
            found.setdefault(one.key, []).append(one)
    except (KeyError, TypeError, ValueError) as error:
        raise CatalogueError(f"{language}/{path.name}: {error}") from None
    return found


def left_behind(signatures: Signatures, said: Mapping[str, tuple[str, str]]) -> list[str]:
    """The keys that somebody has signed, but not in the words of today."""
    return [
        key
        for key, held in signatures.items()
        if key not in said or not any(s.holds(*said[key]) for s in held)
    ]


def sign(folder: Path, language: str, new: Iterable[Signature]) -> None:
    """Add signatures to a language's record."""
    with _path(folder, language).open("a", encoding="utf-8") as file:
        for one in new:
            words = {
                "key": one.key,
                "signer": one.signer,
                "by": one.by,
                "english": one.english,
                "text": one.text,
            }
            lines = [
                f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in words.items()
            ]
            file.write("\n".join(["[[signed]]", *lines, f"on = {one.on.isoformat()}", "", ""]))


def _path(folder: Path, language: str) -> Path:
    return folder / language / "reviews.toml"
