"""The translators' files: written from the inventory, for Weblate, Poedit or an editor.

Template and translations share one order and the notes for translators. A translation whose English
changed is kept as fuzzy beside the English it was made from: it waits for a translator and never
speaks.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, denormalize, read_po, write_po

from service.vocabulary.languages import Locale, locales_in
from service.vocabulary.substances import SUBSTANCES
from service.wording.inventory import SOURCE, CatalogueError, terms, wordings

MESSAGE = "message"
SUBSTANCE = "substance"
DOMAINS = (MESSAGE, SUBSTANCE)
# Characters: wider than any text, or Babel breaks the English kept beside a changed entry.
_ONE_LINE = 1000
_LINE = re.compile(r'((msgctxt|msgid|msgid_plural|msgstr(\[\d+\])?)\s+)?"(?:[^"\\]|\\.)*"')
_PREVIOUS = "| msgid "
_NO_TIME = datetime(2026, 1, 1, tzinfo=UTC)  # of a template: its history is git's
_NEW_GLOSSARY = """\
# Words that may never be said of a sample: safe, pure, clean, good, normal, harmless. Patterns.
never = []

# What we agreed to call each term of glossary.toml: patterns, one of which must stand in the text.
[terms]
"""


@dataclass(frozen=True, slots=True)
class Translation:
    """A text in one language, and the English it was made from."""

    english: str
    text: str


@dataclass(frozen=True, slots=True)
class Source:
    """A text that every language has to say. `context` is its key or the substance's code."""

    context: str
    english: str
    note: str
    """For the translator; empty where there is nothing to say."""


def po_path(folder: Path, language: str, domain: str) -> Path:
    return folder / language / "LC_MESSAGES" / f"{domain}.po"


def extract(folder: Path) -> list[Path]:
    """Write the templates (.pot) from the inventory and the vocabulary; the files written."""
    written = []
    for domain in DOMAINS:
        template = _empty_catalogue(domain, None, None)
        for source in sources(folder, domain):
            _add(template, source, None)
        written.append(_write(folder / f"{domain}.pot", template))
    return written


def update(folder: Path) -> list[Path]:
    """Bring every language's files up to the inventory.

    What is new is empty, what changed is fuzzy.
    """
    written = extract(folder)
    for locale in locales_in(folder / "locales.toml").values():
        if locale.code != SOURCE:
            written += _update(folder, locale)
    return written


def add(folder: Path, code: str, name: str, babel: str) -> list[Path]:
    """Begin a language: its place in locales.toml and its empty files. Raises CatalogueError."""
    path = folder / "locales.toml"
    if not re.fullmatch("[a-z]{2}", code):
        raise CatalogueError(f"{code}: a language is two small letters, as in it")
    if not name.strip():
        raise CatalogueError(f"{code}: say what the language calls itself")
    if code in locales_in(path):
        raise CatalogueError(f"locales.toml: {code} is there already")

    locale = _add_locale(path, code, name.strip(), babel)
    written = _update(folder, locale)
    return [path, _empty_glossary(folder, code), *written]


def _add_locale(path: Path, code: str, name: str, babel: str) -> Locale:
    """Write the entry into locales.toml; the file is as before where Babel does not know it."""
    before = path.read_text("utf-8")
    entry = {"name": name, "locale": babel}
    lines = [before, f"[{code}]"]
    for field, value in entry.items():
        written = json.dumps(value, ensure_ascii=False)
        lines.append(f"{field} = {written}")
    lines.append("")
    path.write_text("\n".join(lines), "utf-8")

    try:
        return locales_in(path)[code]
    except Exception as error:
        path.write_text(before, "utf-8")
        raise CatalogueError(
            f"{code}: {error}. Babel may know it by another name: --locale"
        ) from None


def compiled(folder: Path, into: Path) -> list[Path]:
    """Write .mo files of what may be spoken, for other programs; the files written.

    The service itself reads the .po.
    """
    written = []
    for language in locales_in(folder / "locales.toml"):
        if language == SOURCE:
            continue

        for domain in DOMAINS:
            catalogue = read(po_path(folder, language, domain))
            target = into / language / "LC_MESSAGES" / f"{domain}.mo"
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("wb") as file:
                write_mo(file, catalogue)
            written.append(target)
    return written


def read(path: Path) -> Catalog:
    """A .po file. Raises CatalogueError naming file and line where it cannot be read.

    Babel forgives a quotation mark that is missing and takes a letter with it; we do not.
    """
    name = f"{path.parent.parent.name}/{path.name}"
    try:
        text = path.read_text("utf-8")
        catalogue = read_po(text.splitlines(keepends=True), abort_invalid=True)
    except (OSError, ValueError, PoFileError) as error:
        raise CatalogueError(f"{name}: {error}") from None

    _check_lines(name, text, once=path.stem in DOMAINS)
    return catalogue


def _check_lines(name: str, text: str, *, once: bool) -> None:
    """Raise CatalogueError for a line that no .po file has; and, where keys stand `once`, for a
    second.
    """
    keys: set[str] = set()
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if stripped and not line.startswith("#") and not _LINE.fullmatch(stripped):
            raise CatalogueError(
                f"{name}: line {number}: not written as a .po file is: {stripped[:60]}"
            )

        if once and line.startswith("msgctxt"):
            if line in keys:
                raise CatalogueError(f"{name}: line {number}: {line} stands twice")
            keys.add(line)


