"""Exports over HTTP: what is in them, what can never be, and whether others can read them."""

import csv
import io
import uuid
import zipfile
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import orjson
import pytest
import sqlalchemy as sa
import yaml
from fastapi.testclient import TestClient
from fhir.resources.R4B.bundle import Bundle
from hypothesis import given
from hypothesis import strategies as st

from service.foundation.database import connect
from service.foundation.settings import ROOT, Settings
from service.intake.sample import FACTS
from service.observatory.csv import FORMULA, csv_lines
from service.observatory.export import samples, tedi
from service.observatory.export.rock import LEFT_OUT
from service.vocabulary.codes import Method
from service.vocabulary.substances import SUBSTANCES
from tests.conftest import Knocker, Rock
from tests.intake.test_samples import rows
from tests.rocks import cocaine, result

TakeIn = Callable[..., Rock]
# The schema's own file, where it lies beside the checkout: it bears no licence, so it is not ours.
TEDI_SCHEMA = ROOT.parent / "shared" / "data" / "tedi_schema.yaml"
# HL7 FHIR R4, the required value sets of the statuses that we write.
REPORT_STATUSES = {
    "registered",
    "partial",
    "preliminary",
    "final",
    "amended",
    "corrected",
    "appended",
} | {*("cancelled", "entered-in-error", "unknown")}
OBSERVATION_STATUSES = {"registered", "preliminary", "final", "amended", "corrected"} | {
    *("cancelled", "entered-in-error", "unknown")
}
NOTE = "please look for levamisole zwx"


@pytest.fixture
def coordinator(knock: Callable[[str], Knocker]) -> Knocker:
    return knock("coordinator")


@pytest.fixture
def rocks(take_in: TakeIn) -> list[Rock]:
    """One answered twice, one corrected, one withdrawn, one that waits."""
    answered, corrected, gone, waiting = (
        take_in(note_to_lab=NOTE, card_languages=["ka", "fr"]) for _ in range(4)
    )
    answered.assayed(
        cocaine(57.25),
        result("levamisole"),
        result("=HYPERLINK(1)", "detected"),
        result("amphetamine", "not_detected", lod_percent=0.1),
        result("buprenorphine", "not_tested"),
        rock_weight_mg=138.4,
    )
    answered.assayed(result("cocaine"), result("caffeine"), method="ftir")
    first = corrected.assayed(cocaine(40.0, "hydrochloride"))
    corrected.assayed(
        cocaine(44.0, "hydrochloride"), id=first, version=2, status="corrected", reason="slip zwx"
    )
    analysis = gone.assayed(cocaine(30.0))
    assert gone.lab.post(
        f"/v1/assays/{analysis}/withdrawal", {"reason": "vial zwx"}
    ).status_code in (200, 201)
    return [answered, corrected, gone, waiting]


def exported(coordinator: Knocker, schema: str, **query: str) -> dict[str, bytes]:
    answer = coordinator.get("/v1/export", params={"schema": schema, **query})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/zip"
    assert f"caillou-{schema}.zip" in answer.headers["content-disposition"]
    with zipfile.ZipFile(io.BytesIO(answer.content)) as file:
        assert file.testzip() is None
        return {name: file.read(name) for name in file.namelist()}


def table(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode(), newline="")))


def test_samples_are_a_row_a_result_with_its_codebook(
    coordinator: Knocker, rocks: list[Rock]
) -> None:
    files = exported(coordinator, "samples")
    assert list(files) == ["data.csv", "codebook.csv", "losses.md"]
    rows = table(files["data.csv"])
    mine = [row for row in rows if row["sample"] == rocks[0].id]
    assert [
        (row["analysis"], row["substance"], row["outcome"], row["content_percent"]) for row in mine
    ] == [
        ("1", "cocaine", "quantified", "57.25"),
        ("1", "levamisole", "detected", ""),
        ("1", "'=HYPERLINK(1)", "detected", ""),
        ("1", "amphetamine", "not_detected", ""),
        ("1", "buprenorphine", "not_tested", ""),
        ("2", "cocaine", "detected", ""),
        ("2", "caffeine", "detected", ""),
    ]
    told = {row["sample"]: row for row in rows}
    assert (told[rocks[1].id]["version"], told[rocks[1].id]["content_percent"]) == ("2", "44")
    assert (told[rocks[2].id]["status"], told[rocks[2].id]["substance"]) == ("withdrawn", "")
    assert (told[rocks[3].id]["analysis"], told[rocks[3].id]["status"]) == ("", "")
    assert mine[0]["cas"] == "50-36-2" and mine[0]["demo"] == "no" and mine[0]["site"] == "here"
    assert mine[0]["believed_cuts"] == "|".join(rocks[0].body["beliefs"]["believed_cuts"])
    losses = files["losses.md"].decode()
    assert "4 rocks were read; 2 have no final answer." in losses
    for name in LEFT_OUT:
        assert f"**{name}**" in losses


