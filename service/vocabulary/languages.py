"""The languages a card can be in: messages/locales.toml, read once."""

import tomllib
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from babel import Locale as BabelLocale
from babel import UnknownLocaleError

from service.foundation.settings import ROOT


@dataclass(frozen=True, slots=True)
class Locale:
    """A language: its two-letter code, own name and direction.

    With Babel's locale and a machine's voice for it.
    """

    code: str
    name: str
    direction: str
    babel: str
    voice: str | None


def locales_in(path: Path) -> dict[str, Locale]:
    """The languages of a locales.toml, in its order. Raises ValueError naming it."""
    try:
        entries: dict[str, dict[str, str]] = tomllib.loads(path.read_text("utf-8"))
        return {code: _locale(code, entry) for code, entry in entries.items()}
    except (KeyError, ValueError, UnknownLocaleError) as error:
        raise ValueError(f"{path.name}: {error}") from None


def _locale(code: str, entry: dict[str, str]) -> Locale:
    """One entry. Raises KeyError, ValueError or UnknownLocaleError."""
    babel = entry["locale"]
    direction: str = BabelLocale.parse(babel).text_direction
    return Locale(code, entry["name"], direction, babel, entry.get("voice"))


LOCALES = locales_in(ROOT / "messages" / "locales.toml")
Language = StrEnum("Language", {code.upper(): code for code in LOCALES})  # type: ignore[misc]  # from data
