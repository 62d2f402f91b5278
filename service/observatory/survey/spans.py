"""The rocks of each month, quarter and area.

A month is counted as years x 12 + months since year 0.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np

from service.evidence.calibration import written_month
from service.observatory.arrays import Codes, Floats
from service.observatory.survey.rocks import Coded, Rocks
from service.observatory.survey.shares import Share, share
from service.observatory.survey.summary import Characteristic, characteristic

MONTH, QUARTER = 1, 3
"""How many months a span of time holds."""
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Span:
    """The rocks of one month, quarter or area."""

    name: str
    rocks: int
    characteristics: Mapping[str, Characteristic]
    prevalence: Mapping[str, Share]


class RocksOfQuarter(NamedTuple):
    """A quarter as in 2026-Q4, the day after it, and its rocks."""

    name: str
    day_after: date
    rocks: Rocks


class _Places(NamedTuple):
    """Each rock's place among spans of time, and the month in which each span begins.

    The last of the months is the one after the last span.
    """

    of_rocks: Codes
    first_months: list[int]


def first_and_last_day(rocks: Rocks, zone: ZoneInfo) -> tuple[date | None, date | None]:
    """The days on which the first and the last of them were taken in; None of none."""
    if not len(rocks):
        return None, None
    return _day(int(rocks.taken.min()), zone), _day(int(rocks.taken.max()), zone)


def _day(seconds: int, zone: ZoneInfo) -> date:
    return (_BEGINNING + timedelta(seconds=seconds)).astimezone(zone).date()


# --- Time ----------------------------------------------------------------------------------------


def in_time(rocks: Rocks, zone: ZoneInfo, months: int) -> Coded:
    """Each rock's month or quarter, and what those are called."""
    places = _places(rocks, zone, months)
    names = [_name(month, months) for month in places.first_months[:-1]]
    return Coded(places.of_rocks, tuple(names))


def quarters_of(rocks: Rocks, zone: ZoneInfo) -> Iterator[RocksOfQuarter]:
    """Each quarter in which rocks were taken in."""
    places = _places(rocks, zone, QUARTER)
    for place in np.unique(places.of_rocks):
        first_month, month_after = places.first_months[place : place + 2]
        yield RocksOfQuarter(
            _name(first_month, QUARTER),
            date(month_after // 12, month_after % 12 + 1, 1),
            rocks.where(places.of_rocks == place),
        )


def _places(rocks: Rocks, zone: ZoneInfo, months: int) -> _Places:
    """From the span in which the first rock was taken in to the last's."""
    first, last = first_and_last_day(rocks, zone)
    if first is None or last is None:
        return _Places(np.empty(0, np.int32), [])

    first_months = [first.year * 12 + (first.month - 1) // months * months]
    while first_months[-1] <= last.year * 12 + last.month - 1:
        first_months.append(first_months[-1] + months)

    bounds = np.array([_begins(month, zone) for month in first_months])
    places = np.searchsorted(bounds, rocks.taken, side="right") - 1
    return _Places(places.astype(np.int32), first_months)


def _begins(month: int, zone: ZoneInfo) -> int:
    """In seconds since 1970."""
    return int(datetime(month // 12, month % 12 + 1, 1, tzinfo=zone).timestamp())


def _name(month: int, months: int) -> str:
    """As in 2026-11, or 2026-Q4."""
    if months == MONTH:
        return written_month(month)
    return f"{month // 12:04}-Q{month % 12 // 3 + 1}"


# --- Figures of each -----------------------------------------------------------------------------


def by_size(spans: Sequence[Span]) -> tuple[Span, ...]:
    """Those with rocks, the largest first."""
    with_rocks = [span for span in spans if span.rocks]
    return tuple(sorted(with_rocks, key=lambda span: (-span.rocks, span.name)))


def spans(
    rocks: Rocks, columns: Mapping[str, Floats], span_of: Coded, watched: Sequence[str]
) -> tuple[Span, ...]:
    """The rocks by their span. The columns are of those above 6 %."""
    number = len(span_of.names)
    if not number:
        return ()

    sizes = np.bincount(span_of.codes[span_of.told], minlength=number)
    prevalence = {code: _prevalence(rocks, span_of, code) for code in watched}
    parts = _parts(columns, span_of.codes[rocks.is_counted], number)

    return tuple(
        Span(
            name,
            int(sizes[place]),
            {column: characteristic(by_place[place]) for column, by_place in parts.items()},
            {code: by_place[place] for code, by_place in prevalence.items()},
        )
        for place, name in enumerate(span_of.names)
    )


def _prevalence(rocks: Rocks, span_of: Coded, code: str) -> list[Share]:
    """How many of each span's rocks that were tested for it hold a substance."""
    number = len(span_of.names)
    found = np.bincount(span_of.codes[rocks.found.holds(code) & span_of.told], minlength=number)
    absent = np.bincount(span_of.codes[rocks.absent.holds(code) & span_of.told], minlength=number)
    return [
        share(int(had_it), int(had_it + had_not))
        for had_it, had_not in zip(found, absent, strict=True)
    ]


def _parts(columns: Mapping[str, Floats], places: Codes, number: int) -> dict[str, list[Floats]]:
    """The values of each place, by column; sorted once, however many places there are."""
    # Short integers are sorted by counting.
    short = places.astype(np.int16 if number < 2**15 else np.int32)
    order = np.argsort(short, kind="stable")
    ends = np.searchsorted(short[order], np.arange(number + 1))

    parts = {}
    for name, values in columns.items():
        in_order = values[order]
        parts[name] = [in_order[ends[place] : ends[place + 1]] for place in range(number)]
    return parts