def test_columns_and_codebook_never_part(coordinator: Knocker, rocks: list[Rock]) -> None:
    files = exported(coordinator, "samples")
    header = next(csv.reader(io.StringIO(files["data.csv"].decode())))
    book = table(files["codebook.csv"])
    assert [row["column"] for row in book] == header == list(samples.HEADER)
    assert all(row["kind"] and row["says"] for row in book)
    codes = {
        row["column"]: set(row["codes"].split("|"))
        for row in book
        if row["kind"] == "code" and row["codes"]
    }
    for row in table(files["data.csv"]):
        for column, known in codes.items():
            assert row[column] in {"", *known}, column


def test_every_fact_of_the_models_is_exported_or_left_out_with_its_reason() -> None:
    assert set(FACTS) - {*samples.HEADER, *LEFT_OUT} == {"taken_at"}  # its day is
    assert "taken_on" in samples.HEADER


@pytest.mark.parametrize("schema", ["samples", "tedi", "fhir"])
def test_nothing_that_betrays_anybody_is_in_an_export(
    coordinator: Knocker, rocks: list[Rock], schema: str
) -> None:
    whole = b"\n".join(exported(coordinator, schema).values()).decode()
    for rock in rocks:
        assert rock.code not in whole and rock.label not in whole
        taken_at = rock.body["taken_at"]
        assert taken_at not in whole and taken_at[10:16] not in whole
        assert (rock.id in whole) == (schema == "samples")
    assert "zwx" not in whole  # notes and reasons
    rows = table(exported(coordinator, "samples")["data.csv"])
    assert not {"ka", "ka|fr"} & {cell for row in rows for cell in row.values()}


def test_only_a_coordinator_has_it_and_only_a_known_schema(knock: Callable[[str], Knocker]) -> None:
    for holder in ("outreach", "lab", "instrument", "operator"):
        assert knock(holder).get("/v1/export?schema=samples").status_code == 403
    refused = knock("coordinator").get("/v1/export?schema=spss")
    assert refused.status_code == 422 and refused.json()["errors"][0]["pointer"] == "/schema"
    for query, pointer in (
        ("site=nowhere", "/site"),
        ("from=2026-02-01&to=2026-01-01", "/to"),
        ("gender=woman", "/gender"),
    ):
        refused = knock("coordinator").get(f"/v1/export?schema=tedi&{query}")
        assert refused.status_code == 422 and refused.json()["errors"][0]["pointer"] == pointer
        asked = knock("coordinator").get(f"/v1/survey?{query}")
        assert asked.json()["errors"] == refused.json()["errors"]


def test_an_export_leaves_its_line_in_the_audit_log_and_a_refused_one_none(
    knock: Callable[[str], Knocker], settings: Settings
) -> None:
    for query in (
        "schema=spss",
        "schema=tedi&site=nowhere",
        "schema=tedi&from=2026-02-01&to=2026-01-01",
    ):
        assert knock("coordinator").get(f"/v1/export?{query}").status_code == 422
    assert knock("outreach").get("/v1/export?schema=samples").status_code == 403
    assert rows(settings, "audit_log") == []
    exported(knock("coordinator"), "samples")
    (line,) = rows(settings, "audit_log")
    assert (line["action"], line["actor"], line["role"]) == (
        "exported",
        "coordinator",
        "coordinator",
    )
    assert line["sample"] is line["notice"] is line["version"] is None


def test_days_and_sites_narrow_it(coordinator: Knocker, take_in: TakeIn) -> None:
    rock = take_in(taken_at="2026-03-01T00:30:00+01:00", transaction={})
    day = date(2026, 3, 1)  # in Paris; the evening before in UTC

    def held(**query: str) -> set[str]:
        return {
            row["sample"] for row in table(exported(coordinator, "samples", **query)["data.csv"])
        }

    before, after = str(day - timedelta(days=1)), str(day + timedelta(days=1))
    assert held(to=str(day), **{"from": str(day)}) == held(site="here") == held() == {rock.id}
    assert held(to=before) == held(**{"from": after}) == held(site="elsewhere") == set()


# --- TEDI ----------------------------------------------------------------------------------------