def sources(folder: Path, domain: str) -> Iterator[Source]:
    """Everything that a language has to say in this file."""
    if domain == SUBSTANCE:
        for code, substance in SUBSTANCES.items():
            if substance.is_translated:
                yield Source(code, substance.name, "")
        return

    for key, wording in wordings(folder).items():
        note = f"At most {wording.budget} characters."
        if wording.note:
            note = f"{wording.note} {note}"
        yield Source(key, wording.english, note)


def current(folder: Path, language: str) -> dict[str, Translation]:
    """Everything this language says today, by key or substance."""
    texts: dict[str, Translation] = {}
    for domain in DOMAINS:
        to_say = sources(folder, domain)
        english = {source.context: source.english for source in to_say}
        if language == SOURCE:
            texts |= {key: Translation(text, text) for key, text in english.items()}
            continue

        path = po_path(folder, language, domain)
        for key, translation in speaking(path):
            if english.get(key) == translation.english:
                texts[key] = translation

    return texts | international_names()


def international_names() -> dict[str, Translation]:
    """The substances that every language calls alike, by code: nobody translates them."""
    return {
        code: Translation(substance.name, substance.name)
        for code, substance in SUBSTANCES.items()
        if not substance.is_translated
    }


def speaking(path: Path) -> Iterator[tuple[str, Translation]]:
    """Every entry that may speak, by its context: translated and not fuzzy.

    Raises CatalogueError.
    """
    for entry in read(path):
        if entry.id and entry.string and not entry.fuzzy:
            translation = Translation(str(entry.id), str(entry.string))
            yield entry.context or "", translation


def _empty_glossary(folder: Path, code: str) -> Path:
    """A glossary to fill: one list of patterns a term."""
    path = folder / code / "glossary.toml"
    if not path.exists():
        lines = [f"{term} = []\n" for term in terms(folder)]
        path.write_text(_NEW_GLOSSARY + "".join(lines), "utf-8")
    return path


def _update(folder: Path, locale: Locale) -> list[Path]:
    """Bring one language's files up to the inventory; the files written."""
    written = []
    for domain in DOMAINS:
        path = po_path(folder, locale.code, domain)
        path.parent.mkdir(parents=True, exist_ok=True)
        old = None
        if path.exists():
            old = read(path)

        to_say = list(sources(folder, domain))
        updated = _updated(to_say, domain, locale, old)
        written.append(_write(path, updated))
    return written


def _updated(
    wanted: Iterable[Source],
    domain: str,
    locale: Locale,
    old: Catalog | None,
) -> Catalog:
    """What a language has to say, with what it said before."""
    entries = {entry.context: entry for entry in old or () if entry.id}
    catalogue = _empty_catalogue(domain, locale, old)
    for source in wanted:
        said_before = entries.pop(source.context, None)
        _add(catalogue, source, said_before)

    # What is no longer said is kept out of the way, not thrown away: a key may have been renamed.
    obsolete: list[Message] = []
    if old is not None:
        obsolete += old.obsolete.values()
    obsolete += [entry for entry in entries.values() if entry.string]
    for entry in obsolete:
        catalogue.obsolete[str(entry.id)] = entry
    return catalogue


def _empty_catalogue(domain: str, locale: Locale | None, old: Catalog | None) -> Catalog:
    """A file with its head and no entry: a language's, or without one a template."""
    catalogue = Catalog(
        locale=locale.babel if locale else None,
        domain=domain,
        header_comment="# Caillou: what is said to people. CC BY 4.0, see LICENSE.",
        project="caillou",
        version="1",
        creation_date=_NO_TIME,
        revision_date=old.revision_date if old else _NO_TIME,
        last_translator=old.last_translator if old else "caillou",
        language_team=locale.name if locale else "",
        fuzzy=False,
    )
    catalogue.msgid_bugs_address = ""
    return catalogue


def _add(catalogue: Catalog, source: Source, old: Message | None) -> None:
    """Add an entry: empty where it is new, fuzzy where it was translated from another English."""
    note = []
    if source.note:
        note.append(source.note)

    if old is None:
        catalogue.add(source.english, "", context=source.context, auto_comments=note)
        return

    changed = old.id != source.english
    comments = [comment for comment in old.user_comments if not comment.startswith(_PREVIOUS)]
    entry = catalogue.add(
        source.english,
        old.string,
        context=source.context,
        auto_comments=note,
        user_comments=comments,
        previous_id=old.id if changed else _previous(old.user_comments),
    )
    if old.string and (changed or old.fuzzy):
        entry.flags.add("fuzzy")


def _previous(comments: Iterable[str]) -> list[str]:
    """The English that a fuzzy entry was made from; Babel reads it back as a comment."""
    return [
        denormalize(comment.removeprefix(_PREVIOUS))
        for comment in comments
        if comment.startswith(_PREVIOUS)
    ]


def _write(path: Path, catalogue: Catalog) -> Path:
    with path.open("wb") as file:
        write_po(file, catalogue, width=_ONE_LINE, include_previous=True)
    return path
