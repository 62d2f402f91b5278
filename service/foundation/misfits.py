"""What pydantic finds wrong with what was sent, as flaws that name the field."""

from collections.abc import Iterable

from pydantic_core import ErrorDetails

from service.foundation.problems import Flaw

Place = tuple[int | str, ...]

# What pydantic calls an error -> what we say, and where it keeps the limit.
_READINGS: dict[str, tuple[str, str | None]] = {
    "missing": ("missing", None),
    "extra_forbidden": ("unknown-field", None),
    "enum": ("unknown-code", "expected"),
    "literal_error": ("unknown-code", "expected"),
    "float_type": ("not-a-number", None),
    "float_parsing": ("not-a-number", None),
    "finite_number": ("not-a-number", None),
    "int_type": ("not-a-whole-number", None),
    "int_parsing": ("not-a-whole-number", None),
    "int_parsing_size": ("not-a-whole-number", None),
    "int_from_float": ("not-a-whole-number", None),
    "string_type": ("not-text", None),
    "bool_type": ("not-yes-or-no", None),
    "bool_parsing": ("not-yes-or-no", None),
    "list_type": ("not-a-list", None),
    "tuple_type": ("not-a-list", None),
    "model_type": ("not-an-object", None),
    "model_attributes_type": ("not-an-object", None),
    "dict_type": ("not-an-object", None),
    "uuid_type": ("not-a-uuid", None),
    "uuid_parsing": ("not-a-uuid", None),
    "date_type": ("not-a-date", None),
    "date_parsing": ("not-a-date", None),
    "date_from_datetime_parsing": ("not-a-date", None),
    "date_from_datetime_inexact": ("not-a-date", None),
    "datetime_type": ("not-a-time", None),
    "datetime_parsing": ("not-a-time", None),
    "datetime_from_date_parsing": ("not-a-time", None),
    "timezone_aware": ("not-a-time", None),
    "greater_than_equal": ("too-small", "ge"),
    "greater_than": ("not-above", "gt"),
    "less_than_equal": ("too-big", "le"),
    "less_than": ("too-big", "lt"),
    "string_too_short": ("too-short", "min_length"),
    "too_short": ("too-short", "min_length"),
    "string_too_long": ("too-long", "max_length"),
    "too_long": ("too-long", "max_length"),
    "string_pattern_mismatch": ("wrong-pattern", None),
    "control_character": ("control-character", None),
    "string_unicode": ("control-character", None),
}


def pointer(place: Place) -> str:
    """A JSON pointer (RFC 6901) to the place that pydantic names."""
    escaped = (str(part).replace("~", "~0").replace("/", "~1") for part in place)
    return "".join(f"/{part}" for part in escaped)


def flaws_of(errors: Iterable[ErrorDetails], *, skip: int = 0) -> tuple[Flaw, ...]:
    """Pydantic's errors as flaws, without the first `skip` parts of each place."""
    return tuple(_flaw(error, error["loc"][skip:]) for error in errors)


def _flaw(error: ErrorDetails, place: Place) -> Flaw:
    reason, limit = _READINGS.get(error["type"], ("malformed", None))
    if limit is None:
        return Flaw(pointer(place), reason)

    value: object = error["ctx"][limit]
    if limit == "expected":
        known = str(value).replace("'", "").replace(" or ", ", ")
        return Flaw(pointer(place), reason, {"known": known})
    return Flaw(pointer(place), reason, {"limit": value})
