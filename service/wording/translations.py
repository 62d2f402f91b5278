"""The translators' files: written from the inventory, for Weblate, Poedit or an editor.

Template and translations share one order and the notes for translators. A translation whose English changed is
kept as fuzzy beside the English it was made from: it waits for a translator and never speaks.
"""

import json
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, denormalize, read_po, write_po

from service.vocabulary.languages import Locale, locales_in
from service.vocabulary.substances import SUBSTANCES
from service.wording.inventory import SOURCE, CatalogueError, terms, wordings

MESSAGE, SUBSTANCE = "message", "substance"
DOMAINS = (MESSAGE, SUBSTANCE)
_ONE_LINE = (
    1000  # characters: wider than any text, or Babel breaks the English kept beside a changed entry
)
_LINE = re.compile(r'((msgctxt|msgid|msgid_plural|msgstr(\[\d+\])?)\s+)?"(?:[^"\\]|\\.)*"')
_PREVIOUS = "| msgid "
_NO_TIME = datetime(2026, 1, 1, tzinfo=UTC)  # of a template: its history is git's


def po_path(folder: Path, language: str, domain: str) -> Path:
    return folder / language / "LC_MESSAGES" / f"{domain}.po"


def extract(folder: Path) -> list[Path]:
    """Write the templates (.pot) from the inventory and the vocabulary; the files written."""
    return [
        _write(folder / f"{domain}.pot", _filled(folder, domain, None, None)) for domain in DOMAINS
    ]


def update(folder: Path) -> list[Path]:
    """Bring every language's files up to the inventory: what is new is empty, what changed is fuzzy."""
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
    before = path.read_text("utf-8")
    entry = {"name": name.strip(), "locale": babel}
    lines = [f"{field} = {json.dumps(value, ensure_ascii=False)}" for field, value in entry.items()]
    path.write_text("\n".join([before, f"[{code}]", *lines, ""]), "utf-8")
    try:
        locale = locales_in(path)[code]
    except Exception as error:
        path.write_text(before, "utf-8")
        raise CatalogueError(
            f"{code}: {error}. Babel may know it by another name: --locale"
        ) from None
    written = [*_update(folder, locale)]
    return [path, _empty_glossary(folder, code), *written]


def compiled(folder: Path, into: Path) -> list[Path]:
    """Machine-readable .mo files of what may be spoken, for other programs; the service itself reads the .po."""
    written = []
    for language in locales_in(folder / "locales.toml"):
        for domain in DOMAINS:
            if language != SOURCE:
                target = into / language / "LC_MESSAGES" / f"{domain}.mo"
                target.parent.mkdir(parents=True, exist_ok=True)
                with target.open("wb") as file:
                    write_mo(file, read(po_path(folder, language, domain)))
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
    entries: set[str] = set()
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() and not line.startswith("#") and not _LINE.fullmatch(line.strip()):
            raise CatalogueError(
                f"{name}: line {number}: not written as a .po file is: {line.strip()[:60]}"
            )
        if line.startswith("msgctxt") and path.stem in DOMAINS:
            if line in entries:
                raise CatalogueError(f"{name}: line {number}: {line} stands twice")
            entries.add(line)
    return catalogue


def sources(folder: Path, domain: str) -> Iterator[tuple[str, str, str]]:
    """(context, English, note) of everything a language has to say in this file."""
    if domain == SUBSTANCE:
        yield from ((code, substance.name, "") for code, substance in SUBSTANCES.items())
        return
    for key, wording in wordings(folder).items():
        note = f"{wording.note} " if wording.note else ""
        yield key, wording.english, f"{note}At most {wording.budget} characters."


def current(folder: Path, language: str) -> dict[str, tuple[str, str]]:
    """The English and the text of everything this language says today, by key or substance."""
    said: dict[str, tuple[str, str]] = {}
    for domain in DOMAINS:
        wanted = {key: english for key, english, _ in sources(folder, domain)}
        if language == SOURCE:
            said |= {key: (english, english) for key, english in wanted.items()}
            continue
        for entry in read(po_path(folder, language, domain)):
            key = entry.context or ""
            if entry.id and entry.string and not entry.fuzzy and wanted.get(key) == entry.id:
                said[key] = (str(entry.id), str(entry.string))
    return said


def _empty_glossary(folder: Path, code: str) -> Path:
    """A glossary to fill: one list of patterns a term."""
    path = folder / code / "glossary.toml"
    if path.exists():
        return path
    asked = "".join(f"{term} = []\n" for term in terms(folder))
    path.write_text(
        "# Words that may never be said of a sample: safe, pure, clean, good, normal, harmless. Patterns.\n"
        "never = []\n\n# What we agreed to call each term of glossary.toml: patterns, one of which must stand in"
        f" the text.\n[terms]\n{asked}",
        "utf-8",
    )
    return path


def _update(folder: Path, locale: Locale) -> Iterable[Path]:
    for domain in DOMAINS:
        path = po_path(folder, locale.code, domain)
        path.parent.mkdir(parents=True, exist_ok=True)
        old = read(path) if path.exists() else None
        yield _write(path, _filled(folder, domain, locale, old))


def _filled(folder: Path, domain: str, locale: Locale | None, old: Catalog | None) -> Catalog:
    said = {entry.context: entry for entry in old or () if entry.id}
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
    wanted: set[str] = set()
    for context, english, note in sources(folder, domain):
        wanted.add(context)
        held = said.get(context)
        changed = held is not None and held.id != english
        noted = held.user_comments if held else []
        text = held.string if held else ""
        entry = catalogue.add(
            english,
            text,
            context=context,
            auto_comments=[note] if note else [],
            user_comments=[comment for comment in noted if not comment.startswith(_PREVIOUS)],
            previous_id=held.id if held and changed else _previous(noted),
        )
        if held and text and (changed or held.fuzzy):
            entry.flags.add("fuzzy")
    # What is no longer said is kept out of the way, not thrown away: a key may have been renamed.
    gone = [entry for context, entry in said.items() if context not in wanted and entry.string]
    for entry in (*(old.obsolete.values() if old else ()), *gone):
        catalogue.obsolete[entry.id] = entry
    return catalogue


def _previous(comments: Iterable[str]) -> list[str]:
    """The English that a fuzzy entry was made from; Babel reads it back as a comment."""
    return [
        denormalize(one.removeprefix(_PREVIOUS)) for one in comments if one.startswith(_PREVIOUS)
    ]


def _write(path: Path, catalogue: Catalog) -> Path:
    with path.open("wb") as file:
        write_po(file, catalogue, width=_ONE_LINE, include_previous=True)
    return path
