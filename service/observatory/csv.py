"""Rows as CSV: UTF-8 with commas, and no cell that a spreadsheet would take for a formula."""

import csv
import io
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

BETWEEN = "|"
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def written(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """The file."""
    return lines(chain([head], rows)).encode()


def lines(rows: Iterable[Iterable[Any]]) -> str:
    """A part of a file. A text that begins like a formula gets an apostrophe; a number stays a number."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows([_tame(one) for one in row] for row in rows)
    return out.getvalue()


def _tame(value: Any) -> Any:
    if isinstance(value, str) and value.startswith(FORMULA):
        return f"'{value}"
    return "" if value is None else value


def cell(value: Any, *, yes: str = "yes", no: str = "no") -> str:
    """A fact as text: yes or no in these words, a number without its last zeros, several with a bar between."""
    match value:
        case None:
            return ""
        case bool():
            return yes if value else no
        case float():
            return f"{value:.12g}"
        case list() | tuple():
            return BETWEEN.join(str(one) for one in value)
        case _:
            return str(value)
