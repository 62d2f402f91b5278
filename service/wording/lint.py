"""What must hold of the words before anyone prints them; each issue names file, key and language.

`make words` runs it alone, `make test` with everything else. It reads the translators' files themselves, so it
also sees what the service keeps silent about: what is stale, fuzzy, missing or left over.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
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
    placeholders,
    terms,
    wordings,
)
from service.wording.translations import DOMAINS, MESSAGE, SUBSTANCE, po_path, read, sources

LONGEST_SENTENCE = 14  # words; messages.md B, after FALC's twelve and the NHS manual's twenty
AIM_SENTENCE = 9  # words, on average over a language
_SENTENCE_END = re.compile(r"(?<=[.?!؟])\s+")
_SPACE_IN_NUMBER = re.compile(r"(?<=\d)\s(?=\d)")
_PHONE = re.compile(r"0 800(?: \d\d){3}")
_ALPHABETS = ("LATIN", "CYRILLIC", "GEORGIAN", "ARABIC")
_OWN_ALPHABET = {"ar": "ARABIC", "ka": "GEORGIAN", "ru": "CYRILLIC", "uk": "CYRILLIC"}
LONGEST_NAME = 60  # characters
MORE_SENTENCES = 3  # a language may cut a sentence in two; more than that may be advice of its own


@dataclass(frozen=True, slots=True)
class Issue:
    """What is wrong with one text, or with one language where `key` is empty."""

    file: str
    key: str
    language: str
    what: str

    def __str__(self) -> str:
        return ": ".join(part for part in (self.file, self.language, self.key, self.what) if part)


def issues(folder: Path) -> list[Issue]:
    """Everything that is wrong with the words in this folder; none where they are fit to be said."""
    try:
        inventory = wordings(folder)
        agreed = terms(folder)
        locales = locales_in(folder / "locales.toml")
    except (CatalogueError, OSError, ValueError, KeyError) as error:
        return [Issue("messages", "", "", str(error))]
    wanted = {
        domain: {key: english for key, english, _ in sources(folder, domain)} for domain in DOMAINS
    }
    found: list[Issue] = []
    for language in locales:
        try:
            words = glossary(folder, language)
        except CatalogueError as error:
            found.append(Issue("", "", language, str(error)))
            continue
        if language == SOURCE:
            texts = {key: wording.english for key, wording in inventory.items()}
        else:
            try:
                files = {domain: read(po_path(folder, language, domain)) for domain in DOMAINS}
            except CatalogueError as error:
                found.append(Issue("", "", language, str(error)))
                continue
            texts = _said(files[MESSAGE])
            for domain, held in files.items():
                found += _of_file(language, domain, held, wanted[domain])
            found += _of_glossary(language, words, agreed)
            found += _of_names(language, _said(files[SUBSTANCE]), words)
        file = "wording.toml" if language == SOURCE else f"{language}/LC_MESSAGES/message.po"
        for key, text in texts.items():
            if language != SOURCE and key in inventory:
                if text == inventory[key].english:
                    found.append(Issue(file, key, language, "is the English itself"))
                if _alphabet_of(text) != _OWN_ALPHABET.get(language, "LATIN"):
                    found.append(Issue(file, key, language, "is not in this language's alphabet"))
            if key in inventory:
                for what in _of_text(
                    inventory[key], text, words, agreed if language != SOURCE else {}
                ):
                    found.append(Issue(file, key, language, what))
        average = average_sentence(texts.values())
        if average > AIM_SENTENCE:
            found.append(
                Issue(
                    file, "", language, f"sentences average {average:.1f} words, aim {AIM_SENTENCE}"
                )
            )
    return found


def sentences(text: str) -> list[str]:
    return [one for one in _SENTENCE_END.split(text.strip()) if one]


def words_in(sentence: str) -> int:
    """Words as a reader counts them: a telephone number is one, a dash is none."""
    return sum(
        any(c.isalnum() for c in word) for word in _SPACE_IN_NUMBER.sub("", sentence).split()
    )


def average_sentence(texts: Iterable[str]) -> float:
    """Words a sentence, on average."""
    counts = [words_in(sentence) for text in texts for sentence in sentences(text)]
    return sum(counts) / len(counts) if counts else 0.0


def _said(file: Catalog) -> dict[str, str]:
    """What a file says by its key, fuzzy entries too: they are about to be said again."""
    return {str(entry.context): str(entry.string) for entry in file if entry.id and entry.string}


def _of_file(
    language: str, domain: str, translated: Catalog, wanted: dict[str, str]
) -> Iterator[Issue]:
    """Missing, fuzzy, stale and left-over entries of a file."""
    file = f"{language}/LC_MESSAGES/{domain}.po"
    held = {entry.context: entry for entry in translated if entry.id}
    for key, english in wanted.items():
        entry = held.get(key)
        if entry is None or not entry.string:
            yield Issue(file, key, language, "not translated")
        elif entry.id != english:
            yield Issue(file, key, language, "stale: the English has changed since")
        elif entry.fuzzy:
            yield Issue(
                file, key, language, "fuzzy: nobody has looked at it since the English changed"
            )
    for key in sorted(map(str, held.keys() - wanted.keys())):
        yield Issue(file, key, language, "there is nothing of this name to say")


def _of_names(language: str, names: dict[str, str], words: Glossary) -> Iterator[Issue]:
    file = f"{language}/LC_MESSAGES/{SUBSTANCE}.po"
    called: dict[str, str] = {}
    for code, name in names.items():
        if _placeholders(name) or not name.strip() or len(name) > LONGEST_NAME:
            yield Issue(file, code, language, f"{name!r} is no name")
        if (other := called.setdefault(name.casefold(), code)) != code:
            yield Issue(file, code, language, f"is called like {other}: {name}")
        if code in SUBSTANCES and not set(digits(SUBSTANCES[code].name)) <= set(digits(name)):
            yield Issue(
                file, code, language, f"numbers {digits(name)}, in English {SUBSTANCES[code].name}"
            )
        for what in _of_letters(name):
            yield Issue(file, code, language, what)
        for pattern in words.never:
            if banned := re.search(pattern, name, re.IGNORECASE):
                yield Issue(file, code, language, f"never say {banned.group()!r}")


def _of_glossary(
    language: str, words: Glossary, agreed: dict[str, re.Pattern[str]]
) -> Iterator[Issue]:
    file = f"{language}/glossary.toml"
    for term in agreed:
        if not words.terms.get(term):
            yield Issue(file, term, language, "no word agreed for this term")
    for term in sorted(words.terms.keys() - agreed.keys()):
        yield Issue(file, term, language, "not a term of glossary.toml")
    if not words.never:
        yield Issue(file, "", language, "no word is named that may never be said")


def _of_text(
    wording: Wording, text: str, words: Glossary, agreed: dict[str, re.Pattern[str]]
) -> Iterator[str]:
    if _placeholders(text) != _placeholders(wording.english):
        yield f"placeholders {_placeholders(text)}, in English {_placeholders(wording.english)}"
    if digits(text) != digits(wording.english):
        yield f"numbers {digits(text)}, in English {digits(wording.english)}"
    for number in _PHONE.findall(wording.english):
        if number not in text.replace("\u00a0", " "):
            yield f"the telephone number is not {number}"
    if len(text) > wording.budget:
        yield f"{len(text)} characters, budget {wording.budget}"
    if len(sentences(text)) < len(sentences(wording.english)):
        yield f"{len(sentences(text))} sentences, in English {len(sentences(wording.english))}: is one lost?"
    if len(sentences(text)) > len(sentences(wording.english)) + MORE_SENTENCES:
        yield f"{len(sentences(text))} sentences, in English {len(sentences(wording.english))}: is one added?"
    for sentence in sentences(text):
        if words_in(sentence) > LONGEST_SENTENCE:
            yield f"{words_in(sentence)} words in a sentence, at most {LONGEST_SENTENCE}: {sentence}"
    for pattern in words.never:
        if banned := re.search(pattern, text, re.IGNORECASE):
            yield f"never say {banned.group()!r}"
    for term, english in agreed.items():
        patterns = words.terms.get(term, ())
        if english.search(wording.english) and patterns and not _any(patterns, text):
            yield f"{term}: says none of {', '.join(patterns)}"
    yield from _of_letters(text)


def _of_letters(text: str) -> Iterator[str]:
    """What no sentence and no name may hold: letters that look alike, signs that nobody sees."""
    for word in re.findall(r"[^\W\d_]+", text):
        if len(alphabets := {_alphabet(letter) for letter in word} - {""}) > 1:
            yield f"{word!r} mixes alphabets: {', '.join(sorted(alphabets))}"
    for letter in text:
        if letter in "<>" or unicodedata.category(letter) in ("Cc", "Cf", "Zl", "Zp", "Co", "Cn"):
            yield f"holds {unicodedata.name(letter, repr(letter))}: the program inserts what runs otherwise"
    if unicodedata.normalize("NFC", text) != text:
        yield "letters and accents are written apart (not NFC)"


def _placeholders(text: str) -> list[str]:
    """What stands in braces, as often as it does."""
    try:
        placeholders(text)
    except ValueError:
        return ["broken braces"]
    return sorted(re.findall(r"\{(.*?)\}", text))


def _alphabet_of(text: str) -> str:
    """The alphabet that most of a text is written in, its placeholders left out."""
    letters = Counter(
        _alphabet(letter) for letter in re.sub(r"\{.*?\}", "", text) if letter.isalpha()
    )
    return letters.most_common(1)[0][0] if letters else ""


def _any(patterns: Iterable[str], text: str) -> bool:
    return any(re.search(pattern, text, re.IGNORECASE) for pattern in patterns)


def _alphabet(letter: str) -> str:
    name = unicodedata.name(letter, "")
    return next((one for one in _ALPHABETS if name.startswith(one)), "")
