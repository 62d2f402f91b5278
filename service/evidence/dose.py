"""How much cocaine a rock holds: before the laboratory answers, from its weight; then, from what was measured.

Amount = weight x content, the two nearly independent (the published r of 0.84 between weight and
amount is what independence gives: see `implied`). So, with F the distribution of the content of
rocks as they are now,

    P(amount <= a) = sum over the weights w that this rock may have, of P(w) F(a / w).

**F before any answer** is a mixture of two histories. The published survey: normal, mean 0.57,
standard deviation 0.145, cut to [0, 1]. And the rocks that this network has measured: their
shares by steps of 2 %, a rock counting half as much every `half_life_months`. The survey counts
as 20 rocks when it is new and half as many every five years (a power prior: age lowers its
weight, it never widens it); so with no rock of our own F is the survey's, and a rock of w mg
gives 0.38 w, 0.57 w, 0.76 w at 80 %. A mixture of shares and not a fitted normal, because a
market may be two markets, and rocks that hold almost none are a part of it: up to 2 % stands as
none, further up F is straight within a step. Own rocks count from five on, so that one absurd
assay is one rock among several.

**The weight** may be the laboratory's (as it is), a field scale's (within 2 mg, any error as
likely), or a class of size: the published weights, log-normal with median 138 mg and sigma 0.374,
cut to the class.

Source of the published figures: reference.py. Ours, and provisional: the 20 rocks, the five
years, the bounds of the classes, the 2 mg.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from math import ceil, exp, hypot, log
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from service.evidence.reference import (
    LOWEST_CONTENT_PERCENT,
    MEAN_CONTENT,
    MEDIAN_WEIGHT_MG,
    SD_CONTENT,
    SIGMA_LOG_WEIGHT,
    SURVEY,
)
from service.vocabulary.codes import Size

LEVEL = 0.8
BINS = 50
STEP = 1 / BINS
PUBLISHED_ROCKS = 20.0
LEAST_ROCKS = 5.0
"""Own rocks count from here on: one alone is no market, and nobody else's to read off an estimate."""
PUBLISHED_HALF_LIFE_MONTHS = 60.0
PUBLISHED_MONTH = SURVEY.ends * 12 + 11
HALF_LIVES_KEPT = 8
"""Then a rock counts as 1/256 and is left out, so that an estimate costs the same however long the history."""
SCALE_ERROR_MG = 2.0
CLASSES_MG: Mapping[Size, tuple[float, float]] = {
    Size.SMALL: (0.0, 90.0),
    Size.MEDIUM: (90.0, 220.0),
    Size.LARGE: (220.0, 10_000.0),
}
_NODES = 41
_HALVINGS = 36

Share = Callable[[float], float]
"""The share of rocks whose content, from 0 to 1, is at most this."""
_LEAST_MG = 1e-6  # under what any balance shows; what is divided by is never nothing
Weight = tuple[tuple[float, float], ...]
"""The weights that a rock may have, in mg, and how likely each is; they add up to 1."""


@dataclass(frozen=True, slots=True)
class Amount:
    """Cocaine in mg with the interval that holds it at `level`; None where no uncertainty was given."""

    middle_mg: float
    low_mg: float | None = None
    high_mg: float | None = None
    level: float | None = None


# --- What content rocks have --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Market:
    """What content rocks have as they are now. `shares` are cumulative, at 0, 2, ... 100 %."""

    shares: tuple[float, ...]
    published_rocks: float
    """How many rocks the published survey counts as."""
    own_rocks: float = 0.0
    """How many rocks those count as that this network has measured."""
    measured: int = 0
    """How many those are."""

    may_hold_more: bool = False
    """Whether its own last predictions held too seldom, or are too few to say so."""

    def share(self, content: float) -> float:
        """The share of rocks with at most this content, from 0 to 1; straight between steps."""
        place = min(max(content, 0.0), 1.0) * BINS
        below = min(int(place), BINS - 1)
        low, high = self.shares[below], self.shares[below + 1]
        return low + (high - low) * (place - below)

    def content_at(self, share: float) -> float:
        """The content, from 0 to 1, that this share of rocks stays under: `share` the other way round."""
        if share <= self.shares[0]:
            return 0.0
        above = next(step for step in range(1, BINS + 1) if self.shares[step] >= share)
        low, high = self.shares[above - 1], self.shares[above]
        return (above - 1 + (share - low) / (high - low)) / BINS

    @property
    def hardly_any(self) -> float:
        """The share of rocks at or under the content below which the survey did not look."""
        return self.share(LOWEST_CONTENT_PERCENT / 100)

    @staticmethod
    def of(own: Iterable[float], measured: int, month: int) -> "Market":
        """The mixture: `own` is what this network's rocks count as, by steps of 2 %, in this month."""
        own = tuple(own)
        count, published = sum(own), published_weight(month)
        if count < LEAST_ROCKS:
            return Market(PUBLISHED.shares, published)
        total = count + published
        mixed = (
            (ours + published * theirs) / total
            for ours, theirs in zip(own, _PUBLISHED, strict=True)
        )
        return Market(_cumulative(mixed), published, count, measured)


