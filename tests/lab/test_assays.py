"""A laboratory reports through HTTP: versions on each other, nothing hidden, bad input named."""

import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient

from service.foundation.settings import Settings
from tests.conftest import Knocker, Rock
from tests.intake.test_samples import count, rows
from tests.rocks import assay_body, cocaine, result


def test_a_report_is_kept_whole(take_in: Callable[..., Rock], settings: Settings) -> None:
    rock = take_in()
    rock.assayed()
    (assay,) = rows(settings, "assays")
    assert (assay["status"], assay["method"], assay["rock_weight_mg"]) == ("final", "gc_ms", 138.4)
    kept = rows(settings, "results")
    assert [row["substance"] for row in sorted(kept, key=lambda row: row["place"])] == [
        "cocaine",
        "levamisole",
        "amphetamine",
        "buprenorphine",
    ]
    assert {row["substance"] for row in kept if row["found_at"]} == {"cocaine", "levamisole"}


def test_a_retry_has_one_effect(
    take_in: Callable[..., Rock], lab: Knocker, settings: Settings
) -> None:
    rock = take_in()
    path, body = f"/v1/assays/{uuid.uuid4()}", assay_body(rock.label)
    first = lab.put(path, body)
    again = lab.put(path, body)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == {**first.json(), "outcome": "identical"}
    assert (count(settings, "assays"), count(settings, "results")) == (1, 4)


def test_a_correction_stands_on_what_it_replaces(
    take_in: Callable[..., Rock], settings: Settings
) -> None:
    rock = take_in()
    id = rock.assayed(cocaine(60))
    assert rock.finding()["state"] == "answered"
    rock.assayed(cocaine(22), id=id, version=2, status="corrected", reason="dilution error")
    finding = rock.finding()
    assert (finding["state"], finding["content"]["percent"]) == ("corrected", 22)
    kept = sorted(rows(settings, "assays"), key=lambda row: row["version"])
    assert [(row["version"], bool(row["in_force"]), row["reason"]) for row in kept] == [
        (1, False, None),
        (2, True, "dilution error"),
    ]
    assert "state-corrected" in rock.said()
    entries = rows(settings, "audit_log")
    assert [row["action"] for row in entries] == ["took_in", "reported", "corrected"]


def test_conflict_and_stale_answer_with_what_is_held(
    take_in: Callable[..., Rock], lab: Knocker
) -> None:
    rock = take_in()
    id = rock.assayed(cocaine(60), version=2)
    for version, kind in ((2, "conflict"), (1, "stale")):
        refused = lab.put(f"/v1/assays/{id}", assay_body(rock.label, cocaine(10), version=version))
        assert refused.status_code == 409
        assert refused.json()["type"].endswith(f":{kind}")
        assert refused.json()["held"]["results"][0]["content_percent"] == 60
    assert rock.finding()["content"]["percent"] == 60


def test_a_withdrawn_analysis_is_announced_and_stays_withdrawn(
    take_in: Callable[..., Rock], lab: Knocker
) -> None:
    rock = take_in()
    id = rock.assayed(result("fentanyl"))
    rock.assayed(id=id, version=2, status="withdrawn", reason="wrong vial", results=[])
    assert rock.finding()["state"] == "withdrawn"
    keys = rock.said()
    assert "alert-opioid" not in keys
    assert keys[:3] == ["warning-taken-back", "state-corrected", "state-waiting"]
    refused = lab.put(
        f"/v1/assays/{id}", assay_body(rock.label, version=3, status="corrected", reason="no")
    )
    assert refused.status_code == 409
    assert refused.json()["type"].endswith(":withdrawn")
    rock.assayed(cocaine(50))
    assert rock.finding()["state"] == "corrected"


def test_a_preliminary_report_publishes_its_alerts_only(take_in: Callable[..., Rock]) -> None:
    rock = take_in()
    id = rock.assayed(cocaine(60), result("fentanyl"), result("levamisole"), status="preliminary")
    messages = rock.messages()
    assert [m["key"] for m in messages if m["slot"] in ("result", "cut", "belief")] == []
    assert [m["key"] for m in messages][:4] == [
        "alert-opioid",
        "do-opioid",
        "alert-very-strong",
        "state-in-analysis",
    ]
    assert rock.finding()["content"] is None
    rock.assayed(cocaine(60), result("fentanyl"), id=id, version=2, status="final")
    assert rock.finding()["state"] == "answered"
    assert "state-corrected" not in rock.said()


