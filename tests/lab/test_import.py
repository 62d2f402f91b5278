"""Files of assays: every way a laboratory writes them, whole samples or none, bad cells named."""

import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st
from openpyxl import Workbook

from service.foundation.problems import Unfit
from service.lab.formats import caillou_long, cell
from service.lab.formats.sheet import Unreadable, read
from service.vocabulary.codes import Basis, Outcome
from tests.conftest import Knocker, Rock

LONG = list(caillou_long.COLUMNS)
WIDE = LONG[:6]
TIME = "2026-11-22T09:00:00+01:00"


def long_row(label: str, name: str, told: str = "", content: str = "", **more: str) -> list[str]:
    usual = {
        "lab_label": label,
        "version": "1",
        "status": "final",
        "method": "gc_ms",
        "analysed_at": TIME,
        "substance": name,
        "outcome": told,
        "content_percent": content,
    }
    return [{**usual, **more}.get(column, "") for column in LONG]


def table(*rows: list[str], delimiter: str = ",", encoding: str = "utf-8") -> bytes:
    quoted = ([f'"{one}"' if delimiter in one else one for one in row] for row in rows)
    return "\r\n".join(delimiter.join(row) for row in quoted).encode(encoding)


def excel(*rows: list[Any]) -> bytes:
    book, out = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)  # type: ignore[union-attr]
    book.save(out)
    return out.getvalue()


def send(lab: Knocker, content: bytes, layout: str = "caillou-long", **query: Any) -> Any:
    said = "&".join(f"{name}={value}" for name, value in query.items())
    return lab(
        "POST",
        f"/v1/assays/import?layout={layout}&{said}",
        files={"file": ("results.csv", content, "text/csv")},
    )


def report(
    lab: Knocker, content: bytes, layout: str = "caillou-long", **query: Any
) -> dict[str, Any]:
    answer = send(lab, content, layout, **query)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


Rocks = Callable[..., Rock]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_a_long_file_in_any_dress(
    take_in: Rocks, lab: Knocker, delimiter: str, encoding: str
) -> None:
    rock = take_in()
    content = table(
        LONG,
        long_row(rock.label, "Cocaïne", "", "57,0", expressed_as="base", loq_percent="0.5"),
        long_row(rock.label, " PHENACETIN ", "traces"),
        long_row(rock.label, "Lidocaïne", "", "< 0,5"),
        long_row(rock.label, "Héroïne", "n.d."),
        delimiter=delimiter,
        encoding=encoding,
    )
    said = report(lab, content, encoding="windows-1252" if encoding == "cp1252" else "utf-8")
    assert said["accepted"] == [rock.label]
    assert (said["rows"], said["held"], said["rows_read"]) == ([], [], 4)
    finding = rock.finding()
    assert finding["content"]["percent"] == 57
    assert finding["content"]["basis"] == "base"
    assert finding["found"] == ["cocaine", "phenacetin", "lidocaine"]
    assert finding["below_loq"] == {"lidocaine": 0.5}
    assert finding["not_found"] == ["heroin"]


def test_an_encoding_is_never_guessed(take_in: Rocks, lab: Knocker) -> None:
    rock = take_in()
    content = table(LONG, long_row(rock.label, "Cocaïne", "", "57"), encoding="cp1252")
    refused = send(lab, content)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/file"
    assert "utf-8" in refused.json()["errors"][0]["detail"]
    assert rock.finding()["state"] == "waiting"
    assert report(lab, content, encoding="windows-1252")["accepted"] == [rock.label]


