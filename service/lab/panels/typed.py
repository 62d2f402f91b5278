"""A panel as it is typed, pasted or sent as a file -> what is declared; or what is wrong, by line.

One line names one substance; after a tab, else a semicolon, stands its limit of detection in
percent by weight, or nothing where it is not stated.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from service.foundation.problems import Flaw, Unfit, out_of
from service.lab.assay import EARLIEST, MAX_NAME, MAX_RESULTS, flaws_of_text
from service.lab.formats.cell import number
from service.lab.formats.sheet import ENCODINGS
from service.lab.names.meaning import Meaning, fold
from service.lab.panel import Panel
from service.lab.typed import exact
from service.vocabulary.codes import Method
from service.vocabulary.substances import SUBSTANCES, resolve

OF_A_LINE = "/lines/"
"""What the pointer of a line's flaw begins with; the line's number follows, from 1."""

_NEW_LINE = re.compile(r"\r\n|\r|\n")
_DELIMITERS = (";", "\t", ",")
_COLUMNS = 2
_HEADINGS = frozenset({"substance", "substances"})
"""How a first line begins that names the columns, in English and in French."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedPanel:
    """A form as it was typed; `valid_from` is a day, as in 2026-11-20."""

    laboratory: str
    method: str
    valid_from: str
    lines: str

    def line(self, number: int) -> str:
        """The line of this number, from 1."""
        return _NEW_LINE.split(self.lines)[number - 1]


class _Line(NamedTuple):
    """A line that says something: its number, from 1, and its cells up to the last with a text."""

    number: int
    cells: Sequence[str]

    @property
    def pointer(self) -> str:
        return f"{OF_A_LINE}{self.number}"

    @property
    def name(self) -> str:
        return self.cells[0]

    @property
    def limit(self) -> str:
        """The limit of detection; empty where none is stated."""
        return self.cells[1] if len(self.cells) > 1 else ""


def blank(laboratory: str, today: date) -> TypedPanel:
    """The form before anything was typed."""
    return TypedPanel(laboratory=laboratory, method="", valid_from=today.isoformat(), lines="")


def begun(panel: Panel, today: date) -> TypedPanel:
    """The form of the panel that is to take this one's place from today on."""
    lines: list[str] = []
    for name, lod_percent in panel.looks_for.items():
        limit = "" if lod_percent is None else f"; {exact(lod_percent)}"
        lines.append(f"{name}{limit}")

    return TypedPanel(
        laboratory=panel.laboratory,
        method=panel.method.value,
        valid_from=today.isoformat(),
        lines="\n".join(lines),
    )


def lines_in(file: bytes, encoding: str) -> str:
    """The rows of a CSV as lines, each cell after a tab. Raises Unfit for what is no such file."""
    if encoding not in ENCODINGS:
        known = ", ".join(ENCODINGS)
        raise Unfit(Flaw("/encoding", "unknown-code", {"known": known}))

    try:
        text = file.decode(ENCODINGS[encoding])
    except UnicodeDecodeError:
        raise Unfit(Flaw("/file", "not-in-encoding", {"encoding": encoding})) from None

    if "\x00" in text:
        raise Unfit(Flaw("/file", "not-a-table"))
    if not text.strip():
        raise Unfit(Flaw("/file", "empty-file"))

    present = [delimiter for delimiter in _DELIMITERS if delimiter in text]
    delimiter = present[0] if present else _DELIMITERS[0]
    rows = io.StringIO(text, newline="")
    reader = csv.reader(rows, delimiter=delimiter, strict=True)

    try:
        return "\n".join(_row(cells) for cells in reader)
    except csv.Error:
        raise Unfit(Flaw("/file", "broken-quotes")) from None


def _row(cells: Sequence[str]) -> str:
    tidy = (" ".join(cell.split()) for cell in cells)
    return "\t".join(tidy)


def read(typed: TypedPanel, id: UUID, meanings: Mapping[str, Meaning], zone: ZoneInfo) -> Panel:
    """The panel that was typed, from the first moment of its day in this zone.

    Names are read as a laboratory's file is: as the vocabulary or an explanation has them. Raises
    Unfit with what is wrong with every field and every line.
    """
    day, flaws_of_day = _day(typed.valid_from, zone)
    looks_for, flaws_of_lines = _looks_for(typed.lines, meanings)
    flaws = [*_flaws_of_head(typed), *flaws_of_day, *flaws_of_lines]
    if flaws:
        raise Unfit(*flaws)

    return Panel(
        id=id,
        laboratory=typed.laboratory,
        method=Method(typed.method),
        valid_from=day,
        looks_for=looks_for,
    )


def _flaws_of_head(typed: TypedPanel) -> Iterator[Flaw]:
    if not typed.laboratory:
        yield Flaw("/laboratory", "missing")
    yield from flaws_of_text("/laboratory", typed.laboratory, MAX_NAME)

    if typed.method not in list(Method):
        yield Flaw("/method", "missing")


def _day(text: str, zone: ZoneInfo) -> tuple[datetime, list[Flaw]]:
    """The day's first moment, in UTC, and what is wrong with it."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return EARLIEST, [Flaw("/valid_from", "not-a-date")]

    if day < EARLIEST.date():
        return EARLIEST, [Flaw("/valid_from", "too-long-ago")]
    midnight = datetime.combine(day, time(), zone)
    return midnight.astimezone(UTC), []


def _looks_for(
    text: str, meanings: Mapping[str, Meaning]
) -> tuple[dict[str, float | None], list[Flaw]]:
    """Codes with their limits in percent, in the order of the lines, and the flaws of the lines."""
    looks_for: dict[str, float | None] = {}
    flaws: list[Flaw] = []

    for line in _lines(text):
        flaws.extend(_flaws_of_cells(line))
        code = _code(line.name, meanings)

        if code not in SUBSTANCES:
            flaws.append(Flaw(line.pointer, "unknown-substance"))
        elif code in looks_for:
            flaws.append(Flaw(line.pointer, "twice"))
        else:
            looks_for[code] = number(line.limit)

    if not looks_for and not flaws:
        flaws.append(Flaw("/lines", "missing"))
    if len(looks_for) > MAX_RESULTS:
        flaws.append(Flaw("/lines", "too-long", {"limit": MAX_RESULTS}))
    return looks_for, flaws


def _lines(text: str) -> list[_Line]:
    """The lines that say something, without the one that names the columns."""
    lines: list[_Line] = []

    for place, row in enumerate(_NEW_LINE.split(text), 1):
        cells = _cells(row)
        if cells:
            lines.append(_Line(place, cells))

    if lines and fold(lines[0].name) in _HEADINGS:
        lines.pop(0)
    return lines


def _cells(row: str) -> list[str]:
    """The cells up to the last one that is not empty."""
    separator = "\t" if "\t" in row else ";"
    cells = [" ".join(cell.split()) for cell in row.split(separator)]
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _code(name: str, meanings: Mapping[str, Meaning]) -> str:
    code = resolve(name)
    if code in SUBSTANCES:
        return code

    meaning = meanings.get(fold(code))
    return meaning.substance if meaning else code


def _flaws_of_cells(line: _Line) -> Iterator[Flaw]:
    """What is wrong with the form of a line, and with its limit."""
    if len(line.cells) > _COLUMNS:
        yield Flaw(line.pointer, "more-cells-than-columns")

    lod_percent = number(line.limit)
    if line.limit and lod_percent is None:
        yield Flaw(line.pointer, "not-a-number")
    yield from out_of(line.pointer, lod_percent, 0, 100)
