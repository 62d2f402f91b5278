"""What is not crack moves no card, no survey and no estimate of those who use crack."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from fastapi.testclient import TestClient

from service.foundation import clock
from tests.conftest import Knocker, Rock
from tests.rocks import cocaine, result

TakeIn = Callable[..., Rock]
A_QUARTER_AGO = timedelta(days=100)
TABLET = {"sold_as": "mdma", "form": "pill", "colour": "pink", "weight_mg": 300}
HEROIN = {"sold_as": "heroin", "form": "powder", "colour": "brown", "weight_mg": 200}
NOT_COCAINE = result("cocaine", "not_detected", lod_percent=0.1)


@pytest.fixture
def take_in_elsewhere(knock: Callable[[str], Knocker]) -> TakeIn:
    """As `take_in`, at the other site."""
    worker, lab = knock("neighbour"), knock("lab")

    def taken(**facts: Any) -> Rock:
        code = worker.post("/v1/pickup-pads", {"count": 1}).json()["codes"][0]
        return Rock(worker, lab, code, **facts)

    return taken


def read(reader: Knocker | TestClient, path: str, medium: str = "application/json") -> bytes:
    answer = reader.get(path, headers={"Accept": medium})
    assert answer.status_code == 200, answer.text
    content: bytes = answer.content
    return content


def everything(rocks: list[Rock], coordinator: Knocker, anyone: TestClient) -> dict[str, bytes]:
    """All that is said of these rocks and of rocks in general, byte by byte."""
    said = {}
    for rock in rocks:
        for what in ("messages?lang=fr&lang=en", "talk?lang=fr"):
            said[f"{rock.path}/{what}"] = read(rock.worker, f"{rock.path}/{what}")
        for medium in ("text/html", "text/plain"):
            said[f"{rock.path} {medium}"] = read(rock.worker, f"{rock.path}/card", medium)

    for path in ("/v1/survey", "/v1/survey?basis=reported", "/v1/survey?site=here"):
        said[path] = read(coordinator, path)
    for query in ("weight_mg=138", "size=small", "size=large"):
        said[query] = read(rocks[0].worker, f"/v1/estimate?{query}")
    said["/v1/open/survey"] = read(anyone, "/v1/open/survey")
    return said


@pytest.fixture
def crack(take_in: TakeIn, take_in_elsewhere: TakeIn) -> list[Rock]:
    """Rocks of two sites: one that waits, one answered, one corrected, and a quarter that opens."""
    back_then = (datetime.now(UTC) - A_QUARTER_AGO).isoformat()
    rocks = []
    for take in (take_in, take_in_elsewhere):
        waits, answered, corrected = (take() for _ in range(3))
        answered.assayed(cocaine(57.0), result("levamisole"), result("heroin", "not_detected"))
        slip = corrected.assayed(cocaine(6.0))
        corrected.assayed(cocaine(60.0), id=slip, version=2, status="corrected", reason="a slip")
        for content in range(40, 54):
            take(taken_at=back_then, transaction={}).assayed(cocaine(content), result("caffeine"))
        rocks += [waits, answered, corrected]
    return rocks


def test_ten_tablets_and_one_heroin_leave_every_crack_card_as_it_was(
    crack: list[Rock],
    take_in: TakeIn,
    take_in_elsewhere: TakeIn,
    knock: Callable[[str], Knocker],
    anyone: TestClient,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now)
    coordinator = knock("coordinator")
    before = everything(crack, coordinator, anyone)
    assert orjson.loads(before["/v1/open/survey"])["n"]

    for take in (take_in, take_in_elsewhere):
        for _ in range(10):
            take(**TABLET).assayed(
                result("mdma", "quantified", content_percent=82.0), NOT_COCAINE, result("caffeine")
            )
        heroin = take(**HEROIN)
        heroin.assayed(result("heroin"), method="ftir", status="preliminary")
        heroin.assayed(
            result("heroin", "quantified", content_percent=22.0),
            result("monoacetylmorphine"),
            NOT_COCAINE,
        )
    assert everything(crack, coordinator, anyone) == before
    assert coordinator.get("/v1/notices/proposals").json()["proposals"] == []


def test_fentanyl_in_heroin_is_proposed_and_moves_no_crack_card(
    crack: list[Rock], take_in: TakeIn, knock: Callable[[str], Knocker], anyone: TestClient
) -> None:
    coordinator = knock("coordinator")
    before = everything(crack, coordinator, anyone)
    heroin = take_in(**HEROIN)
    heroin.assayed(result("heroin"), result("fentanyl"))
    assert everything(crack, coordinator, anyone) == before
    (proposal,) = coordinator.get("/v1/notices/proposals").json()["proposals"]
    assert (proposal["why"], proposal["substance"], proposal["scope"]) == (
        "opioid",
        "fentanyl",
        "network",
    )
    assert proposal["ground"]["lab_labels"] == [heroin.label]


def test_the_same_in_a_rock_moves_them(
    crack: list[Rock], take_in: TakeIn, knock: Callable[[str], Knocker], anyone: TestClient
) -> None:
    """So that the two before could fail: a rock with heroin, and one that holds no cocaine."""
    coordinator = knock("coordinator")
    before = everything(crack, coordinator, anyone)
    take_in().assayed(result("heroin"), NOT_COCAINE)
    after = everything(crack, coordinator, anyone)
    changed = {name for name in before if before[name] != after[name]}
    waits = crack[0]
    assert {"/v1/survey", "/v1/survey?site=here", "weight_mg=138"} <= changed
    assert f"{waits.path}/messages?lang=fr&lang=en" in changed
    assert f"{waits.path} text/plain" in changed


def test_what_turns_out_to_be_no_crack_is_counted_no_longer(
    crack: list[Rock], take_in: TakeIn, knock: Callable[[str], Knocker], anyone: TestClient
) -> None:
    """An edit of what it was sold as, or of its form, takes it out; the edit back puts it in."""
    coordinator = knock("coordinator")
    before = everything(crack, coordinator, anyone)
    rock = take_in(weight_mg=120)
    rock.assayed(cocaine(3.0), result("heroin"))
    as_crack = everything(crack, coordinator, anyone)
    assert as_crack != before
    for revision, (facts, expected) in enumerate(
        (
            ({"sold_as": "heroin"}, before),
            ({"sold_as": "crack"}, as_crack),
            ({"form": "powder"}, before),
            ({"form": "rock"}, as_crack),
        ),
        2,
    ):
        body = {**rock.body, **facts, "revision": revision}
        assert rock.worker.put(rock.path, body).status_code == 200
        assert everything(crack, coordinator, anyone) == expected, facts
