"""The dose: what a market gives, how it narrows with what is known; nothing absurd breaks it."""

from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from service.evidence import dose
from service.evidence.dose import BINS, PUBLISHED, Amount, Market
from service.evidence.market import market
from service.evidence.reference import SURVEY
from service.vocabulary.codes import Size

NOW = 2026 * 12 + 10


def market_of(counted: dict[tuple[int, int], int]) -> Market:
    return market([(month, step, rocks) for (month, step), rocks in counted.items()], NOW)


counts = st.dictionaries(
    st.tuples(st.integers(NOW - 40, NOW), st.integers(0, BINS - 1)),
    st.integers(1, 500),
    max_size=30,
)
markets = counts.map(market_of)
levels = st.sampled_from([0.5, 0.8, 0.95])
weights = st.one_of(
    st.floats(1, 10_000).map(dose.weighed),
    st.floats(0.1, 10_000).map(dose.field_weighed),
    st.sampled_from([dose.weight_from_size(size) for size in dose.CLASSES_MG]),
)


def ends(amount: Amount) -> tuple[float, float]:
    assert amount.low_mg is not None
    assert amount.high_mg is not None
    return amount.low_mg, amount.high_mg


def width(amount: Amount) -> float:
    low, high = ends(amount)
    return high - low


@pytest.mark.parametrize("mg", [28, 79, 138, 250, 388])
def test_the_published_survey_alone(mg: float) -> None:
    amount = dose.expected(dose.field_weighed(mg))
    low, high = ends(amount)
    assert low / mg == pytest.approx(0.38, abs=0.005)
    assert amount.middle_mg / mg == pytest.approx(0.57, abs=0.005)
    assert high / mg == pytest.approx(0.76, abs=0.006)


def test_the_model_comes_near_figures_it_was_not_made_from() -> None:
    model = dose.implied()
    assert model.correlation == pytest.approx(
        SURVEY.figures["weight_mg~cocaine_mg", "r"].value, abs=0.03
    )
    assert model.median_mg == pytest.approx(SURVEY.figures["cocaine_mg", "median"].value, abs=3)


@given(markets)
def test_a_market_is_a_distribution(known: Market) -> None:
    shares = [known.share(step / 200) for step in range(201)]
    assert all(low <= high + 1e-12 for low, high in pairwise(shares))
    assert shares[0] >= 0
    assert shares[-1] == 1
    assert known.share(-1) == shares[0]
    assert known.share(2) == 1


@given(weights, markets, levels)
def test_an_interval_holds_its_share_and_stays_inside_the_rock(
    weight: dose.Weight, known: Market, level: float
) -> None:
    amount = dose.expected(weight, known.share, level)
    low, high = ends(amount)
    assert 0 <= low <= amount.middle_mg <= high <= max(mg for mg, _ in weight) * (1 + 1e-9)
    under = dose.share_up_to(low - 1e-6, weight, known.share) if low > 1e-6 else 0.0
    inside = dose.share_up_to(high, weight, known.share) - under
    assert inside >= level - 1e-6
    shorter = high * (1 - 1e-6) - 1e-6
    assert shorter < 0 or dose.share_up_to(shorter, weight, known.share) <= (1 + level) / 2 + 1e-3


@given(known=markets, mgs=st.lists(st.floats(0.1, 10_000), min_size=1, max_size=5), level=levels)
def test_many_at_once_are_as_each_alone(known: Market, mgs: list[float], level: float) -> None:
    weights = [dose.field_weighed(mg) for mg in mgs]
    for weight, amount in zip(weights, dose.expected_each(weights, known, level), strict=True):
        alone = dose.expected(weight, known.share, level)
        assert (amount.middle_mg, *ends(amount)) == pytest.approx(
            (alone.middle_mg, *ends(alone)), rel=1e-6, abs=1e-6
        )


@given(st.floats(5, 2_000))
def test_knowing_more_never_widens_it(mg: float) -> None:
    size = next(size for size, (low, high) in dose.CLASSES_MG.items() if low <= mg <= high)
    seen = dose.weight_from_size(size)
    assert seen
    on_a_scale, on_a_balance = (
        dose.expected(dose.field_weighed(mg)),
        dose.expected(dose.weighed(mg)),
    )
    assert width(on_a_balance) <= width(on_a_scale) * 1.001
    assert (
        width(dose.expected(dose.weighed(mg), dose.known_content(57, 5)))
        <= 0.06 * mg
        < width(on_a_balance)
    )
    assert width(dose.expected(seen, dose.known_content(57, 5))) < width(dose.expected(seen))


@given(st.floats(1, 10_000), st.floats(0, 100), st.none() | st.floats(0, 100))
def test_with_both_it_is_the_measurement(
    mg: float, percent: float, uncertainty: float | None
) -> None:
    exact, field = (
        dose.measured(mg, percent, uncertainty),
        dose.measured(mg, percent, uncertainty, field=True),
    )
    assert exact.middle_mg == field.middle_mg == mg * percent / 100
    if uncertainty is None or not percent:
        assert exact == Amount(exact.middle_mg)
    else:
        assert width(exact) <= width(field) + 1e-9
        assert width(field) <= width(exact) + 2 * dose.SCALE_ERROR_MG * percent / 100 + 1e-9


@given(st.floats(1, 1_000), st.floats(0, 100), st.floats(0, 100))
def test_a_measured_content_gives_the_amount_of_a_looked_at_rock(
    mg: float, percent: float, spread: float
) -> None:
    assume(percent > 0.01)
    amount = dose.expected(dose.weighed(mg), dose.known_content(percent, spread))
    low, high = ends(amount)
    assert 0 <= low <= amount.middle_mg <= high <= mg * (1 + 1e-9)
    exact = dose.expected(dose.weighed(mg), dose.known_content(percent, None))
    assert exact.middle_mg == pytest.approx(mg * percent / 100, rel=1e-6, abs=1e-9)


def test_sizes_lie_in_their_order() -> None:
    small, medium, large = (
        dose.expected(dose.weight_from_size(size) or ())
        for size in (Size.SMALL, Size.MEDIUM, Size.LARGE)
    )
    assert small.middle_mg < medium.middle_mg < large.middle_mg
    assert dose.weight_from_size(Size.UNKNOWN) is None
    assert dose.weight_from_size(None) is None
    for size, (low, high) in dose.CLASSES_MG.items():
        assert all(low <= mg <= high for mg, _ in dose.weight_from_size(size) or ())


def test_rocks_that_hold_almost_none_count() -> None:
    assert [dose.step_of(percent / 100) for percent in (0, 1, 2, 2.1, 6, 58, 100)] == [
        0,
        0,
        0,
        1,
        2,
        28,
        49,
    ]
    assert market_of({(NOW, 2): 10}).hardly_any > market_of({(NOW, 3): 10}).hardly_any
    few = market_of({(NOW, 0): 20, (NOW, 28): 60})
    assert few.hardly_any == pytest.approx(20 / 80, abs=0.02)
    low, _ = ends(dose.expected(dose.weighed(138), few.share))
    assert low == pytest.approx(0, abs=1e-6)
    assert PUBLISHED.hardly_any < 0.001
