"""What leaves: the whole policy, in words and then in rules. Whoever may ask everything must isolate no rock.

**There is one question and it takes no arguments.** The answer is a list of calendar quarters that do not overlap,
without any total over them: no two published cells hold one rock in common but those of the same quarter.
No area, no site, no place, no seller, no date nearer than the quarter, no label, no name that a laboratory typed.

**A quarter is opened** 30 days after it has ended, so that its rocks come in together and not one by one under
somebody's eyes, and if it holds at least four times the threshold of rocks; a smaller one is never added to
another.

**A count is given** as a multiple of the threshold (default 5), the nearest. It is hidden where it, or what
remains of its total, is under the threshold; so is every count of a total under four times the threshold.
None at all is told only of the substances that the published survey speaks of: elsewhere "none" and "a few" look
alike. No count is crossed with another.

**A mean or a median** is of values brought within the published survey's greatest, of at least four times the
threshold of rocks, and rounded so coarsely that one rock more or fewer, however odd, moves the mean by at most
half a step. There is no smallest and no greatest, no quantile but the median. A correlation is rounded to a tenth
and given from ten times the threshold of rocks on.

What this does not defend against: whoever watches every day, and knows on which day a rock was erased, may see a
figure of its quarter move by one step and so learn what that rock had a part in; and whoever handed in most of
the rocks of a cell knows the others. Synthetic rocks are never in it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from math import floor
from zoneinfo import ZoneInfo

import numpy as np

from service.evidence.reference import SURVEY
from service.observatory.probability import Floats, clopper_pearson, correlated
from service.observatory.survey import (
    COLUMNS,
    OF_OLD,
    PAIRS,
    Rocks,
    Share,
    beliefs_of,
    blamed_of,
    prevalence_of,
    quarters_of,
    shares_of,
)
from service.vocabulary.substances import SUBSTANCES

SETTLES_IN = timedelta(days=30)
FEWEST = 4
"""Thresholds of rocks under which a quarter, a total and a mean are not given."""
FEWEST_CORRELATED = 10
STEPS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
GREATEST: Mapping[str, float] = {
    **{name: SURVEY.figures[name, "max"].value for name in COLUMNS},
    "guess_percent": 100.0,
}


@dataclass(frozen=True, slots=True)
class Blunt:
    """A count of a total; None where it is hidden. Percent and its 95 % interval are of the blunted counts."""

    count: int | None = None
    n: int | None = None
    percent: int | None = None
    low: int | None = None
    high: int | None = None


@dataclass(frozen=True, slots=True)
class Middle:
    """A mean and a median to the nearest `step`; None of too few."""

    n: int | None = None
    mean: float | None = None
    median: float | None = None
    step: int | None = None


@dataclass(frozen=True, slots=True)
class Loose:
    """r to a tenth; None of too few."""

    n: int | None = None
    r: float | None = None


@dataclass(frozen=True, slots=True)
class Quarter:
    """What everyone may know of one quarter."""

    period: str
    n: int
    characteristics: Mapping[str, Middle]
    correlations: Mapping[str, Loose]
    shares: Mapping[str, Blunt]
    prevalence: Mapping[str, Blunt]
    believed: Mapping[str, Blunt]
    effects_blamed_on_cuts: Mapping[str, Blunt]
    guess_percent: Middle


@dataclass(frozen=True, slots=True)
class Opened:
    """The quarters that are open, the newest first, and by which threshold."""

    threshold: int
    quarters: tuple[Quarter, ...]


def open_until(today: date) -> date:
    """The last day of the last quarter that is open."""
    settled = today - SETTLES_IN
    return date(settled.year, (settled.month - 1) // 3 * 3 + 1, 1) - timedelta(days=1)


def opened(rocks: Rocks, zone: ZoneInfo, today: date, threshold: int) -> Opened:
    """Every quarter that may be known by today, from all rocks there are."""
    told, until = [], open_until(today)
    for name, after, theirs in quarters_of(rocks, zone):
        if after <= until + timedelta(days=1) and len(theirs) >= FEWEST * threshold:
            told.append(_quarter(name, theirs, threshold))
    return Opened(threshold, tuple(reversed(told)))


def _quarter(name: str, rocks: Rocks, threshold: int) -> Quarter:
    counted, prevalence = rocks.over_the_limit, prevalence_of(rocks)
    columns = {
        **{key: np.minimum(column(counted), GREATEST[key]) for key, column in COLUMNS.items()},
        "guess_percent": counted.guess_percent,
    }
    return Quarter(
        period=name,
        n=rounded(len(rocks), threshold),
        characteristics={key: middle(columns[key], GREATEST[key], threshold) for key in COLUMNS},
        correlations={f"{x}~{y}": _loose(columns[x], columns[y], threshold) for x, y in PAIRS},
        shares={
            key: blunted(one, threshold)
            for key, one in shares_of(counted, columns).items()
            if key
            != "bought_at_home_or_by_appointment"  # it is of rocks above 6 %: a place crossed with content
        },
        prevalence=_disclosed(
            {code: one for code, one in prevalence.items() if code in SUBSTANCES}, threshold
        ),
        believed=_disclosed(
            {code: one.believed for code, one in beliefs_of(rocks, prevalence).items()}, threshold
        ),
        effects_blamed_on_cuts=_disclosed(blamed_of(rocks), threshold),
        guess_percent=middle(columns["guess_percent"], GREATEST["guess_percent"], threshold),
    )


def rounded(count: int, threshold: int) -> int:
    """The nearest multiple of the threshold; a half goes up."""
    return threshold * floor(count / threshold + 0.5)


def blunted(share: Share, threshold: int) -> Blunt:
    """The share, or nothing of it where it could isolate a rock."""
    few = range(1, threshold)
    if share.n < FEWEST * threshold or share.count in few or share.n - share.count in few:
        return Blunt()
    count, n = rounded(share.count, threshold), rounded(share.n, threshold)
    low, high = clopper_pearson(count, n)
    return Blunt(count, n, round(100 * count / n), floor(100 * low), round(100 * high))


def _disclosed(shares: Mapping[str, Share], threshold: int) -> dict[str, Blunt]:
    """Drop hidden rows, except those of substances in the published survey."""
    told = {code: blunted(one, threshold) for code, one in shares.items()}
    return {code: one for code, one in sorted(told.items()) if one.count or code in OF_OLD}


def middle(values: Floats, greatest: float, threshold: int) -> Middle:
    """Mean and median of values that lie between 0 and the greatest."""
    values = values[~np.isnan(values)]
    n = len(values)
    if n < FEWEST * threshold:
        return Middle()
    step = next((one for one in STEPS if one >= 2 * greatest / n), STEPS[-1])
    mean, median = (
        step * floor(float(one) / step + 0.5) for one in (np.sort(values).mean(), np.median(values))
    )
    return Middle(rounded(n, threshold), mean, median, step)


def _loose(x: Floats, y: Floats, threshold: int) -> Loose:
    found = correlated(x, y)
    if found.n < FEWEST_CORRELATED * threshold or found.r is None:
        return Loose()
    return Loose(rounded(found.n, threshold), round(found.r, 1))
