"""Every figure of the survey against NumPy, SciPy and hand-made values.

And what must change none of them.
"""

import random
from dataclasses import asdict, replace
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from service.observatory.probability import clopper_pearson, correlated, differing
from service.observatory.survey.columns import COLUMNS
from service.observatory.survey.rocks import Rocks
from service.observatory.survey.spans import quarters_of
from service.observatory.survey.whole import surveyed
from tests.observatory.rocks import PARIS, columns

PLACES = ("street", "park", "home_or_appointment", "unknown", None)
a_rock = st.fixed_dictionaries(
    {},
    optional={
        "percent": st.floats(0, 100).map(lambda one: round(one, 1)),
        "weight_mg": st.floats(1, 500).map(lambda one: round(one, 1)),
        "price_eur": st.sampled_from([0, 5, 10, 15, 20, 50]),
        "guess_percent": st.sampled_from([10, 40, 50, 90]),
        "place_type": st.sampled_from(PLACES),
        "seller_type": st.sampled_from(["street_seller", "by_appointment", "not_said"]),
        "quality": st.sampled_from(["good", "average", "bad"]),
        "area": st.sampled_from(["75118", "93001"]),
        "found": st.sampled_from(["", "cocaine\nlevamisole", "levamisole\nphenacetin"]),
        "absent": st.sampled_from(["", "amphetamine", "amphetamine\nbuprenorphine"]),
        "believed": st.sampled_from(["", "amphetamine", "levamisole"]),
        "blamed": st.sampled_from(["", "tight_jaw", "anxiety\ntight_jaw"]),
        "day": st.dates(date(2025, 11, 1), date(2026, 4, 30)),
    },
)
some_rocks = st.lists(a_rock, max_size=40)


def rounded(survey: Any) -> Any:
    """All of it, with sums that an order may change in their last digits made equal."""
    if isinstance(survey, dict):
        return {name: rounded(one) for name, one in survey.items()}
    if isinstance(survey, list | tuple):
        return [rounded(one) for one in survey]
    return round(survey, 7) if isinstance(survey, float) else survey


def told(rocks: Rocks) -> Any:
    return rounded(asdict(surveyed(rocks, PARIS)))


# --- The table -----------------------------------------------------------------------------------


def test_each_column_by_hand() -> None:
    survey = surveyed(
        columns(
            [
                {"percent": 50, "weight_mg": 100, "price_eur": 20},
                {"percent": 80, "weight_mg": 200, "price_eur": None},
                {"percent": 20, "weight_mg": None, "price_eur": 10},
                {"percent": 6, "weight_mg": 900, "price_eur": 90},  # not more than 6 %
                {"percent": 40, "weight_mg": 150, "price_eur": 0},  # given: it has no price
                {"percent": None, "weight_mg": 300, "price_eur": 30},
            ]
        ),
        PARIS,
    )
    assert (survey.n, survey.counted, survey.hardly_any) == (6, 4, 1)
    cells = {
        name: (one.n, one.mean, one.median, one.min, one.max)
        for name, one in survey.characteristics.items()
    }
    assert cells == {
        "content_percent": (4, 47.5, 45, 20, 80),
        "weight_mg": (3, 150, 150, 100, 200),
        "cocaine_mg": (3, 90, 60, 50, 160),
        "price_eur": (2, 15, 15, 10, 20),
        "eur_per_g": (1, 200, 200, 200, 200),
        "eur_per_g_pure": (1, 400, 400, 400, 400),
    }
    assert survey.distributions["weight_mg"].counts[4:9] == (1, 0, 1, 0, 1)
    assert sum(survey.distributions["content_percent"].counts) == 4


@settings(max_examples=40)
@given(some_rocks)
def test_against_numpy(rocks: list[dict[str, Any]]) -> None:
    survey = surveyed(columns(rocks), PARIS)
    over = [one for one in rocks if (one.get("percent") or 0) > 6]
    amounts = [one["percent"] * one["weight_mg"] / 100 for one in over if one.get("weight_mg")]
    cell = survey.characteristics["cocaine_mg"]
    assert cell.n == len(amounts)
    if amounts:
        expected = (np.mean(amounts), np.median(amounts), np.min(amounts), np.max(amounts))
        assert (cell.mean, cell.median, cell.min, cell.max) == pytest.approx(expected)
    assert survey.counted == len(over)
    known = [one["place_type"] for one in over if one.get("place_type") not in (None, "unknown")]
    share = survey.shares["bought_at_home_or_by_appointment"]
    assert (share.count, share.n) == (known.count("home_or_appointment"), len(known))


@settings(max_examples=40)
@given(some_rocks, st.randoms(use_true_random=False))
def test_the_order_of_rocks_changes_nothing(
    rocks: list[dict[str, Any]], chance: random.Random
) -> None:
    mixed = list(rocks)
    chance.shuffle(mixed)
    assert told(columns(rocks)) == told(columns(mixed))


@settings(max_examples=40)
@given(some_rocks, a_rock)
def test_a_rock_of_at_most_six_percent_changes_no_cell_of_the_table(
    rocks: list[dict[str, Any]], one: dict[str, Any]
) -> None:
    before, after = (
        surveyed(columns(these), PARIS)
        for these in (rocks, [*rocks, {**one, "percent": 6.0, "weight_mg": 388}])
    )
    for part in (
        "characteristics",
        "correlations",
        "shares",
        "comparisons",
        "distributions",
        "guess",
        "plane",
    ):
        assert getattr(before, part) == getattr(after, part), part
    assert (after.n, after.hardly_any) == (before.n + 1, before.hardly_any + 1)


