"""How well the estimate did on this network's own past: each rock is predicted from those known before it.

A prediction that says where a rock's amount lies among all such rocks (its rank, from 0 to 1) is right if, of many
rocks, 50 % lie in the middle half, 80 % in the middle 80 %, 95 % in the middle 95 %: that is the coverage, with
nothing else to choose. Sharpness is how wide the 80 % interval is beside the published survey's alone.
"""

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from service.evidence import dose
from service.evidence.dose import BINS, LEVEL, PUBLISHED, Market, fading, step_of
from service.evidence.reference import LOWEST_CONTENT_PERCENT

LEVELS = (0.5, 0.8, 0.95)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One rock whose cocaine was measured: content from 0 to 1, weights in mg.

    `whole_mg` is the best known weight of the whole rock, `field_mg` what a field scale said when it was taken in.
    """

    taken_at: datetime
    answered_at: datetime
    content: float
    whole_mg: float | None = None
    field_mg: float | None = None

    @property
    def month(self) -> int:
        return month_of(self.taken_at)


@dataclass(frozen=True, slots=True)
class Predicted:
    """A rock beside its prediction. `width` is of the 80 % interval of the content."""

    rock: Measured
    rank: float
    rank_published: float
    middle_mg: float
    width: float
    width_published: float

    @property
    def error_mg(self) -> float:
        """Measured less expected."""
        return self.rock.content * (self.rock.whole_mg or 0.0) - self.middle_mg


@dataclass(frozen=True, slots=True)
class Bias:
    """One month (years x 12 + months since year 0): measured less expected, on average."""

    month: int
    rocks: int
    mean_mg: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """The report. Coverage is the share of rocks inside, by level; sharpness 0.8 is a fifth narrower."""

    rocks: int
    coverage: dict[float, float]
    coverage_published: dict[float, float]
    sharpness: float | None
    hardly_any: float | None
    """The share of rocks at or under the content that the published survey left out."""
    bias: tuple[Bias, ...]


def month_of(moment: datetime) -> int:
    """Years x 12 + months since year 0."""
    return moment.year * 12 + moment.month - 1


def replay(rocks: Iterable[Measured], half_life_months: float) -> Iterator[Predicted]:
    """Each rock of a known weight, in the order they were taken in, predicted from those answered before."""
    known = _Known(half_life_months)
    waiting: list[tuple[datetime, int, Measured]] = []
    for place, rock in enumerate(sorted(rocks, key=lambda one: one.taken_at)):
        while waiting and waiting[0][0] <= rock.taken_at:
            known.add(heapq.heappop(waiting)[2])
        if rock.whole_mg is not None:
            yield _predicted(rock, rock.whole_mg, known.market(rock.month))
        heapq.heappush(waiting, (max(rock.answered_at, rock.taken_at), place, rock))


def _predicted(rock: Measured, whole_mg: float, market: Market) -> Predicted:
    weight = dose.field_weighed(rock.field_mg) if rock.field_mg else dose.weighed(whole_mg)
    amount = rock.content * whole_mg
    low, middle, high = (_content_at(market, share) for share in ((1 - LEVEL) / 2, 0.5, (1 + LEVEL) / 2))
    typical = sum(mg * chance for mg, chance in weight)
    return Predicted(
        rock=rock,
        rank=dose.share_up_to(amount, weight, market.share),
        rank_published=dose.share_up_to(amount, weight, PUBLISHED.share),
        middle_mg=middle * typical,
        width=high - low,
        width_published=_WIDTH_PUBLISHED,
    )


def _content_at(market: Market, share: float) -> float:
    """The content that this share of rocks stays under."""
    if share <= market.shares[0]:
        return 0.0
    above = next(step for step in range(1, BINS + 1) if market.shares[step] >= share)
    low, high = market.shares[above - 1], market.shares[above]
    return (above - 1 + (share - low) / (high - low)) / BINS


_WIDTH_PUBLISHED = _content_at(PUBLISHED, (1 + LEVEL) / 2) - _content_at(PUBLISHED, (1 - LEVEL) / 2)


class _Known:
    """What had been answered so far, fading month by month: the live market, without counting anew."""

    def __init__(self, half_life_months: float) -> None:
        self._half_life = half_life_months
        self._own = [0.0] * BINS
        self._measured = 0
        self._month: int | None = None

    def add(self, rock: Measured) -> None:
        self._advance(rock.month)
        age = (self._month or 0) - rock.month
        self._own[step_of(rock.content)] += fading(age, self._half_life)
        self._measured += 1

    def market(self, month: int) -> Market:
        self._advance(month)
        return Market.of(self._own, self._measured, month) if self._measured else PUBLISHED

    def _advance(self, month: int) -> None:
        if self._month is not None and month > self._month:
            faded = fading(month - self._month, self._half_life)
            self._own = [rocks * faded for rocks in self._own]
        self._month = month if self._month is None else max(month, self._month)


def calibration(predicted: Iterable[Predicted]) -> Calibration:
    """The report of a replay; with no rock there is nothing to report."""
    all_of = list(predicted)
    count = len(all_of)
    if not count:
        return Calibration(0, {}, {}, None, None, ())
    months: dict[int, list[float]] = {}
    for one in all_of:
        months.setdefault(one.rock.month, []).append(one.error_mg)
    limit = LOWEST_CONTENT_PERCENT / 100
    return Calibration(
        rocks=count,
        coverage=_coverage([one.rank for one in all_of]),
        coverage_published=_coverage([one.rank_published for one in all_of]),
        sharpness=sum(one.width for one in all_of) / sum(one.width_published for one in all_of),
        hardly_any=sum(one.rock.content <= limit for one in all_of) / count,
        bias=tuple(
            Bias(month, len(errors), sum(errors) / len(errors)) for month, errors in sorted(months.items())
        ),
    )


def _coverage(ranks: list[float]) -> dict[float, float]:
    return {level: sum(abs(rank - 0.5) <= level / 2 for rank in ranks) / len(ranks) for level in LEVELS}