def test_a_wide_file(take_in: Rocks, lab: Knocker) -> None:
    one, two = take_in(), take_in()
    content = table(
        [*WIDE, "cocaine HCl", "levamisole", "fentanyl", "amphetamine", "Mystery 7"],
        [
            one.label,
            "1",
            "final",
            "gc_ms",
            "22/11/2026 09:00",
            "138,4",
            "67",
            "detected",
            "nd",
            "",
            "traces",
        ],
        [two.label, "1", "final", "gc_ms", "2026-11-22", "", "< 0,5", "nd", "<LOQ", "nt", ""],
        delimiter=";",
    )
    said = report(lab, content, "caillou-wide")
    assert said["accepted"] == [one.label, two.label]
    assert said["unknown_names"] == ["Mystery 7"]
    finding = one.finding()
    assert finding["content"]["basis"] == "base"
    assert finding["content"]["percent"] == pytest.approx(67 * 303.35 / 339.81)
    assert finding["found"] == ["cocaine", "levamisole", "Mystery 7"]
    assert finding["not_found"] == ["fentanyl"]
    assert "alert-unknown" in one.said()
    other = two.finding()
    assert other["found"] == ["cocaine", "fentanyl"]
    assert other["not_tested"] == ["amphetamine"]
    assert {"alert-opioid", "very-little-cocaine"} <= set(two.said())


def test_excel_says_the_same_as_text(take_in: Rocks, lab: Knocker) -> None:
    rock = take_in()
    row: list[Any] = long_row(rock.label, "cocaine", "quantified", "57.5", rock_weight_mg="138.4")
    row[1], row[5], row[8] = 1, 138.4, 57.5
    assert report(lab, excel(LONG, row))["accepted"] == [rock.label]
    assert rock.finding()["content"]["percent"] == 57.5
    again = table(
        LONG, long_row(rock.label, "cocaine", "quantified", "57.5", rock_weight_mg="138.4")
    )
    assert report(lab, again)["outcomes"] == {"identical": 1}


def test_the_same_file_twice_changes_nothing(take_in: Rocks, lab: Knocker) -> None:
    rock = take_in()
    content = table(LONG, long_row(rock.label, "cocaine", "", "57"))
    assert report(lab, content)["outcomes"] == {"new": 1}
    before = rock.finding()
    second = report(lab, content)
    assert second["outcomes"] == {"identical": 1}
    assert second["accepted"] == [rock.label]
    assert rock.finding() == before


def test_a_dry_run_shows_and_stores_nothing(take_in: Rocks, lab: Knocker) -> None:
    rock, bad = take_in(), take_in()
    content = table(
        LONG, long_row(rock.label, "cocaine", "", "57"), long_row(bad.label, "fentanyl", "", "57?")
    )
    shown = report(lab, content, dry_run="true")
    assert shown["dry_run"] is True
    assert shown["accepted"] == [rock.label]
    assert shown["held"] == [bad.label]
    assert rock.finding()["state"] == bad.finding()["state"] == "waiting"
    assert {**report(lab, content), "dry_run": True} == shown
    assert (rock.finding()["state"], bad.finding()["state"]) == ("answered", "waiting")


def test_a_bad_row_holds_back_its_own_sample_and_no_other(take_in: Rocks, lab: Knocker) -> None:
    """A report that lost its fentanyl row would be a false all-clear."""
    first, second, third = take_in(), take_in(), take_in()
    content = table(
        LONG,
        long_row(first.label, "cocaine", "", "57"),
        long_row(second.label, "cocaine", "", "57"),
        long_row(second.label, "fentanyl", "perhaps"),
        long_row(third.label, "cocaine", "", "57"),
        long_row(second.label, "levamisole", "detected"),
    )
    said = report(lab, content)
    assert said["accepted"] == [first.label, third.label]
    assert said["held"] == [second.label]
    (row,) = said["rows"]
    assert (row["row"], row["label"], row["cell"], row["value"]) == (
        4,
        second.label,
        "H4",
        "perhaps",
    )
    assert "Known codes" in row["detail"]
    assert second.finding()["state"] == "waiting"


