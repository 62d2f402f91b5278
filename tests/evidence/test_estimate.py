"""The estimate through its doors: what it rests on, kept up, erased with its rock, replayed."""

import xml.etree.ElementTree as ET
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as effort
from hypothesis import strategies as st
from typer.testing import CliRunner

from service.commands import app as commands
from service.evidence import dose, measured, scale, store
from service.evidence.market import KNOWN_ELSEWHERE
from service.evidence.reference import (
    LATER_COCAINE,
    PUBLISHED_SURVEY,
    SURVEY,
    UnreadableReference,
    read,
    references,
)
from service.evidence.store import MeasuredRock
from service.foundation import clock
from service.foundation.database import connect
from service.foundation.projections import Rebuilt
from service.foundation.settings import ROOT, Settings
from tests.conftest import TEST_KEY, Knocker, Rock
from tests.intake.test_samples import rows
from tests.rocks import cocaine, result

DOOR = "/v1/estimate"
Rocks = Callable[..., Rock]
JUST_NOW = (datetime.now(UTC) - timedelta(hours=1)).isoformat()


def learnt(settings: Settings) -> dict[tuple[int, int], int]:
    return {(row["month"], row["step"]): row["rocks"] for row in rows(settings, "measured_counts")}


def kept(settings: Settings) -> list[MeasuredRock]:
    engine = connect(settings.database)
    with engine.begin() as connection:
        told = store.all_measured(connection)
    engine.dispose()
    return told


def rebuild(settings: Settings) -> Rebuilt:
    engine = connect(settings.database)
    with engine.begin() as connection:
        told = measured.rebuild(connection, clock.now())
    engine.dispose()
    return told


def test_an_empty_service_expects_from_the_survey_up_to_what_came_since(worker: Knocker) -> None:
    estimate = worker.get(f"{DOOR}?weight_mg=138").json()
    assert estimate["low_mg"] == pytest.approx(53, abs=5)
    assert 79 < estimate["middle_mg"] < 0.855 * 138
    assert 104 < estimate["high_mg"] < 138
    assert (estimate["level"], estimate["basis"]) == (0.8, "base")
    rests_on = estimate["rests_on"]
    assert (rests_on["reference"], rests_on["years"]) == (PUBLISHED_SURVEY, "2018–2019")
    assert (rests_on["own_rocks"], rests_on["measured"]) == (0, 0)
    assert rests_on["later_reference"] == LATER_COCAINE
    rocks = rests_on["published_rocks"] + rests_on["later_rocks"]
    assert rocks == pytest.approx(KNOWN_ELSEWHERE)
    assert rests_on["may_hold_more"] is True


def test_a_size_is_enough_where_there_is_no_scale(worker: Knocker, take_in: Rocks) -> None:
    small, large = (worker.get(f"{DOOR}?size={size}").json() for size in ("small", "large"))
    assert small["high_mg"] < large["low_mg"]
    rock = take_in(weight_mg=None, weighed=None, size="small")
    assert rock.finding()["estimate"]["middle_mg"] == pytest.approx(small["middle_mg"])
    assert "estimate-by-weight" not in rock.said()
    rock.assayed(cocaine(57), rock_weight_mg=None)
    estimate = rock.finding()["estimate"]
    assert small["low_mg"] < estimate["low_mg"] < estimate["middle_mg"] < estimate["high_mg"]
    assert set(estimate["rests_on"]) == {"assay", "method"}


def test_the_smallest_number_is_a_weight_too(worker: Knocker, take_in: Callable[..., Rock]) -> None:
    assert worker.get(f"{DOOR}?weight_mg=5e-324").json()["low_mg"] >= 0
    assert take_in(weight_mg=5e-324).finding()["estimate"]["low_mg"] >= 0


@pytest.mark.parametrize(
    "query",
    ["", "?size=unknown", "?weight_mg=0", "?weight_mg=10001", "?weight_mg=nan", "?size=huge"],
)
def test_nothing_to_estimate_from_is_refused_by_its_field(worker: Knocker, query: str) -> None:
    refused = worker.get(DOOR + query)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] in ("/weight_mg", "/size")