def test_a_quiet_preliminary_report_says_waiting(take_in: Callable[..., Rock]) -> None:
    rock = take_in()
    rock.assayed(cocaine(60), status="preliminary")
    assert rock.finding()["state"] == "in_analysis"
    assert rock.said()[0] == "state-waiting"


def test_found_by_any_method_is_found_and_the_best_method_measures(
    take_in: Callable[..., Rock],
) -> None:
    rock = take_in()
    rock.assayed(cocaine(80), result("fentanyl"), method="ftir", rock_weight_mg=None)
    id = rock.assayed(cocaine(60), result("fentanyl", "not_detected"), method="gc_ms")
    finding = rock.finding()
    assert "fentanyl" in finding["indicated"]
    assert "fentanyl" not in finding["not_found"]
    assert "fentanyl" not in finding["found"]
    assert rock.said()[0] == "first-opioid"
    assert finding["content"] == {
        "percent": 60.0,
        "basis": "base",
        "uncertainty_percent": None,
        "method": "gc_ms",
        "assay": id,
    }


def test_names_are_read_however_they_are_capitalised_and_unknown_ones_are_kept(
    take_in: Callable[..., Rock],
) -> None:
    rock = take_in()
    rock.assayed(cocaine(60), result(" Fentanyl "), result("Substance  X-17"))
    finding = rock.finding()
    assert finding["found"] == ["cocaine", "fentanyl", "Substance X-17"]
    assert finding["unexpected"] == ["Substance X-17"]
    alerts = {m["key"]: m["text"]["en"] for m in rock.messages() if m["slot"] == "alert"}
    assert "Substance X-17" in alerts["alert-unknown"]
    assert "fentanyl" in alerts["alert-opioid"]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"version": 0}, "/version"),
        ({"status": "done"}, "/status"),
        ({"status": "corrected", "reason": "x"}, "/status"),
        ({"status": "withdrawn", "reason": "x", "results": []}, "/status"),
        ({"status": "corrected"}, "/reason"),
        ({"status": "corrected", "reason": "  "}, "/reason"),
        ({"laboratory": ""}, "/laboratory"),
        ({"method": "nose"}, "/method"),
        ({"method": None}, "/method"),
        ({"analysed_at": "2026-11-22"}, "/analysed_at"),
        ({"analysed_at": "2099-01-01T00:00:00Z"}, "/analysed_at"),
        ({"analysed_at": "1980-01-01T00:00:00Z"}, "/analysed_at"),
        ({"rock_weight_mg": 0}, "/rock_weight_mg"),
        ({"rock_weight_mg": 20_000}, "/rock_weight_mg"),
        ({"results": []}, "/results"),
        ({"results": [cocaine(101)]}, "/results/0/content_percent"),
        ({"results": [cocaine(-1)]}, "/results/0/content_percent"),
        ({"results": [result("cocaine", "quantified")]}, "/results/0/content_percent"),
        ({"results": [result("cocaine", content_percent=5)]}, "/results/0/content_percent"),
        ({"results": [result("cocaine", "found")]}, "/results/0/outcome"),
        ({"results": [result("")]}, "/results/0/substance"),
        ({"results": [result("cocaine"), result("Cocaine")]}, "/results/1/substance"),
        (
            {"results": [cocaine(60), result("caffeine", "quantified", content_percent=41)]},
            "/results",
        ),
        (
            {"results": [{**cocaine(60), "lod_percent": 2, "loq_percent": 1}]},
            "/results/0/loq_percent",
        ),
        ({"results": [{**cocaine(60), "expressed_as": "salt"}]}, "/results/0/expressed_as"),
        ({"results": [{**cocaine(60), "mg": 100}]}, "/results/0/mg"),
        ({"results": {}}, "/results"),
        ({"weight": 3}, "/weight"),
    ],
)
def test_the_field_is_named_and_nothing_is_stored(
    take_in: Callable[..., Rock],
    lab: Knocker,
    settings: Settings,
    change: dict[str, Any],
    pointer: str,
) -> None:
    rock = take_in()
    refused = lab.put(f"/v1/assays/{uuid.uuid4()}", {**assay_body(rock.label), **change})
    assert refused.status_code == 422, refused.text
    assert pointer in [error["pointer"] for error in refused.json()["errors"]]
    assert count(settings, "assays") == 0
    assert rock.finding()["state"] == "waiting"