def test_tedi_rows(coordinator: Knocker, rocks: list[Rock]) -> None:
    files = exported(coordinator, "tedi", organisation="Association Caillou")
    rows = table(files["data.csv"])
    assert len(rows) == 2  # the answered ones
    row = next(row for row in rows if row["test_method"] == "GC-MS" and row["substance_2"])
    assert (row["substance_1"], row["subs1_quant"], row["subs1_unit"]) == ("cocaine", "57.25", "%")
    named = {row[f"substance_{place}"] for place in range(1, 10)}
    assert named == {"cocaine", "levamisole", "'=HYPERLINK(1)", ""}  # caffeine is not confirmed
    assert (row["organisation"], row["country"], row["weight"]) == (
        "Association Caillou",
        "France",
        "138.4",
    )
    assert (row["unit_price"], row["price_currency"], row["gender"], row["age"]) == (
        "20",
        "EUR",
        "F",
        "",
    )
    assert row["sample_uid"] not in {rock.id for rock in rocks}
    again = table(exported(coordinator, "tedi")["data.csv"])
    assert {one["sample_uid"] for one in again} == {one["sample_uid"] for one in rows}
    assert [one[0] for one in csv.reader(io.StringIO(files["codebook.csv"].decode()))][1:] == list(
        tedi.HEADER
    )


@pytest.mark.skipif(not TEDI_SCHEMA.exists(), reason="TEDI's schema is not beside the checkout")
def test_tedi_rows_hold_to_the_schema(coordinator: Knocker, rocks: list[Rock]) -> None:
    fields = yaml.safe_load(TEDI_SCHEMA.read_text())["definitions"]
    not_shown = {
        name for n in range(2, 9) for name in (f"substance_{n}", f"subs{n}_quant", f"subs{n}_unit")
    }
    assert {*tedi.HEADER} == {*fields, *not_shown}
    known = [str(one).strip() for one in fields["test_method"]["VOCABULARY"]]
    assert set(tedi.METHODS.values()) <= set(known)
    assert set(Method) - set(tedi.METHODS) == {Method.OTHER}
    not_ours = {"city"}  # required, and never made up
    for row in table(exported(coordinator, "tedi")["data.csv"]):
        for name, field in fields.items():
            value = row[name]
            if field["REQUIREMENT_LEVEL"] == "required" and name not in (
                *not_ours,
                "subs1_quant",
                "subs1_unit",
            ):
                assert value, name
            match field["TYPE"]:
                case "number":
                    assert value == "" or float(value) >= 0
                case "bool":
                    assert value in ("true", "false", "")
                case "uuid":
                    uuid.UUID(value)
                case "timestamp":
                    date.fromisoformat(value)
                case "controlled vocabulary" if field["VOCABULARY"]:
                    assert value in {str(one or "").strip() for one in field["VOCABULARY"]}


def test_tedi_says_that_a_warning_rests_on_a_rock(
    coordinator: Knocker, take_in: TakeIn, settings: Settings
) -> None:
    take_in().assayed(cocaine(40.0), result("fentanyl"))
    (proposal,) = coordinator.get("/v1/notices/proposals").json()["proposals"]
    assert [row["alert"] for row in table(exported(coordinator, "tedi")["data.csv"])] == ["false"]
    notice = coordinator.post("/v1/notices", {"proposal": proposal["id"]}).json()
    assert [row["alert"] for row in table(exported(coordinator, "tedi")["data.csv"])] == ["true"]
    engine = connect(settings.database)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE notices SET until = '2020-01-01 00:00:00+00'"))
    engine.dispose()
    assert [row["alert"] for row in table(exported(coordinator, "tedi")["data.csv"])] == ["true"]
    coordinator.post(
        f"/v1/notices/{notice['id']}/withdrawal", {"reason": "the vials were mixed up"}
    )
    files = exported(coordinator, "tedi")
    assert [row["alert"] for row in table(files["data.csv"])] == ["false"]
    (alert,) = [row["made from"] for row in table(files["codebook.csv"]) if row["name"] == "alert"]
    assert alert == "whether a published notice rests on it that was not withdrawn"


# --- FHIR ----------------------------------------------------------------------------------------


