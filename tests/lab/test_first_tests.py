"""First tests of a site: taken in at once, never an answer, and nothing else is a site's to say."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from service.foundation.settings import Settings
from tests.conftest import Knocker, Rock
from tests.intake.test_samples import count
from tests.rocks import assay_body, cocaine, result

Rocks = Callable[..., Rock]
Knock = Callable[[str], Knocker]
REACTED = result("fentanyl")
DID_NOT_REACT = result("isotonitazene", "not_detected")
NOT_YOURS = "No sample of your site has this label."


def strip(label: str, *results: dict[str, Any], **facts: Any) -> dict[str, Any]:
    """A strip as a site reports it; `facts` replace top-level fields."""
    usual = {"method": "test_strip", "status": "preliminary", "laboratory": "here"}
    results = results or (REACTED, DID_NOT_REACT)
    return assay_body(label, *results, **{**usual, "rock_weight_mg": None, **facts})


def put(holder: Knocker, body: dict[str, Any], id: str | None = None) -> Any:
    return holder.put(f"/v1/assays/{id or uuid.uuid4()}", body)


def pointers(refused: Any) -> list[str]:
    assert refused.status_code == 422, refused.text
    return [error["pointer"] for error in refused.json()["errors"]]


def on_the_list(lab: Knocker) -> list[str]:
    return [waiting["lab_label"] for waiting in lab.get("/v1/lab/queue").json()["samples"]]


def text_of(rock: Rock, key: str) -> str:
    (message,) = [message for message in rock.messages() if message["key"] == key]
    return str(message["text"]["en"])


@pytest.mark.parametrize("method", ["test_strip", "tlc", "ftir", "raman"])
def test_a_site_reports_first_tests_of_its_own(
    take_in: Rocks, worker: Knocker, lab: Knocker, method: str
) -> None:
    rock = take_in()
    reported = put(worker, strip(rock.label, method=method))
    assert reported.status_code == 201, reported.text
    assert reported.json()["status"] == "preliminary"

    finding = rock.finding()
    assert (finding["state"], finding["found"], finding["found_early"]) == ("first_result", [], [])
    assert finding["indicated"] == ["fentanyl"]
    assert on_the_list(lab) == [rock.label]

    said = rock.said()
    assert {"state-first-test", "cocaine-not-measured"} <= set(said)
    assert not {"state-waiting", "state-in-analysis", "state-corrected"} & set(said)
    assert "isotonitazene" in text_of(rock, "first-test-did-not-react").lower()
    assert "fentanyl" not in text_of(rock, "first-test-did-not-react").lower()
    alerts = [m["text"]["en"] for m in rock.messages() if m["slot"] == "alert"]
    assert any("fentanyl" in alert.lower() for alert in alerts)
    assert not any("We found fentanyl" in alert for alert in alerts)


def test_what_reacted_and_is_no_warning_is_named(take_in: Rocks, worker: Knocker) -> None:
    rock = take_in()
    body = strip(rock.label, result("cocaine"), result("fentanyl", "not_detected"))
    assert put(worker, body).status_code == 201
    assert "cocaine" in text_of(rock, "first-test-reacted").lower()
    assert "fentanyl" in text_of(rock, "first-test-did-not-react").lower()


@pytest.mark.parametrize(
    ("facts", "wrong"),
    [
        ({"status": "final"}, ["/status"]),
        ({"status": "corrected", "reason": "misread"}, ["/status"]),
        ({"status": "withdrawn", "reason": "misread"}, ["/status"]),
        ({"method": "gc_ms"}, ["/method"]),
        ({"method": "hplc_uv"}, ["/method"]),
        ({"method": "direct_ms"}, ["/method"]),
        ({"method": "other"}, ["/method"]),
        ({"method": "gc_ms", "status": "final"}, ["/method", "/status"]),
    ],
)
def test_what_a_site_may_not_report_is_named(
    take_in: Rocks, worker: Knocker, settings: Settings, facts: dict[str, Any], wrong: list[str]
) -> None:
    rock = take_in()
    assert pointers(put(worker, strip(rock.label, **facts))) == wrong
    assert rock.finding()["state"] == "waiting"
    assert count(settings, "assays") == 0


def test_another_sites_label_is_refused_like_one_that_nobody_has(
    take_in: Rocks, knock: Knock, settings: Settings
) -> None:
    rock = take_in(note_to_lab="two crumbs in one bag")
    neighbour = knock("neighbour")
    theirs = put(neighbour, strip(rock.label))
    unknown = put(neighbour, strip("Q7K3-M9XK"))

    assert pointers(theirs) == pointers(unknown) == ["/lab_label"]
    assert theirs.json() == unknown.json()
    assert theirs.json()["errors"][0]["detail"] == NOT_YOURS
    assert rock.label not in theirs.text
    assert rock.id not in theirs.text
    assert count(settings, "assays") == 0

    several = put(neighbour, strip(rock.label, method="gc_ms", status="final"))
    assert pointers(several) == ["/lab_label", "/method", "/status"]


def test_a_site_replaces_no_assay_of_a_laboratory(take_in: Rocks, worker: Knocker) -> None:
    rock = take_in()
    theirs = rock.assayed(result("heroin"), status="preliminary", method="test_strip")
    refused = put(worker, strip(rock.label, version=2), id=theirs)
    assert pointers(refused) == ["/laboratory"]
    assert "heroin" not in refused.text

    early = rock.assayed(cocaine(57), status="preliminary", laboratory="here")
    assert pointers(put(worker, strip(rock.label, version=2), id=early)) == ["/laboratory"]
    assert rock.finding()["indicated"] == ["heroin"]


def test_an_assay_of_another_sites_sample_is_not_moved_here(
    take_in: Rocks, worker: Knocker, knock: Knock
) -> None:
    rock = take_in()
    neighbour = knock("neighbour")
    code = neighbour.post("/v1/pickup-pads", {"count": 1}).json()["codes"][0]
    theirs = Rock(neighbour, knock("lab"), code)
    id = str(uuid.uuid4())
    assert put(neighbour, strip(theirs.label), id=id).status_code == 201

    refused = put(worker, strip(rock.label, version=2), id=id)
    assert pointers(refused) == ["/lab_label"]
    assert theirs.label not in refused.text
    assert "held" not in refused.json()
    assert rock.finding()["state"] == "waiting"
    assert theirs.finding()["state"] == "first_result"


def test_a_site_writes_its_own_first_test_over(take_in: Rocks, worker: Knocker) -> None:
    rock = take_in()
    id = str(uuid.uuid4())
    assert put(worker, strip(rock.label), id=id).json()["outcome"] == "new"
    assert put(worker, strip(rock.label), id=id).json()["outcome"] == "identical"

    misread = strip(rock.label, result("fentanyl", "not_detected"), version=2)
    assert put(worker, misread, id=id).json()["outcome"] == "updated"
    assert (rock.finding()["state"], rock.finding()["indicated"]) == ("first_result", [])


@pytest.mark.parametrize("holder", ["lab", "instrument"])
def test_a_laboratorys_signed_strip_answers_nothing(
    take_in: Rocks, knock: Knock, lab: Knocker, holder: str
) -> None:
    rock = take_in()
    assert put(knock(holder), strip(rock.label, status="final")).status_code == 201
    assert rock.finding()["state"] == "first_result"
    assert rock.finding()["answered_at"] is None
    assert "state-first-test" in rock.said()
    assert on_the_list(lab) == [rock.label]


def test_a_site_imports_withdraws_and_types_nothing(
    take_in: Rocks, worker: Knocker, lab: Knocker
) -> None:
    rock = take_in()
    id = str(uuid.uuid4())
    assert put(worker, strip(rock.label), id=id).status_code == 201
    example = lab.get("/v1/lab/layouts/caillou-long").content.replace(
        b"Q7K3-M9XK", rock.label.encode()
    )

    refused = [
        worker(
            "POST",
            "/v1/assays/import?layout=caillou-long",
            files={"file": ("x.csv", example, "text/csv")},
        ),
        worker.post(f"/v1/assays/{id}/withdrawal", {"reason": "misread"}),
        worker("POST", f"/bench/samples/{rock.label}/analyses", data={"do": "check"}),
    ]
    assert [answer.status_code for answer in refused] == [403, 403, 403]
    assert rock.finding()["state"] == "first_result"


class TestTheStateAfter:
    """What stands decides, whoever spoke last."""

    def test_a_preliminary_analysis_is_more_than_a_strip(
        self, take_in: Rocks, worker: Knocker, lab: Knocker
    ) -> None:
        rock = take_in()
        put(worker, strip(rock.label))
        id = rock.assayed(REACTED, status="preliminary")
        assert rock.finding()["state"] == "in_analysis"
        assert "state-first-test" not in rock.said()
        assert on_the_list(lab) == [rock.label]

        lab.post(f"/v1/assays/{id}/withdrawal", {"reason": "wrong vial"})
        assert rock.finding()["state"] == "first_result"

    def test_a_strip_taken_back_leaves_a_sample_that_waits(
        self, take_in: Rocks, worker: Knocker, lab: Knocker
    ) -> None:
        rock = take_in()
        id = str(uuid.uuid4())
        put(worker, strip(rock.label), id=id)
        lab.post(f"/v1/assays/{id}/withdrawal", {"reason": "out of date"})
        assert rock.finding()["state"] == "waiting"
        assert on_the_list(lab) == [rock.label]

    def test_an_answer_taken_back_is_not_made_up_for_by_a_strip(
        self, take_in: Rocks, worker: Knocker, lab: Knocker
    ) -> None:
        older, rock = take_in(), take_in()
        put(worker, strip(rock.label))
        id = rock.assayed(cocaine(57), result("fentanyl", "not_detected"))
        assert rock.finding()["state"] == "answered"

        lab.post(f"/v1/assays/{id}/withdrawal", {"reason": "wrong vial"})
        finding = rock.finding()
        assert (finding["state"], finding["indicated"]) == ("withdrawn", ["fentanyl"])
        assert {"state-corrected", "state-first-test"} <= set(rock.said())
        assert "state-waiting" not in rock.said()

        first, second = lab.get("/v1/lab/queue").json()["samples"]
        assert (first["lab_label"], first["taken_back_because"]) == (rock.label, "wrong vial")
        assert (second["lab_label"], second["taken_back_because"]) == (older.label, None)

    def test_a_strip_that_a_laboratory_corrects_takes_no_answer_back(
        self, take_in: Rocks, lab: Knocker
    ) -> None:
        rock = take_in()
        id = str(uuid.uuid4())
        put(lab, strip(rock.label, status="final"), id=id)
        misread = {"version": 2, "status": "corrected", "reason": "misread"}
        assert put(lab, strip(rock.label, DID_NOT_REACT, **misread), id=id).status_code == 200
        assert rock.finding()["state"] == "first_result"


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (("isotonitazene",), "isotonitazene"),
        (("quintonitazene", "sextonitazene"), "nitazenes"),
        (("quintolorphine",), "other opioids (heroin, morphine)"),
    ],
)
def test_a_strong_opioid_on_no_list_warns_its_site_as_a_listed_one_does(
    take_in: Rocks, worker: Knocker, names: tuple[str, ...], told: str
) -> None:
    rock, other = take_in(), take_in()
    reacted = [result(name) for name in names]
    assert put(worker, strip(rock.label, *reacted, method="ftir")).status_code == 201

    warning = text_of(other, "alert-recent-indicated")
    assert f"a test reacted to {told}." in warning
    assert "alert-recent-indicated" not in [message["key"] for message in rock.messages()]
