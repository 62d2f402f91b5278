"""Warnings over HTTP: from an assay to a proposal, to a notice, to every card that waits."""

import sys
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient

from service.evidence.tables import NoticeRow
from service.foundation import clock
from service.foundation.database import connect
from service.foundation.settings import Settings
from service.observatory.alerts import tallies
from service.observatory.alerts.rules import week_of
from service.observatory.alerts.tables import TallyRow
from tests.conftest import Knocker, Rock
from tests.rocks import assay_body, cocaine, result

TakeIn = Callable[..., Rock]
PLAIN = (cocaine(57.0), result("levamisole"), result("amphetamine", "not_detected"))
NITAZENE = (cocaine(41.0), result("isotonitazene"))


@pytest.fixture
def coordinator(knock: Callable[[str], Knocker]) -> Knocker:
    return knock("coordinator")


def proposed(coordinator: Knocker) -> list[dict[str, Any]]:
    answer = coordinator.get("/v1/notices/proposals?lang=en")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["proposals"]
    return found


def published(coordinator: Knocker, **body: Any) -> dict[str, Any]:
    answer = coordinator.post("/v1/notices?lang=en", body)
    assert answer.status_code == 201, answer.text
    notice: dict[str, Any] = answer.json()
    return notice


def in_force(reader: Knocker, query: str = "?lang=en") -> list[dict[str, Any]]:
    notices: list[dict[str, Any]] = reader.get(f"/v1/notices{query}").json()["notices"]
    return notices


def withdrawn(rock: Rock, analysis: str) -> None:
    answer = rock.lab.post(f"/v1/assays/{analysis}/withdrawal", {"reason": "wrong vial"})
    assert answer.status_code in (200, 201), answer.text


def table(settings: Settings, name: str) -> list[dict[str, Any]]:
    engine = connect(settings.database)
    with engine.connect() as connection:
        rows = [
            dict(row) for row in connection.execute(sa.text(f"SELECT * FROM {name}")).mappings()
        ]
    engine.dispose()
    return rows


# --- From an assay to a proposal -----------------------------------------------------------------


def test_an_opioid_is_proposed_with_the_assay_itself(
    take_in: TakeIn, coordinator: Knocker, capsys: pytest.CaptureFixture[str]
) -> None:
    rock = take_in()
    assert proposed(coordinator) == []
    started = time.perf_counter()
    rock.assayed(*NITAZENE, status="preliminary")
    reported = time.perf_counter()
    (proposal,) = proposed(coordinator)
    seen = time.perf_counter()
    with capsys.disabled():
        whole, look = (seen - started) * 1000, (seen - reported) * 1000
        sys.stdout.write(
            f"\n  from an assay to its proposal, read: {whole:.0f} ms ({look:.0f} ms the reading)\n"
        )
    assert (proposal["why"], proposal["substance"], proposal["scope"]) == (
        "opioid",
        "isotonitazene",
        "network",
    )
    assert proposal["ground"]["lab_labels"] == [rock.label]
    assert proposal["text"]["en"].startswith("Warning: in a rock here we found isotonitazene.")
    assert "strong" not in proposal["text"]["en"]
    rock.assayed(*NITAZENE)  # a second analysis of the same rock is no second proposal
    assert [one["id"] for one in proposed(coordinator)] == [proposal["id"]]
    other = take_in()
    other.assayed(*NITAZENE)
    assert sorted(proposed(coordinator)[0]["ground"]["lab_labels"]) == sorted(
        [rock.label, other.label]
    )


@pytest.mark.parametrize("take_back", ["withdrawal", "correction", "erasure"])
def test_what_is_taken_back_takes_its_proposal_along(
    take_in: TakeIn, coordinator: Knocker, settings: Settings, take_back: str
) -> None:
    rock = take_in()
    analysis = rock.assayed(*NITAZENE)
    assert proposed(coordinator)
    match take_back:
        case "withdrawal":
            withdrawn(rock, analysis)
        case "correction":
            rock.assayed(*PLAIN, id=analysis, version=2, status="corrected", reason="mixed up")
        case "erasure":
            assert rock.worker.delete(rock.path).status_code == 204
    assert proposed(coordinator) == []
    assert table(settings, "proposals") == table(settings, "proposal_grounds") == []
    assert "isotonitazene" not in {one["subject"] for one in table(settings, "tallies")}
    assert len(table(settings, "tallied")) == (take_back == "correction")


