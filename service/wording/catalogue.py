"""Key and language -> sentence. Read once, at start; loud when a key, slot or placeholder is wrong.

A translation counts only for the exact English it was made from: the key stands in msgctxt and the English
in msgid, so editing the English silences every translation of it until someone looks again. Fuzzy entries
never speak. Values are written here, once for all media: Latin digits, a no-break space before a unit,
DD/MM/YYYY, and, in right-to-left text, each value and number isolated so that it keeps its own order.
"""

import hashlib
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from babel.lists import format_list

from service.vocabulary.codes import ENGLISH
from service.vocabulary.languages import locales_in
from service.vocabulary.substances import SUBSTANCES
from service.wording import translations
from service.wording.inventory import (
    FALLBACK,
    SOURCE,
    CatalogueError,
    Signer,
    digits,
    placeholders,
    wordings,
)
from service.wording.reviews import Review, Signatures, least, review, signatures

LEFT_TO_RIGHT_ISOLATE, FIRST_STRONG_ISOLATE, POP_ISOLATE = "\u2066", "\u2068", "\u2069"
_NUMBERS_AND_LATIN = re.compile(r"[0-9A-Za-z](?:[0-9A-Za-zÀ-ÿ \u00a0'’:.–-]*[0-9A-Za-zÀ-ÿ])?")
_SPACE_IN_NUMBER = re.compile(r"(?<=\d) (?=\d)")
_PLACEHOLDER = re.compile(r"(\{[a-z]+\})")
_NAME_SIGNERS = (Signer.CLINICIAN,)


@dataclass(frozen=True, slots=True)
class Text:
    """A sentence in one language and how far it has been reviewed."""

    text: str
    review: Review


@dataclass(frozen=True, slots=True)
class Mg:
    """A weight in mg, said to the nearest whole number. Raises ValueError for what no weight can be."""

    mg: float

    def __post_init__(self) -> None:
        if not 0 <= self.mg < math.inf:
            raise ValueError(f"no weight: {self.mg}")


@dataclass(frozen=True, slots=True)
class Names:
    """Substances, by code or raw name, said in the reader's language and joined as it joins a list."""

    substances: tuple[str, ...]


Value = Mg | Names | int | date