def test_contents_may_pass_a_hundred_within_their_uncertainty(take_in: Callable[..., Rock]) -> None:
    rock = take_in()
    caffeine = result("caffeine", "quantified", content_percent=43, uncertainty_percent=5)
    rock.assayed({**cocaine(60), "uncertainty_percent": 5}, caffeine)
    assert rock.finding()["content"]["percent"] == 60


def test_an_unknown_label_is_404(lab: Knocker) -> None:
    refused = lab.put(f"/v1/assays/{uuid.uuid4()}", assay_body("AAAA-AAAJ"))
    assert refused.status_code == 404
    assert refused.json()["type"].endswith(":unknown-label")


def test_a_label_is_read_however_it_is_typed(take_in: Callable[..., Rock], lab: Knocker) -> None:
    rock = take_in()
    typed = rock.label.lower().replace("-", " ")
    assert lab.put(f"/v1/assays/{uuid.uuid4()}", assay_body(typed)).status_code == 201


def test_an_analysis_keeps_its_label(take_in: Callable[..., Rock], lab: Knocker) -> None:
    rock, other = take_in(), take_in()
    id = rock.assayed()
    moved = assay_body(other.label, version=2, status="corrected", reason="mixed up")
    refused = lab.put(f"/v1/assays/{id}", moved)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/lab_label"
    assert other.finding()["state"] == "waiting"


def test_a_final_result_is_never_quietly_replaced(
    take_in: Callable[..., Rock], lab: Knocker
) -> None:
    rock = take_in()
    id = rock.assayed(cocaine(60))
    for status in ("final", "preliminary"):
        refused = lab.put(
            f"/v1/assays/{id}", assay_body(rock.label, cocaine(22), version=2, status=status)
        )
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["pointer"] == "/status"
    assert rock.finding()["content"]["percent"] == 60


def test_an_instrument_reports_with_its_own_token(
    take_in: Callable[..., Rock], knock: Callable[[str], Knocker]
) -> None:
    rock = take_in()
    said = knock("instrument").put(f"/v1/assays/{uuid.uuid4()}", assay_body(rock.label))
    assert said.status_code == 201