@pytest.mark.parametrize(
    ("row", "place", "told"),
    [
        ({"content_percent": "57?"}, "I", "no result"),
        ({"content_percent": "-3"}, "I", "no result"),
        ({"content_percent": "140"}, "I", "at most 100"),
        ({"content_percent": "nan"}, "I", "no result"),
        ({"outcome": "quantified", "content_percent": ""}, "I", "needs a content"),
        ({"outcome": "detected", "content_percent": "57"}, "I", "needs the outcome"),
        ({"outcome": "nd", "content_percent": "traces"}, "I", "contradicts"),
        ({"outcome": "", "content_percent": ""}, "H", "required"),
        ({"version": "one"}, "B", "whole number"),
        ({"version": ""}, "B", "required"),
        ({"status": "done"}, "C", "Known codes"),
        ({"status": "corrected"}, "N", "reason"),
        ({"method": "nose"}, "D", "Known codes"),
        ({"analysed_at": "last week"}, "E", "a day or a time"),
        ({"analysed_at": "2099-01-01"}, "E", "ahead"),
        ({"rock_weight_mg": "heavy"}, "F", "must be a number"),
        ({"rock_weight_mg": "0"}, "F", "more than 0"),
        ({"substance": ""}, "G", "required"),
        ({"expressed_as": "sulfate"}, "J", "Known codes"),
        ({"lod_percent": "1", "loq_percent": "0,5"}, "M", "lies below"),
    ],
)
def test_each_bad_cell_is_named(
    take_in: Rocks, lab: Knocker, row: dict[str, str], place: str, told: str
) -> None:
    rock, other = take_in(), take_in()
    content = table(
        LONG,
        long_row(
            rock.label, "cocaine", **{"outcome": "quantified", "content_percent": "57", **row}
        ),
        long_row(other.label, "cocaine", "", "57"),
    )
    said = report(lab, content)
    assert said["accepted"] == [other.label]
    assert said["held"] == [rock.label]
    assert said["rows"][0]["cell"] == f"{place}2"
    assert told in said["rows"][0]["detail"]


def test_rules_of_a_whole_analysis_name_a_row_too(take_in: Rocks, lab: Knocker) -> None:
    twice, much, unlike, fine = (take_in() for _ in range(4))
    content = table(
        LONG,
        long_row(twice.label, "cocaine", "", "57"),
        long_row(twice.label, "Cocaïne", "", "58"),
        long_row(much.label, "cocaine", "", "80"),
        long_row(much.label, "phenacetin", "", "60"),
        long_row(unlike.label, "cocaine", "", "57", rock_weight_mg="138"),
        long_row(unlike.label, "levamisole", "detected", rock_weight_mg="140"),
        long_row("ZZZZ-ZZZZ", "cocaine", "", "57"),
        long_row(fine.label, "cocaine", "", "57"),
    )
    said = report(lab, content)
    assert said["accepted"] == [fine.label]
    assert set(said["held"]) == {twice.label, much.label, unlike.label, "ZZZZ-ZZZZ"}
    assert {(one["row"], one["cell"]) for one in said["rows"]} == {
        (3, "G3"),
        (5, "5"),
        (7, "F7"),
        (8, "A8"),
    }


def test_a_row_without_a_label_holds_back_the_one_above_it(take_in: Rocks, lab: Knocker) -> None:
    rock, other = take_in(), take_in()
    content = table(
        LONG,
        long_row(rock.label, "cocaine", "", "57"),
        long_row("", "fentanyl", "detected"),
        long_row(other.label, "cocaine", "", "57"),
    )
    said = report(lab, content)
    assert (said["accepted"], said["held"]) == ([other.label], [rock.label])
    assert said["rows"][0]["cell"] == "A3"


def test_a_correction_by_file_needs_a_higher_version_and_a_reason(
    take_in: Rocks, lab: Knocker
) -> None:
    rock = take_in()
    report(lab, table(LONG, long_row(rock.label, "cocaine", "", "60")))
    (held,) = report(lab, table(LONG, long_row(rock.label, "cocaine", "", "22")))["rows"]
    assert "correction is a higher version" in held["detail"]
    corrected = long_row(
        rock.label, "cocaine", "", "22", version="2", status="corrected", reason="wrong vial"
    )
    assert report(lab, table(LONG, corrected))["outcomes"] == {"updated": 1}
    assert rock.finding()["state"] == "corrected"
    (stale,) = report(lab, table(LONG, long_row(rock.label, "cocaine", "", "61")))["rows"]
    assert "newer version" in stale["detail"]
    assert report(lab, table(LONG, long_row(rock.label, "cocaine", "", "60")))["outcomes"] == {
        "identical": 1
    }
    assert rock.finding()["content"]["percent"] == 22


