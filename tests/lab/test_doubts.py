"""What is no finding: a hit in doubt, a name with a question mark, a word that names nothing."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from service.foundation.settings import Settings
from tests.conftest import Knocker, Rock
from tests.intake.test_samples import count, rows
from tests.lab.test_import import LONG, long_row, report, table
from tests.lab.test_panels import declared
from tests.rocks import assay_body, cocaine, result

Rocks = Callable[..., Rock]


def stated(rock: Rock) -> dict[str, str]:
    """Each substance of the rock's only assay, and its outcome."""
    (assay,) = rock.lab.get(f"/v1/lab/samples/{rock.label}").json()["analyses"]
    return {row["substance"]: row["outcome"] for row in assay["results"]}


@pytest.mark.parametrize("method", ["ftir", "raman"])
def test_a_hit_in_doubt_is_kept_for_the_bench_alone(
    take_in: Rocks, lab: Knocker, settings: Settings, method: str
) -> None:
    rock = take_in()
    doubt = result("fentanyl", "in_doubt", score=0.31)
    rock.assayed(result("cocaine"), doubt, method=method, status="preliminary")

    (seen,) = lab.get(f"/v1/lab/samples/{rock.label}").json()["analyses"]
    assert (seen["results"][1]["outcome"], seen["results"][1]["score"]) == ("in_doubt", 0.31)
    assert [row["substance"] for row in rows(settings, "results") if row["found_at"]] == ["cocaine"]
    assert lab.get("/v1/lab/unknown-names").json()["names"] == []
    finding = rock.finding()
    assert (finding["standings"]["fentanyl"], finding["indicated"]) == ("in_doubt", ["cocaine"])
    assert [m["key"] for m in rock.messages() if m["slot"] == "alert"] == []

    page = lab.get(f"/bench/samples/{rock.label}").text
    assert "in doubt (score 0.31)" in page


@pytest.mark.parametrize(
    ("sent", "pointer"),
    [
        ({"results": [result("fentanyl", "in_doubt")]}, "/results/0/outcome"),
        (
            {"results": [cocaine(50), result("fentanyl", "in_doubt")], "method": "tlc"},
            "/results/1/outcome",
        ),
        (
            {
                "results": [{**result("fentanyl", "in_doubt"), "content_percent": 3}],
                "method": "ftir",
            },
            "/results/0/content_percent",
        ),
        ({"results": [result("fentanyl", score=1.2)], "method": "ftir"}, "/results/0/score"),
        ({"results": [result("fentanyl", score=-0.1)], "method": "ftir"}, "/results/0/score"),
        ({"results": [result("fentanyl", score="high")], "method": "ftir"}, "/results/0/score"),
    ],
)
def test_the_field_is_named(
    take_in: Rocks, lab: Knocker, settings: Settings, sent: dict[str, Any], pointer: str
) -> None:
    rock = take_in()
    refused = lab.put(f"/v1/assays/{uuid.uuid4()}", {**assay_body(rock.label), **sent})
    assert refused.status_code == 422, refused.text
    assert [error["pointer"] for error in refused.json()["errors"]] == [pointer]
    assert count(settings, "assays") == 0


def test_a_technicians_doubt_stays_as_it_was_written(take_in: Rocks, lab: Knocker) -> None:
    rock, typed = take_in(), take_in()
    rock.assayed(result("fentanyl?"), result("Glucose?"))
    assert stated(rock) == {"fentanyl?": "detected", "Glucose?": "detected"}
    assert rock.finding()["standings"]["fentanyl"] == "indicated"

    content = table(LONG, long_row(typed.label, "fentanyl?", "detected"))
    assert report(lab, content)["accepted"] == [typed.label]
    assert stated(typed) == {"fentanyl?": "detected"}