def test_own_rocks_move_it_and_what_is_taken_back_does_no_longer(
    worker: Knocker, lab: Knocker, take_in: Rocks, settings: Settings
) -> None:
    before = worker.get(f"{DOOR}?weight_mg=138").json()
    strong = [take_in(taken_at=JUST_NOW) for _ in range(12)]
    ids = [rock.assayed(cocaine(90)) for rock in strong]
    after = worker.get(f"{DOOR}?weight_mg=138").json()
    assert after["middle_mg"] > before["middle_mg"] + 10
    assert after["rests_on"]["own_rocks"] in (10, 12)  # an hour ago may have been another month
    assert after["rests_on"]["measured"] == 12
    assert take_in(weight_mg=138).finding()["estimate"] == after
    assert sum(learnt(settings).values()) == 12

    lab.post(f"/v1/assays/{ids[0]}/withdrawal", {"reason": "wrong vial"})
    strong[1].assayed(cocaine(20), id=ids[1], version=2, status="corrected", reason="dilution")
    assert strong[2].worker.delete(strong[2].path).status_code == 204
    assert sorted(learnt(settings).items(), key=lambda item: item[0][1]) == [
        ((next(iter(learnt(settings)))[0], 9), 1),
        ((next(iter(learnt(settings)))[0], 44), 9),
    ]
    assert len(rows(settings, "measured")) == 10
    assert rebuild(settings) == Rebuilt(10, 0)


def test_what_is_no_rock_teaches_nothing_about_rocks(take_in: Rocks, settings: Settings) -> None:
    for facts in ({"form": "powder"}, {"sold_as": "powder_cocaine"}):
        powder = take_in(**facts)
        assert powder.finding()["estimate"] is None
        powder.assayed(cocaine(90))
    waits, early, unmeasured, none = take_in(), take_in(), take_in(), take_in()
    early.assayed(cocaine(90), status="preliminary")
    unmeasured.assayed(result("cocaine"))
    none.assayed(result("cocaine", "not_detected"))
    assert waits.finding()["estimate"]
    assert unmeasured.finding()["estimate"]
    assert none.finding()["estimate"] is None
    assert [(place[1], rocks) for place, rocks in learnt(settings).items()] == [(0, 1)]


def test_what_a_strip_does_not_see_teaches_nothing_and_what_is_under_a_limit_teaches_the_limit(
    take_in: Rocks, settings: Settings
) -> None:
    strip, limit = take_in(), take_in()
    strip.assayed(result("cocaine", "not_detected"), method="test_strip")
    limit.assayed(result("cocaine", "detected", loq_percent=5))
    assert [(place[1], rocks) for place, rocks in learnt(settings).items()] == [(2, 1)]


def test_an_edit_that_makes_it_a_powder_is_unlearnt(take_in: Rocks, settings: Settings) -> None:
    rock = take_in()
    rock.assayed()
    assert sum(learnt(settings).values()) == 1
    assert (
        rock.worker.put(rock.path, {**rock.body, "revision": 2, "form": "powder"}).status_code
        == 200
    )
    assert learnt(settings) == {}


acts = st.lists(
    st.tuples(
        st.integers(0, 3),
        st.sampled_from(["report", "correct", "withdraw", "edit", "erase"]),
        st.floats(0, 99),
    ),
    max_size=14,
)


@effort(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts)
def test_kept_up_or_rebuilt_it_is_the_same(
    worker: Knocker,
    lab: Knocker,
    take_in: Rocks,
    settings: Settings,
    told: list[tuple[int, str, float]],
) -> None:
    rocks: list[Rock | None] = [take_in() for _ in range(4)]
    analyses: dict[int, tuple[str, int]] = {}
    for number, act, content in told:
        rock = rocks[number]
        if rock is None:
            continue
        held = analyses.get(number)
        if act == "report" and held is None:
            analyses[number] = (rock.assayed(cocaine(content)), 1)
        elif act == "correct" and held:
            rock.assayed(
                cocaine(content), id=held[0], version=held[1] + 1, status="corrected", reason="x"
            )
            analyses[number] = (held[0], held[1] + 1)
        elif act == "withdraw" and held:
            lab.post(f"/v1/assays/{held[0]}/withdrawal", {"reason": "x"})
            del analyses[number]
        elif act == "edit":
            edits: list[dict[str, Any]] = [
                {"form": "powder"},
                {"form": "rock", "weight_mg": content + 1},
                {"taken_at": "2026-09-30T23:30:00Z", "transaction": {}},
            ]
            rock.body = {
                **rock.body,
                "revision": rock.body["revision"] + 1,
                **edits[int(content) % 3],
            }
            assert worker.put(rock.path, rock.body).status_code == 200
        elif act == "erase":
            assert worker.delete(rock.path).status_code == 204
            rocks[number] = None
    kept_up = learnt(settings)
    wrong = rebuild(settings).wrong
    assert (wrong, learnt(settings)) == (0, kept_up)


