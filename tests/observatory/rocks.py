"""Rocks for tests, as columns: each told by what matters, the rest missing."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from service.observatory.survey.rocks import CODED, Coded, Rocks

PARIS = ZoneInfo("Europe/Paris")


def coded(values: Iterable[str | None]) -> Coded:
    told = list(values)
    names = tuple(dict.fromkeys(one for one in told if one is not None))
    return Coded(
        np.array([-1 if one is None else names.index(one) for one in told], np.int32), names
    )


def at(day: date, hour: int = 12) -> int:
    return int(datetime(day.year, day.month, day.day, hour, tzinfo=PARIS).timestamp())


def columns(rocks: Iterable[Mapping[str, Any]]) -> Rocks:
    """Each rock by `percent`, `weight_mg`, `price_eur`, `guess_percent` and `day`.

    Codes are by the names of their columns.
    """
    told = list(rocks)

    def numbers(name: str) -> Any:
        return np.array([one.get(name) for one in told], np.float64)

    percent = numbers("percent")
    return Rocks(
        taken=np.array([at(one.get("day", date(2026, 2, 3))) for one in told], np.int64),
        hardly_any=np.array([one.get("hardly_any", False) for one in told], np.bool_)
        | (percent <= 6),
        percent=percent,
        weight_mg=numbers("weight_mg"),
        price_eur=numbers("price_eur"),
        guess_percent=numbers("guess_percent"),
        **{name: coded(one.get(name, _UNSAID.get(name)) for one in told) for name in CODED},
    )


_UNSAID = {"found": "", "absent": "", "basis": "base"}