def test_a_workstations_quantification(take_in: Rocks, lab: Knocker) -> None:
    rock = take_in()
    content = table(
        [
            "Data File",
            "Sample Name",
            "Acq. Date-Time",
            "Compound",
            "RT",
            "Resp.",
            "Final Conc.",
            "Units",
        ],
        ["a.D", rock.label, "24/11/2026 09:14", "Cocaine", "6.63", "81234", "57,1", "%"],
        ["a.D", rock.label, "24/11/2026 09:14", "Levamisole", "5.94", "123", "<LOQ", "%"],
        ["a.D", rock.label, "24/11/2026 09:14", "Fentanyl", "", "", "ND", "%"],
        delimiter=";",
    )
    # The day lies ahead of nobody's clock by more than a day only if this test is read in the past.
    said = report(lab, content.replace(b"24/11/2026", b"22/11/2026"), "gcms-quantification")
    assert said["accepted"] == [rock.label]
    assert rock.finding()["found"] == ["cocaine", "levamisole"]
    assert rock.finding()["not_found"] == ["fentanyl"]


def test_a_spectrometers_hits_are_preliminary_and_a_weak_one_is_in_doubt(
    take_in: Rocks, lab: Knocker
) -> None:
    rock = take_in()
    content = table(
        ["Sample", "Date", "Compound", "Score"],
        [rock.label, "2026-11-22", "Cocaine base", "0.93"],
        [rock.label, "2026-11-22", "Cocaine HCl", "0.95"],
        [rock.label, "2026-11-22", "Cocaine base", "0.61"],
        [rock.label, "2026-11-22", "Fentanyl ?", "0,31"],
        [rock.label, "2026-11-22", "Heroin?", "0.70"],
        [rock.label, "2026-11-22", "Uncertain match", "0.72"],
    )
    said = report(lab, content, "ftir-hits")
    assert (said["accepted"], said["rows"]) == ([rock.label], [])
    assert said["unknown_names"] == ["Heroin?"]

    (seen,) = lab.get(f"/v1/lab/samples/{rock.label}").json()["analyses"]
    assert [(row["substance"], row["outcome"], row["score"]) for row in seen["results"]] == [
        ("cocaine", "detected", 0.95),
        ("fentanyl", "in_doubt", 0.31),
        ("Heroin?", "detected", 0.70),
        ("Uncertain match", "in_doubt", 0.72),
    ]
    finding = rock.finding()
    assert finding["standings"]["fentanyl"] == "in_doubt"
    assert finding["indicated"] == ["cocaine"]


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/workbook.xml", b"0" * 300_000_000)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "empty"),
        (b"\xd0\xcf\x11\xe0aaaa", "old Excel"),
        (excel(LONG)[:-200], "damaged"),
        (b"PK\x03\x04nonsense", "damaged"),
        (b"\xff\xfel\x00a\x00b\x00", "not in utf-8"),
        (b"\x00\x01\x02\x03", "not a table"),
        (table(LONG[:-1]), "Missing columns: reason"),
        (table([*LONG, "note"]), "does not know: note"),
        (table([*LONG, "reason"]), "Two columns are named reason"),
        (table([*LONG, "", "x"]), "no name"),
        (table(LONG) + b'\r\n"open', "quotation mark"),
        (table([f"c{n}" for n in range(500)]), "more than 400 columns"),
    ],
)
def test_a_file_that_is_not_what_it_says_is_refused_whole(
    lab: Knocker, content: bytes, told: str
) -> None:
    refused = send(lab, content)
    assert refused.status_code == 422, refused.text
    assert told in refused.json()["errors"][0]["detail"]
    assert refused.json()["errors"][0]["pointer"] == "/file"


def test_a_file_that_unpacks_to_far_more_is_refused(lab: Knocker) -> None:
    refused = send(lab, bomb())
    assert refused.status_code == 422
    assert "unpacks" in refused.json()["errors"][0]["detail"]