def test_a_published_notice_whose_ground_is_gone_says_so(
    take_in: TakeIn, coordinator: Knocker
) -> None:
    rock = take_in()
    rock.assayed(*NITAZENE)
    notice = published(coordinator, proposal=proposed(coordinator)[0]["id"])
    assert proposed(coordinator) == []
    assert rock.worker.delete(rock.path).status_code == 204
    (gone,) = coordinator.get("/v1/notices/proposals").json()["grounds_gone"]
    assert gone["notice"] == notice["id"]
    assert (
        coordinator.get(f"/v1/notices/{notice['id']}").json()["ground_gone_at"] == gone["gone_at"]
    )
    assert in_force(rock.worker)  # a person decides
    take_in().assayed(*NITAZENE)
    assert coordinator.get("/v1/notices/proposals").json() == {"proposals": [], "grounds_gone": []}


def test_what_is_set_aside_stays_so_until_another_rock(
    take_in: TakeIn, coordinator: Knocker, settings: Settings
) -> None:
    rock = take_in()
    analysis = rock.assayed(*NITAZENE)
    aside = f"/v1/notices/proposals/{proposed(coordinator)[0]['id']}/set-aside"
    assert coordinator.post(aside).status_code == 204
    assert coordinator.post(aside).status_code == 404
    rock.assayed(
        *NITAZENE, id=analysis, version=2, status="corrected", reason="a slip", method="lc_ms"
    )
    assert proposed(coordinator) == []
    assert rock.worker.delete(rock.path).status_code == 204
    assert (
        table(settings, "proposals") == table(settings, "tallies") == []
    )  # nothing names what was in it
    take_in().assayed(*NITAZENE)
    assert len(proposed(coordinator)) == 1


def test_more_than_any_rock_of_the_survey_is_for_the_team_alone(
    take_in: TakeIn, coordinator: Knocker
) -> None:
    take_in(weight_mg=400.0).assayed(cocaine(60.0), rock_weight_mg=400.0)
    (proposal,) = [one for one in proposed(coordinator) if one["why"] == "beyond_survey"]
    assert proposal["kind"] == "much_cocaine" and proposal["substance"] is None
    assert proposal["ground"]["amounts_mg"] == [240.0]
    refused = coordinator.post("/v1/notices", {"proposal": proposal["id"], "public": True})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/public"
    notice = published(coordinator, proposal=proposal["id"])
    assert notice["text"]["en"].startswith("For the team:")
    assert "240" not in notice["text"]["en"] and "mg" not in notice["text"]["en"]


def test_a_rock_of_unknown_basis_is_compared_with_nothing(
    take_in: TakeIn, coordinator: Knocker
) -> None:
    take_in(weight_mg=400.0).assayed(cocaine(60.0, "unknown"), rock_weight_mg=400.0)
    assert proposed(coordinator) == []


@pytest.mark.parametrize("facts", [{"form": "powder"}, {"sold_as": "powder_cocaine"}])
def test_what_is_no_rock_is_not_beyond_what_rocks_held(
    take_in: TakeIn, coordinator: Knocker, facts: dict[str, Any]
) -> None:
    powder = take_in(weight_mg=400.0, **facts)
    powder.assayed(cocaine(60.0), rock_weight_mg=400.0)
    assert powder.finding()["amount"]["middle_mg"] == 240.0
    assert proposed(coordinator) == []


def test_a_rise_is_proposed_and_taken_back_with_what_it_rests_on(
    take_in: TakeIn, coordinator: Knocker, settings: Settings
) -> None:
    """A hundred rocks of the months before without phenacetin in most, then eight with it."""
    history(settings, "phenacetin", weeks_ago=range(5, 15), tested=10, found=1)
    rocks = [take_in() for _ in range(8)]
    analyses = [rock.assayed(cocaine(50.0), result("phenacetin")) for rock in rocks]
    found = {(one["why"], one["substance"], one["scope"]): one for one in proposed(coordinator)}
    rise = found["more_often", "phenacetin", "network"]
    assert rise["ground"]["figures"]["before"] == {"found": 10, "tested": 100}
    assert rise["text"]["en"].startswith(
        "Warning: more rocks than before now have this in them: phenacetin."
    )
    for rock, analysis in list(zip(rocks, analyses, strict=True))[:6]:
        withdrawn(rock, analysis)
    assert [one for one in proposed(coordinator) if one["why"] == "more_often"] == []


