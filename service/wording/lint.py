"""What must hold of the words before anyone prints them; each issue names file, key and language.

`make words` runs it alone, `make test` with everything else. It reads the translators' files
themselves, so it also sees what the service keeps silent about: what is stale, fuzzy, missing or
left over.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from babel.messages.catalog import Catalog

from service.vocabulary.languages import locales_in
from service.vocabulary.substances import SUBSTANCES
from service.wording.inventory import (
    SOURCE,
    CatalogueError,
    Glossary,
    Wording,
    digits,
    glossary,
    terms,
    wordings,
)
from service.wording.lint_text import (
    AIM_SENTENCE,
    alphabet_of,
    average_sentence,
    braced,
    faults,
    faults_of_letters,
    never_said,
)
from service.wording.translations import DOMAINS, MESSAGE, SUBSTANCE, po_path, read, sources

LONGEST_NAME = 60  # characters
_OWN_ALPHABET = {"ar": "ARABIC", "ka": "GEORGIAN", "ru": "CYRILLIC", "uk": "CYRILLIC"}

Terms = Mapping[str, re.Pattern[str]]
"""What each term of the glossary looks like in English."""


@dataclass(frozen=True, slots=True)
class Issue:
    """What is wrong with one text, or with one language where `key` is empty."""

    file: str
    key: str
    language: str
    what: str

    def __str__(self) -> str:
        parts = (self.file, self.language, self.key, self.what)
        return ": ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class _File:
    """One file of one language; makes its issues."""

    name: str
    language: str

    def issue(self, key: str, what: str) -> Issue:
        return Issue(self.name, key, self.language, what)


@dataclass(frozen=True, slots=True)
class _Inventory:
    """What every language has to say."""

    wordings: Mapping[str, Wording]
    terms: Terms
    english: Mapping[str, Mapping[str, str]]
    """By domain and key."""


def issues(folder: Path) -> list[Issue]:
    """Everything that is wrong with the words in this folder; nothing where they are fit."""
    try:
        inventory = _inventory(folder)
        languages = list(locales_in(folder / "locales.toml"))
    except (CatalogueError, OSError, ValueError, KeyError) as error:
        return [Issue("messages", "", "", str(error))]

    found: list[Issue] = []
    for language in languages:
        try:
            if language == SOURCE:
                found += _of_english(folder, inventory)
            else:
                found += _of_language(folder, language, inventory)
        except CatalogueError as error:
            found.append(Issue("", "", language, str(error)))
    return found


def _inventory(folder: Path) -> _Inventory:
    english = {}
    for domain in DOMAINS:
        to_say = sources(folder, domain)
        english[domain] = {source.context: source.english for source in to_say}

    return _Inventory(wordings(folder), terms(folder), english)


def _of_english(folder: Path, inventory: _Inventory) -> list[Issue]:
    """What is wrong with the English itself. Raises CatalogueError."""
    file = _File("wording.toml", SOURCE)
    words = glossary(folder, SOURCE)

    found: list[Issue] = []
    texts: list[str] = []
    for key, wording in inventory.wordings.items():
        wrong = faults(wording, wording.english, words, {})
        found += [file.issue(key, what) for what in wrong]
        texts.append(wording.english)

    found += _of_sentences(file, texts)
    return found


def _of_language(folder: Path, language: str, inventory: _Inventory) -> list[Issue]:
    """What is wrong with a language's files. Raises CatalogueError for one that cannot be read."""
    words = glossary(folder, language)
    files = {domain: read(po_path(folder, language, domain)) for domain in DOMAINS}
    names = _texts(files[SUBSTANCE])
    messages = _texts(files[MESSAGE])

    found: list[Issue] = []
    for domain, entries in files.items():
        file = _po(language, domain)
        found += _of_file(file, entries, inventory.english[domain])
    found += _of_glossary(language, words, inventory.terms)
    found += _of_names(_po(language, SUBSTANCE), names, words)
    found += _of_messages(_po(language, MESSAGE), messages, words, inventory)
    return found


def _po(language: str, domain: str) -> _File:
    return _File(f"{language}/LC_MESSAGES/{domain}.po", language)


def _texts(entries: Catalog) -> dict[str, str]:
    """What a file says by its key, fuzzy entries too: they are about to be said again."""
    return {str(entry.context): str(entry.string) for entry in entries if entry.id and entry.string}


def _of_file(file: _File, entries: Catalog, wanted: Mapping[str, str]) -> Iterator[Issue]:
    """Missing, fuzzy, stale and left-over entries of a file."""
    by_key = {entry.context: entry for entry in entries if entry.id}

    for key, english in wanted.items():
        entry = by_key.get(key)
        if entry is None or not entry.string:
            yield file.issue(key, "not translated")
        elif entry.id != english:
            yield file.issue(key, "stale: the English has changed since")
        elif entry.fuzzy:
            yield file.issue(key, "fuzzy: nobody has looked at it since the English changed")

    left_over = by_key.keys() - wanted.keys()
    for key in sorted(map(str, left_over)):
        yield file.issue(key, "there is nothing of this name to say")


def _of_glossary(language: str, words: Glossary, agreed: Terms) -> Iterator[Issue]:
    file = _File(f"{language}/glossary.toml", language)
    for term in agreed:
        if not words.terms.get(term):
            yield file.issue(term, "no word agreed for this term")

    left_over = words.terms.keys() - agreed.keys()
    for term in sorted(left_over):
        yield file.issue(term, "not a term of glossary.toml")

    if not words.never:
        yield file.issue("", "no word is named that may never be said")


def _of_names(file: _File, names: Mapping[str, str], words: Glossary) -> Iterator[Issue]:
    """What is wrong with the names of substances, by code."""
    first_code: dict[str, str] = {}
    for code, name in names.items():
        is_name = name.strip() and not braced(name)
        if not is_name or len(name) > LONGEST_NAME:
            yield file.issue(code, f"{name!r} is no name")

        other = first_code.setdefault(name.casefold(), code)
        if other != code:
            yield file.issue(code, f"is called like {other}: {name}")

        if code in SUBSTANCES:
            english = SUBSTANCES[code].name
            numbers = digits(name)
            if not set(digits(english)) <= set(numbers):
                yield file.issue(code, f"numbers {numbers}, in English {english}")

        wrong = chain(faults_of_letters(name), never_said(name, words))
        for what in wrong:
            yield file.issue(code, what)


def _of_messages(
    file: _File,
    texts: Mapping[str, str],
    words: Glossary,
    inventory: _Inventory,
) -> Iterator[Issue]:
    """What is wrong with the messages of a language, by key."""
    alphabet = _OWN_ALPHABET.get(file.language, "LATIN")
    for key, text in texts.items():
        wording = inventory.wordings.get(key)
        if wording is None:
            continue

        if text == wording.english:
            yield file.issue(key, "is the English itself")
        if alphabet_of(text) != alphabet:
            yield file.issue(key, "is not in this language's alphabet")
        for what in faults(wording, text, words, inventory.terms):
            yield file.issue(key, what)

    yield from _of_sentences(file, texts.values())


def _of_sentences(file: _File, texts: Iterable[str]) -> Iterator[Issue]:
    average = average_sentence(texts)
    if average > AIM_SENTENCE:
        yield file.issue("", f"sentences average {average:.1f} words, aim {AIM_SENTENCE}")
