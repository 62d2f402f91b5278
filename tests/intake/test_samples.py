"""Taking a rock in through HTTP: stored once, as sent; sent again with one effect; refused by
name."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient

from service.foundation.database import connect
from service.foundation.settings import Settings
from tests.conftest import SITE, Knocker, Rock
from tests.rocks import rock_body


def rows(settings: Settings, table: str, where: str = "true") -> list[dict[str, Any]]:
    engine = connect(settings.database)
    with engine.begin() as connection:
        found = connection.execute(sa.text(f"SELECT * FROM {table} WHERE {where}")).mappings()
        kept = [dict(row) for row in found]
    engine.dispose()
    return kept


def count(settings: Settings, table: str, where: str = "true") -> int:
    return len(rows(settings, table, where))


def pad(worker: Knocker, count: int) -> list[str]:
    codes: list[str] = worker.post("/v1/pickup-pads", {"count": count}).json()["codes"]
    return codes


def test_every_field_comes_back_as_it_was_sent(worker: Knocker, code: str) -> None:
    path = f"/v1/samples/{uuid.uuid4()}"
    sent = rock_body(code, weight_mg=138.25, note_to_lab="two pieces", size="medium")
    receipt = worker.put(path, sent)
    assert receipt.status_code == 201
    assert set(receipt.json()) == {"id", "outcome", "revision", "lab_label", "received_at"}
    assert receipt.json()["outcome"] == "new"
    held = worker.get(path).json()
    assert datetime.fromisoformat(held.pop("taken_at")) == datetime.fromisoformat(
        sent.pop("taken_at")
    )
    assert {key: held[key] for key in sent} == sent
    assert held["site"] == SITE
    assert held["state"] == "waiting"


def test_only_three_fields_are_required(worker: Knocker, code: str) -> None:
    body = {"revision": 1, "taken_at": "2026-11-20T22:10:00Z", "pickup_code": code}
    path = f"/v1/samples/{uuid.uuid4()}"
    assert worker.put(path, body).status_code == 201
    held = worker.get(path).json()
    assert held["transaction"]["price_eur"] is None
    assert held["beliefs"]["believed_cuts"] is None
    assert worker.get(f"{path}/messages").json()["languages"] == ["fr"]


def test_every_optional_field_may_be_null(worker: Knocker, code: str) -> None:
    body = rock_body(code)
    for part in (body, body["transaction"], body["beliefs"], body["use"], body["person"]):
        for field in part:
            if not isinstance(part[field], dict) and field not in (
                "revision",
                "taken_at",
                "pickup_code",
            ):
                part[field] = None
    assert worker.put(f"/v1/samples/{uuid.uuid4()}", body).status_code == 201


def test_unknown_and_not_said_are_two_answers(worker: Knocker) -> None:
    for code, said in zip(pad(worker, 2), ("unknown", "not_said"), strict=True):
        path = f"/v1/samples/{uuid.uuid4()}"
        assert worker.put(path, rock_body(code, sold_as=said)).status_code == 201
        assert worker.get(path).json()["sold_as"] == said


def test_a_retry_has_one_effect(worker: Knocker, code: str, settings: Settings) -> None:
    path, body = f"/v1/samples/{uuid.uuid4()}", rock_body(code)
    first = worker.put(path, body).json()
    again = worker.put(path, body)
    assert again.status_code == 200
    assert again.json() == {**first, "outcome": "identical"}
    assert count(settings, "samples") == 1
    assert count(settings, "audit_log") == 1


def test_the_same_moment_written_with_another_offset_is_the_same(
    worker: Knocker, code: str
) -> None:
    path = f"/v1/samples/{uuid.uuid4()}"
    worker.put(path, rock_body(code, taken_at="2026-11-20T23:10:00+01:00"))
    again = worker.put(path, rock_body(code.lower(), taken_at="2026-11-20T22:10:00Z"))
    assert again.json()["outcome"] == "identical"


def test_a_higher_revision_replaces(
    take_in: Callable[..., Rock], worker: Knocker, settings: Settings
) -> None:
    rock = take_in()
    updated = worker.put(rock.path, rock.body | {"revision": 2, "weight_mg": 150})
    assert updated.status_code == 200
    assert updated.json()["outcome"] == "updated"
    assert updated.json()["lab_label"] == rock.label
    assert worker.get(rock.path).json()["weight_mg"] == 150
    assert count(settings, "samples") == 1


def test_conflict_and_stale_answer_with_what_is_held(
    take_in: Callable[..., Rock], worker: Knocker
) -> None:
    rock = take_in(revision=2)
    conflict = worker.put(rock.path, rock.body | {"weight_mg": 150})
    assert conflict.status_code == 409
    assert conflict.json()["type"].endswith(":conflict")
    assert conflict.json()["held"]["weight_mg"] == 138
    assert conflict.json()["held"]["pickup_code"] == rock.code
    stale = worker.put(rock.path, rock.body | {"revision": 1})
    assert stale.status_code == 409
    assert stale.json()["type"].endswith(":stale")
    assert stale.json()["held"]["revision"] == 2
    assert worker.get(rock.path).json()["weight_mg"] == 138


def test_another_site_learns_nothing(
    take_in: Callable[..., Rock], knock: Callable[[str], Knocker]
) -> None:
    rock, neighbour = take_in(), knock("neighbour")
    theirs = pad(neighbour, 1)[0]
    refused = neighbour.put(rock.path, rock_body(theirs, weight_mg=1))
    assert refused.status_code == 409
    assert "held" not in refused.json()
    for path in ("", "/finding", "/messages", "/card"):
        assert neighbour.get(rock.path + path).status_code == 404
    assert neighbour.delete(rock.path).status_code == 404
    assert neighbour.get("/v1/samples").json()["samples"] == []
    assert rock.worker.get(rock.path).json()["weight_mg"] == 138


def test_what_is_taken_back_is_erased_and_stays_so(
    take_in: Callable[..., Rock],
    worker: Knocker,
    lab: Knocker,
    anyone: TestClient,
    settings: Settings,
) -> None:
    rock = take_in()
    rock.assayed()
    assert worker.delete(rock.path).status_code == 204
    assert worker.delete(rock.path).status_code == 204
    for table in ("samples", "pickup_codes", "assays", "results"):
        assert count(settings, table) == 0, table
    assert worker.get(rock.path).status_code == 404
    assert anyone.get(f"/v1/results/{rock.code}").status_code == 404
    for revision in (1, 9):
        late = worker.put(rock.path, rock.body | {"revision": revision})
        assert late.status_code == 409
        assert late.json()["type"].endswith(":withdrawn")
        assert "held" not in late.json()
    assert lab.put(f"/v1/assays/{uuid.uuid4()}", {**_assay(rock.label)}).status_code == 404
    assert count(settings, "samples") == 0
    entries = rows(settings, "audit_log")
    assert [row["action"] for row in entries] == ["took_in", "reported", "took_back"]


def _assay(label: str) -> dict[str, Any]:
    from tests.rocks import assay_body

    return assay_body(label)


def test_what_is_taken_back_before_its_upload_arrives_never_arrives(
    worker: Knocker, code: str, settings: Settings
) -> None:
    path = f"/v1/samples/{uuid.uuid4()}"
    assert worker.delete(path).status_code == 204
    late = worker.put(path, rock_body(code))
    assert late.status_code == 409
    assert late.json()["type"].endswith(":withdrawn")
    assert count(settings, "samples") == 0
    assert worker.put(f"/v1/samples/{uuid.uuid4()}", rock_body(code)).status_code == 201


def test_a_rock_bought_around_midnight_can_be_read_again(worker: Knocker, code: str) -> None:
    path = f"/v1/samples/{uuid.uuid4()}"
    body = rock_body(
        code,
        taken_at="2026-11-20T00:30:00+01:00",
        transaction={"bought_on": "2026-11-20", "area": "75118"},
    )
    assert worker.put(path, body).status_code == 201
    assert worker.put(path, body).json()["outcome"] == "identical"
    assert worker.get("/v1/samples").status_code == 200
    assert worker.delete(path).status_code == 204


def test_the_database_does_not_hold_the_code(
    take_in: Callable[..., Rock], settings: Settings
) -> None:
    rock = take_in()
    bare = rock.code.replace("-", "")
    for table in ("samples", "pickup_codes", "audit_log", "tombstones"):
        written = str(rows(settings, table))
        assert rock.code not in written
        assert bare not in written
    assert "card_languages" not in rows(settings, "samples")[0]


def test_card_languages_live_with_the_code(
    take_in: Callable[..., Rock], knock: Callable[[str], Knocker]
) -> None:
    rock = take_in(card_languages=["ar"])
    assert rock.worker.get(rock.path).json()["card_languages"] == ["ar"]
    seen = knock("coordinator").get(rock.path).json()
    assert "card_languages" not in seen
    assert "pickup_code" not in seen


class TestPickupCodes:
    def test_a_pad_holds_different_codes(self, worker: Knocker) -> None:
        codes = pad(worker, 500)
        assert len(set(codes)) == 500
        assert all(len(code) == 15 for code in codes)

    @pytest.mark.parametrize("number", [0, 501, -1, "5", 2.5, None])
    def test_a_pad_has_its_bounds(self, worker: Knocker, number: Any) -> None:
        refused = worker.post("/v1/pickup-pads", {"count": number})
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["pointer"] == "/count"

    def test_two_rocks_never_share_a_code(
        self, take_in: Callable[..., Rock], worker: Knocker
    ) -> None:
        rock = take_in()
        refused = worker.put(f"/v1/samples/{uuid.uuid4()}", rock_body(rock.code))
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["pointer"] == "/pickup_code"

    @pytest.mark.parametrize("text", ["0000-0000-00000", "7K3M-9QXT-4HBW2", "x", "é" * 30])
    def test_a_code_that_was_not_issued_is_refused_and_nothing_is_stored(
        self, worker: Knocker, settings: Settings, text: str
    ) -> None:
        refused = worker.put(f"/v1/samples/{uuid.uuid4()}", rock_body(text))
        assert refused.status_code == 422
        assert [error["pointer"] for error in refused.json()["errors"]] == ["/pickup_code"]
        assert count(settings, "samples") == 0

    def test_a_code_of_another_site_is_refused(
        self, knock: Callable[[str], Knocker], code: str
    ) -> None:
        refused = knock("neighbour").put(f"/v1/samples/{uuid.uuid4()}", rock_body(code))
        assert refused.status_code == 422

    def test_a_miswritten_code_can_be_changed_and_is_free_again(
        self, take_in: Callable[..., Rock], worker: Knocker, anyone: TestClient, code: str
    ) -> None:
        rock = take_in()
        changed = worker.put(rock.path, rock.body | {"revision": 2, "pickup_code": code})
        assert changed.status_code == 200
        rock.assayed()
        assert anyone.get(f"/v1/results/{code}").json()["state"] == "answered"
        assert anyone.get(f"/v1/results/{rock.code}").json()["state"] == "waiting"
        assert worker.put(f"/v1/samples/{uuid.uuid4()}", rock_body(rock.code)).status_code == 201

    def test_a_code_whose_rock_is_still_on_the_tablet_waits(
        self, anyone: TestClient, code: str
    ) -> None:
        waiting = anyone.get(f"/v1/results/{code}?lang=fr").json()
        assert waiting["state"] == "waiting"
        assert waiting["messages"][0]["key"] == "state-waiting"


class TestBadInput:
    @pytest.mark.parametrize(
        ("change", "pointer"),
        [
            ({"revision": 0}, "/revision"),
            ({"revision": 1.5}, "/revision"),
            ({"revision": "1"}, "/revision"),
            ({"revision": True}, "/revision"),
            ({"revision": 10**30}, "/revision"),
            ({"revision": None}, "/revision"),
            ({"taken_at": "2026-11-20T23:10:00"}, "/taken_at"),
            ({"taken_at": "2026-11-20"}, "/taken_at"),
            ({"taken_at": 0}, "/taken_at"),
            ({"taken_at": "0001-01-01T00:00:00+14:00"}, "/taken_at"),
            ({"taken_at": "9999-12-31T23:59:59-12:00"}, "/taken_at"),
            ({"taken_at": "1999-12-31T23:59:59Z"}, "/taken_at"),
            ({"pickup_code": ""}, "/pickup_code"),
            ({"weight_mg": "49"}, "/weight_mg"),
            ({"weight_mg": 0}, "/weight_mg"),
            ({"weight_mg": -1}, "/weight_mg"),
            ({"weight_mg": 10_000.5}, "/weight_mg"),
            ({"weighed": "some"}, "/weighed"),
            ({"sold_as": "CRACK"}, "/sold_as"),
            ({"already_used": "no"}, "/already_used"),
            ({"transaction": []}, "/transaction"),
            ({"transaction": {"price_eur": -5}}, "/transaction/price_eur"),
            (
                {"transaction": {"price_eur": 20, "no_price_because": "given"}},
                "/transaction/no_price_because",
            ),
            ({"transaction": {"area": "Paris"}}, "/transaction/area"),
            ({"transaction": {"area": "7511"}}, "/transaction/area"),
            ({"transaction": {"bought_on": "2027-11-20"}}, "/transaction/bought_on"),
            ({"transaction": {"bought_on": "1987-01-01"}}, "/transaction/bought_on"),
            ({"transaction": {"bought_on": 0}}, "/transaction/bought_on"),
            ({"transaction": {"seller": "Momo"}}, "/transaction/seller"),
            ({"beliefs": {"guess_percent": 101}}, "/beliefs/guess_percent"),
            ({"beliefs": {"believed_cuts": ["glass"]}}, "/beliefs/believed_cuts/0"),
            ({"beliefs": {"believed_cuts": "levamisole"}}, "/beliefs/believed_cuts"),
            ({"use": {"also_uses": ["alcohol", "tea"]}}, "/use/also_uses/1"),
            ({"person": {"age_band": 35}}, "/person/age_band"),
            ({"person": {"name": "Ana"}}, "/person/name"),
            ({"card_languages": ["fr", "en", "ar"]}, "/card_languages"),
            ({"card_languages": ["xx"]}, "/card_languages/0"),
            ({"note_to_lab": "x" * 201}, "/note_to_lab"),
            ({"note_to_lab": "call 06 12 34 56 78"}, "/note_to_lab"),
            ({"note_to_lab": "nul \u0000"}, "/note_to_lab"),
            ({"site": "elsewhere"}, "/site"),
            ({"lab_label": "AAAA-AAAA"}, "/lab_label"),
        ],
    )
    def test_the_field_is_named_and_nothing_is_stored(
        self, worker: Knocker, code: str, settings: Settings, change: dict[str, Any], pointer: str
    ) -> None:
        refused = worker.put(f"/v1/samples/{uuid.uuid4()}", rock_body(code, **change))
        assert refused.status_code == 422, refused.text
        assert refused.headers["content-type"] == "application/problem+json"
        assert pointer in [error["pointer"] for error in refused.json()["errors"]]
        assert all(error["detail"] for error in refused.json()["errors"])
        assert count(settings, "samples") == 0
        assert worker.put(f"/v1/samples/{uuid.uuid4()}", rock_body(code)).status_code == 201

    @pytest.mark.parametrize("field", ["revision", "taken_at", "pickup_code"])
    def test_what_is_missing_is_named(self, worker: Knocker, code: str, field: str) -> None:
        body = rock_body(code)
        del body[field]
        refused = worker.put(f"/v1/samples/{uuid.uuid4()}", body)
        assert [error["pointer"] for error in refused.json()["errors"]] == [f"/{field}"]

    def test_several_flaws_are_told_at_once(self, worker: Knocker, code: str) -> None:
        refused = worker.put(
            f"/v1/samples/{uuid.uuid4()}", rock_body(code, weight_mg=-1, smell=3, size="huge")
        )
        assert {error["pointer"] for error in refused.json()["errors"]} == {
            "/weight_mg",
            "/smell",
            "/size",
        }

    def test_a_refused_code_names_those_there_are(self, worker: Knocker, code: str) -> None:
        refused = worker.put(f"/v1/samples/{uuid.uuid4()}", rock_body(code, size="huge"))
        assert "small, medium, large, unknown, not_said" in refused.json()["errors"][0]["detail"]

    def test_a_clock_more_than_a_day_ahead_is_refused_and_days_behind_is_usual(
        self, worker: Knocker, code: str
    ) -> None:
        ahead = (datetime.now(UTC) + timedelta(days=1, minutes=5)).isoformat()
        refused = worker.put(f"/v1/samples/{uuid.uuid4()}", rock_body(code, taken_at=ahead))
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["pointer"] == "/taken_at"
        body = rock_body(
            code, taken_at=(datetime.now(UTC) - timedelta(days=400)).isoformat(), transaction=None
        )
        assert worker.put(f"/v1/samples/{uuid.uuid4()}", body).status_code == 201

    @pytest.mark.parametrize(
        "raw", [b"", b"{", b"[]", b"null", b"3", b"\xff\xfe", b'{"revision": NaN}', b"[" * 5000]
    )
    def test_what_is_no_sample_at_all_is_a_4xx(self, worker: Knocker, raw: bytes) -> None:
        refused = worker("PUT", f"/v1/samples/{uuid.uuid4()}", content=raw)
        assert refused.status_code in (400, 422)
        assert refused.headers["content-type"] == "application/problem+json"

    def test_an_id_that_is_none_is_named(self, worker: Knocker, code: str) -> None:
        refused = worker.put("/v1/samples/rock-1", rock_body(code))
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["pointer"] == "/id"


class TestBatch:
    def test_each_gets_its_own_answer_in_order(
        self, take_in: Callable[..., Rock], worker: Knocker, settings: Settings
    ) -> None:
        held = take_in()
        fresh, other = pad(worker, 2)
        new, bad = str(uuid.uuid4()), str(uuid.uuid4())
        sent = [
            {"id": new, **rock_body(fresh)},
            {"id": bad, **rock_body(other, weight_mg=-1)},
            {"id": held.id, **held.body},
            {"id": held.id, **held.body, "weight_mg": 1},
            {"id": str(uuid.uuid4()), **rock_body(held.code)},
            rock_body(other),
            "not a sample",
            {"id": new, **rock_body(fresh)},
            {"id": str(uuid.uuid4()), **rock_body(other), "revision": 10**400},
        ]
        answer = worker.post("/v1/samples/batch", {"samples": sent})
        assert answer.status_code == 207
        receipts = answer.json()["receipts"]
        assert [one["status"] for one in receipts] == [201, 422, 200, 409, 422, 422, 422, 200, 422]
        assert receipts[0]["outcome"] == "new"
        assert receipts[1]["errors"][0]["pointer"] == "/weight_mg"
        assert receipts[2]["outcome"] == "identical"
        assert receipts[3]["held"]["weight_mg"] == 138
        assert receipts[4]["errors"][0]["pointer"] == "/pickup_code"
        assert receipts[5]["errors"][0]["pointer"] == "/id"
        assert receipts[7]["outcome"] == "identical"
        assert receipts[7]["lab_label"] == receipts[0]["lab_label"]
        assert count(settings, "samples") == 2

    def test_a_bare_list_is_read_too(self, worker: Knocker, code: str) -> None:
        answer = worker.post("/v1/samples/batch", [{"id": str(uuid.uuid4()), **rock_body(code)}])
        assert [one["status"] for one in answer.json()["receipts"]] == [201]

    def test_five_hundred_fit_and_one_more_does_not(
        self, worker: Knocker, settings: Settings
    ) -> None:
        codes = pad(worker, 500)
        body = {"revision": 1, "taken_at": "2026-11-20T22:10:00Z"}
        sent = [{"id": str(uuid.uuid4()), **body, "pickup_code": code} for code in codes]
        refused = worker.post("/v1/samples/batch", {"samples": [*sent, sent[0]]})
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["pointer"] == "/samples"
        assert count(settings, "samples") == 0
        answer = worker.post("/v1/samples/batch", {"samples": sent})
        assert {one["status"] for one in answer.json()["receipts"]} == {201}
        assert count(settings, "samples") == 500


class TestLists:
    def test_pages_hold_every_sample_once_in_order(self, worker: Knocker) -> None:
        sent = [{"id": str(uuid.uuid4()), **rock_body(code)} for code in pad(worker, 230)]
        worker.post("/v1/samples/batch", {"samples": sent})
        seen, cursor, pages = [], "", 0
        while cursor is not None:
            page = worker.get(f"/v1/samples?cursor={cursor}" if cursor else "/v1/samples").json()
            seen += [one["id"] for one in page["samples"]]
            cursor, pages = page["next"], pages + 1
        assert pages == 3
        assert sorted(seen) == sorted(one["id"] for one in sent)

    def test_by_state_and_by_last_change(
        self, take_in: Callable[..., Rock], worker: Knocker
    ) -> None:
        waiting, answered = take_in(), take_in()
        before = datetime.now(UTC).isoformat().replace("+00:00", "Z")
        answered.assayed()
        listed = worker.get("/v1/samples?state=answered").json()["samples"]
        assert [one["id"] for one in listed] == [answered.id]
        assert listed[0]["state"] == "answered"
        since = worker.get(f"/v1/samples?updated_since={before}").json()["samples"]
        assert [one["id"] for one in since] == [answered.id]
        assert [one["id"] for one in worker.get("/v1/samples?state=waiting").json()["samples"]] == [
            waiting.id
        ]

    @pytest.mark.parametrize(
        "query", ["state=lost", "updated_since=yesterday", "cursor=nonsense", "cursor=x_y"]
    )
    def test_a_wrong_question_is_refused_by_name(self, worker: Knocker, query: str) -> None:
        refused = worker.get(f"/v1/samples?{query}")
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["pointer"] == "/" + query.split("=")[0]

    def test_a_coordinator_sees_every_site(
        self, take_in: Callable[..., Rock], knock: Callable[[str], Knocker]
    ) -> None:
        rock = take_in()
        listed = knock("coordinator").get("/v1/samples").json()["samples"]
        assert [(one["id"], one["site"]) for one in listed] == [(rock.id, SITE)]
