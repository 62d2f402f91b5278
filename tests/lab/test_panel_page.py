"""The page of panels: one is declared by a form or from a file, and nothing typed is lost."""

import html
import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient

from service.foundation.bodies import FORM_BYTES
from service.foundation.settings import Settings
from service.lab.assay import MAX_RESULTS
from service.vocabulary.substances import SUBSTANCES
from tests.conftest import Knocker, Rock
from tests.intake.test_samples import count, rows
from tests.lab.test_closing import PASSWORD, enrol_chemist
from tests.lab.test_names import explain
from tests.rocks import cocaine

PATH = "/bench/panels"
LABORATORY = "chu-lille-toxicology"
WHOLE = {
    "laboratory": LABORATORY,
    "method": "gc_ms",
    "valid_from": "2026-11-01",
    "encoding": "utf-8",
}
NO_FILE = ("", b"")
"""What a browser sends where no file was chosen."""
Rocks = Callable[..., Rock]


def send(lab: Knocker, lines: str, file: tuple[str, bytes] = NO_FILE, **fields: str) -> Any:
    """The form as a browser sends it."""
    parts = [
        *((name, (None, told)) for name, told in {**WHOLE, "lines": lines, **fields}.items()),
        ("file", file),
    ]
    return lab("POST", PATH, files=parts, follow_redirects=False)


def held(lab: Knocker) -> list[dict[str, Any]]:
    panels: list[dict[str, Any]] = lab.get("/v1/lab/panels").json()["panels"]
    return panels


def limits(panel: dict[str, Any]) -> dict[str, float | None]:
    return {row["substance"]: row["lod_percent"] for row in panel["substances"]}


def box(page: str) -> str:
    """What stands in the text box, as a browser reads it: the first new line is not the text's."""
    (inside,) = re.findall(r"<textarea[^>]*>\n(.*?)</textarea>", page, re.DOTALL)
    return html.unescape(inside)


def wrong_lines(page: str) -> list[str]:
    """The refused lines, as they are told."""
    told = re.search(r'id="wrong-in-lines">(.*?)</ul>', page, re.DOTALL)
    items = re.findall(r"<li>(.*?)</li>", told[1], re.DOTALL) if told else []
    return [html.unescape(re.sub(r"<[^>]+>", "", item)) for item in items]


def test_a_panel_is_declared_and_shown(lab: Knocker, settings: Settings) -> None:
    assert "There is none." in lab.get(PATH).text

    done = send(lab, "Fentanyl; 0,05\r\n\r\ncocaine HCl\t0.1 %\r\nnitazenes\r\n")
    assert done.status_code == 303
    (panel,) = held(lab)
    assert done.headers["location"] == f"{PATH}?declared={panel['id']}"
    assert (panel["laboratory"], panel["method"]) == (LABORATORY, "gc_ms")
    assert panel["valid_from"] == "2026-10-31T23:00:00+00:00"
    assert limits(panel) == {"fentanyl": 0.05, "cocaine": 0.1, "nitazenes": None}
    assert [row["action"] for row in rows(settings, "audit_log")] == ["declared"]

    shown = lab.get(done.headers["location"]).text
    assert 'class="done"' in shown
    assert "substances: 3" in shown
    assert "01/11/2026" in shown
    assert "fentanyl: 0.05&nbsp;%" in shown
    assert "limit not stated" in shown
    assert 'class="done"' not in lab.get(PATH).text


def test_the_page_speaks_french(lab: Knocker) -> None:
    send(lab, "fentanyl")
    shown = lab.get(f"{PATH}?lang=fr").text
    assert "Panels : ce que chaque laboratoire recherche" in shown
    assert "limite non indiquée" in shown

    wrong = [("lines", (None, "Substance X-17"))]
    refused = lab("POST", f"{PATH}?lang=fr", files=wrong)
    assert refused.status_code == 422
    assert "Ligne 1, <code>Substance X-17</code>" in refused.text


def test_positives_alone_then_say_what_was_not_found(take_in: Rocks, lab: Knocker) -> None:
    send(lab, "cocaine; 0,1\nfentanyl; 0,05\nxylazine")
    rock = take_in()
    rock.assayed(cocaine(60))

    finding = rock.finding()
    assert finding["found"] == ["cocaine"]
    assert set(finding["not_found"]) == {"fentanyl", "xylazine"}


