"""Courses: shares over time, a line a series."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil
from typing import NamedTuple

from service.observatory.drawing.sheet import (
    INK,
    LEFT,
    RIGHT,
    Heading,
    Point,
    Sheet,
    dashed,
)

HEIGHT = 200
"""Of 100 %."""
MOST_NAMES = 7


class SpanName(NamedTuple):
    """What stands under a span: its name and its number of rocks."""

    name: str
    number: str


@dataclass(frozen=True, slots=True)
class Series:
    """Percent in each span; None where nothing is known."""

    name: str
    values: Sequence[float | None]


def courses(heading: Heading, spans: Sequence[SpanName], series: Sequence[Series]) -> str:
    """Percent over time: a line a series, a gap where nothing is known."""
    sheet = Sheet(heading)
    sheet.key(one.name for one in series)
    ground = sheet.y + 14 + HEIGHT
    width = (RIGHT - LEFT) / max(len(spans), 1)

    for level in range(0, 101, 25):
        y = ground - 2 * level
        sheet.rung(y, f"{level} %", size=11)
    _write_names(sheet, ground, width, spans)

    for place, course in enumerate(series):
        columns = enumerate(course.values)
        points = [_point(column, percent, width, ground) for column, percent in columns]
        _draw_course(sheet, place, points)

    sheet.line((LEFT, ground), (RIGHT, ground))
    sheet.y = ground + 42
    return sheet.finished()


def _write_names(
    sheet: Sheet,
    ground: float,
    width: float,
    spans: Sequence[SpanName],
) -> None:
    every = max(1, ceil(len(spans) / MOST_NAMES))
    for place in range(0, len(spans), every):
        x = LEFT + width * (place + 0.5)
        for row, text in enumerate(spans[place]):
            y = ground + 16 + 14 * row
            sheet.text(x, y, text, anchor="middle", size=11)


def _point(column: int, percent: float | None, width: float, ground: float) -> Point | None:
    if percent is None:
        return None

    x = LEFT + width * (column + 0.5)
    y = ground - 2 * percent
    return x, y


def _draw_course(sheet: Sheet, place: int, points: Sequence[Point | None]) -> None:
    for before, here in pairwise(points):
        if before and here:
            sheet.line(before, here, INK, dashed(place, 1.8))

    for point in points:
        if point:
            sheet.shape(place, *point)
