"""How JSON is read: as written, and only what a database column and a printed card can hold."""

import unicodedata
from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict
from pydantic_core import PydanticCustomError

# Control, format (direction marks, zero widths), surrogate and separator characters: unstorable, or
# a way to make one thing look like another.
INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})


def is_visible(text: str) -> bool:
    """Whether it is text of visible characters and spaces."""
    if text.isprintable():
        return True
    return not any(unicodedata.category(character) in INVISIBLE for character in text)


def storable(text: str) -> str:
    """Text of visible characters and spaces."""
    if not is_visible(text):
        raise PydanticCustomError("control_character", "holds an invisible character")
    return text


def named(text: str) -> str:
    """Text that says something."""
    if not text.strip():
        raise PydanticCustomError("string_too_short", "is blank", {"min_length": 1})
    return text


def in_utc(instant: datetime) -> datetime:
    """The instant in UTC; the first and last hours of time itself cannot be moved there."""
    try:
        return instant.astimezone(UTC)
    except OverflowError:
        raise PydanticCustomError("datetime_parsing", "is out of range") from None


Text = Annotated[str, AfterValidator(storable)]
Name = Annotated[Text, AfterValidator(named)]
Instant = Annotated[AwareDatetime, AfterValidator(in_utc)]


class Strict(BaseModel):
    """No text for a number, no unknown field, no NaN."""

    model_config = ConfigDict(
        strict=True, extra="forbid", allow_inf_nan=False, frozen=True, hide_input_in_errors=True
    )