def _cumulative(steps: Iterable[float]) -> tuple[float, ...]:
    """Shares at each step's end, the last of them 1. Up to 2 % is none at all: that step's share stands at 0."""
    first, *between, last = accumulate(steps)
    return (first / last, first / last, *(share / last for share in between), 1.0)


def _published() -> tuple[float, ...]:
    content = NormalDist(MEAN_CONTENT, SD_CONTENT)
    within = content.cdf(1) - content.cdf(0)
    return tuple(
        (content.cdf((step + 1) * STEP) - content.cdf(step * STEP)) / within for step in range(BINS)
    )


_PUBLISHED = _published()
PUBLISHED = Market(_cumulative(_PUBLISHED), PUBLISHED_ROCKS)


def published_weight(month: int) -> float:
    """How many rocks the published survey counts as in this month (years x 12 + months since year 0)."""
    age = max(0, month - PUBLISHED_MONTH)
    return PUBLISHED_ROCKS * float(0.5 ** (age / PUBLISHED_HALF_LIFE_MONTHS))


def step_of(content: float) -> int:
    """The step of 2 % in which a content from 0 to 1 lies; one on a bound belongs to the step under it."""
    return min(max(ceil(content * BINS - 1e-9) - 1, 0), BINS - 1)


def fading(age_months: int, half_life_months: float) -> float:
    """How much a rock of this age counts; one from a month that is yet to come counts whole."""
    return float(0.5 ** (max(0, age_months) / half_life_months))


def market(counts: Iterable[Sequence[int]], month: int, half_life_months: float) -> Market:
    """What content rocks have in this month; `counts` are months, steps of 2 % and how many were measured."""
    first = month - int(HALF_LIVES_KEPT * half_life_months)
    counting = {
        then: fading(month - then, half_life_months) for then in range(first + 1, month + 2)
    }
    own, measured = [0.0] * BINS, 0
    for then, step, rocks in counts:
        if then in counting:
            own[step] += max(rocks, 0) * counting[then]
            measured += max(rocks, 0)
    return Market.of(own, measured, month)


# --- What a rock may weigh ----------------------------------------------------------------------------


def weighed(mg: float) -> Weight:
    """On a laboratory's balance."""
    return ((mg, 1.0),)


def field_weighed(mg: float) -> Weight:
    """On a field scale, which errs by up to 2 mg: five weights across that, down to a tenth of what it shows."""
    errors = (-1.0, -0.5, 0.0, 0.5, 1.0)
    return tuple(
        (max(mg + SCALE_ERROR_MG * error, mg / 10, _LEAST_MG), 1 / len(errors)) for error in errors
    )


def weight_from_size(size: Size | None) -> Weight | None:
    """Not weighed, but held beside drawings at true size; None where its size is not known either."""
    if size is None or size not in CLASSES_MG:
        return None
    low, high = CLASSES_MG[size]
    logarithm = NormalDist(log(MEDIAN_WEIGHT_MG), SIGMA_LOG_WEIGHT)
    start, end = (logarithm.cdf(log(mg)) if mg else 0.0 for mg in (low, high))
    return tuple(
        (exp(logarithm.inv_cdf(start + (end - start) * (node + 0.5) / _NODES)), 1 / _NODES)
        for node in range(_NODES)
    )


# --- How much that makes ------------------------------------------------------------------------------


def share_up_to(amount_mg: float, weight: Weight, content: Share) -> float:
    """How likely the rock holds at most this amount."""
    return sum(chance * content(amount_mg / mg) for mg, chance in weight)