def test_fhir_is_what_hl7_published(coordinator: Knocker, rocks: list[Rock]) -> None:
    files = exported(coordinator, "fhir")
    assert list(files) == ["bundle.json", "losses.md"]
    bundle = orjson.loads(files["bundle.json"])
    Bundle.model_validate(bundle)
    held = {entry["fullUrl"]: entry["resource"] for entry in bundle["entry"]}
    assert len(held) == len(bundle["entry"])
    for reference in references(bundle):
        assert reference in held
    kinds = [one["resourceType"] for one in held.values()]
    assert (
        kinds.count("Specimen"),
        kinds.count("DiagnosticReport"),
        kinds.count("Observation"),
    ) == (4, 4, 11)
    reports = [one for one in held.values() if one["resourceType"] == "DiagnosticReport"]
    assert sorted(one["status"] for one in reports) == [
        "corrected",
        "entered-in-error",
        "final",
        "preliminary",
    ]
    assert {one["status"] for one in reports} <= REPORT_STATUSES
    observations = [one for one in held.values() if one["resourceType"] == "Observation"]
    assert {one["status"] for one in observations} <= OBSERVATION_STATUSES
    quantities = [one["valueQuantity"] for one in observations if "valueQuantity" in one]
    assert {(one["code"], one["system"]) for one in quantities} == {
        ("%", "http://unitsofmeasure.org"),
        ("mg", "http://unitsofmeasure.org"),
    }
    content = next(
        one for one in observations if one.get("valueQuantity", {}).get("value") == 57.25
    )
    assert content["code"]["coding"][0]["code"] == "50-36-2"
    assert content["note"][0]["text"] == "Percent by weight, expressed as base"
    assert not any("Patient" in str(one) for one in held.values())
    assert sum("dataAbsentReason" in one for one in observations) == 1


def test_a_substance_without_a_number_is_told_by_its_name(
    coordinator: Knocker, take_in: TakeIn
) -> None:
    take_in().assayed(result("hexedrone", "detected"))
    assert SUBSTANCES["hexedrone"].cas is None
    bundle = orjson.loads(exported(coordinator, "fhir")["bundle.json"])
    Bundle.model_validate(bundle)
    codes = [entry["resource"].get("code") for entry in bundle["entry"]]
    assert {"text": "hexedrone"} in codes


def references(node: Any) -> Iterator[str]:
    match node:
        case dict():
            for key, value in node.items():
                if key == "reference":
                    yield value
                else:
                    yield from references(value)
        case list():
            for value in node:
                yield from references(value)


def test_an_empty_network_exports_too(coordinator: Knocker) -> None:
    Bundle.model_validate(orjson.loads(exported(coordinator, "fhir")["bundle.json"]))
    assert table(exported(coordinator, "samples")["data.csv"]) == []


# --- Cells ---------------------------------------------------------------------------------------


@given(st.lists(st.text(), min_size=1))
def test_no_cell_is_a_formula_and_none_is_lost(cells: list[str]) -> None:
    (read,) = csv.reader(io.StringIO(csv_lines([cells]), newline=""))
    for cell, written in zip(cells, read, strict=True):
        assert not written.startswith(FORMULA)
        assert written in (cell, f"'{cell}")


def test_a_reader_without_a_coordinator_has_no_open_export(anyone: TestClient) -> None:
    assert anyone.get("/v1/export?schema=samples").status_code == 401


# --- How surely ----------------------------------------------------------------------------------


@pytest.fixture
def unsure(take_in: TakeIn) -> Rock:
    """A pill whose strip reacted, whose spectrum has a doubt, and whose answer rests on a panel."""
    rock = take_in(sold_as="other", sold_as_name="3-MMC", form="pill")
    panel = {
        "laboratory": "chu-lille-toxicology",
        "method": "gc_ms",
        "valid_from": "2026-11-01T00:00:00Z",
        "substances": [
            {"substance": "isotonitazene", "lod_percent": 0.05},
            {"substance": "levamisole", "lod_percent": None},
        ],
    }
    assert rock.lab.put(f"/v1/lab/panels/{PANEL}", panel).status_code == 201
    rock.assayed(result("fentanyls"), method="test_strip")
    rock.assayed(result("mdma"), result("heroin", "in_doubt"), method="ftir")
    rock.assayed(
        result("mdma", "quantified", content_percent=61.0),
        result("cocaine", "not_detected", lod_percent=0.1),
    )
    return rock


PANEL = "5b0c8a4e-6a0f-4f57-9a3b-0d1f7a1f2c11"


def test_samples_tell_how_surely_and_by_which_panel(coordinator: Knocker, unsure: Rock) -> None:
    files = exported(coordinator, "samples")
    rows = table(files["data.csv"])
    assert [(row["method"], row["substance"], row["standing"], row["panel"]) for row in rows] == [
        ("test_strip", "fentanyls", "indicated", ""),
        ("ftir", "mdma", "confirmed", ""),
        ("gc_ms", "mdma", "confirmed", PANEL),
        ("gc_ms", "cocaine", "not_found", PANEL),
    ]
    (standing,) = [row for row in table(files["codebook.csv"]) if row["column"] == "standing"]
    assert standing["codes"].split("|") == [
        *("confirmed", "indicated", "ruled_out", "not_found", "not_looked_for"),
    ]


