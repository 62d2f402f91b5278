"""How well the estimate did on this network's own past: each rock predicted from those before.

Of many rocks 50 % should lie in their 50 % interval, 80 % and 95 % in theirs: that is the
coverage. An interval holds an amount when at least its lower tail lies at or under it, and at
most all but its upper tail under it. Sharpness is how wide the 80 % interval of the content is
beside the published survey's alone. Bias is the middle of measured less expected: above 0, we
said too little; so we did, too, of the rocks above their 80 % interval. What a rock is
predicted from is what was known when it was taken in: a field scale's weight or a size; a rock of
neither is left out. The replay begins with no rock known.
"""

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median

import numpy as np

from service.evidence import dose
from service.evidence.dose import BINS, LEVEL, PUBLISHED, STEP, Market, step_of
from service.evidence.market import WINDOW_MONTHS, learnt
from service.evidence.reference import LOWEST_CONTENT_PERCENT
from service.vocabulary.codes import Size

LEVELS = (0.5, 0.8, 0.95)
FEWEST = 5
"""Of fewer rocks nothing is reported: it would be each one's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One rock whose cocaine was measured: content from 0 to 1, weights in mg.

    `whole_mg` is the best known weight of the whole rock, `field_mg` what a field scale said
    when it was taken in.
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
        if self.field_mg:
            return dose.field_weighed(self.field_mg)

        return dose.weight_from_size(self.size)

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
    """The middle of measured less expected in one month (years x 12 + months since year 0).

    None for few rocks.
    """

    month: int
    rocks: int
    median_mg: float | None


@dataclass(frozen=True, slots=True)
class Calibration:
    """The report. Coverage is the share of rocks inside, by level.

    A sharpness of 0.8 is a fifth narrower than the published survey.
    """

    rocks: int
    coverage: dict[float, float]
    coverage_published: dict[float, float]
    above: float | None
    """The share of rocks that hold more than their 80 % interval."""
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


def replay(rocks: Iterable[Measured]) -> Iterator[Predicted]:
    """Each rock of a known weight, as it was taken in, predicted from those answered before."""
    in_order = sorted(rocks, key=lambda rock: rock.taken_at)
    if not in_order:
        return

    known = _Known(in_order[0].month, in_order[-1].month)
    waiting: list[tuple[datetime, int, Measured]] = []

    for place, rock in enumerate(in_order):
        while waiting and waiting[0][0] <= rock.taken_at:
            _, _, answered = heapq.heappop(waiting)
            known.add(answered)

        if rock.known and rock.amount_mg is not None:
            market = known.market(rock.month)
            yield _predicted(rock, rock.known, rock.amount_mg, market)

        known_from = max(rock.answered_at, rock.taken_at)
        heapq.heappush(waiting, (known_from, place, rock))


def _predicted(rock: Measured, weight: dose.Weight, amount_mg: float, market: Market) -> Predicted:
    middle = market.content_at(0.5)
    typical = sum(mg * chance for mg, chance in weight)

    return Predicted(
        rock=rock,
        rank=_rank(rock, weight, market),
        rank_published=_rank(rock, weight, PUBLISHED),
        error_mg=amount_mg - middle * typical,
        width=_width(market),
        width_published=_WIDTH_PUBLISHED,
    )


def _rank(rock: Measured, weight: dose.Weight, market: Market) -> Rank:
    """Up to 2 % counts as none, and all that the last step holds as its middle."""
    content = min(rock.content, 1 - STEP / 2)
    share = dose.share_up_to(content * (rock.whole_mg or 0.0), weight, market.share)
    less = share
    if rock.content <= STEP:
        less = 0.0
    return less, share


def _width(market: Market) -> float:
    """Of the interval of the content, from 0 to 1."""
    under, up_to = dose.tails(LEVEL)
    return market.content_at(up_to) - market.content_at(under)


_WIDTH_PUBLISHED = _width(PUBLISHED)


class _Known:
    """What had been answered so far, as the table of counts would have held it."""

    def __init__(self, first_month: int, last_month: int) -> None:
        self._base = first_month - WINDOW_MONTHS + 1
        months = last_month - self._base + 1
        self._counts = np.zeros((months, BINS))
        self._market: tuple[int, Market] | None = None

    def add(self, rock: Measured) -> None:
        month = rock.month - self._base
        step = step_of(rock.content)
        self._counts[month, step] += 1
        self._market = None

    def market(self, month: int) -> Market:
        """What would have been expected in this month."""
        if self._market and self._market[0] == month:
            return self._market[1]

        end = month - self._base + 1
        start = end - WINDOW_MONTHS
        market = learnt(self._counts[start:end], month)
        self._market = month, market
        return market


def calibration(predicted: Iterable[Predicted]) -> Calibration:
    """The report of a replay; of fewer than five rocks, all or in a month, nothing is reported."""
    rocks = list(predicted)
    count = len(rocks)
    if count < FEWEST:
        return Calibration(count, {}, {}, None, None, None, ())

    limit = LOWEST_CONTENT_PERCENT / 100
    width = sum(each.width for each in rocks)
    width_published = sum(each.width_published for each in rocks)
    hardly_any = sum(each.rock.content <= limit for each in rocks)

    _, up_to = dose.tails(LEVEL)
    above = sum(each.rank[0] > up_to for each in rocks)

    return Calibration(
        rocks=count,
        coverage=_coverage([each.rank for each in rocks]),
        coverage_published=_coverage([each.rank_published for each in rocks]),
        above=above / count,
        sharpness=width / width_published,
        hardly_any=hardly_any / count,
        bias=_bias(rocks),
    )


def _bias(predicted: Iterable[Predicted]) -> tuple[Bias, ...]:
    """Month by month."""
    months: dict[int, list[float]] = {}
    for each in predicted:
        errors = months.setdefault(each.rock.month, [])
        errors.append(each.error_mg)

    return tuple(_bias_of(month, errors) for month, errors in sorted(months.items()))


def _bias_of(month: int, errors: list[float]) -> Bias:
    rocks = len(errors)
    if rocks < FEWEST:
        return Bias(month, rocks, None)
    return Bias(month, rocks, median(errors))


def _coverage(ranks: list[Rank]) -> dict[float, float]:
    return {level: _held(ranks, level) for level in LEVELS}


def _held(ranks: list[Rank], level: float) -> float:
    """The share of rocks inside their interval of this level."""
    low, high = dose.tails(level)
    held = sum(under <= high and up_to >= low for under, up_to in ranks)
    return held / len(ranks)
