"""The card read aloud: what people recorded, and a machine's voice for the rest.

The machine says first that it is one.

A recording is tied to its words: `messages/<language>/audio/<key>.ogg`, with the digest of the text
that was read in `recorded.toml` beside it. Where the words have changed since, the machine reads
them.
"""

import hashlib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache, partial
from pathlib import Path

from babel.dates import format_date
from babel.units import format_unit

from service.cards.card import Card
from service.foundation import speech
from service.vocabulary.languages import LOCALES, Locale
from service.wording.catalogue import plain
from service.wording.message import MessageComposer

Recordings = Mapping[tuple[str, str], Path]
"""By the language and the digest of the words."""
_MG = re.compile(r"(\d+)\u00a0mg\b")
_DAY = re.compile(r"\b(\d{2})/(\d{2})/(\d{4})\b")
_LETTERS = re.compile(r"\b[A-Z]{2,5}\b")


@dataclass(frozen=True, slots=True)
class Script:
    """What is read, in order, in one language, and the recording of each line that has one.

    `by_machine` is said first where a machine reads any of it.
    """

    language: str
    lines: tuple[str, ...]
    recorded: tuple[Path | None, ...]
    by_machine: str


def recordings(messages: Path) -> Recordings:
    """Every recording, by its language and the digest of the words that were read."""
    paths = {}
    for index in sorted(messages.glob("*/audio/recorded.toml")):
        language = index.parent.parent.name
        for key, words in _digests(index).items():
            paths[language, words] = index.parent / f"{key}.ogg"
    return paths


def keep(messages: Path, language: str, key: str, words: str, file: Path) -> Path:
    """Keep a recording of these words; where it was put."""
    folder = messages / language / "audio"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{key}.ogg"
    path.write_bytes(speech.written([speech.recorded(file)], "ogg"))

    index = folder / "recorded.toml"
    digests = _digests(index) | {key: digest(words)}
    lines = [f'{key} = "{digests[key]}"\n' for key in sorted(digests)]
    index.write_text("".join(lines), "utf-8")
    return path


def _digests(index: Path) -> dict[str, str]:
    """What each recording of a language reads, by its key; none where there is no file."""
    if not index.exists():
        return {}
    entries = tomllib.loads(index.read_text("utf-8"))
    return {key: str(words) for key, words in entries.items()}


def digest(words: str) -> str:
    """What ties a recording to its words."""
    return hashlib.sha256(plain(words).encode()).hexdigest()[:16]


def has_voice(language: str) -> bool:
    return LOCALES[language].voice is not None


def script(card: Card, composer: MessageComposer, recordings: Recordings) -> Script:
    """The card in the person's own language, or in French where no voice speaks it."""
    index = next(index for index, column in enumerate(card.columns) if has_voice(column.language))
    column = card.columns[index]
    texts = [row.texts[index] for row in card.rows]
    parts = [column.title, column.come_back, column.interpreter, *texts, column.mark]
    lines = tuple(part for part in parts if part)

    return Script(
        language=column.language,
        lines=lines,
        recorded=tuple(recordings.get((column.language, digest(line))) for line in lines),
        by_machine=composer.frame("voice-machine", column.language),
    )


async def render(script: Script, kind: speech.Kind) -> bytes:
    """The sound, spoken off the event loop."""
    return await speech.in_its_thread(partial(read_aloud, kind=kind), script)


@lru_cache(maxsize=16)
def read_aloud(script: Script, kind: speech.Kind) -> bytes:
    """The sound. The last few are kept: a phone asks for one in several parts."""
    locale = LOCALES[script.language]
    sounds = []
    if not all(script.recorded):
        sounds.append(_spoken(script.by_machine, locale))

    for line, path in zip(script.lines, script.recorded, strict=True):
        sounds.append(speech.recorded(path) if path else _spoken(line, locale))
    return speech.written(sounds, kind)


def _spoken(line: str, locale: Locale) -> bytes:
    return speech.spoken(for_the_ear(line, locale), locale.voice or locale.code)


def for_the_ear(line: str, locale: Locale) -> str:
    """The words as they are said: no invisible marks.

    Milligrams and days stand in full, letters one by one.
    """

    def weight(match: re.Match[str]) -> str:
        return format_unit(int(match[1]), "mass-milligram", "long", locale=locale.babel)

    def day(match: re.Match[str]) -> str:
        written = date(int(match[3]), int(match[2]), int(match[1]))
        return format_date(written, "long", locale=locale.babel)

    def letters(match: re.Match[str]) -> str:
        return " ".join(match[0])

    words = _MG.sub(weight, plain(line))
    words = _DAY.sub(day, words)
    return _LETTERS.sub(letters, words)
