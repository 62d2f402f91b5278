"""Rows as CSV: UTF-8 with commas, and no cell that a spreadsheet would take for a formula."""

import csv
import io
from collections.abc import Iterable, Sequence
from itertools import chain

BETWEEN = "|"
FORMULA = ("=", "+", "-", "@", "\t", "\r")
Cell = str | int | float | bool | None


def csv_file(head: Sequence[str], rows: Iterable[Iterable[Cell]]) -> bytes:
    """The file."""
    return csv_lines(chain([head], rows)).encode()


def csv_lines(rows: Iterable[Iterable[Cell]]) -> str:
    """A part of a file.

    A text that begins like a formula gets an apostrophe; a number stays a number.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    for row in rows:
        writer.writerow(map(_tame, row))
    return out.getvalue()


def _tame(cell: Cell) -> Cell:
    if isinstance(cell, str) and cell.startswith(FORMULA):
        return f"'{cell}"
    return "" if cell is None else cell


def fact_text(fact: object, *, yes: str = "yes", no: str = "no") -> str:
    """A fact as text: yes or no in these words, a number without its last zeros.

    Of several, with a bar between.
    """
    match fact:
        case None:
            return ""
        case bool():
            return yes if fact else no
        case float():
            return f"{fact:.12g}"
        case list() | tuple():
            return BETWEEN.join(map(str, fact))
        case _:
            return str(fact)
