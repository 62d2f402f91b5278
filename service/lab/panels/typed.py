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


def blank(laboratory: str, today: date) -> TypedPanel:
    """The form before anything was typed."""
    return TypedPanel(laboratory=laboratory, method="", valid_from=today.isoformat(), lines="")


def begun(panel: Panel, today: date) -> TypedPanel:
    """The form of the panel that is to take this one's place from today on."""
    lines = [
        name if lod_percent is None else f"{name}; {exact(lod_percent)}"
        for name, lod_percent in panel.looks_for.items()
    ]
    return TypedPanel(
        laboratory=panel.laboratory,
        method=panel.method.value,
        valid_from=today.isoformat(),
        lines="\n".join(lines),
    )


def lines_in(file: bytes, encoding: str) -> str:
    """The rows of a CSV as lines, each cell after a tab. Raises Unfit for what is no such file."""
    if encoding not in ENCODINGS:
        raise Unfit(Flaw("/encoding", "unknown-code", {"known": ", ".join(ENCODINGS)}))

    try:
        text = file.decode(ENCODINGS[encoding])
    except UnicodeDecodeError:
        raise Unfit(Flaw("/file", "not-in-encoding", {"encoding": encoding})) from None

    if "\x00" in text:
        raise Unfit(Flaw("/file", "not-a-table"))
    if not text.strip():
        raise Unfit(Flaw("/file", "empty-file"))

    delimiter = next((one for one in _DELIMITERS if one in text), _DELIMITERS[0])
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        return "\n".join(_row(cells) for cells in reader)
    except csv.Error:
        raise Unfit(Flaw("/file", "broken-quotes")) from None


def _row(cells: Sequence[str]) -> str:
    return "\t".join(" ".join(cell.split()) for cell in cells)


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
    return datetime.combine(day, time(), zone).astimezone(UTC), []


def _looks_for(
    text: str, meanings: Mapping[str, Meaning]
) -> tuple[dict[str, float | None], list[Flaw]]:
    """Codes with their limits in percent, in the order of the lines, and the flaws of the lines."""
    looks_for: dict[str, float | None] = {}
    flaws: list[Flaw] = []

    for line, cells in _lines(text):
        pointer = f"{OF_A_LINE}{line}"
        code = _code(cells[0], meanings)
        limit = cells[1] if len(cells) > 1 else ""
        flaws_of_line = [*_flaws_of_cells(pointer, cells, limit)]

        if code not in SUBSTANCES:
            flaws_of_line.append(Flaw(pointer, "unknown-substance"))
        elif code in looks_for:
            flaws_of_line.append(Flaw(pointer, "twice"))
        else:
            looks_for[code] = number(limit)
        flaws.extend(flaws_of_line)

    if not looks_for and not flaws:
        flaws.append(Flaw("/lines", "missing"))
    if len(looks_for) > MAX_RESULTS:
        flaws.append(Flaw("/lines", "too-long", {"limit": MAX_RESULTS}))
    return looks_for, flaws


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """The cells of each line that says something, with its number; not the columns' names."""
    written: list[tuple[int, list[str]]] = []
    for line, row in enumerate(_NEW_LINE.split(text), 1):
        cells = _cells(row)
        if cells:
            written.append((line, cells))

    has_heading = bool(written) and fold(written[0][1][0]) in _HEADINGS
    yield from written[1:] if has_heading else written


def _cells(row: str) -> list[str]:
    """The cells up to the last one that is not empty."""
    separator = "\t" if "\t" in row else ";"
    cells = [" ".join(cell.split()) for cell in row.split(separator)]
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _code(name: str, meanings: Mapping[str, Meaning]) -> str:
    code = resolve(name)
    meaning = None if code in SUBSTANCES else meanings.get(fold(code))
    return meaning.substance if meaning else code


def _flaws_of_cells(pointer: str, cells: Sequence[str], limit: str) -> Iterator[Flaw]:
    """What is wrong with the form of a line, and with its limit."""
    if len(cells) > _COLUMNS:
        yield Flaw(pointer, "more-cells-than-columns")

    lod_percent = number(limit)
    if limit and lod_percent is None:
        yield Flaw(pointer, "not-a-number")
    yield from out_of(pointer, lod_percent, 0, 100)
