"""The forms of the bench, sent by something that is no browser: refused, no 5xx, nothing kept."""

import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest

from service.foundation.settings import Settings
from service.lab.assay import MAX_RESULTS
from tests.conftest import Knocker, Rock
from tests.intake.test_samples import count
from tests.rocks import cocaine, result

Rocks = Callable[..., Rock]
Fields = list[tuple[str, str]]
WHOLE: Fields = [
    *(("do", "keep"), ("version", "1"), ("laboratory", "bench"), ("status", "final")),
    *(("method", "gc_ms"), ("analysed_at", "2026-11-22T09:00")),
]


def send(holder: Knocker, path: str, fields: Fields) -> Any:
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "text/html"}
    return holder("POST", path, content=urlencode(fields), headers=headers, follow_redirects=False)


def analyses(rock: Rock) -> str:
    return f"/bench/samples/{rock.label}/analyses"


def sheet(*rows: tuple[str, str]) -> Fields:
    return [
        *WHOLE,
        *(
            field
            for name, told in rows
            for field in (("substance", name), ("content_percent", told))
        ),
    ]


def test_nothing_is_kept_that_was_not_read_back(
    take_in: Rocks, lab: Knocker, settings: Settings
) -> None:
    rock = take_in()
    for told in ([], [("read_back", "made up")]):
        shown = send(lab, analyses(rock), [*sheet(("cocaine", "57")), *told])
        assert shown.status_code == 200
        assert 'value="keep"' in shown.text
    assert count(settings, "assays") == 0
    read_back = shown.text.split('name="read_back" value="')[1].split('"')[0]
    kept = send(lab, analyses(rock), [*sheet(("cocaine", "57")), ("read_back", read_back)])
    assert (kept.status_code, kept.headers["location"]) == (
        303,
        f"/bench/?kept={rock.label}&method=gc_ms",
    )
    again = send(lab, analyses(rock), [*sheet(("cocaine", "57")), ("read_back", read_back)])
    assert again.status_code == 303
    assert count(settings, "assays") == 1


@pytest.mark.parametrize(
    ("rows", "status", "said"),
    [
        ([("cocaine", "57")] * (MAX_RESULTS + 1), 422, "at most 300"),
        ([("cocaine", "57")] * 5_000, 413, "larger than is accepted"),
        ([("x" * 900_000, "57")], 422, "too long"),
        ([("X\u202e17", "57")], 422, "cannot be stored"),
        ([("X\x0017", "57")], 422, "cannot be stored"),
        ([("cocaine", "1e400")], 422, "This is no result"),
        ([], 422, "no result in it"),
    ],
)
def test_what_no_person_types_is_refused(
    take_in: Rocks,
    lab: Knocker,
    settings: Settings,
    rows: list[tuple[str, str]],
    status: int,
    said: str,
) -> None:
    refused = send(lab, analyses(take_in()), sheet(*rows))
    assert refused.status_code == status
    assert said in refused.text
    assert count(settings, "assays") == 0


def test_a_blank_laboratory_and_a_wrong_version_are_named(take_in: Rocks, lab: Knocker) -> None:
    path = analyses(take_in())
    blank = [
        (name, "  " if name == "laboratory" else told) for name, told in sheet(("cocaine", "57"))
    ]
    assert "This field is required" in send(lab, path, blank).text
    wrong = [
        (name, "one" if name == "version" else told) for name, told in sheet(("cocaine", "57"))
    ]
    assert send(lab, path, wrong).status_code == 422
    assert (
        lab("POST", path, content=b"{}", headers={"Content-Type": "application/json"}).status_code
        == 400
    )


@pytest.mark.parametrize(
    "name", ["x" * 121, "ΐ" * 120, "X\x0017", "X\u202e17", "", "   ", "glucose?"]
)
@pytest.mark.parametrize("do", ["", "forget"])
def test_a_name_that_cannot_be_one_is_refused(lab: Knocker, name: str, do: str) -> None:
    answered = send(lab, "/bench/names", [("name", name), ("substance", "caffeine"), ("do", do)])
    usable = name == "ΐ" * 120 and not do
    assert answered.status_code in ((200,) if usable else (422, 404))
    assert len(lab.get("/v1/lab/unknown-names").json()["explained"]) == usable


def test_only_the_laboratory_sees_the_bench(
    take_in: Rocks, knock: Callable[[str], Knocker]
) -> None:
    rock = take_in(note_to_lab="two crumbs in one bag")
    for holder in ("instrument", "outreach", "coordinator", "operator"):
        refused = send(knock(holder), analyses(rock), WHOLE)
        assert refused.status_code == 403
        assert "two crumbs" not in refused.text


def test_an_analysis_of_another_sample_is_not_taken_back_here(take_in: Rocks, lab: Knocker) -> None:
    one, other = take_in(), take_in()
    id = one.assayed(cocaine(57), result("fentanyl"))
    for given in (id, str(uuid.uuid4()), "none"):
        path = f"/bench/samples/{other.label}/withdrawal"
        refused = send(lab, path, [("analysis", given), ("version", "1"), ("reason", "x")])
        assert refused.status_code in (404, 422)
    assert one.finding()["state"] == "answered"
    path = f"/bench/samples/{one.label}/withdrawal"
    twice = [
        send(lab, path, [("analysis", id), ("version", "1"), ("reason", "wrong vial")])
        for _ in range(2)
    ]
    assert [answer.status_code for answer in twice] == [303, 303]
    assert one.finding()["state"] == "withdrawn"


def test_a_persons_code_scanned_by_mistake_stays_out_of_addresses(
    take_in: Rocks, lab: Knocker
) -> None:
    rock = take_in()
    refused = send(lab, "/bench/", [("label", f"https://caillou.example/r/{rock.code}")])
    assert refused.status_code == 404
    assert "location" not in refused.headers
    found = send(lab, "/bench/", [("label", rock.label.lower()), ("method", "gc_ms")])
    assert (found.status_code, found.headers["location"]) == (
        303,
        f"/bench/samples/{rock.label}?method=gc_ms",
    )


@pytest.mark.parametrize("event", ["sent", "taken", "analysed", "burnt", ""])
def test_what_the_laboratory_cannot_have_done_is_refused(
    take_in: Rocks, lab: Knocker, event: str
) -> None:
    refused = send(lab, f"/bench/samples/{take_in().label}/custody", [("event", event)])
    assert refused.status_code == 422
    assert "received" in refused.text
