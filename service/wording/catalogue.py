"""Key and language -> sentence. Read once, at start; loud when a key, slot or placeholder is wrong.

A translation counts only for the exact English it was made from: the key stands in msgctxt and the
English in msgid, so editing the English silences every translation of it until someone looks again.
Fuzzy entries never speak. Values are written here, once for all media: Latin digits, a no-break
space before a unit, DD/MM/YYYY, and, in right-to-left text, each value and number isolated so that
it keeps its own order.
"""

import hashlib
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

from babel.lists import format_list

from service.vocabulary.codes import ENGLISH
from service.vocabulary.languages import locales_in
from service.vocabulary.substances import SUBSTANCES
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
from service.wording.translations import (
    MESSAGE,
    SUBSTANCE,
    international_names,
    po_path,
    speaking,
)

LEFT_TO_RIGHT_ISOLATE = "\u2066"
FIRST_STRONG_ISOLATE = "\u2068"
POP_ISOLATE = "\u2069"
_MARKS = (LEFT_TO_RIGHT_ISOLATE, FIRST_STRONG_ISOLATE, POP_ISOLATE)
_WITHOUT_MARKS = str.maketrans(dict.fromkeys(_MARKS, ""))
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
    """A weight in mg, said to the nearest whole number.

    Raises ValueError for what no weight can be.
    """

    mg: float

    def __post_init__(self) -> None:
        if not 0 <= self.mg < math.inf:
            raise ValueError(f"no weight: {self.mg}")


@dataclass(frozen=True, slots=True)
class Names:
    """Substances by code or raw name, said in the reader's language, joined as it joins a list."""

    substances: tuple[str, ...]


Value = Mg | Names | int | date


