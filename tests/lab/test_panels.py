"""A laboratory declares what it looks for: once, from a day on, and never over an old answer."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from service.foundation import clock
from service.foundation.database import connect
from service.foundation.settings import Settings
from service.lab import store
from service.lab.assay import AssayVersion
from service.lab.panel import Declaration, panel_in_force
from service.vocabulary.codes import Method
from tests.conftest import Knocker, Rock
from tests.intake.test_samples import count, rows
from tests.rocks import assay_body, cocaine, result

LABORATORY = "chu-lille-toxicology"
DAY = timedelta(days=1)
ANALYSED = datetime(2026, 11, 22, 8, tzinfo=UTC)


def panel_body(*substances: str, **facts: Any) -> dict[str, Any]:
    names = substances or ("cocaine", "fentanyl")
    return {
        "laboratory": LABORATORY,
        "method": "gc_ms",
        "valid_from": "2026-11-01T00:00:00+01:00",
        "substances": [{"substance": name, "lod_percent": 0.1} for name in names],
        **facts,
    }


def declared(lab: Knocker, *substances: str, **facts: Any) -> str:
    id = str(uuid.uuid4())
    receipt = lab.put(f"/v1/lab/panels/{id}", panel_body(*substances, **facts))
    assert receipt.status_code == 201, receipt.text
    return id


def counting(rock: Rock) -> list[Any]:
    """The panel that counts for each assay of the rock."""
    seen = rock.lab.get(f"/v1/lab/samples/{rock.label}").json()
    return [version["counting_panel"] for version in seen["analyses"]]


def test_a_panel_is_declared_once(lab: Knocker, settings: Settings) -> None:
    id = str(uuid.uuid4())
    body = panel_body("Fentanyl", "cocaine HCl")
    body["substances"].append({"substance": "nitazenes"})

    first = lab.put(f"/v1/lab/panels/{id}", body)
    again = lab.put(f"/v1/lab/panels/{id}", body)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == {**first.json(), "outcome": "identical"}
    assert first.json()["substances"] == [
        {"substance": "fentanyl", "lod_percent": 0.1},
        {"substance": "cocaine", "lod_percent": 0.1},
        {"substance": "nitazenes", "lod_percent": None},
    ]

    shown = lab.get(f"/v1/lab/panels/{id}").json()
    assert {**shown, "outcome": "new"} == first.json()
    assert lab.get("/v1/lab/panels").json() == {"panels": [shown]}
    assert lab.get(f"/v1/lab/panels/{uuid.uuid4()}").status_code == 404
    assert [row["action"] for row in rows(settings, "audit_log")] == ["declared"]


def test_a_panel_is_never_edited(lab: Knocker, settings: Settings) -> None:
    id = declared(lab)
    for change in (
        {"substances": [{"substance": "cocaine", "lod_percent": 0.1}]},
        {"substances": panel_body("cocaine", "heroin")["substances"]},
        {"method": "lc_ms"},
        {"valid_from": "2026-11-02T00:00:00+01:00"},
    ):
        refused = lab.put(f"/v1/lab/panels/{id}", panel_body(**change))
        assert refused.status_code == 409
        assert refused.json()["held"] == lab.get(f"/v1/lab/panels/{id}").json()

    assert (count(settings, "panels"), count(settings, "panel_substances")) == (1, 2)


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"substances": []}, "/substances"),
        ({"substances": [{"substance": "Substance X-17"}]}, "/substances/0/substance"),
        ({"substances": [{"substance": "fentanyl?"}]}, "/substances/0/substance"),
        ({"substances": [{"substance": ""}]}, "/substances/0/substance"),
        (
            {"substances": [{"substance": "cocaine"}, {"substance": "Cocaine base"}]},
            "/substances/1/substance",
        ),
        ({"substances": [{"substance": "heroin", "lod_percent": -1}]}, "/substances/0/lod_percent"),
        (
            {"substances": [{"substance": "heroin", "lod_percent": 101}]},
            "/substances/0/lod_percent",
        ),
        ({"substances": [{"substance": "heroin", "lod": 1}]}, "/substances/0/lod"),
        ({"laboratory": " "}, "/laboratory"),
        ({"method": "nose"}, "/method"),
        ({"valid_from": "2026-11-01"}, "/valid_from"),
        ({"valid_to": None}, "/valid_to"),
    ],
)
def test_the_field_is_named_and_no_panel_is_declared(
    lab: Knocker, settings: Settings, change: dict[str, Any], pointer: str
) -> None:
    refused = lab.put(f"/v1/lab/panels/{uuid.uuid4()}", panel_body(**change))
    assert refused.status_code == 422, refused.text
    assert pointer in [error["pointer"] for error in refused.json()["errors"]]
    assert count(settings, "panels") == 0


def test_two_panels_of_one_method_never_begin_together(lab: Knocker, settings: Settings) -> None:
    declared(lab)
    refused = lab.put(f"/v1/lab/panels/{uuid.uuid4()}", panel_body("heroin"))
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/valid_from"

    declared(lab, "heroin", method="lc_ms")
    declared(lab, "heroin", laboratory="another")
    assert count(settings, "panels") == 3


def test_positives_and_a_panel_say_what_was_not_found(
    take_in: Callable[..., Rock], lab: Knocker
) -> None:
    declared(lab, "cocaine", "fentanyl", "xylazine")
    rock = take_in()
    rock.assayed(cocaine(60))

    finding = rock.finding()
    assert set(finding["not_found"]) == {"fentanyl", "xylazine"}
    assert finding["found"] == ["cocaine"]


def test_the_latest_panel_that_held_counts(take_in: Callable[..., Rock], lab: Knocker) -> None:
    old = declared(lab, valid_from="2026-01-01T00:00:00Z")
    newer = declared(lab, "heroin", valid_from="2026-11-01T00:00:00Z")
    declared(lab, "xylazine", valid_from="2026-11-23T00:00:00Z")
    declared(lab, method="lc_ms")
    declared(lab, laboratory="another")

    rock = take_in()
    rock.assayed(cocaine(60))
    rock.assayed(cocaine(60), analysed_at="2026-03-01T09:00:00Z")
    rock.assayed(cocaine(60), analysed_at="2025-03-01T09:00:00Z")
    rock.assayed(cocaine(60), panel=old)
    assert counting(rock) == [newer, old, None, old]


def test_a_panel_that_comes_later_changes_no_answer(
    take_in: Callable[..., Rock], lab: Knocker, settings: Settings
) -> None:
    rock = take_in()
    id = rock.assayed(cocaine(60))
    before, kept = rock.finding(), rows(settings, "results")

    panel = declared(lab, "cocaine", "fentanyl")
    assert rock.finding() == before
    assert rows(settings, "results") == kept
    assert counting(rock) == [None]

    rock.assayed(cocaine(60), id=id, version=2, status="corrected", reason="now", panel=panel)
    assert counting(rock) == [None, panel]
    assert rock.finding()["not_found"] == ["fentanyl"]


@pytest.mark.parametrize("change", [{"laboratory": "another"}, {"method": "lc_ms"}])
def test_an_assay_names_a_panel_of_its_own(
    take_in: Callable[..., Rock], lab: Knocker, settings: Settings, change: dict[str, Any]
) -> None:
    rock = take_in()
    panel = declared(lab, **change)
    for named in (panel, str(uuid.uuid4()), "gc_ms"):
        refused = lab.put(f"/v1/assays/{uuid.uuid4()}", assay_body(rock.label, panel=named))
        assert refused.status_code == 422
        assert [error["pointer"] for error in refused.json()["errors"]] == ["/panel"]

    assert count(settings, "assays") == 0


def test_the_panel_that_is_named_is_shown_and_kept_through_a_withdrawal(
    take_in: Callable[..., Rock], lab: Knocker
) -> None:
    rock, panel = take_in(), declared(lab)
    id = rock.assayed(cocaine(60), panel=panel)
    assert lab.post(f"/v1/assays/{id}/withdrawal", {"reason": "wrong vial"}).status_code == 200

    seen = lab.get(f"/v1/lab/samples/{rock.label}").json()["analyses"]
    assert [version["panel"] for version in seen] == [panel, panel]


def declaration(valid_from: datetime, declared_at: datetime) -> Declaration:
    return Declaration(uuid.uuid4(), LABORATORY, Method.GC_MS, valid_from, declared_at)


def test_the_day_that_it_holds_from_and_the_day_that_it_was_declared_both_count() -> None:
    held = declaration(ANALYSED - DAY, ANALYSED - DAY)
    backdated = declaration(ANALYSED - DAY / 2, ANALYSED + 3 * DAY)

    def chosen(received_at: datetime) -> uuid.UUID | None:
        return panel_in_force(
            [held, backdated],
            laboratory=LABORATORY,
            method=Method.GC_MS,
            analysed_at=ANALYSED,
            received_at=received_at,
        )

    assert chosen(ANALYSED + 2 * DAY) == held.id
    assert chosen(ANALYSED + 3 * DAY) == backdated.id
    assert chosen(ANALYSED - 2 * DAY) is None


def test_assays_without_any_panel_cost_one_small_query(
    take_in: Callable[..., Rock], lab: Knocker, settings: Settings
) -> None:
    rocks = [take_in() for _ in range(3)]
    for rock in rocks:
        rock.assayed(cocaine(60))

    asked, versions = queries_of(settings, rocks)
    assert len([query for query in asked if "FROM panels" in query]) == 1
    assert len(asked) == 2
    assert all(version.panel is None for version in versions)

    declared(lab)
    rocks[0].assayed(cocaine(60))
    asked, versions = queries_of(settings, rocks)
    assert len(asked) == 3
    assert [version.panel is None for version in versions] == [True, False, True, True]


def queries_of(settings: Settings, rocks: list[Rock]) -> tuple[list[str], list[AssayVersion]]:
    """What is asked of the database for the assays of these rocks, and the assays."""
    engine = connect(settings.database)
    asked: list[str] = []

    with engine.begin() as connection:
        sa.event.listen(
            connection,
            "before_cursor_execute",
            lambda _connection, _cursor, statement, *_: asked.append(statement),
        )
        ids = [uuid.UUID(rock.id) for rock in rocks]
        of_each = store.of_each(connection, ids)

    engine.dispose()
    return asked, [version for id in ids for version in of_each[id]]


def test_the_first_panel_of_the_day_counts_from_the_moment_it_was_declared(
    take_in: Callable[..., Rock], lab: Knocker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In one instant: the panel that was declared first counts."""
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now)
    panel = declared(lab)
    rock = take_in()
    rock.assayed(cocaine(60), result("caffeine"))
    assert counting(rock) == [panel]