def test_the_coordinator_sees_how_well_it_did(
    knock: Callable[[str], Knocker], take_in: Rocks, worker: Knocker
) -> None:
    coordinator = knock("coordinator")
    nothing = coordinator.get(f"{DOOR}/calibration").json()
    assert (nothing["rocks"], nothing["coverage"], nothing["bias"]) == (0, {}, [])
    for content in (57, 60, 40, 3):
        take_in().assayed(cocaine(content))
    few = coordinator.get(f"{DOOR}/calibration").json()
    assert (few["rocks"], few["coverage"]) == (4, {})
    take_in().assayed(cocaine(71))
    told = coordinator.get(f"{DOOR}/calibration").json()
    assert told["rocks"] == 5
    assert set(told["coverage"]) == {"50", "80", "95"}
    assert told["hardly_any_share"] == 0.2
    (month,) = told["bias"]
    assert (month["month"], month["rocks"]) == ("2026-11", 5)
    assert told["model_beside_survey"]["correlation"] == {
        "model": pytest.approx(0.818, abs=0.001),
        "published": 0.84,
    }
    assert worker.get(f"{DOOR}/calibration").status_code == 403


def two_years(take_in: Rocks, rocks: int, content: Callable[[int], float]) -> None:
    """A history loaded at once: a rock a fortnight, each analysed a week after it was taken in."""
    start = datetime.now(UTC) - timedelta(days=14 * rocks + 14)
    for number in range(rocks):
        taken_at = start + timedelta(days=14 * number)
        rock = take_in(taken_at=taken_at.isoformat(), transaction={})
        analysed_at = (taken_at + timedelta(days=7)).isoformat()
        rock.assayed(cocaine(content(number)), analysed_at=analysed_at, rock_weight_mg=None)


def test_a_history_that_was_loaded_at_once_is_replayed_as_it_would_have_been(
    knock: Callable[[str], Knocker], take_in: Rocks, settings: Settings
) -> None:
    two_years(take_in, 52, lambda number: 88 + number % 7)

    known_after = {rock.answered_at - rock.taken_at for rock in kept(settings)}
    assert known_after == {timedelta(days=7)}

    report = knock("coordinator").get(f"{DOOR}/calibration").json()
    assert report["rocks"] == 52
    assert report["sharpness"] < 0.9  # from the survey alone it would stay above 1
    assert report["coverage"]["80"] > report["coverage_published_only"]["80"]
    assert report["card_says"] == {
        "sentence": "eight_in_ten",
        "because": "held",
        "last_predictions": pytest.approx(41, abs=2),
        "held": pytest.approx(0.9, abs=0.11),
    }


def test_an_answer_to_a_rock_that_was_here_counts_from_when_it_came(
    take_in: Rocks, settings: Settings
) -> None:
    before = datetime.now(UTC)
    taken_at = before - timedelta(days=3)
    rock = take_in(taken_at=taken_at.isoformat(), transaction={})
    rock.assayed(cocaine(60), analysed_at=before.isoformat())
    (taught,) = kept(settings)
    assert before <= taught.answered_at <= datetime.now(UTC)


def test_a_market_that_has_turned_makes_the_card_say_that_it_may_hold_more(
    knock: Callable[[str], Knocker], worker: Knocker, take_in: Rocks
) -> None:
    two_years(take_in, 40, lambda number: 30 + number % 5 if number < 26 else 90 + number % 5)
    assert worker.get(f"{DOOR}?weight_mg=138").json()["rests_on"]["may_hold_more"] is True
    says = knock("coordinator").get(f"{DOOR}/calibration").json()["card_says"]
    assert (says["sentence"], says["because"]) == ("may_hold_more", "often_missed")
    assert says["held"] < 0.7


def test_the_operator_sees_it_too_and_can_rebuild(take_in: Rocks, settings: Settings) -> None:
    for content in (57, 60, 40, 3, 71):
        take_in().assayed(cocaine(content))
    environment = {
        "PICKUP_KEY": TEST_KEY,
        "WORDS_POLICY": "marked",
        "PUBLIC_URL": "https://caillou.example",
        "DATABASE_URL": settings.database,
    }
    told = CliRunner().invoke(commands, ["calibrate"], env=environment)
    assert told.exit_code == 0, told.output
    first, card, *levels, above, width, month = told.stdout.splitlines()
    assert first == "5 rocks, half-life 12.0 months"
    assert card == 'the card says "may hold more": 5 predictions are known, fewer than 10'
    assert [line.split()[0] for line in levels] == ["50%", "80%", "95%"]
    assert above.startswith("hold more than the 80% interval: ")
    assert width.startswith("as wide as the published survey's: 1.")
    assert month.startswith("2026-11: 5 rocks, measured less expected ")
    rebuilt = CliRunner().invoke(commands, ["rebuild"], env=environment)
    assert (rebuilt.exit_code, rebuilt.stdout) == (
        0,
        "measured: 5 rocks; none wrong\nannounced: 0 rocks; none wrong\n"
        "surveyed: 5 rocks; none wrong\ntallied: 5 rocks; none wrong\n",
    )