class Catalogue:
    """Every text of the service. Immutable once loaded."""

    def __init__(self, folder: Path) -> None:
        self.wordings = wordings(folder)
        self.locales = locales_in(folder / "locales.toml")

        pictures = (folder / "pictograms").glob("*.svg")
        self.pictograms = {path.stem: path.read_text("utf-8") for path in pictures}

        self._texts: dict[tuple[str, str], Text] = {}
        self._names: dict[tuple[str, str], Text] = {}
        self._page: dict[tuple[str, str, str], str] = {}
        for language in self.locales:
            signed = signatures(folder, language)
            if language == SOURCE:
                self._load_english(signed)
            else:
                self._load_messages(folder, language, signed)
                self._load_names(folder, language, signed)
                self._load_pages(folder, language)

        self.version = self._digest()

    def _load_english(self, signed: Signatures) -> None:
        for key, wording in self.wordings.items():
            self._add(SOURCE, key, wording.english, signed)
        for code, substance in SUBSTANCES.items():
            self._add_name(SOURCE, code, substance.name, signed)

    def _load_messages(self, folder: Path, language: str, signed: Signatures) -> None:
        path = po_path(folder, language, MESSAGE)
        for key, translation in speaking(path):
            if key not in self.wordings:
                raise CatalogueError(f"{language}/message.po: there is no message {key!r}")

            english = translation.english
            text = translation.text
            if self.wordings[key].english != english:
                continue  # stale: made from an English that is no longer said

            where = f"{language}/message.po: {key}"
            if placeholders(text) != placeholders(english):
                raise CatalogueError(f"{where}: placeholders differ from the English")
            if digits(text) != digits(english):
                raise CatalogueError(f"{where}: numbers differ from the English")
            self._add(language, key, text, signed)

    def _load_names(self, folder: Path, language: str, signed: Signatures) -> None:
        for code, name in international_names().items():
            self._add_name(language, code, name.text, signed)

        path = po_path(folder, language, SUBSTANCE)
        for code, translation in speaking(path):
            substance = SUBSTANCES.get(code)
            is_current = substance is not None and substance.name == translation.english
            if is_current:
                self._add_name(language, code, translation.text, signed)

    def _load_pages(self, folder: Path, language: str) -> None:
        path = po_path(folder, language, "page")
        if not path.exists():
            return

        for context, translation in speaking(path):
            english = translation.english
            text = translation.text
            if placeholders(text) != placeholders(english):
                raise CatalogueError(
                    f"{language}/page.po: {english!r}: placeholders differ from the English"
                )
            self._page[language, context, english] = text

    def _add(self, language: str, key: str, text: str, signed: Signatures) -> None:
        wording = self.wordings[key]
        signatures_of_it = signed.get(key, ())
        state = review(signatures_of_it, wording.english, text, wording.review)

        protected = self._protect_numbers(text, language)
        self._texts[language, key] = Text(protected, state)

    def _add_name(self, language: str, code: str, text: str, signed: Signatures) -> None:
        english = SUBSTANCES[code].name
        signatures_of_it = signed.get(code, ())
        state = review(signatures_of_it, english, text, _NAME_SIGNERS)
        self._names[language, code] = Text(text, state)

    def _digest(self) -> str:
        """Eight digits that differ wherever any text does."""
        texts = [*self._texts.items(), *self._names.items()]
        lines = sorted((language, key, text.text) for (language, key), text in texts)

        digest = hashlib.sha256(repr(lines).encode())
        return digest.hexdigest()[:8]

    @cached_property
    def page_languages(self) -> tuple[str, ...]:
        """The languages of staff pages and refusals, French first."""
        offered = {language for language, _, _ in self._page}
        offered.add(SOURCE)
        return tuple(language for language in self.locales if language in offered)

    def text(self, key: str, language: str) -> Text | None:
        """The template of a message in this language; None where it is missing or stale."""
        return self._texts.get((language, key))

    def review(self, key: str, language: str, values: Mapping[str, Value] | None = None) -> Review:
        """How far a text has been reviewed: no further than any substance that is named in it."""
        text = self.text(key, language)
        if text is None:
            return Review.MISSING

        named = (values or {}).get("name")
        if not isinstance(named, Names):
            return text.review

        codes = [code for code in named.substances if code in SUBSTANCES]
        names = [self.name_review(code, language) for code in codes]
        if Review.MISSING in names:
            return Review.DRAFT  # said with the name in another language
        return least((text.review, *names))

    def name_review(self, substance: str, language: str) -> Review:
        name = self._names.get((language, substance))
        if name is None:
            return Review.MISSING
        return name.review

    def unapproved(self, language: str) -> tuple[str, ...]:
        """The keys and substances of which this language has no approved text."""
        of_keys = {key: self.review(key, language) for key in self.wordings}
        of_names = {code: self.name_review(code, language) for code in SUBSTANCES}
        states = of_keys | of_names
        return tuple(key for key, state in states.items() if state is not Review.APPROVED)

    def say(self, key: str, language: str, values: Mapping[str, Value] | None = None) -> str:
        """The sentence with its values.

        Raises KeyError where the language lacks it or a value is missing.
        """
        template = self._texts[language, key].text
        given = values or {}
        written = {name: self._write(value, language) for name, value in given.items()}
        return template.format(**written)

    def name(self, substance: str, language: str) -> str:
        """A substance as this language calls it, else as French does.

        A raw name stands as the laboratory wrote it.
        """
        for spoken in (language, FALLBACK, SOURCE):
            name = self._names.get((spoken, substance))
            if name is not None:
                return name.text
        return substance

    def page(self, context: str, english: str, language: str, **values: object) -> str:
        """A text of a staff page or a refusal; English where it has no translation."""
        text = self._page.get((language, context, english), english)
        if not values:
            return text
        return text.format(**values)

    def label(self, field: str, code: str, language: str) -> str:
        """What a code of this field is called; a language, by its own name."""
        if field == "card_languages":
            return self.locales[code].name
        english = ENGLISH.get(code, code.replace("_", " "))
        general = self.page("code", english, language)
        own = (language, f"code:{field}", english)
        return self._page.get(own, general)

    def is_right_to_left(self, language: str) -> bool:
        return self.locales[language].direction == "rtl"

    def coverage(self, language: str) -> float:
        """The share of messages that this language says, from 0 to 1."""
        said = sum((language, key) in self._texts for key in self.wordings)
        return said / len(self.wordings)

    def reviews(self, language: str) -> dict[str, int]:
        """How many messages stand at each review state."""
        counts: dict[str, int] = {}
        for key in self.wordings:
            state = self.review(key, language).value
            counts[state] = counts.get(state, 0) + 1
        return counts

    def isolate(self, text: str, language: str) -> str:
        """A text that runs its own way inside this language, whatever its script."""
        if not self.is_right_to_left(language):
            return text
        return f"{FIRST_STRONG_ISOLATE}{text}{POP_ISOLATE}"

    def _protect_numbers(self, text: str, language: str) -> str:
        """Numbers kept on one line; those of right-to-left text, and its Latin words, isolated."""
        text = _SPACE_IN_NUMBER.sub("\u00a0", text)
        if not self.is_right_to_left(language):
            return text

        parts = _PLACEHOLDER.split(text)
        for index, part in enumerate(parts):
            if not _PLACEHOLDER.fullmatch(part):
                parts[index] = _NUMBERS_AND_LATIN.sub(_left_to_right, part)
        return "".join(parts)

    def _write(self, value: Value, language: str) -> str:
        """A value as this language writes it."""
        match value:
            case Mg(mg):
                text = f"{whole(mg)}\u00a0mg"
            case Names(substances):
                names = [self.name(substance, language) for substance in substances]
                isolated = [self.isolate(name, language) for name in names]
                return format_list(isolated, locale=self.locales[language].babel)
            case date():
                text = value.strftime("%d/%m/%Y")
            case _:
                text = str(value)

        if not self.is_right_to_left(language):
            return text
        return f"{LEFT_TO_RIGHT_ISOLATE}{text}{POP_ISOLATE}"


def _left_to_right(match: re.Match[str]) -> str:
    return f"{LEFT_TO_RIGHT_ISOLATE}{match.group()}{POP_ISOLATE}"


def whole(number: float) -> int:
    """To the nearest whole number, halves up, as people round."""
    return int(number + 0.5)


def plain(text: str) -> str:
    """The text without the invisible marks that isolate its values."""
    return text.translate(_WITHOUT_MARKS)
