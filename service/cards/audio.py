"""The card read aloud: what people recorded, and a machine's voice for the rest, which says so first.

A recording is tied to its words: `messages/<language>/audio/<key>.ogg`, with the digest of the text that was read
in `recorded.toml` beside it. Where the words have changed since, the machine reads them.
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
    found = {}
    for path in sorted(messages.glob("*/audio/recorded.toml")):
        for key, read in tomllib.loads(path.read_text("utf-8")).items():
            found[path.parent.parent.name, str(read)] = path.parent / f"{key}.ogg"
    return found


def keep(messages: Path, language: str, key: str, words: str, file: Path) -> Path:
    """Keep a recording of these words; where it was put."""
    folder = messages / language / "audio"
    folder.mkdir(parents=True, exist_ok=True)
    path, index = folder / f"{key}.ogg", folder / "recorded.toml"
    path.write_bytes(speech.written([speech.recorded(file)], "ogg"))
    read = tomllib.loads(index.read_text("utf-8")) if index.exists() else {}
    read[key] = digest(words)
    index.write_text("".join(f'{one} = "{told}"\n' for one, told in sorted(read.items())), "utf-8")
    return path


def digest(words: str) -> str:
    """What ties a recording to its words."""
    return hashlib.sha256(plain(words).encode()).hexdigest()[:16]


def has_voice(language: str) -> bool:
    return LOCALES[language].voice is not None


def script(card: Card, composer: MessageComposer, recordings: Recordings) -> Script:
    """The card in the person's own language, or in French where no voice speaks it."""
    place, column = next(
        (place, one) for place, one in enumerate(card.columns) if has_voice(one.language)
    )
    said = (
        column.title,
        column.come_back,
        column.interpreter,
        *(row.texts[place] for row in card.rows),
        column.mark,
    )
    lines = tuple(line for line in said if line)
    recorded = tuple(recordings.get((column.language, digest(line))) for line in lines)
    return Script(
        column.language, lines, recorded, composer.frame("voice-machine", column.language)
    )


async def render(told: Script, kind: speech.Kind) -> bytes:
    """The sound, spoken off the event loop."""
    return await speech.in_its_thread(partial(read_aloud, kind=kind), told)


@lru_cache(maxsize=16)
def read_aloud(told: Script, kind: speech.Kind) -> bytes:
    """The sound. The last few are kept: a phone asks for one in several parts."""
    locale = LOCALES[told.language]
    sounds = [] if all(told.recorded) else [_spoken(told.by_machine, locale)]
    for line, path in zip(told.lines, told.recorded, strict=True):
        sounds.append(speech.recorded(path) if path else _spoken(line, locale))
    return speech.written(sounds, kind)


def _spoken(line: str, locale: Locale) -> bytes:
    return speech.spoken(for_the_ear(line, locale), locale.voice or locale.code)


def for_the_ear(line: str, locale: Locale) -> str:
    """The words as they are said: milligrams and days in full, letters one by one, no invisible marks."""

    def weight(match: re.Match[str]) -> str:
        return format_unit(int(match[1]), "mass-milligram", "long", locale=locale.babel)

    def day(match: re.Match[str]) -> str:
        return format_date(
            date(int(match[3]), int(match[2]), int(match[1])), "long", locale=locale.babel
        )

    said = _DAY.sub(day, _MG.sub(weight, plain(line)))
    return _LETTERS.sub(lambda match: " ".join(match[0]), said)
