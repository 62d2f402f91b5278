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
_LOG_WEIGHT = NormalDist(log(MEDIAN_WEIGHT_MG), SIGMA_LOG_WEIGHT)
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

    @property
    def bounds(self) -> tuple[float, float]:
        """Of the interval, in mg; where one is not known, the middle stands for it."""
        low = self.low_mg
        if low is None:
            low = self.middle_mg

        high = self.high_mg
        if high is None:
            high = self.middle_mg
        return low, high


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
        within = min(max(content, 0.0), 1.0)
        place = within * BINS
        below = min(int(place), BINS - 1)

        low = self.shares[below]
        high = self.shares[below + 1]
        return low + (high - low) * (place - below)

    def content_at(self, share: float) -> float:
        """The content, from 0 to 1, that this share of rocks stays under: `share` inverted."""
        if share <= self.shares[0]:
            return 0.0

        above = next(step for step in range(1, BINS + 1) if self.shares[step] >= share)
        below = above - 1
        low = self.shares[below]
        high = self.shares[above]

        beyond = (share - low) / (high - low)
        return (below + beyond) / BINS

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
    under = (content.cdf(step * STEP) for step in range(BINS + 1))

    steps = (high - low for low, high in pairwise(under))
    return tuple(step / within for step in steps)


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
    chance = 1 / len(errors)
    least = max(mg / 10, _LEAST_MG)

    weights = (mg + SCALE_ERROR_MG * error for error in errors)
    return tuple((max(weight, least), chance) for weight in weights)


def weight_from_size(size: Size | None) -> Weight | None:
    """Not weighed, but held beside drawings at true size; None where no size is known."""
    if size is None or size not in CLASSES_MG:
        return None

    low, high = CLASSES_MG[size]
    start = 0.0
    if low:
        start = _LOG_WEIGHT.cdf(log(low))
    end = _LOG_WEIGHT.cdf(log(high))
    return _across(start, end, _NODES)


def _across(start: float, end: float, nodes: int) -> Weight:
    """As many weights, each as likely, between these shares of the published weights."""
    chance = 1 / nodes
    shares = (start + (end - start) * (node + 0.5) / nodes for node in range(nodes))

    logarithms = map(_LOG_WEIGHT.inv_cdf, shares)
    return tuple((exp(logarithm), chance) for logarithm in logarithms)


# --- How much that makes --------------------------------------------------------------------------


def share_up_to(amount_mg: float, weight: Weight, content: Share) -> float:
    """How likely the rock holds at most this amount."""
    return sum(chance * content(amount_mg / mg) for mg, chance in weight)


def expected(weight: Weight, content: Share = PUBLISHED.share, level: float = LEVEL) -> Amount:
    """What such rocks hold: the middle, and the interval with `level` of them, centred."""
    under, up_to = tails(level)
    return Amount(
        middle_mg=_amount_at(0.5, weight, content),
        low_mg=_amount_at(under, weight, content),
        high_mg=_amount_at(up_to, weight, content),
        level=level,
    )


def tails(level: float) -> tuple[float, float]:
    """The shares of rocks under a centred interval of this level, and up to its upper end."""
    under = (1 - level) / 2
    up_to = (1 + level) / 2
    return under, up_to


def _amount_at(share: float, weight: Weight, content: Share) -> float:
    low = 0.0
    high = max(mg for mg, _ in weight)
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
    mg = nodes[..., 0]
    chance = nodes[..., 1]
    under, up_to = tails(level)
    shares = np.array([[under], [0.5], [up_to]])
    contents = np.linspace(0, 1, BINS + 1)

    def is_short(amount: NDArray[np.float64]) -> NDArray[np.bool_]:
        content = amount[..., None] / mg
        share = np.interp(content, contents, market.shares)
        held: NDArray[np.float64] = chance * share
        less: NDArray[np.bool_] = held.sum(axis=2) < shares
        return less

    low = np.zeros((len(shares), len(weights)))
    heaviest = mg.max(axis=1)
    high = np.where(is_short(low), heaviest, 0.0)

    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        short = is_short(middle)
        low = np.where(short, middle, low)
        high = np.where(short, high, middle)
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

    error = 0.0
    if field:
        error = SCALE_ERROR_MG
    of_content = middle * uncertainty_percent / 100
    of_weight = error * content_percent / 100
    margin = hypot(of_content, of_weight)

    low = max(0.0, middle - margin)
    high = min(weight_mg + error, middle + margin)
    return Amount(middle, low, high, 0.95)


def hull(amounts: Sequence[Amount]) -> Amount:
    """The first, with an interval wide enough for all of them."""
    bounds = [amount.bounds for amount in amounts]
    low = min(low for low, _ in bounds)
    high = max(high for _, high in bounds)
    return Amount(amounts[0].middle_mg, low, high, 0.95)


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
    variance_weight = mean_square_weight - 1
    variance_amount = mean_square_weight * mean_square_content - 1
    r = (variance_weight / variance_amount) ** 0.5

    every_weight = _across(0.0, 1.0, 400)
    return Implied(r, expected(every_weight).middle_mg)