def test_a_finding_tells_what_was_believed_felt_and_compared(take_in: Rocks) -> None:
    rock = take_in()
    rock.assayed(
        cocaine(57),
        result("levamisole", "detected", loq_percent=0.5),
        result("amphetamine", "not_detected"),
    )
    finding = rock.finding()
    assert finding["beliefs"][0] == {"belief": "guess_percent", "told": 40, "measured": 57}
    assert {"belief": "believed_cut", "told": "amphetamine", "measured": "not_found"} in finding[
        "beliefs"
    ]
    assert {"belief": "believed_cut", "told": "buprenorphine", "measured": None} in finding[
        "beliefs"
    ]
    assert finding["families"]["levamisole"] == "found_too_little"
    assert finding["symptoms"]["effects_felt"] == ["tight_jaw"]
    survey, later = finding["compared"]
    assert (survey["reference"], survey["years"]) == (PUBLISHED_SURVEY, "2018–2019")
    assert survey["cocaine_mg"] == {
        "this": pytest.approx(78.9, abs=0.1),
        "mean": 84,
        "median": 79,
        "min": 11,
        "max": 209,
    }
    assert (later["years"], later["content_percent"]) == ("2023", {"this": 57, "median": 85.5})


def test_recent_is_told_for_the_network_and_for_the_site(
    take_in: Rocks, knock: Callable[[str], Knocker]
) -> None:
    here, there = take_in(), knock("neighbour")
    code = there.post("/v1/pickup-pads", {"count": 1}).json()["codes"][0]
    Rock(there, here.lab, code).assayed(cocaine(50), result("heroin"))
    other = take_in()
    other.assayed(cocaine(50), result("fentanyl"))
    finding = here.finding()
    assert (finding["recent"], finding["recent_here"]) == (["fentanyl", "heroin"], ["fentanyl"])


# --- The picture ----------------------------------------------------------------------------------


def test_the_picture_is_a_drawing_that_needs_no_words(worker: Knocker) -> None:
    drawn = worker.get(f"{DOOR}?weight_mg=138", headers={"Accept": "image/svg+xml"})
    assert drawn.headers["content-type"].startswith("image/svg+xml")
    root = ET.fromstring(drawn.text)
    assert root.find("{*}title") is not None
    assert root.findall(".//{*}text") == []
    assert len(root.findall("{*}polygon")) == 6
    assert worker.get(f"{DOOR}?weight_mg=138", headers={"Accept": "text/csv"}).status_code == 406


@given(st.floats(0.1, 10_000), st.floats(0, 100), st.none() | st.floats(0, 100))
def test_the_band_lies_where_the_amount_does(
    mg: float, percent: float, uncertainty: float | None
) -> None:
    root = ET.fromstring(scale.drawn(dose.measured(mg, percent, uncertainty)))
    band = root.findall("{*}rect")[1]
    start, width = float(band.attrib["x"]), float(band.attrib["width"])
    assert 0 <= start <= start + width <= scale.WIDTH
    if mg * percent / 100 > 1_000:
        assert len(root.findall("{*}path")) == 3  # it goes on beyond the line
    heavier = ET.fromstring(scale.drawn(dose.measured(mg * 2, percent, uncertainty))).findall(
        "{*}rect"
    )[1]
    assert float(heavier.attrib["x"]) >= start


# --- The references -------------------------------------------------------------------------------


def test_every_published_figure_has_its_place(tmp_path: Path) -> None:
    assert all(figure.place for figure in SURVEY.figures.values())
    assert SURVEY.numbers("cocaine_mg") == {"mean": 84, "median": 79, "min": 11, "max": 209}
    assert next(iter(references(ROOT / "service" / "evidence" / "references"))) == PUBLISHED_SURVEY
    assert references(tmp_path / "none") == {}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("title = 'x'", "newer.toml"),
        ("figures = 3", "newer.toml"),
        ("[[figures]]\nplace='x'\nweight_mg = {mean = 'heavy'}", "heavy"),
        (
            "[[figures]]\nplace='x'\nweight_mg = {mean = 1}\n"
            "[[figures]]\nplace='y'\nweight_mg = {mean = 2}",
            "twice",
        ),
    ],
)
def test_a_reference_that_cannot_be_read_is_named(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "newer.toml"
    path.write_text(text)
    with pytest.raises(UnreadableReference, match=said):
        read(path)
