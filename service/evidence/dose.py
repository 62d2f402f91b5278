"""How much cocaine a rock holds: from its weight before the laboratory answers; then, measured.

Amount = weight x content, the two nearly independent (the published r of 0.84 between weight and
amount is what independence gives: see `implied`). So, with F the distribution of the content of
rocks as they are now,

    P(amount <= a) = sum over the weights w that this rock may have, of P(w) F(a / w).

**F before any answer** is a `Market`: what was published, and what this network has measured (see
market.py, which learns it). Up to 2 % stands as none, further up F is straight within a step.

**The weight** may be the laboratory's (as it is), a field scale's (within 2 mg, any error as
likely), or a class of size: the published weights, log-normal with median 138 mg and sigma 0.374,
cut to the class.

Source of the published figures: reference.py. Ours, to be signed: the bounds of the classes, the
2 mg, and when an estimate is no longer said as "8 in 10".
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate, pairwise
from math import ceil, exp, hypot, log
from statistics import NormalDist
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from service.evidence.reference import (
    LOWEST_CONTENT_PERCENT,
    MEAN_CONTENT,
    MEDIAN_WEIGHT_MG,
    SD_CONTENT,
    SIGMA_LOG_WEIGHT,
)
from service.vocabulary.codes import Size

LEVEL = 0.8
BINS = 50
STEP = 1 / BINS
FEWEST_PREDICTIONS = 10
"""Of fewer nobody can tell how often an estimate holds. Ours, to be signed."""
LEAST_HELD = 0.7
"""Where fewer of the last rocks lay inside, "8 in 10" would be untrue. Ours, to be signed."""
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
    """Cocaine in mg, with the interval that holds it at `level` where that is known."""

    middle_mg: float
    low_mg: float | None = None
    high_mg: float | None = None
    level: float | None = None


# --- What content rocks have ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Past:
    """The last predictions of content whose rock was measured since."""

    rocks: int = 0
    held: float = 0.0
    """The share of those rocks that lay inside their interval."""


@dataclass(frozen=True, slots=True)
class Market:
    """What content rocks have as they are now. `shares` are cumulative, at 0, 2, ... 100 %."""

    shares: tuple[float, ...]
    published_rocks: float = 0.0
    """How many rocks the published survey counts as."""
    later_rocks: float = 0.0
    """How many rocks count as what the market may have become since."""
    own_rocks: float = 0.0
    """How many rocks those count as that this network has measured."""
    measured: int = 0
    """How many those are."""
    half_life_months: float | None = None
    """After how long one of them counts half as much."""
    past: Past = Past()

    @property
    def doubt(self) -> Literal["few_known", "often_missed"] | None:
        """Why nobody may say "8 in 10": too few predictions are known, or too many missed."""
        if self.past.rocks < FEWEST_PREDICTIONS:
            return "few_known"
        if self.past.held < LEAST_HELD:
            return "often_missed"
        return None

    @property
    def may_hold_more(self) -> bool:
        """Whether the card says that a rock may hold more, instead of "8 in 10"."""
        return self.doubt is not None

    def share(self, content: float) -> float:
        """The share of rocks with at most this content, from 0 to 1; straight between steps."""
        place = min(max(content, 0.0), 1.0) * BINS
        below = min(int(place), BINS - 1)
        low, high = self.shares[below], self.shares[below + 1]
        return low + (high - low) * (place - below)

    def content_at(self, share: float) -> float:
        """The content, from 0 to 1, that this share of rocks stays under: `share` inverted."""
        if share <= self.shares[0]:
            return 0.0
        above = next(step for step in range(1, BINS + 1) if self.shares[step] >= share)
        low, high = self.shares[above - 1], self.shares[above]
        return (above - 1 + (share - low) / (high - low)) / BINS

    @property
    def hardly_any(self) -> float:
        """The share of rocks at or under the content below which the survey did not look."""
        return self.share(LOWEST_CONTENT_PERCENT / 100)


def shares_of(steps: Iterable[float]) -> tuple[float, ...]:
    """Cumulative shares from what each step of 2 % holds, the last of them 1.

    Up to 2 % is none at all: that step's share stands at 0.
    """
    first, *between, last = accumulate(steps)
    return (first / last, first / last, *(share / last for share in between), 1.0)


def normal_steps(mean: float, spread: float) -> tuple[float, ...]:
    """What each step of 2 % holds of a normal content, cut to [0, 1]; together 1."""
    content = NormalDist(mean, spread)
    within = content.cdf(1) - content.cdf(0)
    bounds = (content.cdf(step * STEP) for step in range(BINS + 1))
    return tuple((high - low) / within for low, high in pairwise(bounds))


PUBLISHED = Market(shares_of(normal_steps(MEAN_CONTENT, SD_CONTENT)))
"""What the published survey says, by itself and as if it were of today."""


def step_of(content: float) -> int:
    """The step of 2 % in which a content from 0 to 1 lies; a bound belongs to the step below."""
    return min(max(ceil(content * BINS - 1e-9) - 1, 0), BINS - 1)


# --- What a rock may weigh ------------------------------------------------------------------------


def weighed(mg: float) -> Weight:
    """On a laboratory's balance."""
    return ((mg, 1.0),)


def field_weighed(mg: float) -> Weight:
    """On a field scale, which errs by up to 2 mg: five weights across that.

    None is under a tenth of what the scale shows.
    """
    errors = (-1.0, -0.5, 0.0, 0.5, 1.0)
    return tuple(
        (max(mg + SCALE_ERROR_MG * error, mg / 10, _LEAST_MG), 1 / len(errors)) for error in errors
    )


def weight_from_size(size: Size | None) -> Weight | None:
    """Not weighed, but held beside drawings at true size; None where no size is known."""
    if size is None or size not in CLASSES_MG:
        return None
    low, high = CLASSES_MG[size]
    logarithm = NormalDist(log(MEDIAN_WEIGHT_MG), SIGMA_LOG_WEIGHT)
    start, end = (logarithm.cdf(log(mg)) if mg else 0.0 for mg in (low, high))
    return tuple(
        (exp(logarithm.inv_cdf(start + (end - start) * (node + 0.5) / _NODES)), 1 / _NODES)
        for node in range(_NODES)
    )


# --- How much that makes --------------------------------------------------------------------------


def share_up_to(amount_mg: float, weight: Weight, content: Share) -> float:
    """How likely the rock holds at most this amount."""
    return sum(chance * content(amount_mg / mg) for mg, chance in weight)


def expected(weight: Weight, content: Share = PUBLISHED.share, level: float = LEVEL) -> Amount:
    """What such rocks hold: the middle, and the interval with `level` of them, centred."""
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
    """`expected` for many weights of as many nodes each, at once: in a thirtieth of the time."""
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
    """What was measured; the uncertainty is percent of the value at k = 2 (about 95 %).

    The weight caps it; a field scale's adds its error. Of a measured nothing no interval is
    known: no percent of it is one.
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


# --- The model beside the survey ------------------------------------------------------------------


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
