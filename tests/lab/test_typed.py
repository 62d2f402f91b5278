"""What is typed at the bench: read as files are read, without loss, or refused by its field."""

from collections.abc import Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.lab.assay import Result
from service.lab.typed import FORM, OF_A_RESULT, Typed, read, written
from service.vocabulary.codes import Basis, Outcome
from service.vocabulary.substances import SUBSTANCES

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def typed(*rows: dict[str, str], **whole: str) -> Typed:
    usual = {
        "status": "final",
        "method": "gc_ms",
        "analysed_at": "2026-11-23T09:00",
        "rock_weight_mg": "",
        "reason": "",
    }
    return Typed(
        label="Q7K3-M9XK",
        laboratory="laboratory",
        version=1,
        analysis=None,
        whole={**usual, **whole},
        rows=[{**dict.fromkeys(OF_A_RESULT, ""), **row} for row in rows],
    )


def row(substance: str, told: str, **more: str) -> dict[str, str]:
    return {"substance": substance, "content_percent": told, **more}


def test_a_form_becomes_an_assay() -> None:
    form = typed(
        row("cocaine", "57,5", expressed_as="base", uncertainty_percent="5"),
        row("Lévamisole", "traces", loq_percent="0.5"),
        row("fentanyl", "nd", lod_percent="0.01"),
        row("lidocaine", ""),
        row("", ""),
        row("X-17", "< 0.2"),
        rock_weight_mg="138,4",
    )
    assay, flaws = read(form, PARIS, NOW)
    assert flaws == {}
    assert assay
    assert assay.analysed_at == datetime(2026, 11, 23, 8, tzinfo=UTC)
    assert (assay.rock_weight_mg, assay.lab_label) == (138.4, "Q7K3-M9XK")
    assert assay.results == (
        Result(
            substance="cocaine",
            outcome=Outcome.QUANTIFIED,
            content_percent=57.5,
            expressed_as=Basis.BASE,
            uncertainty_percent=5,
        ),
        Result(substance="levamisole", outcome=Outcome.DETECTED, loq_percent=0.5),
        Result(substance="fentanyl", outcome=Outcome.NOT_DETECTED, lod_percent=0.01),
        Result(substance="X-17", outcome=Outcome.DETECTED, loq_percent=0.2),
    )
    assert form.left_empty == ("lidocaine",)
    assert typed(row("cocaine", ""), row("Cocaine HCl", "57")).left_empty == ()


def test_no_row_is_left_out_of_a_long_sheet() -> None:
    names = sorted(SUBSTANCES)[:117] + [f"name {number}" for number in range(183)]
    assay, _ = read(typed(*(row(name, "nd") for name in names)), PARIS, NOW)
    assert assay
    assert [one.substance for one in assay.results] == names
    _, flaws = read(typed(*(row(name, "nd") for name in [*names, "one more"])), PARIS, NOW)
    assert {place: flaw.reason for place, flaw in flaws.items()} == {(FORM, "results"): "too-long"}


@pytest.mark.parametrize(
    ("rows", "whole", "wrong"),
    [
        ([], {}, {(FORM, "results"): "nothing-typed"}),
        ([row("cocaine", "")], {}, {(FORM, "results"): "nothing-typed"}),
        ([row("cocaine", "57"), row("heroin", "blue")], {}, {(1, "content_percent"): "no-reading"}),
        ([row("", "57")], {}, {(0, "substance"): "missing"}),
        ([row("cocaine", "", lod_percent="1")], {}, {(0, "content_percent"): "missing"}),
        ([row("cocaine", "57"), row("Cocaine HCl", "3")], {}, {(1, "substance"): "twice"}),
        ([row("cocaine", "57", loq_percent="-1")], {}, {(0, "loq_percent"): "not-a-number"}),
        (
            [row("cocaine", "57", lod_percent="2", loq_percent="1")],
            {},
            {(0, "loq_percent"): "limits-crossed"},
        ),
        (
            [row("cocaine", "157")],
            {},
            {(0, "content_percent"): "too-big", (FORM, ""): "over-a-hundred"},
        ),
        ([row("cocaine", "90"), row("caffeine", "50")], {}, {(FORM, ""): "over-a-hundred"}),
        (
            [row("cocaine", "57"), row("caffeine", "1")],
            {"method": ""},
            {(FORM, "method"): "missing"},
        ),
        (
            [row("cocaine", "57")],
            {"analysed_at": "yesterday"},
            {(FORM, "analysed_at"): "not-a-day-or-time"},
        ),
        (
            [row("cocaine", "57")],
            {"analysed_at": "2027-01-01"},
            {(FORM, "analysed_at"): "in-the-future"},
        ),
        (
            [row("cocaine", "57")],
            {"rock_weight_mg": "heavy"},
            {(FORM, "rock_weight_mg"): "not-a-number"},
        ),
        ([row("cocaine", "57")], {"status": "corrected"}, {(FORM, "reason"): "reason-missing"}),
        ([row("x" * 121, "57")], {}, {(0, "substance"): "too-long"}),
        ([row("X\u202e17", "57")], {}, {(0, "substance"): "control-character"}),
    ],
)
def test_what_cannot_be_read_is_named_by_row_and_column(
    rows: Sequence[dict[str, str]], whole: dict[str, str], wrong: dict[tuple[int, str], str]
) -> None:
    assay, flaws = read(typed(*rows, **whole), PARIS, NOW)
    assert assay is None
    assert {place: flaw.reason for place, flaw in flaws.items()} == wrong


contents = st.lists(st.floats(1, 30), min_size=2, max_size=5).map(tuple)
percent = st.none() | st.floats(0, 30).map(lambda number: round(number, 6))


@st.composite
def results(draw: st.DrawFn) -> list[Result]:
    found = []
    for name in draw(
        st.lists(st.sampled_from(sorted(SUBSTANCES)), min_size=1, max_size=3, unique=True)
    ):
        outcome = draw(st.sampled_from(Outcome))
        measured = outcome is Outcome.QUANTIFIED
        lod = draw(percent)
        replicates = draw(st.just(()) | contents) if measured else ()
        found.append(
            Result(
                substance=name,
                outcome=outcome,
                content_percent=draw(st.floats(0, 30)) if measured and not replicates else None,
                replicates=replicates,
                expressed_as=draw(st.none() | st.sampled_from(Basis)) if measured else None,
                uncertainty_percent=draw(percent),
                lod_percent=lod,
                loq_percent=draw(st.none() | st.just((lod or 0) + 1)),
            ).summed_up
        )
    return found


@given(results())
def test_what_stands_is_typed_again_without_loss(found: list[Result]) -> None:
    assay, flaws = read(typed(*map(written, found), method="ftir"), PARIS, NOW)
    assert flaws == {}
    assert assay
    assert list(assay.results) == found
