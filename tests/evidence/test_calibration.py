"""The calibration: on simulated markets the intervals hold what they say; wrong data break none."""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from service.evidence import dose
from service.evidence.calibration import (
    Calibration,
    Measured,
    Predicted,
    calibration,
    month_of,
    replay,
)
from service.evidence.market import market as market_of

Content = Callable[[float, random.Random], float]
"""The content of a rock at this point of the history, from 0 to 1."""

MARKETS: dict[str, Content] = {
    "stable": lambda _, chance: chance.gauss(0.57, 0.145),
    "drifting from 57 to 85 %": lambda at, chance: chance.gauss(0.57 + 0.28 * at, 0.1),
    "suddenly cut": lambda at, chance: chance.gauss(0.7 if at < 0.5 else 0.35, 0.12),
    "two markets": lambda _, chance: chance.gauss(
        *((0.75, 0.08) if chance.random() < 0.6 else (0.3, 0.1))
    ),
    "a tenth hold none": lambda _, chance: (
        0.0 if chance.random() < 0.1 else chance.gauss(0.57, 0.145)
    ),
}


def history(content: Content, rocks: int, *, seed: int = 1, days: int = 730) -> list[Measured]:
    """Two years: weights as published, answers after 2 to 14 days, scales that err by 2 mg."""
    chance, start = random.Random(seed), datetime(2025, 1, 1, tzinfo=UTC)
    told = []
    for number in range(rocks):
        taken_at = start + timedelta(days=days * number / rocks)
        weight = chance.lognormvariate(4.927, 0.374)
        told.append(
            Measured(
                taken_at=taken_at,
                answered_at=taken_at + timedelta(days=chance.uniform(2, 14)),
                content=min(1.0, max(0.0, content(number / rocks, chance))),
                whole_mg=weight,
                field_mg=weight + chance.uniform(-2, 2),
            )
        )
    return told


def report(rocks: list[Measured]) -> Calibration:
    return calibration(replay(rocks))


@pytest.mark.parametrize("market", MARKETS)
def test_the_intervals_hold_what_they_say(market: str) -> None:
    told = report(history(MARKETS[market], 5000))
    assert told.rocks == 5000
    assert told.coverage[0.8] == pytest.approx(0.8, abs=0.03)
    assert told.coverage[0.95] == pytest.approx(0.95, abs=0.03)
    if (
        market != "a tenth hold none"
    ):  # a tenth at one point lies inside or outside the middle half, whole
        assert told.coverage[0.5] == pytest.approx(0.5, abs=0.03)


@pytest.mark.parametrize("market", ["stable", "drifting from 57 to 85 %", "suddenly cut"])
@pytest.mark.parametrize("rocks", [200, 1000])
def test_a_small_service_is_calibrated_too(market: str, rocks: int) -> None:
    told = report(history(MARKETS[market], rocks))
    assert told.coverage[0.8] == pytest.approx(0.8, abs=0.05)


def test_a_drift_is_followed_where_the_survey_alone_is_lost() -> None:
    told = report(history(MARKETS["drifting from 57 to 85 %"], 5000))
    assert told.coverage_published[0.8] < 0.7
    assert told.sharpness is not None
    assert told.sharpness < 0.8
    assert all(abs(month.median_mg or 0) < 12 for month in told.bias)
    assert sum(month.rocks for month in told.bias) == 5000


def test_three_half_lives_after_a_sudden_cut_it_is_right_again() -> None:
    predicted = list(replay(history(MARKETS["suddenly cut"], 5000)))
    cut = datetime(2025, 12, 31, tzinfo=UTC)

    def within(first_day: int, last_day: int) -> list[Predicted]:
        first, last = cut + timedelta(days=first_day), cut + timedelta(days=last_day)
        return [one for one in predicted if first <= one.rock.taken_at < last]

    assert calibration(within(-90, 0)).coverage[0.8] == pytest.approx(0.8, abs=0.05)
    assert calibration(within(0, 20)).coverage[0.8] < 0.75
    assert (
        0.75 < calibration(within(270, 360)).coverage[0.8] < 0.9
    )  # the old market still widens it a little


