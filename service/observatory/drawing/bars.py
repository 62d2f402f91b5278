"""Bars: how many rocks lie in each step of a column, and shares beside each other."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from textwrap import wrap
from typing import NamedTuple

from service.observatory.drawing.sheet import (
    GRID,
    INK,
    LEFT,
    RIGHT,
    SHADES,
    Heading,
    Sheet,
    dashed,
    unit,
)
from service.observatory.survey.summary import Distribution

HEIGHT = 190
"""Of the tallest bar of a distribution."""
BARS_LEFT = 138.0
BARS_RIGHT = 372.0
"""Where bars of 0 and of 100 % end."""
COUNTS_FILL = "#9cc3d5"
THICKNESS = 15
"""Of a bar that lies on its side, with the air under it."""


class Mark(NamedTuple):
    """A value that is pointed at, and what is said of it."""

    text: str
    value: float


class Bar(NamedTuple):
    """Percent, and what is written beside it; without percent there is no bar."""

    percent: float | None
    text: str


@dataclass(frozen=True, slots=True)
class BarRow:
    """What has a bar of each series."""

    name: str
    bars: Sequence[Bar]


# --- How many rocks lie in each step -------------------------------------------------------------


def distribution(
    heading: Heading,
    axis: str,
    distribution: Distribution,
    marks: Sequence[Mark],
) -> str:
    """How many rocks lie in each step, from 0; the last bar holds what is beyond."""
    sheet = Sheet(heading)
    sheet.key(mark.text for mark in marks)
    top = sheet.y + 14
    ground = top + HEIGHT

    counts = distribution.counts
    _draw_counts(sheet, ground, counts)
    _draw_marks(sheet, top, ground, distribution, marks)
    _write_steps(sheet, ground, distribution.step, len(counts))

    sheet.axis(ground, axis)
    return sheet.finished()


def _draw_counts(sheet: Sheet, ground: float, counts: Sequence[int]) -> None:
    highest = max(counts, default=0)
    rung = unit(highest)
    rungs = max(ceil(highest / rung), 1)
    most = rung * rungs
    for level in range(0, most + 1, rung):
        y = ground - HEIGHT * level / most
        sheet.rung(y, str(level))

    width = _width(counts)
    for place, count in enumerate(counts):
        if not count:
            continue

        x = LEFT + width * place
        height = HEIGHT * count / most
        sheet.box(x + 1, ground - height, width - 2, height, COUNTS_FILL)


def _draw_marks(
    sheet: Sheet,
    top: float,
    ground: float,
    distribution: Distribution,
    marks: Sequence[Mark],
) -> None:
    counts = distribution.counts
    width = _width(counts)

    for place, mark in enumerate(marks):
        steps = min(mark.value / distribution.step, len(counts))
        x = LEFT + width * steps
        sheet.line((x, top - 4), (x, ground), INK, dashed(place, 2))
        sheet.shape(place, x, top - 5 + 14 * place)


def _write_steps(sheet: Sheet, ground: float, step: float, number: int) -> None:
    """Where steps begin, about eight of them, and always the last."""
    width = (RIGHT - LEFT) / number
    every = max(1, ceil(number / 8))
    last = number - 1
    y = ground + 16

    for place in range(0, number, every):
        text = f"{step * place:g}"
        if place == last:
            text += "+"
        x = LEFT + width * place
        sheet.text(x, y, text, anchor="middle")

    if last % every:
        beyond = f"{step * last:g}+"
        sheet.text(RIGHT, y, beyond, anchor="end")


def _width(counts: Sequence[int]) -> float:
    return (RIGHT - LEFT) / len(counts)


# --- Shares beside each other --------------------------------------------------------------------


def grouped(heading: Heading, legend: Sequence[str], rows: Sequence[BarRow]) -> str:
    """For each row a bar a series, in percent."""
    sheet = Sheet(heading)
    sheet.legend(legend)
    sheet.y += 12

    top = sheet.y
    heights = [len(row.bars) * THICKNESS + 9 for row in rows]
    ground = top + sum(heights)
    for level in range(0, 101, 25):
        x = BARS_LEFT + _length(level)
        sheet.line((x, top), (x, ground), GRID)
        sheet.text(x, ground + 15, f"{level} %", anchor="middle")

    for row in rows:
        _draw_row(sheet, row)

    sheet.line((BARS_LEFT, top), (BARS_LEFT, ground))
    sheet.y = ground + 26
    return sheet.finished()


def _draw_row(sheet: Sheet, row: BarRow) -> None:
    lines = wrap(row.name, 20)
    for place, line in enumerate(lines[:2]):
        y = sheet.y + 12 + 13 * place
        sheet.text(BARS_LEFT - 8, y, line, anchor="end")

    for place, bar in enumerate(row.bars):
        length = 0.0
        if bar.percent is not None:
            length = _length(bar.percent)
            sheet.box(BARS_LEFT, sheet.y + 1, length, THICKNESS - 3, SHADES[place])

        end = BARS_LEFT + length
        sheet.text(end + 5, sheet.y + 11, bar.text, size=11)
        sheet.y += THICKNESS
    sheet.y += 9


def _length(percent: float) -> float:
    return (BARS_RIGHT - BARS_LEFT) * percent / 100
