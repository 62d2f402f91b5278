"""What is only indicated: told at its own site until it is settled, and counted nowhere."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import Knocker, Rock
from tests.rocks import cocaine, result, rock_body

TakeIn = Callable[..., Rock]
LOOKED = result("fentanyl", "not_detected", lod_percent=0.01)


@pytest.fixture
def coordinator(knock: Callable[[str], Knocker]) -> Knocker:
    return knock("coordinator")


def proposed(coordinator: Knocker) -> list[tuple[str, str, str | None]]:
    proposals = coordinator.get("/v1/notices/proposals").json()["proposals"]
    return sorted((one["why"], one["substance"], one["site"]) for one in proposals)


def told_elsewhere(knock: Callable[[str], Knocker]) -> list[str]:
    """What a rock of the other site is told of."""
    neighbour = knock("neighbour")
    code = neighbour.post("/v1/pickup-pads", {"count": 1}).json()["codes"][0]
    path = f"/v1/samples/{uuid.uuid4()}"
    assert neighbour.put(path, rock_body(code)).status_code == 201
    messages = neighbour.get(f"{path}/messages?lang=en").json()["messages"]
    return [message["key"] for message in messages if message["key"].startswith("alert-recent")]


def recent(rock: Rock) -> list[str]:
    return [key for key in rock.said() if key.startswith("alert-recent")]


@pytest.mark.parametrize("ending", ["settled", "withdrawn", "corrected", "confirmed", "erased"])
def test_an_indicated_fentanyl_is_told_at_its_site_until_it_ends(
    take_in: TakeIn, coordinator: Knocker, knock: Callable[[str], Knocker], ending: str
) -> None:
    waits, rock = take_in(), take_in()
    strip = rock.assayed(result("fentanyl"), method="test_strip")
    assert (proposed(coordinator), recent(waits)) == ([], ["alert-recent-indicated"])
    assert told_elsewhere(knock) == []
    assert coordinator.get("/v1/survey").json()["n"] == 0

    rock.assayed(cocaine(57.0))  # which says nothing of fentanyl
    assert (proposed(coordinator), recent(waits)) == ([], ["alert-recent-indicated"])
    assert "fentanyl" not in coordinator.get("/v1/survey").json()["prevalence"]

    match ending:
        case "settled":
            rock.assayed(cocaine(57.0), LOOKED, method="lc_ms")
        case "withdrawn":
            rock.lab.post(f"/v1/assays/{strip}/withdrawal", {"reason": "wrong vial"})
        case "corrected":
            more: dict[str, Any] = {"version": 2, "status": "corrected", "reason": "misread"}
            said = result("fentanyl", "not_detected")
            rock.assayed(said, id=strip, method="test_strip", **more)
        case "confirmed":
            rock.assayed(cocaine(57.0), result("fentanyl"), method="lc_ms")
        case "erased":
            assert rock.worker.delete(rock.path).status_code == 204

    if ending == "confirmed":
        assert proposed(coordinator) == [("opioid", "fentanyl", None)]
        assert recent(waits) == told_elsewhere(knock) == ["alert-recent"]
    else:
        assert (proposed(coordinator), recent(waits), told_elsewhere(knock)) == ([], [], [])


@pytest.mark.parametrize("name", ["buprenorphine", "methadone", "codeine", "tramadol"])
def test_a_trace_of_a_treatment_is_neither_proposed_nor_told_in_other_rocks(
    take_in: TakeIn, coordinator: Knocker, name: str
) -> None:
    waits, rock, more = take_in(), take_in(), take_in()
    rock.assayed(cocaine(57.0), result(name, loq_percent=0.5))
    assert (proposed(coordinator), recent(waits)) == ([], [])
    more.assayed(cocaine(57.0), result(name, "quantified", content_percent=3.0))
    assert (proposed(coordinator), recent(waits)) == ([("opioid", name, None)], ["alert-recent"])


def test_a_doubt_is_proposed_told_and_counted_nowhere(
    take_in: TakeIn, coordinator: Knocker, knock: Callable[[str], Knocker]
) -> None:
    waits, rock = take_in(), take_in()
    rock.assayed(result("cocaine"), result("fentanyl", "in_doubt", score=0.31), method="ftir")
    rock.assayed(cocaine(57.0))
    assert (proposed(coordinator), recent(waits), told_elsewhere(knock)) == ([], [], [])
    assert "fentanyl" not in coordinator.get("/v1/survey").json()["prevalence"]


def test_first_tests_alone_count_nothing_and_beside_an_answer_they_count(
    take_in: TakeIn, coordinator: Knocker
) -> None:
    """A signed strip that found none: a rock of the share once the rock itself is answered."""
    rocks = [take_in() for _ in range(3)]
    for rock in rocks:
        rock.assayed(result("fentanyl", "not_detected"), method="test_strip")
    assert coordinator.get("/v1/survey").json()["n"] == 0
    rocks[0].assayed(cocaine(57.0))
    shares = coordinator.get("/v1/survey").json()["prevalence"]
    assert (shares["fentanyl"]["count"], shares["fentanyl"]["n"]) == (0, 1)