def test_an_empty_history_says_nothing_and_the_first_rock_is_wider_than_the_surveys() -> None:
    assert report([]) == Calibration(0, {}, {}, None, None, None, ())
    (only,) = replay(history(MARKETS["stable"], 1))
    assert only.width > only.width_published


def test_nothing_is_known_before_it_was_answered() -> None:
    rocks = history(MARKETS["stable"], 50, days=1)  # all taken in before the first answer came
    unknowing = market_of((), rocks[0].month)
    width = unknowing.content_at(0.9) - unknowing.content_at(0.1)
    assert [one.width for one in replay(rocks)] == pytest.approx([width] * 50)


def test_wrong_weights_and_absurd_assays_do_not_break_it() -> None:
    rocks = history(MARKETS["stable"], 2000)
    spoilt = [
        Measured(
            taken_at=rock.taken_at,
            answered_at=rock.answered_at - timedelta(days=400 if number % 50 == 0 else 0),
            content=1.0 if number % 97 == 0 else rock.content,
            whole_mg=None if number % 31 == 0 else rock.whole_mg,
            field_mg=9_999.0 if number % 83 == 0 else rock.field_mg,
        )
        for number, rock in enumerate(rocks)
    ]
    told = report(spoilt)
    assert told.rocks == 2000 - len(range(0, 2000, 31))
    assert told.coverage[0.8] == pytest.approx(0.8, abs=0.05)
    assert all(abs(month.median_mg or 0) < 20 for month in told.bias)


def test_a_rock_that_was_only_looked_at_is_predicted_from_its_size() -> None:
    rocks = history(MARKETS["stable"], 400)
    looked = [
        replace(
            rock,
            field_mg=None,
            size=next(
                size
                for size, (low, high) in dose.CLASSES_MG.items()
                if low <= (rock.whole_mg or 0) < high
            ),
        )
        for rock in rocks
    ]
    told = report(looked)
    assert told.rocks == 400
    assert told.coverage[0.8] == pytest.approx(0.8, abs=0.06)
    assert report([replace(rock, field_mg=None) for rock in rocks]).rocks == 0


@pytest.mark.parametrize(("at", "share"), [(0.0, 0.97), (1.0, 0.3), (1.0, 0.97)])
def test_rocks_that_are_all_alike_lie_inside(at: float, share: float) -> None:
    told = report(
        history(lambda _, chance: at if chance.random() < share else chance.gauss(0.57, 0.1), 1000)
    )
    assert told.coverage[0.8] >= 0.77
    assert told.coverage[0.95] >= 0.93


def test_few_rocks_are_not_reported_one_by_one() -> None:
    told = report(history(MARKETS["stable"], 4))
    assert (told.rocks, told.coverage, told.bias) == (4, {}, ())
    spread = report(history(MARKETS["stable"], 24))  # one a month
    assert spread.rocks == 24
    assert all(month.median_mg is None for month in spread.bias)


def test_the_replay_knows_what_the_live_estimate_would_have_known() -> None:
    rocks = history(MARKETS["suddenly cut"], 300)
    last = rocks[-1]
    before = [rock for rock in rocks[:-1] if rock.answered_at <= last.taken_at]
    counts: dict[tuple[int, int], int] = {}
    for rock in before:
        place = (month_of(rock.taken_at), dose.step_of(rock.content))
        counts[place] = counts.get(place, 0) + 1
    told = [(month, step, rocks) for (month, step), rocks in counts.items()]
    live = market_of(told, month_of(last.taken_at))
    assert last.field_mg
    assert last.whole_mg
    *_, predicted = replay(rocks)
    expected = dose.share_up_to(
        last.content * last.whole_mg, dose.field_weighed(last.field_mg), live.share
    )
    assert predicted.rank[1] == pytest.approx(expected)
