"""A name that nobody knows: once a laboratory says what it means, its answers are corrected."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from service.access.acts import Acting
from service.foundation import clock
from service.foundation.context import PROJECTIONS
from service.foundation.database import connect
from service.foundation.settings import Settings
from service.lab.acts import SERVICE
from service.lab.assay import Result
from service.lab.names.acts import catch_up_names
from service.lab.names.meaning import greatest, renamed
from service.vocabulary.codes import Outcome
from tests.conftest import Knocker, Rock
from tests.lab.test_import import LONG, long_row, report, table
from tests.rocks import assay_body, cocaine, result

NAME = "Substance X-17"
Rocks = Callable[..., Rock]


def explain(lab: Knocker, name: str, substance: str | None) -> Any:
    return lab.post("/v1/lab/names", {"name": name, "substance": substance})


def test_every_answer_that_rests_on_the_name_is_corrected(
    take_in: Rocks, lab: Knocker, worker: Knocker, anyone: TestClient
) -> None:
    one, two, other = take_in(), take_in(), take_in()
    id = one.assayed(cocaine(57), result(NAME))
    two.assayed(cocaine(40), result("SUBSTANCE  x-17"))
    other.assayed(cocaine(57), result("Substance X-18"))
    assert "alert-unknown" in one.said()

    said = explain(lab, NAME, "caffeine")
    assert said.status_code == 200
    assert said.json() == {
        "name": NAME,
        "substance": "caffeine",
        "corrected": sorted([one.label, two.label]),
    }

    assert one.finding()["found"] == ["cocaine", "caffeine"]
    assert "alert-unknown" not in one.said()
    assert {"warning-taken-back", "state-corrected", "cut-caffeine"} <= set(one.said())
    assert "This card replaces" in anyone.get(f"/r/{one.code}?lang=en").text
    again = worker.get("/v1/reach-again").json()["people"]
    assert {person["lab_label"]: person["grave"] for person in again} == {
        one.label: True,
        two.label: True,
    }
    versions = lab.get(f"/v1/lab/samples/{one.label}").json()["analyses"]
    assert [(v["version"], v["status"], v["reason"], v["in_force"]) for v in versions] == [
        (1, "final", None, False),
        (2, "corrected", f"{NAME} = caffeine", True),
    ]
    assert versions[0]["results"][1]["substance"] == NAME
    assert other.finding()["unexpected"] == ["Substance X-18"]
    listed = lab.get("/v1/lab/unknown-names").json()
    assert [name["name"] for name in listed["names"]] == ["Substance X-18"]
    assert listed["explained"] == [{"name": NAME, "substance": "caffeine"}]
    stale = lab.put(f"/v1/assays/{id}", assay_body(one.label, cocaine(57), result(NAME)))
    assert stale.status_code == 409


def test_a_preliminary_analysis_stays_preliminary(take_in: Rocks, lab: Knocker) -> None:
    rock = take_in()
    rock.assayed(cocaine(57), result(NAME), status="preliminary")
    explain(lab, NAME, "fentanyl")
    newest = lab.get(f"/v1/lab/samples/{rock.label}").json()["analyses"][-1]
    assert (newest["version"], newest["status"]) == (2, "preliminary")
    assert "alert-very-strong" in rock.said()


def test_a_file_that_comes_again_after_a_name_was_explained_changes_nothing(
    take_in: Rocks, lab: Knocker
) -> None:
    rock = take_in()
    rows = table(
        LONG, long_row(rock.label, "cocaine", "", "57"), long_row(rock.label, NAME, "detected")
    )
    assert report(lab, rows)["unknown_names"] == [NAME]
    explain(lab, NAME, "caffeine")
    again = report(lab, rows)
    assert (again["accepted"], again["outcomes"], again["held"]) == (
        [rock.label],
        {"identical": 1},
        [],
    )
    assert rock.finding()["found"] == ["cocaine", "caffeine"]


def test_files_and_reports_that_come_later_are_read_by_it(take_in: Rocks, lab: Knocker) -> None:
    explain(lab, NAME, "caffeine")
    rock, reported = take_in(), take_in()
    rows = table(
        LONG,
        long_row(rock.label, "cocaine", "", "57"),
        long_row(rock.label, NAME.upper(), "detected"),
    )
    first = report(lab, rows)
    assert (first["accepted"], first["unknown_names"]) == ([rock.label], [])
    assert rock.finding()["found"] == ["cocaine", "caffeine"]
    assert report(lab, rows)["outcomes"] == {"identical": 1}

    path, body = f"/v1/assays/{uuid.uuid4()}", assay_body(reported.label, cocaine(57), result(NAME))
    assert lab.put(path, body).status_code == 201
    assert lab.put(path, body).json()["outcome"] == "identical"
    assert reported.finding()["found"] == ["cocaine", "caffeine"]


def test_what_was_sent_before_it_was_explained_may_be_sent_again(
    take_in: Rocks, lab: Knocker
) -> None:
    rock = take_in()
    path = f"/v1/assays/{uuid.uuid4()}"
    body = assay_body(rock.label, cocaine(57), result(NAME, "not_detected"))
    assert lab.put(path, body).status_code == 201
    explain(lab, NAME, "caffeine")
    assert lab.put(path, body).json()["outcome"] == "identical"


def test_an_explanation_taken_back_is_taken_back_everywhere(
    take_in: Rocks, lab: Knocker, worker: Knocker
) -> None:
    early, late = take_in(), take_in()
    early.assayed(cocaine(57), result(NAME))
    explain(lab, NAME, "caffeine")
    path, body = f"/v1/assays/{uuid.uuid4()}", assay_body(late.label, cocaine(57), result(NAME))
    lab.put(path, body)
    labels = sorted([early.label, late.label])
    assert explain(lab, NAME, "fentanyl").json()["corrected"] == labels
    assert early.finding()["found"] == late.finding()["found"] == ["cocaine", "fentanyl"]
    assert lab.put(path, body).status_code == 409  # a newer version is held by now
    assert explain(lab, NAME, None).json()["corrected"] == labels
    assert early.finding()["unexpected"] == late.finding()["unexpected"] == [NAME]
    assert {
        one["name"]: one["times"] for one in lab.get("/v1/lab/unknown-names").json()["names"]
    } == {NAME: 2}
    assert {one["lab_label"] for one in worker.get("/v1/reach-again").json()["people"]} == set(
        labels
    )
    assert explain(lab, NAME, None).status_code == 404


def test_a_name_beside_the_substance_it_means_is_one_result_too_many(
    take_in: Rocks, lab: Knocker
) -> None:
    explain(lab, NAME, "caffeine")
    rock = take_in()
    body = assay_body(rock.label, cocaine(57), result("caffeine"), result(NAME))
    refused = lab.put(f"/v1/assays/{uuid.uuid4()}", body)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/results/2/substance"


@pytest.mark.parametrize(
    ("name", "substance", "pointer"),
    [
        ("glucose?", "glucose", "/name"),
        ("Fentanyl", "caffeine", "/name"),
        (NAME, "no such code", "/substance"),
        ("", "caffeine", "/name"),
        ("x" * 121, "caffeine", "/name"),
        ("\u202e" + NAME, "caffeine", "/name"),
    ],
)
def test_what_would_hide_something_is_refused(
    lab: Knocker, name: str, substance: str, pointer: str
) -> None:
    refused = explain(lab, name, substance)
    assert refused.status_code == 422
    assert [flaw["pointer"] for flaw in refused.json()["errors"]] == [pointer]
    assert lab.get("/v1/lab/unknown-names").json()["explained"] == []


def test_names_that_a_new_vocabulary_knows_are_corrected_at_start(
    app: FastAPI, take_in: Rocks, lab: Knocker, settings: Settings
) -> None:
    rock, second = take_in(), take_in()
    rock.assayed(cocaine(57), result("fentanyl"))
    engine = connect(settings.database)
    with engine.begin() as connection:  # as an older vocabulary would have kept it
        connection.execute(
            sa.text("UPDATE results SET substance = 'Fentanyl-HCl' WHERE substance = 'fentanyl'")
        )
    assert rock.finding()["found"] == ["cocaine", "Fentanyl-HCl"]
    assert "alert-very-strong" in rock.said()  # as its name is known by now
    by = Acting(SERVICE, clock.now(), PROJECTIONS.of(app))
    with engine.begin() as connection:
        assert catch_up_names(connection, by) == [rock.label]
        assert catch_up_names(connection, by) == []
    engine.dispose()
    assert (rock.finding()["found"], second.finding()["recent"]) == (
        ["cocaine", "fentanyl"],
        ["fentanyl"],
    )
    newest = lab.get(f"/v1/lab/samples/{rock.label}").json()["analyses"][-1]
    assert (newest["version"], newest["status"], newest["reason"]) == (
        2,
        "corrected",
        "Fentanyl-HCl = fentanyl",
    )
    assert newest["results"][1]["as_written"] == "Fentanyl-HCl"


results = st.builds(
    Result,
    substance=st.sampled_from(["cocaine", "caffeine", "X", "Y"]),
    outcome=st.sampled_from(Outcome),
    content_percent=st.none() | st.floats(0, 100),
)


@given(
    st.lists(results, max_size=6, unique_by=lambda one: one.substance),
    st.dictionaries(st.sampled_from(["X", "Y"]), st.sampled_from(["cocaine", "caffeine"])),
)
def test_an_explanation_loses_no_finding_and_makes_none_smaller(
    said: list[Result], codes: dict[str, str]
) -> None:
    explained = greatest(renamed(one, codes.get(one.substance, one.substance)) for one in said)
    after = {one.substance: one for one in explained}
    assert len(after) == len(explained)
    for before in said:
        now = after[codes.get(before.substance, before.substance)]
        assert now.found or not before.found
        assert (now.content_percent or 0) >= (before.content_percent or 0) or not before.found
        assert now.absent or now.found or not before.absent
