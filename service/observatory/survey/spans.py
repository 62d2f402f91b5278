"""The rocks of each month, quarter and area.

A month is counted as years x 12 + months since year 0.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from service.evidence.calibration import written_month
from service.observatory.arrays import Codes, Floats, Mask
from service.observatory.survey.rocks import Coded, Rocks
from service.observatory.survey.shares import Share, share
from service.observatory.survey.summary import Characteristic, characteristic

MONTH = 1
QUARTER = 3
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

    first = int(rocks.taken.min())
    last = int(rocks.taken.max())
    return _day(first, zone), _day(last, zone)


def _day(seconds: int, zone: ZoneInfo) -> date:
    moment = _BEGINNING + timedelta(seconds=seconds)
    return moment.astimezone(zone).date()


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
            _first_day(month_after),
            rocks.where(places.of_rocks == place),
        )


def _places(rocks: Rocks, zone: ZoneInfo, months: int) -> _Places:
    """From the span in which the first rock was taken in to the last's."""
    first, last = first_and_last_day(rocks, zone)
    if first is None or last is None:
        return _Places(np.empty(0, np.int32), [])

    months_before = (first.month - 1) // months * months
    month = first.year * 12 + months_before
    last_month = last.year * 12 + last.month - 1

    first_months = [month]
    while month <= last_month:
        month += months
        first_months.append(month)

    bounds = np.array([_begins(month, zone) for month in first_months])
    places = np.searchsorted(bounds, rocks.taken, side="right") - 1
    return _Places(places.astype(np.int32), first_months)


def _begins(month: int, zone: ZoneInfo) -> int:
    """In seconds since 1970."""
    midnight = datetime.combine(_first_day(month), time(), zone)
    return int(midnight.timestamp())


def _first_day(month: int) -> date:
    year, months_before = divmod(month, 12)
    return date(year, months_before + 1, 1)


def _name(month: int, months: int) -> str:
    """As in 2026-11, or 2026-Q4."""
    if months == MONTH:
        return written_month(month)

    year, months_before = divmod(month, 12)
    quarter = months_before // 3 + 1
    return f"{year:04}-Q{quarter}"


# --- Figures of each -----------------------------------------------------------------------------


def by_size(spans: Sequence[Span]) -> tuple[Span, ...]:
    """Those with rocks, the largest first."""
    with_rocks = [span for span in spans if span.rocks]
    return tuple(sorted(with_rocks, key=lambda span: (-span.rocks, span.name)))


def spans(
    rocks: Rocks,
    columns: Mapping[str, Floats],
    span_of: Coded,
    watched: Sequence[str],
) -> tuple[Span, ...]:
    """The rocks by their span. The columns are of those above 6 %."""
    number = len(span_of.names)
    if not number:
        return ()

    sizes = _sizes(span_of, span_of.told)
    prevalence = {code: _prevalence(rocks, span_of, code) for code in watched}
    parts = _parts(columns, span_of.codes[rocks.is_counted], number)

    spans = []
    for place, name in enumerate(span_of.names):
        span = Span(
            name,
            sizes[place],
            {column: characteristic(of_spans[place]) for column, of_spans in parts.items()},
            {code: of_spans[place] for code, of_spans in prevalence.items()},
        )
        spans.append(span)
    return tuple(spans)


def _sizes(span_of: Coded, chosen: Mask) -> list[int]:
    """How many of the rocks that are chosen lie in each span."""
    places = span_of.codes[chosen]
    sizes = np.bincount(places, minlength=len(span_of.names))
    return list(map(int, sizes))


def _prevalence(rocks: Rocks, span_of: Coded, code: str) -> list[Share]:
    """How many of each span's rocks that were tested for it hold a substance."""
    found = _sizes(span_of, rocks.found.holds(code) & span_of.told)
    absent = _sizes(span_of, rocks.absent.holds(code) & span_of.told)

    by_span = zip(found, absent, strict=True)
    return [share(had_it, had_it + had_not) for had_it, had_not in by_span]


def _parts(columns: Mapping[str, Floats], places: Codes, number: int) -> dict[str, list[Floats]]:
    """The values of each place, by column; sorted once, however many places there are."""
    # Short integers are sorted by counting.
    short: NDArray[np.signedinteger] = places
    if number < 2**15:
        short = places.astype(np.int16)
    order = np.argsort(short, kind="stable")

    ends = np.searchsorted(short[order], np.arange(number + 1))
    slices = [slice(start, end) for start, end in pairwise(ends)]

    parts = {}
    for name, values in columns.items():
        in_order = values[order]
        parts[name] = [in_order[here] for here in slices]
    return parts
