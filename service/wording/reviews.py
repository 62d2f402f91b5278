"""Who signed which words: draft, reviewed by a second speaker, approved by those wording.toml
names.

A signature is bound to the exact English and the exact text that were read, and both are kept in
it: an edit of either leaves it behind, and the text is a draft again. Signatures are only ever
added.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path

from service.wording.inventory import CatalogueError, Signer, toml
from service.wording.lint import Issue
from service.wording.translations import Translation


class Review(StrEnum):
    """How far a text has been looked at; the least first."""

    MISSING = "missing"
    DRAFT = "draft"
    REVIEWED = "reviewed"
    APPROVED = "approved"


@dataclass(frozen=True, slots=True)
class Signature:
    """One person's word for one text.

    `by` names somebody of the service, never a person who brought a rock.
    """

    key: str
    signer: Signer
    by: str
    on: date
    english: str
    text: str

    def holds(self, english: str, text: str) -> bool:
        """Whether exactly these words were signed."""
        return self.english == english and self.text == text


_RANK = {state: rank for rank, state in enumerate(Review)}


def least(states: Iterable[Review]) -> Review:
    """The state that has been looked at least; approved where there is none."""
    return min(states, key=_RANK.__getitem__, default=Review.APPROVED)


Signatures = Mapping[str, Sequence[Signature]]
"""By key."""

Texts = Mapping[str, Translation]
"""What a language says today, by key or substance."""


def review(
    signatures: Sequence[Signature], english: str, text: str, required: Iterable[Signer]
) -> Review:
    """The state of a text under its signatures.

    Nobody's approval counts before a second speaker's.
    """
    signers = {signature.signer for signature in signatures if signature.holds(english, text)}
    if Signer.SPEAKER not in signers:
        return Review.DRAFT
    return Review.APPROVED if set(required) <= signers else Review.REVIEWED


def left_behind(signatures: Signatures, texts: Texts) -> list[str]:
    """The keys that somebody has signed, but not in the words of today."""
    return [key for key, given in signatures.items() if not _holds_today(given, texts.get(key))]


def _holds_today(signatures: Sequence[Signature], today: Translation | None) -> bool:
    if today is None:
        return False
    return any(signature.holds(today.english, today.text) for signature in signatures)


# --- Signing --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Signing:
    """What somebody wants to sign, and as what. `by` is their name, without blanks around it."""

    keys: tuple[str, ...]
    signer: Signer
    by: str


class WhyNot(StrEnum):
    """Why words are not signed; the first that holds is told."""

    UNFIT = "unfit"
    """The lint finds something wrong with one of them, or with their language."""
    NOT_SAID = "not-said"
    """The language does not say one of them."""
    SPEAKER_FIRST = "speaker-first"
    """No second speaker has read one of them yet."""
    SECOND_PERSON = "second-person"
    """Who speaks the language and who approves are two people."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Why nothing is signed. `what` are the keys that it is about, or the issue of unfit words."""

    why: WhyNot
    what: tuple[str, ...]


def refusal(
    signing: Signing, texts: Texts, signatures: Signatures, issues: Iterable[Issue]
) -> Refused | None:
    """Why this may not be signed, or None where it may.

    Only words that are fit are signed; a second speaker signs first; and nobody signs a text alone,
    as speaker and as one who approves. `issues` are those of the language, `signatures` those it
    has.
    """
    unfit = [issue for issue in issues if not issue.key or issue.key in signing.keys]
    if unfit:
        return Refused(WhyNot.UNFIT, (str(unfit[0]),))

    not_said = tuple(key for key in signing.keys if key not in texts)
    if not_said:
        return Refused(WhyNot.NOT_SAID, not_said)

    in_force = {key: _in_force(signatures.get(key, ()), texts[key]) for key in signing.keys}

    unread = tuple(key for key in signing.keys if not _may_follow(signing, in_force[key]))
    if unread:
        return Refused(WhyNot.SPEAKER_FIRST, unread)

    alone = tuple(key for key in signing.keys if _signs_alone(signing, in_force[key]))
    if alone:
        return Refused(WhyNot.SECOND_PERSON, alone)
    return None


def signed(signing: Signing, texts: Texts, on: date) -> list[Signature]:
    """The signatures, each bound to the words of today."""
    return [
        Signature(key, signing.signer, signing.by, on, texts[key].english, texts[key].text)
        for key in signing.keys
    ]


def _in_force(signatures: Iterable[Signature], today: Translation) -> list[Signature]:
    return [signature for signature in signatures if signature.holds(today.english, today.text)]


def _may_follow(signing: Signing, in_force: Iterable[Signature]) -> bool:
    """A speaker may always sign, everybody else only after one."""
    if signing.signer is Signer.SPEAKER:
        return True
    return any(signature.signer is Signer.SPEAKER for signature in in_force)


def _signs_alone(signing: Signing, in_force: Iterable[Signature]) -> bool:
    """Whether one person would stand for the text as speaker and as something else."""
    own = {signature.signer for signature in in_force if signature.by == signing.by}
    if signing.signer is Signer.SPEAKER:
        return bool(own - {Signer.SPEAKER})
    return Signer.SPEAKER in own


# --- The record -----------------------------------------------------------------------------------


def signatures(folder: Path, language: str) -> Signatures:
    """What was signed in a language, by key.

    Raises CatalogueError for a record that cannot be read.
    """
    path = _path(folder, language)
    if not path.exists():
        return {}

    by_key: dict[str, list[Signature]] = {}
    try:
        for entry in toml(path)["signed"]:
            signature = Signature(**{**entry, "signer": Signer(entry["signer"])})
            by_key.setdefault(signature.key, []).append(signature)
    except (KeyError, TypeError, ValueError) as error:
        raise CatalogueError(f"{language}/{path.name}: {error}") from None
    return by_key


def sign(folder: Path, language: str, new: Iterable[Signature]) -> None:
    """Add signatures to a language's record."""
    with _path(folder, language).open("a", encoding="utf-8") as file:
        for signature in new:
            file.write(_entry(signature))


def _entry(signature: Signature) -> str:
    """A signature as TOML, a blank line after it."""
    fields = {
        "key": signature.key,
        "signer": signature.signer,
        "by": signature.by,
        "english": signature.english,
        "text": signature.text,
    }
    lines = [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in fields.items()]
    return "\n".join(["[[signed]]", *lines, f"on = {signature.on.isoformat()}", "", ""])


def _path(folder: Path, language: str) -> Path:
    return folder / language / "reviews.toml"