def history(settings: Settings, subject: str, weeks_ago: range, tested: int, found: int) -> None:
    """Counts of past weeks, as they would stand had those rocks been answered then."""
    week = week_of(clock.now())
    engine = connect(settings.database)
    with engine.begin() as connection:
        for place in ("", "here"):
            for name, in_them in ((subject, found), ("", tested)):
                rows = [
                    {
                        "subject": name,
                        "site": place,
                        "week": week - ago,
                        "tested": tested,
                        "found": in_them,
                    }
                    for ago in weeks_ago
                ]
                connection.execute(sa.insert(TallyRow), rows)
    engine.dispose()


def test_several_people_with_bad_effects_are_proposed_at_their_site(
    take_in: TakeIn, coordinator: Knocker, settings: Settings
) -> None:
    earlier = datetime.now(UTC) - timedelta(days=40)
    for _ in range(32):
        rock = take_in(reason="wants_to_know", taken_at=earlier.isoformat(), transaction={})
    told: list[Rock] = []
    while not (found := [one for one in proposed(coordinator) if one["why"] == "effects"]):
        assert len(told) < 10
        told.append(
            take_in(reason="serious_adverse", taken_at=clock.now().isoformat(), transaction={})
        )
    (cluster,) = found
    assert len(told) >= 3 and cluster["site"] == "here" and cluster["ground"]["rocks"] == len(told)
    for rock in told[: len(told) - 2]:
        assert rock.worker.delete(rock.path).status_code == 204
    assert proposed(coordinator) == []


# --- What a coordinator publishes ----------------------------------------------------------------


def test_a_notice_reaches_its_site_and_ends(
    coordinator: Knocker, worker: Knocker, knock: Callable[[str], Knocker], lab: Knocker
) -> None:
    here = published(coordinator, kind="found", substance="ketamine", site="here")
    assert (here["scope"], here["version"], here["state"]) == ("site", 1, "published")
    assert in_force(worker) == [here]
    assert in_force(knock("neighbour")) == []
    assert in_force(lab) == in_force(coordinator) == [here]
    end = coordinator.post(f"/v1/notices/{here['id']}/withdrawal?lang=en", {"reason": "a mistake"})
    assert (end.json()["version"], end.json()["state"]) == (2, "withdrawn")
    assert (
        coordinator.post(f"/v1/notices/{here['id']}/withdrawal?lang=en", {"reason": "again"}).json()
        == end.json()
    )
    assert in_force(worker) == []


def test_every_version_is_kept_and_nothing_is_overwritten(
    coordinator: Knocker, settings: Settings
) -> None:
    first = published(coordinator, kind="found", substance="ketamine")
    path = f"/v1/notices/{first['id']}"
    body = {key: first[key] for key in ("kind", "substance", "site", "until")} | {
        "version": 2,
        "public": True,
    }
    assert coordinator.put(path, body).json()["version"] == 2
    assert coordinator.put(path, body).status_code == 200  # sent again
    assert coordinator.put(path, {**body, "public": False}).status_code == 409
    assert coordinator.put(path, {**body, "version": 1, "public": False}).status_code == 409
    assert coordinator.post(f"{path}/withdrawal", {"reason": "over"}).status_code == 200
    assert coordinator.put(path, {**body, "version": 9}).status_code == 409
    held = coordinator.get(path).json()["versions"]
    assert [(one["version"], one["public"], one["state"], one["in_force"]) for one in held] == [
        (1, False, "published", False),
        (2, True, "published", False),
        (3, True, "withdrawn", True),
    ]
    assert held[2]["reason"] == "over" and held[2]["by"] == "coordinator"
    entries = table(settings, "audit_log")
    lines = [(one["action"], one["version"], one["sample"]) for one in entries]
    assert lines == [("published", 1, None), ("updated", 2, None), ("ended", 3, None)]