@settings(max_examples=40)
@given(some_rocks)
def test_spans_and_areas_hold_every_rock_once(rocks: list[dict[str, Any]]) -> None:
    survey = surveyed(columns(rocks), PARIS)
    for spans in (survey.by_month, survey.by_quarter):
        assert sum(one.rocks for one in spans) == survey.n
        assert sum(one.characteristics["content_percent"].n for one in spans) == survey.counted
    assert sum(one.rocks for one in survey.by_area) == sum("area" in one for one in rocks)
    for name, after, theirs in quarters_of(columns(rocks), PARIS):
        span = next(one for one in survey.by_quarter if one.name == name)
        alone = surveyed(theirs, PARIS)
        assert (span.rocks, span.characteristics) == (alone.n, alone.characteristics)
        assert alone.last is not None and alone.last < after
        for code, share in span.prevalence.items():
            assert share == alone.prevalence.get(code, replace(share, count=0, n=0))


def test_midnight_is_the_networks_own() -> None:
    rocks = columns([{"day": date(2026, 3, 31)}, {"day": date(2026, 4, 1)}])
    late = replace(
        rocks, taken=np.array([rocks.taken[0] + 11 * 3600 + 3599, rocks.taken[1] - 12 * 3600])
    )
    assert [(one.name, one.rocks) for one in surveyed(late, PARIS).by_quarter] == [
        ("2026-Q1", 1),
        ("2026-Q2", 1),
    ]


def test_none_at_all() -> None:
    survey = surveyed(columns([]), PARIS)
    assert (survey.n, survey.first, survey.by_month, survey.by_area) == (0, None, (), ())
    assert all(survey.characteristics[name].mean is None for name in COLUMNS)
    assert survey.beliefs["amphetamine"].believed.percent is None


# --- What people believe -------------------------------------------------------------------------


def test_beliefs_beside_findings() -> None:
    survey = surveyed(
        columns(
            [
                {
                    "believed": "amphetamine\nlevamisole",
                    "found": "cocaine\nlevamisole",
                    "absent": "amphetamine",
                },
                {"believed": "amphetamine", "found": "cocaine"},  # nobody looked for amphetamine
                {"believed": "", "found": "levamisole", "absent": "amphetamine"},
                {"found": "", "absent": "levamisole"},  # was not asked
            ]
        ),
        PARIS,
    )
    amphetamine, levamisole = survey.beliefs["amphetamine"], survey.beliefs["levamisole"]
    assert (amphetamine.believed.count, amphetamine.believed.n) == (2, 3)
    assert (amphetamine.found.count, amphetamine.found.n) == (0, 2)
    assert (amphetamine.found_where_believed.count, amphetamine.found_where_believed.n) == (0, 1)
    assert (levamisole.found.count, levamisole.found.n) == (2, 3)
    assert (levamisole.found_where_believed.count, levamisole.found_where_believed.n) == (1, 1)
    assert list(survey.prevalence) == ["levamisole", "amphetamine"]


# --- Intervals and tests -------------------------------------------------------------------------


@pytest.mark.parametrize(("found", "tested"), [(0, 144), (144, 144), (96, 144), (1, 3), (0, 1)])
def test_clopper_pearson(found: int, tested: int) -> None:
    exact = stats.binomtest(found, tested).proportion_ci(0.95, "exact")
    assert clopper_pearson(found, tested) == pytest.approx((exact.low, exact.high))


def test_none_of_144_leaves_two_and_a_half_percent() -> None:
    assert round(100 * clopper_pearson(0, 144)[1], 1) == 2.5


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=4, max_size=60))
def test_correlation(pairs: list[tuple[int, int]]) -> None:
    x, y = (np.array(one, np.float64) for one in zip(*pairs, strict=True))
    found = correlated(np.append(x, np.nan), np.append(y, 3.0))
    assert found.n == len(pairs)
    if len(set(x)) == 1 or len(set(y)) == 1:
        assert found.r is None
        return
    right = stats.pearsonr(x, y)
    assert found.r == pytest.approx(right.statistic, abs=1e-9)
    if abs(right.statistic) < 0.999999:
        interval = right.confidence_interval(0.95)
        assert (found.low, found.high) == pytest.approx((interval.low, interval.high), abs=1e-6)
        assert found.p == pytest.approx(right.pvalue, abs=1e-9)


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 20), st.integers(-1, 3)), max_size=80))
def test_kruskal_wallis(pairs: list[tuple[int, int]]) -> None:
    values = np.array([value for value, _ in pairs], np.float64)
    codes = np.array([code for _, code in pairs], np.int32)
    found = differing(values, codes, "abcd")
    groups = [values[codes == code] for code in range(4) if (codes == code).sum() >= 5]
    assert found.groups == tuple("abcd"[code] for code in range(4) if (codes == code).sum() >= 5)
    if len(groups) < 2 or len({*np.concatenate(groups)}) == 1:
        assert found.p is None
        return
    right = stats.kruskal(*groups)
    assert (found.h, found.p) == pytest.approx((right.statistic, right.pvalue), abs=1e-9)
    assert found.n == sum(map(len, groups))
    assert found.epsilon2 == pytest.approx(right.statistic / (found.n - 1), abs=1e-9)
