"""How well the estimate did on this network's own past: each rock is predicted from those known before it.

Of many rocks 50 % should lie in their 50 % interval, 80 % and 95 % in theirs: that is the
coverage. An interval holds an amount when at least its lower tail lies at or under it, and at
most all but its upper tail under it. Sharpness is how wide the 80 % interval of the content is
beside the published survey's alone. Bias is the middle of measured less expected: above 0, we
said too little. What a rock is predicted from is what was known when it was taken in: a field
scale's weight or a size; a rock of neither is left out. The replay begins with no rock known.
"""

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median

from service.evidence import dose
from service.evidence.dose import BINS, LEVEL, PUBLISHED, STEP, Market, fading, step_of
from service.evidence.reference import LOWEST_CONTENT_PERCENT
from service.vocabulary.codes import Size

LEVELS = (0.5, 0.8, 0.95)
FEWEST = 5
"""Of fewer rocks nothing is reported: it would be each one's own."""


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
    size: Size | None = None

    @property
    def known(self) -> dose.Weight | None:
        """What was known of its weight when it was taken in."""
        return (
            dose.field_weighed(self.field_mg) if self.field_mg else dose.weight_from_size(self.size)
        )

    @property
    def amount_mg(self) -> float | None:
        return self.content * self.whole_mg if self.whole_mg else None

    @property
    def month(self) -> int:
        return month_of(self.taken_at)


Rank = tuple[float, float]
"""The share of such rocks that hold less than this one, and that hold at most as much."""


@dataclass(frozen=True, slots=True)
class Predicted:
    """A rock beside its prediction. `width` is of the 80 % interval of the content."""

    rock: Measured
    rank: Rank
    rank_published: Rank
    error_mg: float
    """Measured less expected."""
    width: float
    width_published: float


@dataclass(frozen=True, slots=True)
class Bias:
    """One month (years x 12 + months since year 0): the middle of measured less expected; None for few rocks."""

    month: int
    rocks: int
    median_mg: float | None


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
    """Years x 12 + months since year 0, in UTC."""
    moment = moment.astimezone(UTC)
    return moment.year * 12 + moment.month - 1


def written_month(month: int) -> str:
    """As in 2026-11."""
    return f"{month // 12:04}-{month % 12 + 1:02}"


def replay(rocks: Iterable[Measured], half_life_months: float) -> Iterator[Predicted]:
    """Each rock of a known weight, in the order they were taken in, predicted from those answered before."""
    known = _Known(half_life_months)
    waiting: list[tuple[datetime, int, Measured]] = []
    for place, rock in enumerate(sorted(rocks, key=lambda one: one.taken_at)):
        while waiting and waiting[0][0] <= rock.taken_at:
            known.add(heapq.heappop(waiting)[2])
        if rock.known and rock.amount_mg is not None:
            yield _predicted(rock, rock.known, rock.amount_mg, known.market(rock.month))
        heapq.heappush(waiting, (max(rock.answered_at, rock.taken_at), place, rock))


def _predicted(rock: Measured, weight: dose.Weight, amount_mg: float, market: Market) -> Predicted:
    low, middle, high = (
        market.content_at(share) for share in ((1 - LEVEL) / 2, 0.5, (1 + LEVEL) / 2)
    )
    typical = sum(mg * chance for mg, chance in weight)
    return Predicted(
        rock=rock,
        rank=_rank(rock, weight, market),
        rank_published=_rank(rock, weight, PUBLISHED),
        error_mg=amount_mg - middle * typical,
        width=high - low,
        width_published=_WIDTH_PUBLISHED,
    )


def _rank(rock: Measured, weight: dose.Weight, market: Market) -> Rank:
    """Up to 2 % counts as none, and all that the last step holds as its middle."""
    content = min(rock.content, 1 - STEP / 2)
    share = dose.share_up_to(content * (rock.whole_mg or 0.0), weight, market.share)
    return (0.0 if rock.content <= STEP else share), share


_WIDTH_PUBLISHED = PUBLISHED.content_at((1 + LEVEL) / 2) - PUBLISHED.content_at((1 - LEVEL) / 2)


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
        return Market.of(self._own, self._measured, month)

    def _advance(self, month: int) -> None:
        if self._month is not None and month > self._month:
            faded = fading(month - self._month, self._half_life)
            self._own = [rocks * faded for rocks in self._own]
        self._month = month if self._month is None else max(month, self._month)


def calibration(predicted: Iterable[Predicted]) -> Calibration:
    """The report of a replay; of fewer than five rocks, all or in a month, there is nothing to report."""
    all_of = list(predicted)
    count = len(all_of)
    if count < FEWEST:
        return Calibration(count, {}, {}, None, None, ())
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
            Bias(month, len(errors), median(errors) if len(errors) >= FEWEST else None)
            for month, errors in sorted(months.items())
        ),
    )


def _coverage(ranks: list[Rank]) -> dict[float, float]:
    return {
        level: sum(under <= (1 + level) / 2 and up_to >= (1 - level) / 2 for under, up_to in ranks)
        / len(ranks)
        for level in LEVELS
    }