def test_tedi_names_what_is_confirmed_and_what_it_was_sold_as(
    coordinator: Knocker, unsure: Rock, take_in: TakeIn
) -> None:
    take_in().assayed(result("fentanyl"), method="test_strip")  # no answer, so no row
    take_in(sold_as="ghb_gbl", form="liquid").assayed(result("ghb"))
    pill, ghb = table(exported(coordinator, "tedi")["data.csv"])
    if pill["sold_as"] != "other: 3-MMC":
        pill, ghb = ghb, pill
    assert (pill["sold_as"], pill["test_method"]) == ("other: 3-MMC", "GC-MS")
    assert (pill["substance_1"], pill["subs1_quant"], pill["substance_2"]) == ("MDMA", "61", "")
    assert (ghb["sold_as"], ghb["substance_1"]) == ("GHB or GBL", "GHB")


def test_fhir_says_no_more_than_each_analysis_does(coordinator: Knocker, unsure: Rock) -> None:
    bundle = orjson.loads(exported(coordinator, "fhir")["bundle.json"])
    Bundle.model_validate(bundle)
    assert "heroin" not in str(bundle).lower()
    held = [entry["resource"] for entry in bundle["entry"]]
    seen = {
        (one["method"]["text"], one["code"]["text"]): one
        for one in held
        if one["resourceType"] == "Observation"
    }
    assert {
        name: (one["status"], one.get("interpretation", [{}])[0].get("text"))
        for name, one in seen.items()
        if "Weight" not in name[1]
    } == {
        ("test strip", "fentanyls"): ("preliminary", "indicated"),
        ("FTIR", "MDMA"): ("preliminary", "indicated"),
        ("GC-MS", "MDMA"): ("final", "confirmed"),
        ("GC-MS", "cocaine"): ("final", "not found"),
        ("GC-MS", "isotonitazene"): ("final", "not found"),
        ("GC-MS", "levamisole"): ("final", "not found"),
    }
    strip = seen["test strip", "fentanyls"]["valueCodeableConcept"]
    assert strip == {"text": "Reacted, not confirmed"}
    assert seen["test strip", "fentanyls"]["interpretation"][0]["coding"][0]["code"] == "IND"
    nitazene = seen["GC-MS", "isotonitazene"]
    assert nitazene["valueCodeableConcept"]["text"] == "Not detected"
    assert nitazene["note"] == [{"text": "Limit of detection: 0.05 percent by weight"}]
    assert "note" not in seen["GC-MS", "levamisole"]
    reports = [one for one in held if one["resourceType"] == "DiagnosticReport"]
    assert [one["status"] for one in reports] == ["preliminary", "preliminary", "final"]


@pytest.mark.parametrize("method", ["test_strip", "tlc", "ftir", "raman"])
def test_a_corrected_first_test_is_no_answer_and_a_withdrawn_one_is_an_error(
    coordinator: Knocker, take_in: TakeIn, method: str
) -> None:
    def statuses() -> list[str]:
        bundle = orjson.loads(exported(coordinator, "fhir")["bundle.json"])
        held = [entry["resource"] for entry in bundle["entry"]]
        return [one["status"] for one in held if one["resourceType"] == "DiagnosticReport"]

    rock = take_in()
    panel = {
        "laboratory": "chu-lille-toxicology",
        "method": method,
        "valid_from": "2026-11-01T00:00:00Z",
        "substances": [{"substance": "isotonitazene", "lod_percent": 5}],
    }
    assert rock.lab.put(f"/v1/lab/panels/{PANEL}", panel).status_code == 201
    id = rock.assayed(result("fentanyl"), method=method)
    assert statuses() == ["preliminary"]
    assert b"isotonitazene" in exported(coordinator, "fhir")["bundle.json"]
    more = {"version": 2, "status": "corrected", "reason": "misread"}
    rock.assayed(result("fentanyl", "not_detected"), id=id, method=method, **more)
    assert statuses() == ["preliminary"]
    rock.lab.post(f"/v1/assays/{id}/withdrawal", {"reason": "wrong vial"})
    assert statuses() == ["entered-in-error"]
    assert b"isotonitazene" not in exported(coordinator, "fhir")["bundle.json"]
    assert rock.finding()["not_found"] == []  # nor does the panel of what was taken back say so
    assert "isotonitazene" not in rock.worker.get(f"{rock.path}/finding").text
