"""The columns of the survey's table, rock by rock, and what is asked of each.

Their names are the wire's.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np

from service.observatory.arrays import Floats
from service.observatory.survey.rocks import Rocks


def _content_percent(rocks: Rocks) -> Floats:
    return rocks.percent


def _weight_mg(rocks: Rocks) -> Floats:
    return rocks.weight_mg


def _cocaine_mg(rocks: Rocks) -> Floats:
    return rocks.weight_mg * rocks.percent / 100


def _price_eur(rocks: Rocks) -> Floats:
    return np.where(rocks.price_eur > 0, rocks.price_eur, np.nan)


def _eur_per_g(rocks: Rocks) -> Floats:
    return _price_eur(rocks) / rocks.weight_mg * 1000


def _eur_per_g_pure(rocks: Rocks) -> Floats:
    return _price_eur(rocks) / _cocaine_mg(rocks) * 1000


COLUMNS: Mapping[str, Callable[[Rocks], Floats]] = {
    "content_percent": _content_percent,
    "weight_mg": _weight_mg,
    "cocaine_mg": _cocaine_mg,
    "price_eur": _price_eur,
    "eur_per_g": _eur_per_g,
    "eur_per_g_pure": _eur_per_g_pure,
}

PAIRS = (("weight_mg", "cocaine_mg"), ("price_eur", "cocaine_mg"), ("guess_percent", "cocaine_mg"))
"""What is correlated with what."""


def pair_name(x: str, y: str) -> str:
    """As in "weight_mg~cocaine_mg"."""
    return f"{x}~{y}"


class Bounds(NamedTuple):
    """A column and its bounds, both within."""

    column: str
    low: float
    high: float


SHARES: Mapping[str, Bounds] = {
    "price_15_20_eur": Bounds("price_eur", 15, 20),
    "weight_100_150_mg": Bounds("weight_mg", 100, 150),
    "content_50_70_percent": Bounds("content_percent", 50, 70),
}
"""What is counted as a share of the rocks that have the column."""
BOUGHT_AT_HOME = "bought_at_home_or_by_appointment"
"""The share that is of a place, not of a column."""


class Steps(NamedTuple):
    """The steps of a distribution: how wide each is, and how many.

    The last holds what is beyond.
    """

    width: float
    number: int


STEPS: Mapping[str, Steps] = {
    "content_percent": Steps(5, 20),
    "weight_mg": Steps(25, 16),
    "cocaine_mg": Steps(15, 14),
    "price_eur": Steps(5, 10),
    "eur_per_g": Steps(25, 14),
    "eur_per_g_pure": Steps(50, 13),
}


def measured(rocks: Rocks) -> dict[str, Floats]:
    """Every column of these rocks, by name."""
    return {name: column(rocks) for name, column in COLUMNS.items()}
