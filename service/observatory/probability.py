"""Intervals and tests of the survey, each as its textbook has it.

The special functions are SciPy's. Only `scipy.special` is taken, and only when the first survey is
asked for: it costs 30 MB, `scipy.stats` 100. Intervals are 95 %.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
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

    low = float(betaincinv(found, tested - found + 1, TAIL)) if found else 0.0
    high = float(betaincinv(found + 1, tested - found, 1 - TAIL)) if found < tested else 1.0
    return low, high


def correlated(x: Floats, y: Floats) -> Correlation:
    """r of the pairs in which neither is missing (NaN)."""
    both = ~(np.isnan(x) | np.isnan(y))
    x, y = x[both], y[both]
    n = len(x)
    if n < 3:
        return Correlation(n)

    x, y = x - x.mean(), y - y.mean()
    spread = sqrt(float(x @ x) * float(y @ y))
    if spread <= 1e-12 * n:
        return Correlation(n)

    r = min(max(float(x @ y) / spread, -1.0), 1.0)
    if n < 4 or abs(r) == 1.0:
        return Correlation(n, r)

    reach = _NORMAL / sqrt(n - 3)
    return Correlation(n, r, tanh(atanh(r) - reach), tanh(atanh(r) + reach), _p_of_r(r, n))


def _p_of_r(r: float, n: int) -> float:
    """Student's t, both sides."""
    from scipy.special import stdtr

    t = r * sqrt((n - 2) / (1 - r * r))
    return float(2 * stdtr(n - 2, -abs(t)))


def differing(values: Floats, codes: Codes, names: Sequence[str]) -> Difference:
    """Whether the values differ between groups; a code of -1 and a missing value are left out."""
    compared = (codes >= 0) & ~np.isnan(values)
    sizes = np.bincount(codes[compared], minlength=len(names))
    large = sizes >= FEWEST_IN_A_GROUP
    compared[compared] = large[codes[compared]]

    groups = tuple(name for name, is_large in zip(names, large, strict=True) if is_large)
    values, codes = values[compared], codes[compared]
    n = len(values)
    if len(groups) < 2:
        return Difference(n, groups)

    ranks, ties = _ranks(values)
    if ties == 1.0:
        return Difference(n, groups)  # all alike: there are no ranks

    sums = np.bincount(codes, weights=ranks, minlength=len(names))[large]
    between = float((sums**2 / sizes[large]).sum())
    h = (12 / (n * (n + 1)) * between - 3 * (n + 1)) / (1 - ties)
    h = max(h, 0.0)
    return Difference(n, groups, h, h / (n - 1), _p_of_h(h, len(groups)))


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
    ties = float((counted**3 - counted).sum()) / (n**3 - n)
    ranks = last - (counted - 1) / 2
    return ranks[place], ties
