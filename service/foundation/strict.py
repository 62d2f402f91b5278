"""How JSON is read: as written, and only what a database column and a printed card can hold."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict
from pydantic_core import PydanticCustomError


def storable(text: str) -> str:
    """Text without control characters, which no database column or printed card can hold."""
    if any(ord(c) < 32 or ord(c) == 127 for c in text):
        raise PydanticCustomError("control_character", "holds a control character")
    return text


Text = Annotated[str, AfterValidator(storable)]


class Strict(BaseModel):
    """No text for a number, no unknown field, no NaN."""

    model_config = ConfigDict(
        strict=True, extra="forbid", allow_inf_nan=False, frozen=True, hide_input_in_errors=True
    )
