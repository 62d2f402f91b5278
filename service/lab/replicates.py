"""Several contents of one rock by one method: their mean is the rock's content.

Contents are percent by weight.
"""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

FEWEST_REPLICATES, MOST_REPLICATES = 2, 20
DECIMALS = 4
COVERAGE = 2
"""How many standard errors an uncertainty holds: about 95 % (k = 2)."""


@dataclass(frozen=True, slots=True)
class Spread:
    """How many replicates there are, their mean and their standard deviation, in percent."""

    n: int
    mean: float
    standard_deviation: float


def spread(contents: Sequence[float]) -> Spread | None:
    """What replicates tell together; None for fewer than two."""
    if len(contents) < FEWEST_REPLICATES:
        return None

    deviation = round(statistics.stdev(contents), DECIMALS)
    return Spread(len(contents), mean(contents), deviation)


def mean(contents: Sequence[float]) -> float:
    """Their mean, to four decimals."""
    return round(statistics.fmean(contents), DECIMALS)


def is_mean(content: float, contents: Sequence[float]) -> bool:
    """Whether a content is their mean, rounded to as many decimals as it is written with."""
    exponent = Decimal(repr(content)).normalize().as_tuple().exponent
    decimals = -exponent if isinstance(exponent, int) and exponent < 0 else 0
    half_a_digit: float = 0.5 * 10.0**-decimals

    return abs(content - statistics.fmean(contents)) <= half_a_digit + 1e-9


def uncertainty_percent(contents: Sequence[float]) -> float | None:
    """How far their mean may be wrong, in percent of it, at k = 2 of the standard error.

    It tells how well the method repeats itself and nothing of what all of its replicates share, so
    it stands only where the laboratory states no uncertainty of its own. None where the mean is
    nothing.
    """
    told = spread(contents)
    if told is None or not told.mean:
        return None

    standard_error = statistics.stdev(contents) / math.sqrt(told.n)
    return min(100.0, round(100 * COVERAGE * standard_error / told.mean, DECIMALS))