@pytest.mark.parametrize("word", ["Neg", "RAS", "none  detected", "No active component"])
def test_nothing_found_is_not_found_of_the_panel(take_in: Rocks, lab: Knocker, word: str) -> None:
    declared(lab, "cocaine", "fentanyl", "xylazine")
    rock = take_in()
    id = rock.assayed(result("cocaine"), result(word, "not_detected"))
    assert stated(rock) == {
        "cocaine": "detected",
        "fentanyl": "not_detected",
        "xylazine": "not_detected",
    }
    assert set(rock.finding()["not_found"]) == {"fentanyl", "xylazine"}

    declared(lab, "heroin", valid_from="2026-11-10T00:00:00Z")
    body = assay_body(rock.label, result("cocaine"), result(word, "not_detected"))
    assert lab.put(f"/v1/assays/{id}", body).json()["outcome"] == "identical"


def test_nothing_else_found_settles_no_doubt_of_the_same_assay(
    take_in: Rocks, lab: Knocker
) -> None:
    declared(lab, "cocaine", "fentanyl", "xylazine")
    rock = take_in()
    rock.assayed(result("cocaine"), result("fentanyl?"), result("none detected", "not_detected"))

    assert stated(rock) == {
        "cocaine": "detected",
        "fentanyl?": "detected",
        "xylazine": "not_detected",
    }
    finding = rock.finding()
    assert (finding["standings"]["fentanyl"], finding["indicated"]) == ("indicated", ["fentanyl"])


def test_nothing_else_found_leaves_out_what_an_explained_name_means(
    take_in: Rocks, lab: Knocker
) -> None:
    lab.post("/v1/lab/names", {"name": "Subu", "substance": "buprenorphine"})
    declared(lab, "cocaine", "buprenorphine", "fentanyl")
    rock = take_in()
    id = rock.assayed(result("Subu"), result("none detected", "not_detected"))

    assert stated(rock) == {
        "buprenorphine": "detected",
        "cocaine": "not_detected",
        "fentanyl": "not_detected",
    }
    body = assay_body(rock.label, result("Subu"), result("none detected", "not_detected"))
    assert lab.put(f"/v1/assays/{id}", body).json()["outcome"] == "identical"


@pytest.mark.parametrize(
    ("name", "outcome", "more"),
    [
        ("Neg", "not_detected", {}),
        ("Neg", "not_tested", {}),
        ("none detected", "quantified", {"content_percent": 5}),
        ("uncertain match", "detected", {}),
        ("?", "detected", {}),
        ("no fentanyl", "detected", {}),
        ("Fentanyl: not detected", "detected", {}),
        ("No cutting agents", "not_detected", {}),
        ("unidentified", "not_detected", {"method": "ftir"}),
    ],
)
def test_a_word_that_can_be_no_outcome_is_refused(
    take_in: Rocks, lab: Knocker, settings: Settings, name: str, outcome: str, more: dict[str, Any]
) -> None:
    rock = take_in()
    row = {**result(name, outcome), **{k: v for k, v in more.items() if k != "method"}}
    body = assay_body(rock.label, cocaine(50), row, method=more.get("method", "gc_ms"))
    refused = lab.put(f"/v1/assays/{uuid.uuid4()}", body)
    assert refused.status_code == 422, refused.text
    assert [error["pointer"] for error in refused.json()["errors"]] == ["/results/1/substance"]
    assert count(settings, "assays") == 0


def test_a_file_is_held_at_the_cell_of_such_a_word(take_in: Rocks, lab: Knocker) -> None:
    rock, other = take_in(), take_in()
    content = table(
        LONG,
        long_row(rock.label, "cocaine", "", "57"),
        long_row(rock.label, "RAS", "nd"),
        long_row(other.label, "cocaine", "", "57"),
    )
    said = report(lab, content)
    assert (said["accepted"], said["held"]) == ([other.label], [rock.label])
    assert [(row["row"], row["cell"], row["value"]) for row in said["rows"]] == [(3, "G3", "RAS")]
    assert "no panel says what was looked for" in said["rows"][0]["detail"]

    declared(lab, "cocaine", "fentanyl", laboratory="laboratory")
    assert report(lab, content)["held"] == []
    assert stated(rock) == {"cocaine": "quantified", "fentanyl": "not_detected"}