class TestTheBench:
    """What the laboratory sees and does beside reporting."""

    def test_what_waits_is_listed_oldest_first_without_the_person(
        self, take_in: Callable[..., Rock], lab: Knocker
    ) -> None:
        rocks = [take_in(note_to_lab="sticky") for _ in range(3)]
        rocks[1].assayed()
        listed = lab.get("/v1/lab/queue").json()
        assert [one["lab_label"] for one in listed["samples"]] == [rocks[0].label, rocks[2].label]
        assert listed["next"] is None
        assert set(listed["samples"][0]) == {
            "lab_label",
            "state",
            "received_at",
            "form",
            "colour",
            "smell",
            "weight_mg",
            "weighed",
            "already_used",
            "note_to_lab",
            "taken_back_because",
        }

    def test_the_queue_pages(
        self, take_in: Callable[..., Rock], lab: Knocker, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("service.lab.bench.routes.PAGE", 2)
        labels = [take_in().label for _ in range(5)]
        seen, cursor = [], ""
        while cursor is not None:
            page = lab.get(f"/v1/lab/queue{cursor and f'?cursor={quote(cursor)}'}").json()
            seen += [one["lab_label"] for one in page["samples"]]
            cursor = page["next"]
        assert seen == labels
        assert lab.get("/v1/lab/queue?cursor=nonsense").status_code == 422

    def test_a_withdrawal_needs_a_reason_and_is_a_version_of_its_own(
        self, take_in: Callable[..., Rock], lab: Knocker, anyone: TestClient
    ) -> None:
        rock = take_in()
        id = rock.assayed(cocaine(57), result("fentanyl"))
        path = f"/v1/assays/{id}/withdrawal"
        assert lab.post(path, {"reason": ""}).status_code == 422
        assert lab.post(path, {}).json()["errors"][0]["pointer"] == "/reason"
        gone = lab.post(path, {"reason": "wrong vial"})
        assert (gone.status_code, gone.json()["version"], gone.json()["status"]) == (
            200,
            2,
            "withdrawn",
        )
        assert lab.post(path, {"reason": "again"}).status_code == 409
        assert lab.post(f"/v1/assays/{uuid.uuid4()}/withdrawal", {"reason": "x"}).status_code == 404
        held = anyone.get(f"/v1/results/{rock.code}?lang=en").json()
        assert [m["key"] for m in held["messages"][:3]] == [
            "warning-taken-back",
            "state-corrected",
            "state-waiting",
        ]
        assert "fentanyl" not in str(held["messages"])
        bench = lab.get(f"/v1/lab/samples/{rock.label.lower()}").json()
        assert [
            (a["version"], a["status"], a["in_force"], a["reason"]) for a in bench["analyses"]
        ] == [
            (1, "final", False, None),
            (2, "withdrawn", True, "wrong vial"),
        ]
        assert bench["analyses"][0]["results"][1]["substance"] == "fentanyl"

    def test_a_correction_travels_from_the_bench_to_the_persons_page(
        self, take_in: Callable[..., Rock], anyone: TestClient
    ) -> None:
        rock = take_in()
        id = rock.assayed(cocaine(60))
        rock.assayed(cocaine(22), id=id, version=2, status="corrected", reason="dilution error")
        page = anyone.get(f"/r/{rock.code}?lang=en").text
        assert "This card replaces the card of" in page
        assert "cocaine is about 2." in page
        assert "Do not take more" in page
        assert "about 6." not in page

    def test_unknown_names_are_listed_for_mapping(
        self, take_in: Callable[..., Rock], lab: Knocker
    ) -> None:
        one, two = take_in(), take_in()
        one.assayed(cocaine(57), result("Substance X-17"), result("glucose?"))
        two.assayed(cocaine(57), result("Substance X-17"))
        names = lab.get("/v1/lab/unknown-names").json()["names"]
        assert [(name["name"], name["times"]) for name in names] == [
            ("Substance X-17", 2),
            ("glucose?", 1),
        ]
        assert names[1]["lab_label"] == one.label

    def test_every_layout_has_an_example_that_imports(
        self, take_in: Callable[..., Rock], lab: Knocker
    ) -> None:
        layouts = lab.get("/v1/lab/layouts").json()["layouts"]
        assert [one["name"] for one in layouts] == [
            "caillou-long",
            "caillou-wide",
            "gcms-quantification",
            "ftir-hits",
        ]
        for layout in layouts:
            rock = take_in()
            example = lab.get(f"/v1/lab/layouts/{layout['name']}")
            assert example.headers["content-type"].startswith("text/csv")
            content = example.content.replace(b"Q7K3-M9XK", rock.label.encode())
            said = lab(
                "POST",
                f"/v1/assays/import?layout={layout['name']}",
                files={"file": ("x.csv", content, "text/csv")},
            ).json()
            assert (said["accepted"], said["rows"]) == ([rock.label], []), said
            finding = rock.finding()
            seen = finding["found"] + finding["found_early"] + finding["indicated"]
            assert "cocaine" in seen
        assert lab.get("/v1/lab/layouts/no-such").status_code == 404

    def test_the_material_is_followed_and_the_first_record_stands(
        self, take_in: Callable[..., Rock], lab: Knocker, knock: Callable[[str], Knocker]
    ) -> None:
        rock = take_in()
        sent = {"event": "sent", "at": "2026-11-21T09:00:00+01:00"}
        received = {"event": "received", "at": "2026-11-22T09:00:00+01:00"}
        path = f"/v1/lab/samples/{rock.label}/custody"
        assert rock.worker.post(f"{rock.path}/custody", sent).status_code == 200
        assert lab.post(path, received).json()["custody"] == [
            {"event": "taken", "at": "2026-11-20T22:10:00+00:00"},
            {"event": "sent", "at": "2026-11-21T08:00:00+00:00"},
            {"event": "received", "at": "2026-11-22T08:00:00+00:00"},
        ]
        again = lab.post(path, {**received, "at": "2026-11-22T12:00:00+01:00"}).json()["custody"]
        assert again[2]["at"] == "2026-11-22T08:00:00+00:00"
        assert lab.get(f"/v1/lab/samples/{rock.label}").json()["custody"] == again
        rock.assayed()
        seen = lab.get(f"/v1/lab/samples/{rock.label}").json()["custody"]
        assert {"event": "analysed", "at": "2026-11-22T08:00:00+00:00"} in seen
        assert rock.worker.post(f"{rock.path}/custody", received).status_code == 422
        assert (
            lab.post(path, {"event": "received", "at": "2099-01-01T00:00:00Z"}).status_code == 422
        )
        assert lab.post("/v1/lab/samples/ZZZZ-ZZZZ/custody", received).status_code == 404
        assert knock("neighbour").post(f"{rock.path}/custody", sent).status_code == 404
        assert rock.worker.delete(rock.path).status_code == 204
        assert lab.post(path, received).status_code == 404