def expected(weight: Weight, content: Share = PUBLISHED.share, level: float = LEVEL) -> Amount:
    """What such rocks hold: the middle, and the interval that holds `level` of them, with as many on each side."""
    low, middle, high = (
        _amount_at(share, weight, content) for share in ((1 - level) / 2, 0.5, (1 + level) / 2)
    )
    return Amount(middle, low, high, level)


def _amount_at(share: float, weight: Weight, content: Share) -> float:
    low, high = 0.0, max(mg for mg, _ in weight)
    if share_up_to(low, weight, content) >= share:
        return low
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if share_up_to(middle, weight, content) < share:
            low = middle
        else:
            high = middle
    return high


def expected_each(weights: Sequence[Weight], market: Market, level: float = LEVEL) -> list[Amount]:
    """`expected` for many weights of as many nodes each, at once: a tablet's table in a thirtieth of the time."""
    nodes: NDArray[np.float64] = np.array(weights)
    mg, chance = nodes[..., 0], nodes[..., 1]
    shares = np.array([[(1 - level) / 2], [0.5], [(1 + level) / 2]])
    bounds = np.linspace(0, 1, BINS + 1)

    def short(amount: NDArray[np.float64]) -> NDArray[np.bool_]:
        held: NDArray[np.float64] = chance * np.interp(
            amount[..., None] / mg, bounds, market.shares
        )
        less: NDArray[np.bool_] = held.sum(axis=2) < shares
        return less

    low = np.zeros((len(shares), len(weights)))
    high = np.where(short(low), mg.max(axis=1), 0.0)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        under = short(middle)
        low, high = np.where(under, middle, low), np.where(under, high, middle)
    return [Amount(middle, low, high, level) for low, middle, high in high.T.tolist()]


def known_content(percent: float, uncertainty_percent: float | None) -> Share:
    """A content that was measured: normal, with the uncertainty at k = 2; or just that."""
    spread = percent * (uncertainty_percent or 0.0) / 200
    if not spread:
        return lambda content: float(content * 100 >= percent)
    measured = NormalDist(percent, spread)
    return lambda content: 1.0 if content >= 1 else measured.cdf(content * 100)


def measured(
    weight_mg: float,
    content_percent: float,
    uncertainty_percent: float | None,
    *,
    field: bool = False,
) -> Amount:
    """What was measured; the uncertainty is percent of the value at k = 2 (about 95 %), capped by the weight.

    A weight of a field scale adds its error. Of a measured nothing no interval is known: no percent of it is one.
    """
    middle = weight_mg * content_percent / 100
    if uncertainty_percent is None or not content_percent:
        return Amount(middle)
    error = SCALE_ERROR_MG if field else 0.0
    margin = hypot(middle * uncertainty_percent / 100, error * content_percent / 100)
    return Amount(middle, max(0.0, middle - margin), min(weight_mg + error, middle + margin), 0.95)


def hull(amounts: Sequence[Amount]) -> Amount:
    """The first, with an interval wide enough for all of them."""
    lows = [amount.middle_mg if amount.low_mg is None else amount.low_mg for amount in amounts]
    highs = [amount.middle_mg if amount.high_mg is None else amount.high_mg for amount in amounts]
    return Amount(amounts[0].middle_mg, min(lows), max(highs), 0.95)


# --- The model beside the survey ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Implied:
    """What the model of the published figures gives for figures that it was not made from."""

    correlation: float
    """Of weight and amount (Pearson)."""
    median_mg: float
    """Of the amount."""


@cache
def implied() -> Implied:
    """Weight log-normal, content normal, independent: r and the median of their product."""
    mean_square_weight = exp(SIGMA_LOG_WEIGHT**2)  # of the weight over its mean
    mean_square_content = 1 + (SD_CONTENT / MEAN_CONTENT) ** 2
    r = ((mean_square_weight - 1) / (mean_square_weight * mean_square_content - 1)) ** 0.5
    logarithm = NormalDist(log(MEDIAN_WEIGHT_MG), SIGMA_LOG_WEIGHT)
    nodes = 400
    weights = tuple(
        (exp(logarithm.inv_cdf((node + 0.5) / nodes)), 1 / nodes) for node in range(nodes)
    )
    return Implied(r, expected(weights).middle_mg)