class Catalogue:
    """Every text of the service. Immutable once loaded."""

    def __init__(self, folder: Path) -> None:
        self.wordings = wordings(folder)
        self.locales = locales_in(folder / "locales.toml")
        self.pictograms = {
            path.stem: path.read_text("utf-8") for path in (folder / "pictograms").glob("*.svg")
        }
        self._texts: dict[tuple[str, str], Text] = {}
        self._names: dict[tuple[str, str], Text] = {}
        self._page: dict[tuple[str, str, str], str] = {}
        for language in self.locales:
            self._load(folder, language)
        said = sorted(
            (*key, text.text) for texts in (self._texts, self._names) for key, text in texts.items()
        )
        self.version = hashlib.sha256(repr(said).encode()).hexdigest()[:8]

    def _load(self, folder: Path, language: str) -> None:
        signed = signatures(folder, language)
        if language == SOURCE:
            for key, wording in self.wordings.items():
                self._add(language, key, wording.english, signed)
            for code, substance in SUBSTANCES.items():
                self._add_name(language, code, substance.name, signed)
            return
        for key, english, text in _entries(
            translations.po_path(folder, language, translations.MESSAGE)
        ):
            if key not in self.wordings:
                raise CatalogueError(f"{language}/message.po: there is no message {key!r}")
            if self.wordings[key].english != english:
                continue  # stale: made from an English that is no longer said
            if placeholders(text) != placeholders(english):
                raise CatalogueError(
                    f"{language}/message.po: {key}: placeholders differ from the English"
                )
            if digits(text) != digits(english):
                raise CatalogueError(
                    f"{language}/message.po: {key}: numbers differ from the English"
                )
            self._add(language, key, text, signed)
        for code, english, text in _entries(
            translations.po_path(folder, language, translations.SUBSTANCE)
        ):
            if code in SUBSTANCES and SUBSTANCES[code].name == english:
                self._add_name(language, code, text, signed)
        if (page := translations.po_path(folder, language, "page")).exists():
            for context, english, text in _entries(page):
                if placeholders(text) != placeholders(english):
                    raise CatalogueError(
                        f"{language}/page.po: {english!r}: placeholders differ from the English"
                    )
                self._page[language, context, english] = text

    def _add(self, language: str, key: str, text: str, signed: Signatures) -> None:
        wording = self.wordings[key]
        state = review(signed.get(key, ()), wording.english, text, wording.review)
        self._texts[language, key] = Text(self._fit(text, language), state)

    def _add_name(self, language: str, code: str, text: str, signed: Signatures) -> None:
        english = SUBSTANCES[code].name
        self._names[language, code] = Text(
            text, review(signed.get(code, ()), english, text, _NAME_SIGNERS)
        )

    @cached_property
    def page_languages(self) -> tuple[str, ...]:
        """The languages of staff pages and refusals, French first."""
        translated = {language for language, _, _ in self._page}
        return tuple(one for one in self.locales if one in translated or one == SOURCE)

    def text(self, key: str, language: str) -> Text | None:
        """The template of a message in this language; None where it is missing or stale."""
        return self._texts.get((language, key))

    def review(self, key: str, language: str, values: Mapping[str, Value] | None = None) -> Review:
        """How far a text has been reviewed, with the substances named in it: no further than any of them."""
        found = self.text(key, language)
        if found is None:
            return Review.MISSING
        named = (values or {}).get("name")
        if not isinstance(named, Names):
            return found.review
        names = [self.name_review(one, language) for one in named.substances if one in SUBSTANCES]
        if Review.MISSING in names:
            return Review.DRAFT  # said with the name in another language
        return least((found.review, *names))

    def name_review(self, substance: str, language: str) -> Review:
        found = self._names.get((language, substance))
        return found.review if found else Review.MISSING

    def unapproved(self, language: str) -> tuple[str, ...]:
        """The keys and substances of which this language has no approved text."""
        keys = [key for key in self.wordings if self.review(key, language) is not Review.APPROVED]
        names = [
            code for code in SUBSTANCES if self.name_review(code, language) is not Review.APPROVED
        ]
        return (*keys, *names)

    def say(self, key: str, language: str, values: Mapping[str, Value] | None = None) -> str:
        """The sentence with its values. Raises KeyError where the language lacks it or a value is missing."""
        found = self._texts[language, key]
        written = {name: self._written(value, language) for name, value in (values or {}).items()}
        return found.text.format(**written)

    def name(self, substance: str, language: str) -> str:
        """A substance as this language calls it, else as French does; a raw name as the laboratory wrote it."""
        spoken = (self._names.get((one, substance)) for one in (language, FALLBACK, SOURCE))
        return next((known.text for known in spoken if known), substance)

    def page(self, context: str, english: str, language: str, **values: Any) -> str:
        """A text of a staff page or a refusal; English where it has no translation."""
        text = self._page.get((language, context, english), english)
        return text.format(**values) if values else text

    def label(self, field: str, code: str, language: str) -> str:
        """What a code of this field is called; a language, by its own name."""
        if field == "card_languages":
            return self.locales[code].name
        english = ENGLISH.get(code, code.replace("_", " "))
        general = self.page("code", english, language)
        return self._page.get((language, f"code:{field}", english), general)

    def is_right_to_left(self, language: str) -> bool:
        return self.locales[language].direction == "rtl"

    def coverage(self, language: str) -> float:
        """The share of messages that this language says, from 0 to 1."""
        return sum((language, key) in self._texts for key in self.wordings) / len(self.wordings)

    def reviews(self, language: str) -> dict[str, int]:
        """How many messages stand at each review state."""
        counts: dict[str, int] = {}
        for key in self.wordings:
            state = self.review(key, language).value
            counts[state] = counts.get(state, 0) + 1
        return counts

    def _fit(self, text: str, language: str) -> str:
        """Numbers kept on one line; those of a right-to-left text, and its Latin words, isolated."""
        text = _SPACE_IN_NUMBER.sub("\u00a0", text)
        if not self.is_right_to_left(language):
            return text
        parts = _PLACEHOLDER.split(text)
        return "".join(
            part if _PLACEHOLDER.fullmatch(part) else _NUMBERS_AND_LATIN.sub(_isolated_match, part)
            for part in parts
        )

    def _written(self, value: Value, language: str) -> str:
        match value:
            case Mg(mg):
                text = f"{whole(mg)}\u00a0mg"
            case Names(substances):
                each = [self.isolate(self.name(one, language), language) for one in substances]
                return format_list(each, locale=self.locales[language].babel)
            case date():
                text = value.strftime("%d/%m/%Y")
            case _:
                text = str(value)
        return self._isolated(text, language)

    def _isolated(self, text: str, language: str) -> str:
        return (
            f"{LEFT_TO_RIGHT_ISOLATE}{text}{POP_ISOLATE}"
            if self.is_right_to_left(language)
            else text
        )

    def isolate(self, text: str, language: str) -> str:
        """A text that runs its own way inside this language, whatever its script."""
        return (
            f"{FIRST_STRONG_ISOLATE}{text}{POP_ISOLATE}"
            if self.is_right_to_left(language)
            else text
        )


def _isolated_match(match: re.Match[str]) -> str:
    return f"{LEFT_TO_RIGHT_ISOLATE}{match.group()}{POP_ISOLATE}"


def whole(number: float) -> int:
    """To the nearest whole number, halves up, as people round."""
    return int(number + 0.5)


def plain(text: str) -> str:
    """The text without the invisible marks that isolate its values."""
    return text.translate(
        {ord(c): None for c in (LEFT_TO_RIGHT_ISOLATE, FIRST_STRONG_ISOLATE, POP_ISOLATE)}
    )


def _entries(path: Path) -> Iterable[tuple[str, str, str]]:
    """(context, English, text) of every entry that may speak: translated and not fuzzy."""
    for entry in translations.read(path):
        if entry.id and entry.string and not entry.fuzzy:
            yield entry.context or "", str(entry.id), str(entry.string)