def test_names_are_read_as_in_a_file(lab: Knocker) -> None:
    explain(lab, "Substance X-17", "caffeine")
    assert send(lab, "SUBSTANCE  x-17; 1\nChlorhydrate de cocaïne").status_code == 303
    assert limits(held(lab)[0]) == {"caffeine": 1.0, "cocaine": None}


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ("cocaine\nfentnyl; 0,05", ["Line 2, fentnyl; 0,05: Unknown substance"]),
        ("fentanyl?", ["Line 1, fentanyl?: Unknown substance"]),
        ("; 0,05", ["Line 1, ; 0,05: Unknown substance"]),
        ("X\u202e17", ["Line 1, X\u202e17: Unknown substance"]),
        ("cocaine; <0,1", ["Line 1, cocaine; <0,1: This must be a number"]),
        ("cocaine; nd", ["Line 1, cocaine; nd: This must be a number"]),
        ("cocaine; -1", ["Line 1, cocaine; -1: This must be a number"]),
        ("cocaine; 101", ["Line 1, cocaine; 101: This must be at most 100"]),
        ("cocaine; " + "9" * 400, ["This must be a number"]),
        ("cocaine; 0,1; 0,2", ["Line 1, cocaine; 0,1; 0,2: This row has more cells"]),
        ("cocaine\n\nCocaine base; 1", ["Line 3, Cocaine base; 1: This stands twice"]),
        ("heroin; x\nfentnyl", ["Line 1, heroin; x: This must", "Line 2, fentnyl: Unknown"]),
    ],
)
def test_each_wrong_line_is_named_and_nothing_typed_is_lost(
    lab: Knocker, settings: Settings, lines: str, told: list[str]
) -> None:
    refused = send(lab, lines, laboratory="Lille & co", valid_from="2026-11-05")
    assert refused.status_code == 422
    said = wrong_lines(refused.text)
    assert len(said) == len(told)
    assert all(expected in line for expected, line in zip(told, said, strict=True))

    assert box(refused.text) == lines
    assert 'value="Lille &amp; co"' in refused.text
    assert '<option value="gc_ms" selected>' in refused.text
    assert 'value="2026-11-05"' in refused.text
    assert count(settings, "panels") == 0


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("laboratory", " ", "This field is required"),
        ("laboratory", "x" * 121, "too long"),
        ("laboratory", "X\u202e17", "cannot be stored"),
        ("method", "", "This field is required"),
        ("method", "nose", "This field is required"),
        ("valid_from", "", "This must be a date"),
        ("valid_from", "31/12/2026", "This must be a date"),
        ("valid_from", "0001-01-01", "before the year 2000"),
        ("lines", "", "This field is required"),
        ("lines", " \r\n;\r\n\t\r\n", "This field is required"),
        ("lines", "\n".join(list(SUBSTANCES)[: MAX_RESULTS + 1]), "at most 300"),
    ],
)
def test_each_wrong_field_is_named(
    lab: Knocker, settings: Settings, field: str, typed: str, sentence: str
) -> None:
    fields = {"lines": "cocaine; 0,1", field: typed}
    refused = send(lab, fields.pop("lines"), NO_FILE, **fields)
    assert refused.status_code == 422
    (told,) = re.findall(rf'id="wrong-{field}">(.*?)</span>', refused.text)
    assert sentence in told
    assert f'aria-describedby="wrong-{field}"' in refused.text
    assert count(settings, "panels") == 0


def test_a_panel_takes_its_place_and_is_never_edited(lab: Knocker) -> None:
    send(lab, "cocaine; 0,1\nnitazenes")
    twice = send(lab, "heroin")
    assert twice.status_code == 422
    assert "from this very time" in twice.text
    assert box(twice.text) == "heroin"

    (first,) = held(lab)
    begun = lab.get(f"{PATH}?begin={first['id']}").text
    assert box(begun) == "cocaine; 0.1\nnitazenes"
    assert f'value="{LABORATORY}"' in begun
    assert '<option value="gc_ms" selected>' in begun
    assert lab.get(f"{PATH}?begin={uuid.uuid4()}").status_code == 404

    assert send(lab, box(begun) + "\nheroin", valid_from="2026-11-08").status_code == 303
    assert [limits(panel) for panel in held(lab)] == [
        {"cocaine": 0.1, "nitazenes": None},
        {"cocaine": 0.1, "nitazenes": None, "heroin": None},
    ]