def test_a_formula_is_no_result(take_in: Rocks, lab: Knocker) -> None:
    rock, other = take_in(), take_in()
    row: list[Any] = long_row(rock.label, "cocaine", "quantified", "")
    row[8] = "=50+7"
    said = report(lab, excel(LONG, row, long_row(other.label, "cocaine", "", "57")))
    assert said["accepted"] == [other.label]
    assert (said["rows"][0]["cell"], said["rows"][0]["detail"][:17]) == ("I2", "This is a formula")


def test_what_is_too_large_or_no_form_is_refused(lab: Knocker) -> None:
    assert send(lab, b"x" * (64 * 1024 * 1024 + 1)).status_code == 413
    path = "/v1/assays/import?layout=caillou-long"
    assert lab("POST", path, content=b"{}").status_code == 422
    assert lab("POST", path, data={"file": "text"}).status_code == 422
    broken = {"Content-Type": "multipart/form-data; boundary=x"}
    assert lab("POST", path, content=b"--y nonsense", headers=broken).status_code in (400, 422)
    assert send(lab, b"x", "no-such-layout").json()["errors"][0]["pointer"] == "/layout"
    assert send(lab, b"x", encoding="latin-9").json()["errors"][0]["pointer"] == "/encoding"


def test_progress_is_told_a_line_at_a_time(take_in: Rocks, lab: Knocker) -> None:
    rock = take_in()
    content = table(LONG, long_row(rock.label, "cocaine", "", "57"))
    answer = lab(
        "POST",
        "/v1/assays/import?layout=caillou-long",
        files={"file": ("x.csv", content, "text/csv")},
        headers={"Accept": "application/x-ndjson"},
    )
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert lines[0] == {"rows_read": 1, "samples": 1, "done": 0}
    assert lines[1]["done"] == 1
    assert lines[-1]["accepted"] == [rock.label]


def test_only_a_laboratory_imports(knock: Callable[[str], Knocker]) -> None:
    for holder, status in (
        ("outreach", 403),
        ("coordinator", 403),
        ("instrument", 200),
        ("lab", 200),
    ):
        assert send(knock(holder), table(LONG)).status_code == status
    withdrawn = table(LONG, long_row("AAAA-AAAA", "cocaine", "nd", status="withdrawn", reason="x"))
    assert send(knock("instrument"), withdrawn).status_code == 403


# --- One cell, and any bytes ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "outcome"),
    [
        ("57", Outcome.QUANTIFIED),
        ("57,0 %", Outcome.QUANTIFIED),
        ("0", Outcome.QUANTIFIED),
        ("< 0,5", Outcome.DETECTED),
        ("<0.5%", Outcome.DETECTED),
        ("<LOQ", Outcome.DETECTED),
        ("Traces", Outcome.DETECTED),
        ("Détecté", Outcome.DETECTED),
        ("+", Outcome.DETECTED),
        ("<LOD", Outcome.NOT_DETECTED),
        ("n.d.", Outcome.NOT_DETECTED),
        ("ND", Outcome.NOT_DETECTED),
        ("non détectée", Outcome.NOT_DETECTED),
        ("NT", Outcome.NOT_TESTED),
        ("not_tested", Outcome.NOT_TESTED),
    ],
)
def test_what_laboratories_write_has_one_reading(written: str, outcome: Outcome) -> None:
    found = cell.result("cocaine", written, Basis.BASE, 0.5)
    assert found is not None
    assert found.outcome is outcome


@given(st.text(max_size=20))
def test_a_cell_is_a_result_or_a_refusal_and_never_less_than_it_says(text: str) -> None:
    try:
        found = cell.result("cocaine", " ".join(text.split()))
    except Unfit:
        return
    if found is None:
        assert not text.split()
    elif found.outcome is Outcome.QUANTIFIED:
        assert found.content_percent is not None
        assert found.content_percent >= 0


@effort(max_examples=300)
@given(st.binary(max_size=400) | st.text(max_size=400).map(str.encode))
def test_any_bytes_are_a_table_or_unreadable(content: bytes) -> None:
    try:
        sheet = read(io.BytesIO(content))
        for row in sheet.rows:
            assert set(row.cells) <= set(sheet.columns)
    except Unreadable as error:
        assert error.reason
