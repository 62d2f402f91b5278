"""The market: what it is made of, how fast it forgets, and when it owns that it may be wrong."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from service.evidence import dose, market
from service.evidence.dose import BINS, PUBLISHED, Amount, Market, Past
from service.evidence.market import HALF_LIVES_MONTHS, KNOWN_ELSEWHERE, WINDOW_MONTHS

NOW = 2026 * 12 + 10
LOW, MIDDLE, HIGH = 0.1, 0.5, 0.9

Counts = dict[tuple[int, int], int]
"""How many rocks by month and step of 2 %."""


def of(counts: Counts, month: int = NOW) -> Market:
    return market.market([(then, step, n) for (then, step), n in counts.items()], month)


def every_month(step: int, rocks: int, months: int, *, until: int = NOW) -> Counts:
    return {(until - ago, step): rocks for ago in range(months)}


def contents(known: Market) -> tuple[float, float, float]:
    return known.content_at(LOW), known.content_at(MIDDLE), known.content_at(HIGH)


counts = st.dictionaries(
    st.tuples(st.integers(NOW - 40, NOW + 1), st.integers(0, BINS - 1)),
    st.integers(1, 500),
    max_size=30,
)

# --- What is known from elsewhere ---------------------------------------------------------------


def test_a_new_survey_stands_alone_and_what_came_since_takes_its_place_with_the_years() -> None:
    fresh, now, late = (of({}, month) for month in (market.SURVEY_MONTH, NOW, NOW + 120))
    assert fresh.published_rocks == KNOWN_ELSEWHERE
    assert fresh.later_rocks == 0
    for known in (now, late):
        assert known.published_rocks + known.later_rocks == pytest.approx(KNOWN_ELSEWHERE)
    assert late.published_rocks < now.published_rocks < KNOWN_ELSEWHERE

    half = market.SURVEY_MONTH + int(market.SURVEY_HALF_LIFE_MONTHS)
    assert of({}, half).published_rocks == KNOWN_ELSEWHERE / 2


def test_without_a_rock_of_its_own_it_reaches_from_the_survey_to_what_came_since() -> None:
    low, middle, high = contents(of({}))
    published_low, published_middle, published_high = contents(PUBLISHED)
    assert low == pytest.approx(published_low, abs=0.04)
    assert published_middle < middle < 0.855
    assert published_high + 0.1 < high < 0.96


# --- What is learnt -----------------------------------------------------------------------------


def test_one_absurd_assay_hardly_moves_it_and_many_do() -> None:
    usual = of({})
    for step in (0, BINS - 1):
        assert of({(NOW, step): 1}).shares == usual.shares
        among, borne_out = of({(NOW, 28): 9, (NOW, step): 1}), of({(NOW, 28): 10})
        assert contents(among)[1] == pytest.approx(contents(borne_out)[1], abs=0.03)

    strong = of({(NOW, 42): 200})
    assert contents(strong)[1] == pytest.approx(0.85, abs=0.01)
    assert contents(strong)[2] - contents(strong)[0] < 0.05


def test_one_new_rock_beside_old_ones_is_still_one_rock() -> None:
    # However fast they fade, nobody reads the one of this month off the estimate.
    old = every_month(28, 8, 3, until=NOW - 12) | every_month(42, 60, 4, until=NOW - 30)
    without = of(old)
    assert of({**old, (NOW, 0): 1}).share(0.02) - without.share(0.02) < 1 / 5


def test_few_rocks_leave_it_wider_than_many_of_the_same() -> None:
    spread = (18, 24, 28, 32, 38)
    widths = []
    for rocks in (1, 4, 16, 64):
        low, _, high = contents(of({(NOW, step): rocks for step in spread}))
        widths.append(high - low)
    assert widths == sorted(widths, reverse=True)


def test_a_rock_of_next_month_counts_and_one_of_three_years_ago_does_not() -> None:
    assert of({(NOW + 1, 28): 8}).own_rocks == 8
    oldest = NOW - WINDOW_MONTHS + 1
    assert of({(oldest, 28): 80}).measured == 80
    assert of({(oldest - 1, 28): 80}).measured == 0
    assert of({(oldest - 1, 28): 80}).shares == of({}).shares


# --- How fast it forgets ------------------------------------------------------------------------


def test_with_nothing_to_go_by_it_forgets_slowly() -> None:
    assert of({}).half_life_months == max(HALF_LIVES_MONTHS)
    assert of({(NOW, 28): 8}).half_life_months == max(HALF_LIVES_MONTHS)


def test_a_market_that_stays_is_remembered_and_one_that_turned_is_forgotten() -> None:
    stays = {(NOW - ago, step): 2 for ago in range(24) for step in (20, 26, 28, 30, 36)}
    turned = {
        (month, step if month < NOW - 3 else step - 15): rocks
        for (month, step), rocks in stays.items()
    }
    assert of(stays).half_life_months == max(HALF_LIVES_MONTHS)
    assert of(turned).half_life_months == min(HALF_LIVES_MONTHS)
    assert contents(of(turned))[1] == pytest.approx(contents(of(stays))[1] - 0.3, abs=0.05)


def test_answers_two_months_late_are_judged_two_months_ahead() -> None:
    # A rising content is near one month ahead and far off at three.
    rising = {
        (NOW - ago, 46 - 2 * ago + apart): 4
        for ago in range(19)
        for apart in (-6, -4, -2, -1, 0, 1, 2)
    }
    in_time = of(rising)
    late = of({(month - 2, step): rocks for (month, step), rocks in rising.items()})
    assert late.past.held < in_time.past.held - 0.1


# --- When it owns that it may be wrong ----------------------------------------------------------


def test_it_may_hold_more_while_fewer_than_ten_predictions_are_known() -> None:
    assert PUBLISHED.may_hold_more
    assert of({}).past == Past(0, 0.0)
    assert of({(NOW, 30): 9}).doubt == "few_known"
    known = of({(NOW, 30): 10})
    assert (known.past.rocks, known.doubt, known.may_hold_more) == (10, None, False)


def test_it_may_hold_more_while_the_last_predictions_missed() -> None:
    steady = every_month(28, 20, 12, until=NOW - 1)
    assert of(steady).doubt is None
    turned = of({**steady, (NOW, 48): 60})
    assert turned.past.rocks == 60
    assert turned.past.held < dose.LEAST_HELD
    assert (turned.doubt, turned.may_hold_more) == ("often_missed", True)

    learnt_since = {**steady, **every_month(48, 60, 4, until=NOW + 4)}
    assert of(learnt_since, NOW + 4).doubt is None


@given(counts)
def test_whatever_is_counted_it_is_a_distribution_and_says_how_it_did(counted: Counts) -> None:
    known = of(counted)
    assert list(known.shares) == sorted(known.shares)
    assert known.shares[-1] == 1
    assert 0 <= known.past.held <= 1 + 1e-9
    within = sum(n for (month, _), n in counted.items() if month > NOW - WINDOW_MONTHS)
    assert known.past.rocks <= within
    assert known.past.rocks >= min(within, market.LAST_ROCKS)
    assert known.measured in (0, within)
    assert known.half_life_months in HALF_LIVES_MONTHS


@given(counts, st.integers(0, BINS - 1))
def test_more_strong_rocks_never_make_the_estimate_smaller(counted: Counts, step: int) -> None:
    before = of(counted)
    after = of({**counted, (NOW, BINS - 1): counted.get((NOW, BINS - 1), 0) + 50})
    assume(before.own_rocks)  # fewer than five count for nothing
    assume(before.half_life_months == after.half_life_months)
    content = (step + 0.5) / BINS
    assert after.share(content) <= before.share(content) + 1e-9


@given(counts, st.integers(0, BINS - 1))
def test_a_rock_in_every_estimate_leaves_its_interval_finite(counted: Counts, step: int) -> None:
    amount: Amount = dose.expected(dose.weighed(138), of({**counted, (NOW, step): 3}).share)
    assert amount.low_mg is not None
    assert amount.high_mg is not None
    assert 0 <= amount.low_mg <= amount.middle_mg <= amount.high_mg <= 138 * (1 + 1e-9)