@pytest.mark.parametrize(
    ("file", "encoding"),
    [
        ("Substance;LOD\ncocaïne;0,1\n\nfentanyl;0,05\n".encode(), "utf-8"),
        ("\ufeffcocaïne;0,1\r\nfentanyl;0,05\r\n".encode(), "utf-8"),
        ("cocaïne\t0,1\rfentanyl\t0,05\t\r".encode("cp1252"), "windows-1252"),
        (b'substance,lod_percent\n"cocaine","0,1"\nfentanyl,0.05\n', "utf-8"),
    ],
)
def test_a_file_declares_what_its_lines_say(lab: Knocker, file: bytes, encoding: str) -> None:
    done = send(lab, "", ("panel.csv", file), encoding=encoding)
    assert done.status_code == 303, wrong_lines(done.text)
    assert limits(held(lab)[0]) == {"cocaine": 0.1, "fentanyl": 0.05}


def test_the_lines_of_a_refused_file_come_back_to_be_put_right(lab: Knocker) -> None:
    file = b'Substance;LOD\n"cocaine";0,1\n\nfentnyl;0,05\n'
    refused = send(lab, "", ("panel.csv", file))
    assert refused.status_code == 422
    assert wrong_lines(refused.text)[0].startswith("Line 4, fentnyl\t0,05: Unknown")
    assert box(refused.text).splitlines() == [
        "Substance\tLOD",
        "cocaine\t0,1",
        "",
        "fentnyl\t0,05",
    ]

    assert send(lab, box(refused.text).replace("fentnyl", "fentanyl")).status_code == 303
    assert limits(held(lab)[0]) == {"cocaine": 0.1, "fentanyl": 0.05}


@pytest.mark.parametrize(
    ("file", "encoding", "field", "sentence"),
    [
        (b"", "utf-8", "file", "This file is empty"),
        ("cocaïne".encode("cp1252"), "utf-8", "file", "not in utf-8"),
        ("cocaine".encode("utf-16"), "windows-1252", "file", "not a table"),
        (b'"cocaine;0,1\n', "utf-8", "file", "not closed"),
        (b"cocaine;0,1\n", "morse", "encoding", "Unknown code"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(
    lab: Knocker, settings: Settings, file: bytes, encoding: str, field: str, sentence: str
) -> None:
    refused = send(lab, "", ("panel.csv", file), encoding=encoding)
    assert refused.status_code == 422
    (told,) = re.findall(rf'id="wrong-{field}">(.*?)</span>', refused.text)
    assert sentence in told
    assert count(settings, "panels") == 0


def test_lines_and_a_file_are_not_both_taken(lab: Knocker, settings: Settings) -> None:
    refused = send(lab, "heroin", ("panel.csv", b"cocaine;0,1\n"))
    assert refused.status_code == 422
    assert "Keep one of the two" in refused.text
    assert box(refused.text) == "heroin"
    assert count(settings, "panels") == 0


def test_the_form_is_bounded_and_is_a_form(lab: Knocker, settings: Settings) -> None:
    assert send(lab, "x" * FORM_BYTES).status_code == 413
    assert send(lab, "", ("panel.csv", b"x" * FORM_BYTES)).status_code == 413

    for medium in ("application/x-www-form-urlencoded", "multipart/form-data"):
        headers = {"Content-Type": medium}
        assert lab("POST", PATH, content=b"lines=cocaine", headers=headers).status_code == 400
    assert count(settings, "panels") == 0


def test_only_the_laboratory_declares(knock: Callable[[str], Knocker], settings: Settings) -> None:
    for holder in ("instrument", "outreach", "coordinator", "operator"):
        assert send(knock(holder), "cocaine").status_code == 403
        assert knock(holder).get(PATH).status_code == 403
    assert count(settings, "panels") == 0


def test_another_origins_page_declares_nothing(anyone: TestClient, settings: Settings) -> None:
    enrol_chemist(settings)
    ours = {"Origin": "https://caillou.example"}
    sign_in = {"name": "chemist", "password": PASSWORD}
    assert anyone.post("/sign-in", data=sign_in, headers=ours).status_code == 200

    parts = [(name, (None, told)) for name, told in {**WHOLE, "lines": "cocaine"}.items()]
    for foreign in ({}, {"Origin": "https://evil.example"}):
        assert anyone.post(PATH, files=parts, headers=foreign).status_code == 403
    assert count(settings, "panels") == 0

    declared = anyone.post(PATH, files=parts, headers=ours, follow_redirects=False)
    assert declared.status_code == 303
    assert count(settings, "panels") == 1
