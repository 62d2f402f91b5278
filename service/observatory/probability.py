"""Intervals and tests of the survey, each as its textbook has it.

The special functions are SciPy's. Only `scipy.special` is taken, and only when the first survey is
asked for: it costs 30 MB, `scipy.stats` 100. Intervals are 95 %.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import compress
from math import atanh, sqrt, tanh
from statistics import NormalDist

import numpy as np

from service.observatory.arrays import Codes, Floats

TAIL = 0.025
_NORMAL = NormalDist().inv_cdf(1 - TAIL)
FEWEST_IN_A_GROUP = 5
"""Below it the chi-square that the Kruskal-Wallis test leans on is no good."""


@dataclass(frozen=True, slots=True)
class Correlation:
    """Pearson's r with Fisher's interval and its two-sided p.

    What cannot be said of so few is None.
    """

    n: int
    r: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """Kruskal-Wallis between groups.

    `epsilon2` is how much of the ranks the group explains, from 0 to 1.
    """

    n: int
    groups: tuple[str, ...] = ()
    """Those with rocks enough to be compared."""
    h: float | None = None
    epsilon2: float | None = None
    p: float | None = None


@lru_cache(8192)
def clopper_pearson(found: int, tested: int) -> tuple[float, float]:
    """The exact interval of a share, from 0 to 1 (Clopper and Pearson 1934).

    It is all of it where none was tested.
    """
    from scipy.special import betaincinv

    without = tested - found

    low = 0.0
    if found:
        low = float(betaincinv(found, without + 1, TAIL))

    high = 1.0
    if without > 0:
        high = float(betaincinv(found + 1, without, 1 - TAIL))
    return low, high


def correlated(x: Floats, y: Floats) -> Correlation:
    """r of the pairs in which neither is missing (NaN)."""
    missing = np.isnan(x) | np.isnan(y)
    x = x[~missing]
    y = y[~missing]
    n = len(x)
    if n < 3:
        return Correlation(n)

    x = x - x.mean()
    y = y - y.mean()
    square_x = float(x @ x)
    square_y = float(y @ y)
    spread = sqrt(square_x * square_y)
    if spread <= 1e-12 * n:
        return Correlation(n)

    r = float(x @ y) / spread
    r = min(max(r, -1.0), 1.0)
    if n < 4 or abs(r) == 1.0:
        return Correlation(n, r)

    z = atanh(r)
    reach = _NORMAL / sqrt(n - 3)
    return Correlation(
        n,
        r,
        low=tanh(z - reach),
        high=tanh(z + reach),
        p=_p_of_r(r, n),
    )


def _p_of_r(r: float, n: int) -> float:
    """Student's t, both sides."""
    from scipy.special import stdtr

    freedom = n - 2
    t = r * sqrt(freedom / (1 - r * r))
    return float(2 * stdtr(freedom, -abs(t)))


def differing(values: Floats, codes: Codes, names: Sequence[str]) -> Difference:
    """Whether the values differ between groups; a code of -1 and a missing value are left out."""
    told = (codes >= 0) & ~np.isnan(values)
    values = values[told]
    codes = codes[told]

    sizes = np.bincount(codes, minlength=len(names))
    large = sizes >= FEWEST_IN_A_GROUP
    groups = tuple(compress(names, large))

    compared = large[codes]
    values = values[compared]
    codes = codes[compared]
    n = len(values)
    if len(groups) < 2:
        return Difference(n, groups)

    ranks, ties = _ranks(values)
    if ties == 1.0:
        return Difference(n, groups)  # all alike: there are no ranks

    sums = np.bincount(codes, weights=ranks, minlength=len(names))
    squares = sums[large] ** 2
    between = float((squares / sizes[large]).sum())

    scale = 12 / (n * (n + 1))
    without_ties = scale * between - 3 * (n + 1)
    h = without_ties / (1 - ties)
    h = max(h, 0.0)
    return Difference(
        n,
        groups,
        h,
        epsilon2=h / (n - 1),
        p=_p_of_h(h, len(groups)),
    )


def _p_of_h(h: float, groups: int) -> float:
    """The upper tail of chi-square."""
    from scipy.special import chdtrc

    return float(chdtrc(groups - 1, h))


def _ranks(values: Floats) -> tuple[Floats, float]:
    """Ranks from 1, equal values sharing theirs; and what ties take from H, from 0 to 1."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    n = float(len(values))

    counted = counts.astype(np.float64)
    of_ties = counted**3 - counted
    ties = float(of_ties.sum()) / (n**3 - n)
    ranks = last - (counted - 1) / 2
    return ranks[place], ties
