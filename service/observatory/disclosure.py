"""What leaves: the whole policy, in words and then in rules.

Whoever may ask everything must isolate no rock.

**There is one question and it takes no arguments.** The answer is a list of calendar quarters that
do not overlap, without any total over them: no two published cells hold one rock in common but
those of the same quarter. No area, no site, no place, no seller, no date nearer than the quarter,
no label, no name that a laboratory typed.

**A quarter is opened** 30 days after it has ended, so that its rocks come in together and not one
by one under somebody's eyes, and if it holds at least four times the threshold of rocks; a smaller
one is never added to another.

**A count is given** as a multiple of the threshold (default 5), the nearest. It is hidden where it,
or what remains of its total, is under the threshold; so is every count of a total under four times
the threshold. None at all is told only of the substances that the published survey speaks of:
elsewhere "none" and "a few" look alike. No count is crossed with another.

**A mean or a median** is of values brought within the published survey's greatest, of at least four
times the threshold of rocks, and rounded so coarsely that one rock more or fewer, however odd,
moves the mean by at most half a step. There is no smallest and no greatest, no quantile but the
median. A correlation is rounded to a tenth and given from ten times the threshold of rocks on.

What this does not defend against: whoever watches every day, and knows on which day a rock was
erased, may see a figure of its quarter move by one step and so learn what that rock had a part in;
and whoever handed in most of the rocks of a cell knows the others. Synthetic rocks are never in it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from math import floor
from zoneinfo import ZoneInfo

import numpy as np

from service.evidence.reference import SURVEY
from service.observatory.arrays import Floats
from service.observatory.probability import clopper_pearson, correlated
from service.observatory.survey.columns import COLUMNS, PAIRS, measured, pair_name
from service.observatory.survey.rocks import Rocks
from service.observatory.survey.shares import Share, blamed_of, shares_within
from service.observatory.survey.spans import quarters_of
from service.observatory.survey.substances import (
    PUBLISHED_SUBSTANCES,
    beliefs_of,
    prevalence_of,
)
from service.vocabulary.substances import SUBSTANCES

SETTLES_IN = timedelta(days=30)
FEWEST_THRESHOLDS = 4
"""Thresholds of rocks under which a quarter, a total and a mean are not given."""
FEWEST_THRESHOLDS_CORRELATED = 10
ROUNDING_STEPS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
GREATEST: Mapping[str, float] = {
    **{name: SURVEY.figures[name, "max"].value for name in COLUMNS},
    "guess_percent": 100.0,
}


@dataclass(frozen=True, slots=True)
class BluntShare:
    """A count of a total; None where it is hidden.

    Percent and its 95 % interval are of the blunted counts.
    """

    count: int | None = None
    n: int | None = None
    percent: int | None = None
    low: int | None = None
    high: int | None = None


@dataclass(frozen=True, slots=True)
class BluntMiddle:
    """A mean and a median to the nearest `step`; None of too few."""

    n: int | None = None
    mean: float | None = None
    median: float | None = None
    step: int | None = None


@dataclass(frozen=True, slots=True)
class BluntCorrelation:
    """r to a tenth; None of too few."""

    n: int | None = None
    r: float | None = None


@dataclass(frozen=True, slots=True)
class Quarter:
    """What everyone may know of one quarter."""

    period: str
    n: int
    characteristics: Mapping[str, BluntMiddle]
    correlations: Mapping[str, BluntCorrelation]
    shares: Mapping[str, BluntShare]
    prevalence: Mapping[str, BluntShare]
    believed: Mapping[str, BluntShare]
    effects_blamed_on_cuts: Mapping[str, BluntShare]
    guess_percent: BluntMiddle


@dataclass(frozen=True, slots=True)
class Opened:
    """The quarters that are open, the newest first, and by which threshold."""

    threshold: int
    quarters: tuple[Quarter, ...]


def open_until(today: date) -> date:
    """The last day of the last quarter that is open."""
    settled = today - SETTLES_IN
    first_month = (settled.month - 1) // 3 * 3 + 1
    return date(settled.year, first_month, 1) - timedelta(days=1)


def opened(rocks: Rocks, zone: ZoneInfo, today: date, threshold: int) -> Opened:
    """Every quarter that may be known by today, from all rocks there are."""
    until = open_until(today)
    quarters = [
        _quarter(quarter.name, quarter.rocks, threshold)
        for quarter in quarters_of(rocks, zone)
        if quarter.day_after <= until + timedelta(days=1)
        and len(quarter.rocks) >= FEWEST_THRESHOLDS * threshold
    ]
    return Opened(threshold, tuple(reversed(quarters)))


def _quarter(name: str, rocks: Rocks, threshold: int) -> Quarter:
    columns = _bounded(rocks.counted)
    prevalence = prevalence_of(rocks)
    beliefs = beliefs_of(rocks, prevalence)

    middles = {
        column: middle(values, GREATEST[column], threshold) for column, values in columns.items()
    }
    known = {code: share for code, share in prevalence.items() if code in SUBSTANCES}
    believed = {code: belief.believed for code, belief in beliefs.items()}
    # Whether it was bought at home is of rocks above 6 %: that would cross a place with content.
    shares = shares_within(columns)

    return Quarter(
        period=name,
        n=rounded(len(rocks), threshold),
        characteristics={column: middles[column] for column in COLUMNS},
        correlations=_correlations(columns, threshold),
        shares={of: blunted(share, threshold) for of, share in shares.items()},
        prevalence=_disclosed(known, threshold),
        believed=_disclosed(believed, threshold),
        effects_blamed_on_cuts=_disclosed(blamed_of(rocks), threshold),
        guess_percent=middles["guess_percent"],
    )


def _bounded(counted: Rocks) -> dict[str, Floats]:
    """The columns, with no value above the published survey's greatest."""
    columns = {
        name: np.minimum(values, GREATEST[name]) for name, values in measured(counted).items()
    }
    return {**columns, "guess_percent": counted.guess_percent}


