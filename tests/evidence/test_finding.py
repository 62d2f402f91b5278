"""What is known of a rock: amounts only where all of it was weighed, as base where possible."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st

from service.evidence import dose
from service.foundation.database import connect
from service.foundation.settings import Settings
from service.vocabulary.substances import Family
from tests.conftest import Knocker, Rock
from tests.rocks import cocaine, result, rock_body


def test_a_measured_rock(take_in: Callable[..., Rock]) -> None:
    rock = take_in()
    rock.assayed()
    finding = rock.finding()
    assert finding["weight_mg"] == 138.4
    assert finding["amount"]["middle_mg"] == pytest.approx(138.4 * 0.57)
    assert finding["amount"]["low_mg"] == pytest.approx(138.4 * 0.57 * 0.95)
    assert finding["amount"]["high_mg"] == pytest.approx(138.4 * 0.57 * 1.05)
    assert finding["not_found"] == ["amphetamine"]
    assert finding["not_tested"] == ["buprenorphine"]
    told = {
        family: verdict
        for family, verdict in finding["families"].items()
        if verdict != "not_tested"
    }
    assert told == {"cocaine": "found", "levamisole": "found", "stimulant": "not_found"}
    assert set(finding["families"]) == set(Family)
    assert finding["estimate"] is None


def test_a_measured_nothing_does_not_outweigh_what_another_method_found(
    take_in: Callable[..., Rock],
) -> None:
    rock = take_in()
    rock.assayed(result("cocaine"), method="gc_ms")
    rock.assayed(cocaine(0), method="ftir")
    finding = rock.finding()
    assert (finding["content"], finding["amount"], finding["found"]) == (None, None, ["cocaine"])
    assert "very-little-cocaine" not in rock.said()


def test_of_two_numbers_by_one_method_the_greater_counts(take_in: Callable[..., Rock]) -> None:
    rock = take_in()
    rock.assayed(cocaine(40))
    rock.assayed(cocaine(80))
    finding = rock.finding()
    assert finding["content"]["percent"] == 80
    assert [one["percent"] for one in finding["also_measured"]] == [40]


@pytest.mark.parametrize("method", ["test_strip", "tlc"])
def test_a_strip_shows_that_it_is_there_and_not_how_much(
    take_in: Callable[..., Rock], method: str
) -> None:
    rock = take_in()
    rock.assayed(cocaine(5), method=method)
    finding = rock.finding()
    assert (finding["content"], finding["amount"]) == (None, None)
    assert (finding["found"], finding["indicated"]) == ([], ["cocaine"])
    assert finding["state"] == "first_result"


def test_a_hydrochloride_content_is_told_as_base(take_in: Callable[..., Rock]) -> None:
    rock = take_in()
    rock.assayed(cocaine(60, "hydrochloride"))
    content = rock.finding()["content"]
    assert content["basis"] == "base"
    assert content["percent"] == pytest.approx(60 * 303.35 / 339.81)


def test_an_unknown_basis_stays_unknown(take_in: Callable[..., Rock]) -> None:
    rock = take_in()
    rock.assayed(result("cocaine", "quantified", content_percent=60))
    assert rock.finding()["content"]["basis"] == "unknown"


@pytest.mark.parametrize(
    ("facts", "lab_weight", "known"),
    [
        ({"weight_mg": 138, "weighed": "whole_rock"}, None, 138),
        ({"weight_mg": 138, "weighed": "whole_rock"}, 140.5, 140.5),
        ({"weight_mg": 138, "weighed": "whole_rock"}, 120, 120),
        ({"weight_mg": 138, "weighed": "whole_rock"}, 20, 138),
        ({"weight_mg": None, "weighed": None}, 140.5, 140.5),
        ({"weight_mg": 138, "weighed": None}, None, None),
        ({"weight_mg": 138, "weighed": "piece"}, None, None),
        ({"weight_mg": 138, "weighed": "piece"}, 40.0, None),
        ({"weight_mg": 138, "weighed": "whole_rock", "already_used": True}, 90.0, None),
    ],
)
def test_no_mg_without_the_whole_rocks_weight(
    take_in: Callable[..., Rock],
    facts: dict[str, object],
    lab_weight: float | None,
    known: float | None,
) -> None:
    rock = take_in(**facts)
    rock.assayed(cocaine(57), rock_weight_mg=lab_weight)
    finding = rock.finding()
    assert finding["weight_mg"] == known
    assert (finding["amount"] is None) == (known is None)
    assert ("result-amount" in rock.said()) == (known is not None)


def test_while_waiting_the_weight_leads_us_to_expect(take_in: Callable[..., Rock]) -> None:
    estimate = take_in(weight_mg=138).finding()["estimate"]
    assert round(estimate["low_mg"]) == 48
    assert round(estimate["middle_mg"]) == 90
    assert round(estimate["high_mg"]) == 125
    assert estimate["level"] == 0.8
    assert (estimate["rests_on"]["source"], estimate["rests_on"]["years"]) == (
        "OFDT/Inserm 2020",
        "2018–2019",
    )
    assert take_in(weight_mg=138, weighed="piece").finding()["estimate"] is None


@given(st.floats(0.001, 10_000), st.floats(0, 100), st.none() | st.floats(0, 100))
def test_an_amount_never_leaves_its_rock(
    weight: float, content: float, uncertainty: float | None
) -> None:
    amount = dose.measured(weight, content, uncertainty)
    assert 0 <= amount.middle_mg <= weight * (1 + 1e-12)
    if uncertainty is not None and content:
        assert amount.low_mg is not None
        assert amount.high_mg is not None
        assert 0 <= amount.low_mg <= amount.middle_mg * (1 + 1e-12)
        assert amount.high_mg <= weight


@given(st.floats(0.001, 10_000))
def test_the_expected_amount_is_that_of_the_published_survey(weight: float) -> None:
    amount = dose.expected(dose.weighed(weight))
    assert amount.low_mg == pytest.approx(0.384 * weight, rel=0.01)
    assert amount.middle_mg == pytest.approx(0.57 * weight, rel=0.001)
    assert amount.high_mg == pytest.approx(0.756 * weight, rel=0.01)


class TestRecent:
    """In the same network, within 90 days, from assays in force, in another rock."""

    def test_an_opioid_elsewhere_is_told_here_and_while_waiting(
        self, take_in: Callable[..., Rock], knock: Callable[[str], Knocker]
    ) -> None:
        rock, other = take_in(), take_in()
        other.assayed(cocaine(50), result("isotonitazene"))
        assert rock.finding()["recent"] == ["isotonitazene"]
        assert rock.said()[:2] == ["alert-recent", "state-waiting"]
        neighbour = knock("neighbour")
        code = neighbour.post("/v1/pickup-pads", {"count": 1}).json()["codes"][0]
        path = f"/v1/samples/{uuid.uuid4()}"
        neighbour.put(path, rock_body(code))
        assert neighbour.get(f"{path}/finding").json()["recent"] == ["isotonitazene"]

    def test_the_rock_itself_is_no_other_rock(self, take_in: Callable[..., Rock]) -> None:
        rock = take_in()
        rock.assayed(cocaine(50), result("heroin"))
        assert rock.finding()["recent"] == []

    def test_what_was_corrected_away_is_not_recent(self, take_in: Callable[..., Rock]) -> None:
        rock, other = take_in(), take_in()
        id = other.assayed(cocaine(50), result("heroin"))
        assert rock.finding()["recent"] == ["heroin"]
        other.assayed(cocaine(50), id=id, version=2, status="corrected", reason="contaminated vial")
        assert rock.finding()["recent"] == []

    def test_what_was_withdrawn_or_taken_back_is_not_recent(
        self, take_in: Callable[..., Rock]
    ) -> None:
        rock, other, third = take_in(), take_in(), take_in()
        id = other.assayed(result("heroin"))
        other.assayed(id=id, version=2, status="withdrawn", reason="wrong vial", results=[])
        third.assayed(result("fentanyl"))
        assert rock.finding()["recent"] == ["fentanyl"]
        third.worker.delete(third.path)
        assert rock.finding()["recent"] == []

    def test_ninety_days_end_it(
        self, take_in: Callable[..., Rock], app: FastAPI, settings: Settings
    ) -> None:
        rock, other = take_in(), take_in()
        other.assayed(result("heroin"))
        for days, seen in ((89, ["heroin"]), (91, [])):
            found_at = datetime.now(UTC) - timedelta(days=days)
            engine = connect(settings.database)
            with engine.begin() as connection:
                connection.execute(
                    sa.text("UPDATE announced SET found_at = :at").bindparams(
                        sa.bindparam("at", found_at, sa.DateTime(timezone=True))
                    )
                )
            engine.dispose()
            assert rock.finding()["recent"] == seen

    def test_a_recent_stimulant_silences_the_reassurance(
        self, take_in: Callable[..., Rock]
    ) -> None:
        rock, other = take_in(), take_in()
        rock.assayed()
        assert "effects-from-cocaine" in rock.said()
        other.assayed(cocaine(50), result("amphetamine"))
        assert "effects-from-cocaine" not in rock.said()


def test_a_finding_tells_which_measurement_it_rests_on(take_in: Callable[..., Rock]) -> None:
    rock = take_in()
    rock.assayed(cocaine(40), method="ftir")
    best = rock.assayed(cocaine(57), method="gc_ms")
    rock.assayed(cocaine(0), method="lc_ms")
    finding = rock.finding()
    assert (finding["content"]["assay"], finding["content"]["percent"]) == (best, 57)
    assert [(one["method"], one["percent"]) for one in finding["also_measured"]] == [
        ("ftir", 40),
        ("lc_ms", 0),
    ]


class TestReachAgain:
    """Whose answer changed since they were told: by the code they hold, the grave ones first."""

    def test_a_correction_has_to_be_told_once(
        self, take_in: Callable[..., Rock], knock: Callable[[str], Knocker]
    ) -> None:
        mild, grave, quiet = take_in(card_languages=["ka", "fr"]), take_in(), take_in()
        quiet.assayed(cocaine(57))
        first = mild.assayed(cocaine(60))
        mild.assayed(cocaine(22), id=first, version=2, status="corrected", reason="dilution error")
        second = grave.assayed(cocaine(57), result("fentanyl"))
        grave.assayed(cocaine(57), id=second, version=2, status="corrected", reason="wrong vial")
        people = mild.worker.get("/v1/reach-again").json()["people"]
        assert [(one["pickup_code"], one["grave"]) for one in people] == [
            (grave.code, True),
            (mild.code, False),
        ]
        assert people[1]["card_languages"] == ["ka", "fr"]
        assert people[1]["state"] == "corrected"
        assert knock("neighbour").get("/v1/reach-again").json()["people"] == []
        assert knock("neighbour").post(f"{mild.path}/reached").status_code == 404
        assert mild.worker.post(f"{grave.path}/reached").status_code == 204
        assert [
            one["pickup_code"] for one in mild.worker.get("/v1/reach-again").json()["people"]
        ] == [mild.code]
        grave.assayed(cocaine(50), id=second, version=3, status="corrected", reason="again")
        assert len(mild.worker.get("/v1/reach-again").json()["people"]) == 2
        assert mild.worker.delete(mild.path).status_code == 204
        assert [
            one["pickup_code"] for one in grave.worker.get("/v1/reach-again").json()["people"]
        ] == [grave.code]


@pytest.mark.parametrize(
    ("sold_as", "results", "said"),
    [
        (
            "heroin",
            [
                result("paracetamol"),
                result("monoacetylmorphine", "not_detected"),
                result("heroin", "not_tested"),
            ],
            "product-told-found",
        ),
        (
            "other_opioid",
            [result("fentanyl"), result("tramadol", "not_detected")],
            "product-told-found",
        ),
        (
            "benzodiazepine",
            [result("caffeine"), result("quintazolam"), result("diazepam", "not_detected")],
            "product-told-found",
        ),
        (
            "benzodiazepine",
            [
                result("caffeine"),
                result("diazepam", "not_detected"),
                result("bromazolam", "not_tested"),
            ],
            "product-told-found",
        ),
        (
            "benzodiazepine",
            [result("caffeine"), result("diazepam", "not_detected")],
            "product-told-not-found",
        ),
        (
            "heroin",
            [result("paracetamol"), result("heroin", "not_detected")],
            "product-told-not-found",
        ),
    ],
)
def test_what_it_was_sold_as_is_absent_only_where_that_was_looked_for(
    take_in: Callable[..., Rock], sold_as: str, results: list[dict[str, object]], said: str
) -> None:
    rock = take_in(sold_as=sold_as, form="powder")
    rock.assayed(*results)
    assert [key for key in rock.said() if key.startswith("product-told")] == [said]


@pytest.mark.parametrize(("outcome", "estimated"), [("detected", True), ("not_detected", False)])
def test_no_amount_is_expected_where_a_first_test_found_no_cocaine(
    take_in: Callable[..., Rock], outcome: str, estimated: bool
) -> None:
    rock = take_in(weight_mg=100, weighed="whole_rock")
    rock.assayed(result("cocaine", outcome), method="tlc", status="preliminary")
    assert (rock.finding()["estimate"] is not None) is estimated
    assert ("estimate-may-hold-more" in rock.said()) is estimated
