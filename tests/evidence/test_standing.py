"""How surely a substance is there: what raises a standing, what lowers it, and what never does."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.evidence.classify import find, taught
from service.evidence.standing import (
    CONFIRMATORY,
    Standing,
    Statement,
    standing,
    standings,
)
from service.intake.sample import Sample
from service.lab.assay import FIRST_TESTS, Assay, AssayVersion, Result
from service.observatory.alerts.counting.counts import count_of
from service.observatory.survey.rock import surveyed_rock
from service.vocabulary.codes import Form, Method, Outcome, SoldAs, State, Status
from tests.wording.findings import DAY, Situation, analyses, situations

statements = st.lists(
    st.builds(
        Statement,
        method=st.sampled_from(Method),
        outcome=st.sampled_from(Outcome),
        final=st.booleans(),
        in_doubt=st.booleans(),
        lod_percent=st.none() | st.floats(0, 1),
    ),
    max_size=6,
)
absences = st.lists(
    st.builds(
        Statement,
        method=st.sampled_from(Method),
        outcome=st.sampled_from([Outcome.NOT_DETECTED, Outcome.NOT_TESTED]),
        final=st.booleans(),
        lod_percent=st.none() | st.floats(0, 1),
    ),
    max_size=4,
)
CLAIMS = {Standing.CONFIRMED: 3, Standing.INDICATED: 2, Standing.IN_DOUBT: 1}
some = settings(max_examples=150, deadline=None)


def claims(said: list[Statement]) -> int:
    """How much is claimed to be there: 3 surely, 0 nothing."""
    return CLAIMS.get(standing(said), 0)


def found(method: Method, **more: object) -> Statement:
    return replace(Statement(method, Outcome.DETECTED, final=True), **more)  # type: ignore[arg-type]


def none(method: Method, **more: object) -> Statement:
    return replace(Statement(method, Outcome.NOT_DETECTED, final=True), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("said", "reached"),
    [
        ([], "not_looked_for"),
        ([found(Method.GC_MS)], "confirmed"),
        ([found(Method.LC_MS, final=False)], "confirmed"),
        ([found(Method.HPLC_UV)], "indicated"),
        ([found(Method.HPLC_UV, outcome=Outcome.QUANTIFIED)], "confirmed"),
        ([found(Method.FTIR, outcome=Outcome.QUANTIFIED)], "indicated"),
        ([found(Method.DIRECT_MS)], "indicated"),
        ([found(Method.TEST_STRIP)], "indicated"),
        ([found(Method.FTIR, in_doubt=True)], "in_doubt"),
        ([found(Method.GC_MS, in_doubt=True)], "indicated"),
        ([Statement(Method.FTIR, Outcome.IN_DOUBT, final=True)], "in_doubt"),
        ([found(Method.FTIR, in_doubt=True), none(Method.GC_MS)], "not_found"),
        ([none(Method.TEST_STRIP, final=False)], "not_found"),
        ([none(Method.GC_MS, final=False)], "not_looked_for"),
        ([found(Method.TEST_STRIP), none(Method.GC_MS, lod_percent=0.05)], "ruled_out"),
        ([found(Method.TEST_STRIP), none(Method.GC_MS)], "indicated"),
        (
            [found(Method.TEST_STRIP), none(Method.GC_MS, lod_percent=0.05, final=False)],
            "indicated",
        ),
        ([found(Method.TEST_STRIP), none(Method.FTIR, lod_percent=5.0)], "indicated"),
        ([found(Method.LC_MS), none(Method.GC_MS, lod_percent=0.05)], "confirmed"),
    ],
)
def test_what_each_method_is_worth(said: list[Statement], reached: str) -> None:
    assert standing(said) == reached


@given(statements, st.randoms(use_true_random=False))
def test_the_order_of_what_is_said_does_not_matter(said: list[Statement], chance: object) -> None:
    shuffled = list(said)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert standing(shuffled) == standing(said)


@given(statements, absences)
def test_more_statements_of_absence_never_make_it_rise(
    said: list[Statement], more: list[Statement]
) -> None:
    assert claims([*said, *more]) <= claims(said)


@given(statements, statements)
def test_nothing_that_is_said_beside_it_ends_what_is_confirmed(
    said: list[Statement], more: list[Statement]
) -> None:
    if standing(said) is Standing.CONFIRMED:
        assert standing([*said, *more]) is Standing.CONFIRMED


@given(statements)
def test_only_a_method_that_identifies_confirms(said: list[Statement]) -> None:
    if standing(said) is Standing.CONFIRMED:
        assert any(
            one.method in CONFIRMATORY | {Method.HPLC_UV}
            and one.outcome in (Outcome.DETECTED, Outcome.QUANTIFIED)
            and not one.in_doubt
            for one in said
        )


# --- In whole samples -----------------------------------------------------------------------------


@some
@given(situations(), analyses())
def test_no_other_assay_removes_a_confirmed_substance(
    situation: Situation, more: list[AssayVersion]
) -> None:
    after = situation.with_more(more)
    assert {*situation.finding.sure} <= {*after.sure}
    assert {*situation.finding.found} <= {*after.found}


@some
@given(situations())
def test_its_withdrawal_ends_what_an_assay_confirmed(situation: Situation) -> None:
    withdrawn = [
        replace(one, assay=replace(one.assay, status=Status.WITHDRAWN, results=()), panel=None)
        if one.in_force
        else one
        for one in situation.statements
    ]
    assert not situation.anew(withdrawn).seen


@some
@given(situations(), st.randoms(use_true_random=False))
def test_the_order_of_assays_changes_no_standing(situation: Situation, chance: object) -> None:
    shuffled = list(situation.statements)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert standings(shuffled) == standings(situation.statements)


@some
@given(situations())
def test_a_first_test_alone_never_answers(situation: Situation) -> None:
    alone = [one for one in situation.statements if one.assay.method in FIRST_TESTS]
    finding = situation.anew(alone)
    assert not finding.answered
    assert finding.state not in (State.ANSWERED, State.CORRECTED, State.IN_ANALYSIS)
    assert (finding.content, finding.amount, finding.contents, finding.below) == (
        None,
        None,
        {},
        {},
    )
    assert not finding.sure
    assert not finding.hardly_any_cocaine
    assert not finding.warns_others


@some
@given(situations(), st.lists(st.sampled_from(["fentanyl", "cocaine", "heroin"]), unique=True))
def test_what_is_in_doubt_counts_nowhere(situation: Situation, names: list[str]) -> None:
    doubts = tuple(Result(substance=name, outcome=Outcome.IN_DOUBT) for name in names)
    before, after = spectrum(()), spectrum(doubts)
    known = situation.with_more([before]), situation.with_more([after])
    assert counted(known[0], [*situation.statements, before]) == counted(
        known[1], [*situation.statements, after]
    )
    if situation.sample is not None:
        assert surveyed_rock(
            situation.sample, "a", [*situation.statements, before]
        ) == surveyed_rock(situation.sample, "a", [*situation.statements, after])


def counted(finding: object, versions: list[AssayVersion]) -> object:
    return count_of(UUID(int=1), "a", finding, versions)  # type: ignore[arg-type]


def spectrum(more: tuple[Result, ...]) -> AssayVersion:
    assay = Assay(
        id=UUID(int=77),
        lab_label="AAAA-AAAA",
        version=1,
        status=Status.FINAL,
        laboratory="site",
        method=Method.FTIR,
        analysed_at=DAY,
        results=(Result(substance="caffeine", outcome=Outcome.DETECTED), *more),
    )
    return AssayVersion(assay=assay, received_at=datetime(2026, 11, 25, tzinfo=UTC), in_force=True)


@some
@given(
    situations(),
    st.sampled_from(
        [
            (SoldAs.HEROIN, Form.POWDER),
            (SoldAs.MDMA, Form.PILL),
            (SoldAs.POWDER_COCAINE, Form.ROCK),
            (SoldAs.CRACK, Form.POWDER),
            (None, Form.LIQUID),
        ]
    ),
)
def test_what_is_no_crack_changes_nothing_for_anybody_else(
    situation: Situation, told: tuple[SoldAs | None, Form]
) -> None:
    sold_as, form = told
    sample = Sample(
        id=UUID(int=1), revision=1, taken_at=DAY, pickup="x", sold_as=sold_as, form=form
    )
    finding = find(sample, situation.statements)
    assert (finding.warns_others, finding.warns_its_site) == ((), ())
    assert taught(finding, sample, situation.statements) is None
    assert surveyed_rock(sample, "a", situation.statements) is None
    assert count_of(sample.id, "a", finding, situation.statements) is None
    assert finding.expected is None