def test_a_notice_ends_by_itself(coordinator: Knocker, worker: Knocker, settings: Settings) -> None:
    notice = published(coordinator, kind="found", substance="ketamine")
    until = datetime.fromisoformat(notice["until"]) - datetime.now(UTC)
    assert timedelta(days=89) < until < timedelta(days=90)
    engine = connect(settings.database)
    with engine.begin() as connection:
        past = clock.now() - timedelta(seconds=1)
        connection.execute(sa.update(NoticeRow).values(until=past))
    engine.dispose()
    assert in_force(worker) == []


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/kind"),
        ({"kind": "found"}, "/substance"),
        ({"kind": "found", "substance": "unobtainium"}, "/substance"),
        ({"kind": "effects", "substance": "ketamine"}, "/substance"),
        ({"kind": "found", "substance": "cocaine"}, "/substance"),
        ({"kind": "found", "substance": "cocaine", "public": True}, "/substance"),
        ({"kind": "more_often", "substance": "cocaine"}, "/substance"),
        ({"kind": "found", "substance": "ketamine", "site": "nowhere"}, "/site"),
        ({"kind": "much_cocaine", "public": True}, "/public"),
        ({"kind": "found", "substance": "ketamine", "until": "2020-01-01T00:00:00Z"}, "/until"),
        ({"kind": "found", "substance": "ketamine", "until": "2099-01-01T00:00:00Z"}, "/until"),
        ({"kind": "found", "substance": "ketamine", "words": "buy here"}, "/words"),
    ],
)
def test_what_no_notice_can_say_is_refused_by_name(
    coordinator: Knocker, body: dict[str, Any], pointer: str
) -> None:
    answer = coordinator.post("/v1/notices", body)
    assert answer.status_code == 422, answer.text
    assert [one["pointer"] for one in answer.json()["errors"]] == [pointer]


def test_a_reason_that_tells_of_a_person_is_refused(coordinator: Knocker) -> None:
    notice = published(coordinator, kind="effects", site="here")
    answer = coordinator.post(
        f"/v1/notices/{notice['id']}/withdrawal", {"reason": "ask Ali, 06 12 34 56 78"}
    )
    assert answer.status_code == 422


def test_the_same_is_not_published_twice(take_in: TakeIn, coordinator: Knocker) -> None:
    take_in().assayed(*NITAZENE)
    proposal = proposed(coordinator)[0]["id"]
    notice = published(coordinator, proposal=proposal)
    assert coordinator.post("/v1/notices", {"proposal": proposal}).status_code == 409
    again = coordinator.post("/v1/notices", {"kind": "found", "substance": "isotonitazene"})
    assert again.status_code == 409 and again.json()["held"]["id"] == notice["id"]
    assert coordinator.post("/v1/notices", {"proposal": str(uuid.uuid4())}).status_code == 404


def test_a_name_that_nobody_knows_is_published_from_its_proposal_alone(
    take_in: TakeIn, coordinator: Knocker
) -> None:
    take_in().assayed(cocaine(50.0), result("Substance X-17"))
    (proposal,) = proposed(coordinator)
    assert (proposal["why"], proposal["substance"]) == ("new_in_network", "Substance X-17")
    assert "Substance X-17" in published(coordinator, proposal=proposal["id"])["text"]["en"]


# --- Whom it reaches -----------------------------------------------------------------------------


def test_a_published_opioid_is_said_on_every_card(
    take_in: TakeIn, coordinator: Knocker, anyone: TestClient
) -> None:
    waiting, answered = take_in(), take_in()
    answered.assayed(*PLAIN)
    assert "alert-recent" not in waiting.said() + answered.said()
    notice = published(coordinator, kind="found", substance="isotonitazene")
    for rock, key in ((waiting, "alert-recent"), (answered, "recent-elsewhere")):
        (recent,) = [one for one in rock.messages() if one["key"] == key]
        assert "isotonitazene" in recent["text"]["en"]
        result_page = anyone.get(f"/v1/results/{rock.code}?lang=en").json()
        keys = [message["key"] for message in result_page["messages"]]
        assert key in keys
        assert (keys[0] == key) == (rock is waiting)  # under one's own result, if any
    assert "isotonitazene" in waiting.finding()["recent"]
    coordinator.post(f"/v1/notices/{notice['id']}/withdrawal", {"reason": "a mistake"})
    assert not {"alert-recent", "recent-elsewhere"} & {*waiting.said(), *answered.said()}