def rounded(count: int, threshold: int) -> int:
    """The nearest multiple of the threshold; a half goes up."""
    return threshold * floor(count / threshold + 0.5)


def blunted(share: Share, threshold: int) -> BluntShare:
    """The share, or nothing of it where it could isolate a rock."""
    too_few = range(1, threshold)
    if share.count in too_few or share.n - share.count in too_few:
        return BluntShare()
    if share.n < FEWEST_THRESHOLDS * threshold:
        return BluntShare()

    count, n = rounded(share.count, threshold), rounded(share.n, threshold)
    low, high = clopper_pearson(count, n)
    return BluntShare(count, n, round(100 * count / n), floor(100 * low), round(100 * high))


def _disclosed(shares: Mapping[str, Share], threshold: int) -> dict[str, BluntShare]:
    """Drop hidden rows, except those of substances in the published survey."""
    blunt = {code: blunted(share, threshold) for code, share in sorted(shares.items())}
    return {
        code: share for code, share in blunt.items() if share.count or code in PUBLISHED_SUBSTANCES
    }


def middle(values: Floats, greatest: float, threshold: int) -> BluntMiddle:
    """Mean and median of values that lie between 0 and the greatest."""
    values = values[~np.isnan(values)]
    n = len(values)
    if n < FEWEST_THRESHOLDS * threshold:
        return BluntMiddle()

    step = _rounding_step(2 * greatest / n)
    mean = _nearest(float(np.sort(values).mean()), step)
    median = _nearest(float(np.median(values)), step)
    return BluntMiddle(rounded(n, threshold), mean, median, step)


def _rounding_step(least: float) -> int:
    fitting = (step for step in ROUNDING_STEPS if step >= least)
    return next(fitting, ROUNDING_STEPS[-1])


def _nearest(value: float, step: int) -> int:
    """The nearest multiple of the step; a half goes up."""
    return step * floor(value / step + 0.5)


def _correlations(columns: Mapping[str, Floats], threshold: int) -> dict[str, BluntCorrelation]:
    return {
        pair_name(x, y): _blunt_correlation(columns[x], columns[y], threshold) for x, y in PAIRS
    }


def _blunt_correlation(x: Floats, y: Floats, threshold: int) -> BluntCorrelation:
    found = correlated(x, y)
    if found.n < FEWEST_THRESHOLDS_CORRELATED * threshold or found.r is None:
        return BluntCorrelation()
    return BluntCorrelation(rounded(found.n, threshold), round(found.r, 1))
