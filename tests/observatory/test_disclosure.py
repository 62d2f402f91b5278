"""What leaves, read as somebody would who may ask everything, every day.

And who knows the policy by heart.
"""

import random
from dataclasses import asdict
from datetime import date, timedelta
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.foundation.settings import Settings
from service.observatory.disclosure import (
    FEWEST_THRESHOLDS,
    ROUNDING_STEPS,
    BluntMiddle,
    BluntShare,
    Quarter,
    blunted,
    middle,
    open_until,
    opened,
    rounded,
)
from service.observatory.survey.rocks import Rocks
from service.observatory.survey.shares import share
from service.observatory.survey.spans import quarters_of
from service.observatory.survey.whole import surveyed
from service.vocabulary.substances import SUBSTANCES
from tests.observatory.rocks import PARIS, columns

THRESHOLD = 5
TODAY = date(2026, 11, 23)
SUBSTANCE = st.sampled_from(
    ["levamisole", "phenacetin", "lidocaine", "isotonitazene", "Dr. Nobody's powder"]
)


@st.composite
def networks(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Three quarters of rocks, each of none to sixty, with rare things in a few of them."""
    chance = random.Random(draw(st.integers(0, 2**32)))
    rocks = []
    for first in (date(2026, 1, 5), date(2026, 4, 5), date(2026, 7, 5)):
        rare = {draw(SUBSTANCE): draw(st.integers(0, 7)) for _ in range(3)}
        count = draw(st.integers(0, 60))
        for place in range(count):
            found = sorted({"cocaine", *(name for name, times in rare.items() if place < times)})
            rocks.append(
                {
                    "day": first + timedelta(days=chance.randrange(80)),
                    "percent": chance.choice([None, 3.0, round(chance.uniform(7, 100), 1)]),
                    "weight_mg": round(chance.uniform(20, 500), 1),
                    "price_eur": chance.choice([None, 10, 20, 5000]),
                    "guess_percent": chance.choice([None, 40, 60]),
                    "found": "\n".join(found),
                    "absent": "\n".join(
                        sorted({"levamisole", "phenacetin", "amphetamine"} - {*found})
                    ),
                    "believed": chance.choice([None, "", "amphetamine", "amphetamine\nlevamisole"]),
                    "blamed": chance.choice([None, "", "tight_jaw"]),
                    "place_type": chance.choice(["street", "home_or_appointment"]),
                    "area": "75118",
                }
            )
    return rocks


def counts_of(quarter: Quarter) -> dict[str, int]:
    """Every count that is given, by where it stands."""
    given: dict[str, int] = {"n": quarter.n}
    for name, content in asdict(quarter).items():
        for row, cell in content.items() if isinstance(content, dict) else ():
            for figure in ("count", "n"):
                if isinstance(cell, dict) and cell.get(figure) is not None:
                    given[f"{name} {row} {figure}"] = cell[figure]
    return given


def check_filters(shown: int) -> range:
    """What may stand behind a count that is given, by the published policy."""
    if shown == 0:
        return range(1)
    return range(
        max(shown - THRESHOLD // 2, THRESHOLD if shown == THRESHOLD else 0),
        shown + THRESHOLD // 2 + 1,
    )


@settings(max_examples=40)
@given(networks())
def test_no_pair_of_answers_isolates_a_rock(rocks: list[dict[str, Any]]) -> None:
    """Every two counts given, subtracted: no difference must be one to four rocks for sure."""
    told = opened(columns(rocks), PARIS, TODAY, THRESHOLD)
    for quarter in told.quarters:
        given = counts_of(quarter)
        assert all(count % THRESHOLD == 0 for count in given.values())
        for (_, one), (_, other) in combinations(given.items(), 2):
            more, fewer = check_filters(max(one, other)), check_filters(min(one, other))
            least, most = max(0, more[0] - fewer[-1]), more[-1] - fewer[0]
            if other and one:
                assert least == 0 or most >= THRESHOLD, (one, other)
    # No two quarters hold one rock in common, and no total over them could be subtracted from.
    assert len({one.period for one in told.quarters}) == len(told.quarters)
    assert asdict(told).keys() == {"threshold", "quarters"}


@settings(max_examples=40)
@given(networks())
def test_what_is_given_stands_for_enough_rocks(rocks: list[dict[str, Any]]) -> None:
    told = opened(columns(rocks), PARIS, TODAY, THRESHOLD)
    behind = {
        name: (theirs, surveyed(theirs, PARIS))
        for name, _, theirs in quarters_of(columns(rocks), PARIS)
    }
    for quarter in told.quarters:
        theirs, survey = behind[quarter.period]
        assert len(theirs) >= FEWEST_THRESHOLDS * THRESHOLD
        cells = [
            *((quarter.prevalence.get(code), one) for code, one in survey.prevalence.items()),
            *((quarter.believed.get(code), one.believed) for code, one in survey.beliefs.items()),
            *((quarter.shares.get(name), one) for name, one in survey.shares.items()),
        ]
        for shown, true in cells:
            few = 0 < true.count < THRESHOLD or 0 < true.n - true.count < THRESHOLD
            if few or true.n < FEWEST_THRESHOLDS * THRESHOLD:
                assert shown is None or shown == BluntShare()
            elif shown is not None and shown.count is not None:
                assert true.count in check_filters(shown.count)
        assert quarter.prevalence.keys() <= SUBSTANCES.keys()
        for column, cell in quarter.characteristics.items():
            assert (
                cell == BluntMiddle()
                or survey.characteristics[column].n >= FEWEST_THRESHOLDS * THRESHOLD
            )
    # None of it crosses a place, a seller, an area or a site with anything, or tells a day.
    words = str(asdict(told))
    assert not any(
        one in words for one in ("place", "seller", "area", "site", "75118", "street", "home", "-0")
    )


@settings(max_examples=25)
@given(networks(), st.data())
def test_a_rock_erased_moves_each_figure_by_one_step_at_most(
    rocks: list[dict[str, Any]], data: st.DataObject
) -> None:
    if not rocks:
        return
    gone = data.draw(st.integers(0, len(rocks) - 1))
    before = opened(columns(rocks), PARIS, TODAY, THRESHOLD)
    after = opened(columns(rocks[:gone] + rocks[gone + 1 :]), PARIS, TODAY, THRESHOLD)
    left = {one.period: one for one in after.quarters}
    for quarter in before.quarters:
        other = left.get(quarter.period)
        if other is None:
            continue
        was, now = counts_of(quarter), counts_of(other)
        assert all(abs(was[name] - now[name]) <= THRESHOLD for name in was.keys() & now.keys())
        for column, cell in quarter.characteristics.items():
            mean, step = cell.mean, cell.step
            later = other.characteristics[column]
            if (
                mean is not None
                and later.mean is not None
                and step == later.step
                and step is not None
            ):
                assert abs(mean - later.mean) <= step


@given(st.lists(st.floats(0, 100), min_size=20, max_size=200), st.floats(0, 100))
def test_no_rock_however_odd_moves_a_mean_by_more_than_half_a_step(
    values: list[float], odd: float
) -> None:
    told = middle(np.array(values), 100, THRESHOLD)
    assert told.step in ROUNDING_STEPS and told.step is not None
    moved = np.mean([*values[:-1], odd]) - np.mean(values)
    assert abs(moved) <= told.step / 2 + 1e-9


def quarter_of(count: int, day: date = date(2026, 8, 10)) -> Rocks:
    return columns(
        {"day": day, "percent": 50, "weight_mg": 100, "found": "cocaine"} for _ in range(count)
    )


@pytest.mark.parametrize(
    ("today", "count", "is_open"),
    [
        (date(2026, 10, 30), 20, False),  # thirty days have not passed
        (date(2026, 10, 31), 20, True),
        (date(2026, 10, 31), 19, False),
    ],
)
def test_when_a_quarter_is_opened(today: date, count: int, is_open: bool) -> None:
    assert (open_until(today) >= date(2026, 9, 30)) == (today >= date(2026, 10, 31))
    told = opened(quarter_of(count), PARIS, today, THRESHOLD)
    assert [one.period for one in told.quarters] == (["2026-Q3"] if is_open else [])


@pytest.mark.parametrize(
    ("count", "n", "shown"),
    [
        (0, 40, (0, 40)),
        (1, 40, (None, None)),
        (4, 40, (None, None)),
        (5, 40, (5, 40)),
        (7, 42, (5, 40)),
        (8, 43, (10, 45)),
        (36, 40, (None, None)),  # four are left
        (40, 40, (40, 40)),
        (10, 19, (None, None)),
    ],
)
def test_counts(count: int, n: int, shown: tuple[int | None, int | None]) -> None:
    told = blunted(share(count, n), THRESHOLD)
    assert (told.count, told.n) == shown


def test_none_is_told_of_the_published_substances_alone() -> None:
    rocks = columns(
        {"day": date(2026, 8, 10), "found": "cocaine", "absent": "amphetamine\nfentanyl"}
        for _ in range(30)
    )
    (quarter,) = opened(rocks, PARIS, TODAY, THRESHOLD).quarters
    assert quarter.prevalence == {"amphetamine": BluntShare(0, 30, 0, 0, 12)}


def test_the_threshold_is_a_setting_that_cannot_be_lowered() -> None:
    field = Settings.model_fields["disclosure_threshold"]
    assert field.default == 5 and "Ge(ge=5)" in repr(field.metadata)
    assert (rounded(14, 10), rounded(15, 10)) == (10, 20)
