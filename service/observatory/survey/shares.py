"""So many of so many: shares of rocks and of people."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from service.observatory.arrays import Floats
from service.observatory.probability import clopper_pearson
from service.observatory.survey.columns import BOUGHT_AT_HOME, SHARES
from service.observatory.survey.rocks import Coded, Rocks
from service.vocabulary.codes import NO_ANSWER, PlaceType

ALWAYS_BLAMED = ("fast_heart", "anxiety", "tight_jaw")
"""The effects that the published survey tells of."""


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many, with the exact 95 % interval, all in percent; None of none."""

    count: int
    n: int
    percent: float | None = None
    low: float | None = None
    high: float | None = None


def share(count: int, n: int) -> Share:
    """So many of so many."""
    if not n:
        return Share(count, n)

    low, high = clopper_pearson(count, n)
    return Share(
        count,
        n,
        percent=100 * count / n,
        low=100 * low,
        high=100 * high,
    )


def shares_within(columns: Mapping[str, Floats]) -> dict[str, Share]:
    """How many rocks lie within the published bounds."""
    shares = {}
    for name, bounds in SHARES.items():
        values = columns[bounds.column]
        values = values[~np.isnan(values)]

        within = (values >= bounds.low) & (values <= bounds.high)
        count = int(within.sum())
        shares[name] = share(count, len(values))
    return shares


def shares_of(counted: Rocks, columns: Mapping[str, Floats]) -> dict[str, Share]:
    """How many of these rocks lie within the published bounds, and how many were bought at home."""
    places = counted.place_type.answers()
    at_home = places.holds(PlaceType.HOME_OR_APPOINTMENT)
    count = int(at_home.sum())
    told = int(places.told.sum())

    shares = shares_within(columns)
    shares[BOUGHT_AT_HOME] = share(count, told)
    return shares


def shares_of_those_asked(column: Coded, always: Iterable[str] = ()) -> dict[str, Share]:
    """How many of those who were asked gave each code, the most first; `always` names some."""
    asked = int(column.told.sum())
    counts = dict.fromkeys(always, 0) | column.lines()
    answers = counts.keys() - NO_ANSWER

    in_order = sorted(answers, key=lambda code: (-counts[code], code))
    return {code: share(counts[code], asked) for code in in_order}


def blamed_of(rocks: Rocks) -> dict[str, Share]:
    """How many people put each effect down to the cuts."""
    return shares_of_those_asked(rocks.blamed, ALWAYS_BLAMED)