def test_a_rock_is_not_its_own_other_rock(take_in: TakeIn, coordinator: Knocker) -> None:
    """There is no other rock to be told of: the only one with an opioid bears the notice itself."""
    rock, other = take_in(), take_in()
    rock.assayed(*NITAZENE)
    published(coordinator, proposal=proposed(coordinator)[0]["id"])
    assert "alert-opioid" in rock.said() and "alert-recent" not in rock.said()
    assert "alert-recent" in other.said()


def test_a_notice_of_a_site_is_not_said_elsewhere(
    take_in: TakeIn, coordinator: Knocker, knock: Callable[[str], Knocker], lab: Knocker
) -> None:
    published(coordinator, kind="found", substance="isotonitazene", site="here")
    neighbour = knock("neighbour")
    code = neighbour.post("/v1/pickup-pads", {"count": 1}).json()["codes"][0]
    assert "alert-recent" in take_in().said()
    assert "alert-recent" not in Rock(neighbour, lab, code).said()


def test_anyone_reads_what_is_public_and_no_more(coordinator: Knocker, anyone: TestClient) -> None:
    shown = published(
        coordinator, kind="found", substance="isotonitazene", site="here", public=True
    )
    published(coordinator, kind="effects", site="here")
    published(coordinator, kind="much_cocaine")
    answer = anyone.get("/v1/open/notices?lang=fr")
    (notice,) = answer.json()["notices"]
    assert set(notice) == {"id", "kind", "substance", "week", "text", "review"}
    assert notice["id"] == shown["id"] and "here" not in answer.text.replace("where", "")
    assert notice["week"] == datetime.now(UTC).strftime("%G-W%V")
    assert datetime.now(UTC).strftime("%Y-%m-%d") not in answer.text


def test_a_list_that_has_not_changed_is_not_sent_again(
    coordinator: Knocker, worker: Knocker
) -> None:
    published(coordinator, kind="found", substance="ketamine")
    first = worker.get("/v1/notices")
    tag = first.headers["ETag"]
    again = worker.get("/v1/notices", headers={"If-None-Match": tag})
    assert again.status_code == 304 and again.content == b""
    published(coordinator, kind="effects", site="here")
    assert worker.get("/v1/notices", headers={"If-None-Match": tag}).status_code == 200
    notice = first.json()["notices"][0]
    assert next(iter(notice["text"])) == "fr" and len(notice["text"]) == 10
    assert set(notice["review"].values()) == {"draft"}
    assert worker.get("/v1/notices?lang=xx").status_code == 422


def test_counting_anew_gives_what_was_kept_up(take_in: TakeIn, settings: Settings) -> None:
    rocks = [take_in() for _ in range(4)]
    rocks[0].assayed(*NITAZENE)
    rocks[1].assayed(*PLAIN)
    analysis = rocks[2].assayed(*PLAIN)
    rocks[2].assayed(*NITAZENE, id=analysis, version=2, status="corrected", reason="a slip")
    withdrawn(rocks[3], rocks[3].assayed(*PLAIN))

    def counts() -> set[tuple[Any, ...]]:
        rows = table(settings, "tallies")
        return {tuple(row.values()) for row in rows if row["tested"]}

    before = counts()
    assert before
    engine = connect(settings.database)
    with engine.begin() as connection:
        assert tallies.rebuild(connection, clock.now()).samples == 3
    engine.dispose()
    assert counts() == before


def test_an_assay_that_is_refused_counts_nowhere(
    take_in: TakeIn, settings: Settings, lab: Knocker
) -> None:
    rock = take_in()
    body = assay_body(rock.label, result("isotonitazene", "quantified"))
    assert lab.put(f"/v1/assays/{uuid.uuid4()}", body).status_code == 422
    assert table(settings, "tallies") == table(settings, "proposals") == []
