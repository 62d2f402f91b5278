"""What may be a slip is kept, asked, and answered by whoever looks again."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from service.foundation.settings import Settings
from tests.conftest import Knocker, Rock
from tests.intake.test_samples import count, rows
from tests.lab.test_forms import analyses, send, sheet
from tests.lab.test_import import LONG, long_row, report, table
from tests.lab.test_panels import declared
from tests.rocks import assay_body, cocaine, result

WEIGHT = {
    "code": "weight-far-from-field",
    "field": "/rock_weight_mg",
    "known": 117.0,
    "sent": 1170.0,
}


def open_at_the_bench(rock: Rock) -> list[list[dict[str, Any]]]:
    """The open questions of each version of each assay."""
    seen = rock.lab.get(f"/v1/lab/samples/{rock.label}").json()["analyses"]
    return [version["questions"] for version in seen]


def sent(rock: Rock, *results: Any, id: str | None = None, **facts: Any) -> Any:
    body = assay_body(rock.label, *results, **facts)
    return rock.lab.put(f"/v1/assays/{id or uuid.uuid4()}", body)


@pytest.mark.parametrize(
    ("facts", "questions"),
    [
        ({}, []),
        ({"rock_weight_mg": None}, []),
        ({"rock_weight_mg": 94}, []),
        ({"rock_weight_mg": 146}, []),
        ({"rock_weight_mg": 93}, [{**WEIGHT, "sent": 93.0}]),
        ({"rock_weight_mg": 147}, [{**WEIGHT, "sent": 147.0}]),
        ({"rock_weight_mg": 1170}, [WEIGHT]),
        (
            {"rock_weight_mg": 0.117},
            [
                {**WEIGHT, "sent": 0.117},
                {"code": "weight-tiny", "field": "/rock_weight_mg", "known": None, "sent": 0.117},
            ],
        ),
        (
            {"results": [result("caffeine"), cocaine(0.57)]},
            [
                {
                    "code": "content-tiny",
                    "field": "/results/1/content_percent",
                    "known": None,
                    "sent": 0.57,
                }
            ],
        ),
        ({"results": [cocaine(1.1)]}, []),
        ({"results": [cocaine(0)]}, []),
        (
            {"analysed_at": "2026-11-20T23:00:00+01:00"},
            [
                {
                    "code": "analysed-before-taken",
                    "field": "/analysed_at",
                    "known": "2026-11-20T22:10:00+00:00",
                    "sent": "2026-11-20T22:00:00+00:00",
                }
            ],
        ),
        (
            {
                "results": [
                    {**cocaine(60), "uncertainty_percent": 5},
                    result("caffeine", "quantified", content_percent=41),
                ]
            },
            [{"code": "sum-over-hundred", "field": "/results", "known": 100.0, "sent": 101.0}],
        ),
    ],
)
def test_it_is_asked_and_the_assay_is_kept(
    take_in: Callable[..., Rock], facts: dict[str, Any], questions: list[dict[str, Any]]
) -> None:
    rock = take_in(weight_mg=117, weighed="whole_rock")
    body = {"rock_weight_mg": 117, "results": [cocaine(57)], **facts}
    kept = sent(rock, **body)
    assert kept.status_code == 201, kept.text
    assert kept.json()["questions"] == questions
    assert open_at_the_bench(rock) == [questions]
    assert rock.finding()["state"] == "answered"


def test_a_piece_says_nothing_of_the_rocks_weight(take_in: Callable[..., Rock]) -> None:
    rock = take_in(weight_mg=117, weighed="piece")
    assert sent(rock, rock_weight_mg=1170).json()["questions"] == []


def test_the_same_version_with_an_answer_answers(
    take_in: Callable[..., Rock], settings: Settings
) -> None:
    rock = take_in(weight_mg=117, weighed="whole_rock")
    id = str(uuid.uuid4())
    body: dict[str, Any] = {"id": id, "rock_weight_mg": 1170}
    assert sent(rock, **body).json()["questions"] == [WEIGHT]
    assert sent(rock, **body).json()["questions"] == [WEIGHT]

    answered = sent(rock, confirm=["weight-far-from-field"], **body)
    assert (answered.status_code, answered.json()["outcome"]) == (200, "identical")
    assert answered.json()["questions"] == []
    assert open_at_the_bench(rock) == [[]]

    assert sent(rock, **body).json()["questions"] == []
    assert count(settings, "assays") == 1
    lines = [(row["action"], row["version"]) for row in rows(settings, "audit_log")]
    assert lines[1:] == [("reported", 1), ("confirmed", 1)]


def test_a_version_may_come_with_its_answers(
    take_in: Callable[..., Rock], settings: Settings
) -> None:
    rock = take_in(weight_mg=117, weighed="whole_rock")
    kept = sent(rock, rock_weight_mg=1170, confirm=["weight-far-from-field"])
    assert (kept.status_code, kept.json()["questions"]) == (201, [])
    assert open_at_the_bench(rock) == [[]]
    assert [row["action"] for row in rows(settings, "audit_log")] == ["took_in", "reported"]


@pytest.mark.parametrize(
    ("confirm", "pointers"),
    [
        (["weight-far-from-field"], ["/confirm/0"]),
        (["weight-tiny", "content-tiny"], ["/confirm/0", "/confirm/1"]),
        (["all-of-it"], ["/confirm/0"]),
        ("weight-tiny", ["/confirm"]),
    ],
)
def test_what_nobody_asked_is_not_answered(
    take_in: Callable[..., Rock], settings: Settings, confirm: Any, pointers: list[str]
) -> None:
    rock = take_in(weight_mg=138, weighed="whole_rock")
    refused = sent(rock, confirm=confirm)
    assert refused.status_code == 422
    assert [error["pointer"] for error in refused.json()["errors"]] == pointers
    assert count(settings, "assays") == 0

    id = rock.assayed()
    again = sent(rock, id=id, confirm=confirm)
    assert [error["pointer"] for error in again.json()["errors"]] == pointers


def test_a_correction_by_ten_is_asked_and_a_usual_one_is_not(take_in: Callable[..., Rock]) -> None:
    rock = take_in(weight_mg=138, weighed="whole_rock")
    id = rock.assayed(cocaine(60))
    corrected: dict[str, Any] = {"id": id, "status": "corrected", "reason": "dilution"}

    changed = sent(rock, cocaine(6), version=2, **corrected).json()["questions"]
    assert changed == [
        {
            "code": "changed-tenfold",
            "field": "/results/0/content_percent",
            "known": 60.0,
            "sent": 6.0,
        }
    ]
    assert open_at_the_bench(rock) == [[], changed]
    assert sent(rock, cocaine(6), version=2, **corrected).json()["questions"] == changed

    assert sent(rock, cocaine(22), version=3, **corrected).json()["questions"] == []
    assert open_at_the_bench(rock) == [[], [], []]


def test_what_was_answered_is_not_asked_again_of_a_correction(
    take_in: Callable[..., Rock], lab: Knocker
) -> None:
    rock = take_in(weight_mg=117, weighed="whole_rock")
    heavy: dict[str, Any] = {"rock_weight_mg": 1170}
    id = rock.assayed(result("Substance X-17"), confirm=["weight-far-from-field"], **heavy)

    named = lab.post("/v1/lab/names", {"name": "Substance X-17", "substance": "caffeine"})
    assert named.json()["corrected"] == [rock.label]
    assert open_at_the_bench(rock) == [[], []]

    corrected: dict[str, Any] = {
        "id": id,
        "version": 3,
        "status": "corrected",
        "reason": "weighed again",
    }
    heavier = sent(rock, cocaine(60), rock_weight_mg=1171, **corrected)
    assert [one["sent"] for one in heavier.json()["questions"]] == [1171.0]


def test_a_withdrawal_ends_the_questions(take_in: Callable[..., Rock], lab: Knocker) -> None:
    rock = take_in(weight_mg=117, weighed="whole_rock")
    id = rock.assayed(cocaine(0.5), rock_weight_mg=1170, analysed_at="2026-11-01T09:00:00Z")
    taken_back = lab.post(f"/v1/assays/{id}/withdrawal", {"reason": "wrong vial"})
    assert taken_back.json()["questions"] == []
    assert open_at_the_bench(rock) == [[], []]


class TestTheBench:
    """Questions beside the rows of a file, in the read-back, and on the sample's page."""

    def test_a_file_shows_each_beside_its_cell_before_it_is_kept(
        self, take_in: Callable[..., Rock], lab: Knocker, settings: Settings
    ) -> None:
        rock = take_in(weight_mg=117, weighed="whole_rock")
        content = table(
            LONG,
            long_row(rock.label, "caffeine", "nd", rock_weight_mg="1170"),
            long_row(rock.label, "cocaine", "", "0.57", rock_weight_mg="1170"),
        )
        judged = report(lab, content, dry_run="true")
        assert [
            (asked["code"], asked["cell"], asked["value"], asked["known"], asked["sent"])
            for asked in judged["questions"]
        ] == [
            ("weight-far-from-field", "F3", "1170", 117, 1170),
            ("content-tiny", "I3", "0.57", None, 0.57),
        ]
        assert "117 mg" in judged["questions"][0]["detail"]
        assert (judged["rows"], count(settings, "assays")) == ([], 0)

        kept = report(lab, content)
        assert (kept["accepted"], kept["questions"]) == ([rock.label], judged["questions"])
        assert [len(questions) for questions in open_at_the_bench(rock)] == [2]

    def test_keeping_what_was_read_back_answers(
        self, take_in: Callable[..., Rock], lab: Knocker
    ) -> None:
        rock = take_in(weight_mg=117, weighed="whole_rock")
        fields = [*sheet(("cocaine", "0.57")), ("rock_weight_mg", "1170")]
        shown = send(lab, analyses(rock), fields)
        assert 'class="asked">The field scale said 117 mg, this says 1170 mg.' in shown.text
        assert 'class="asked">This is 0.57 %.' in shown.text

        read_back = shown.text.split('name="read_back" value="')[1].split('"')[0]
        kept = send(lab, analyses(rock), [*fields, ("read_back", read_back)])
        assert kept.status_code == 303
        (assay,) = lab.get(f"/v1/lab/samples/{rock.label}").json()["analyses"]
        assert (assay["questions"], assay["confirmed"]) == (
            [],
            ["weight-far-from-field", "content-tiny"],
        )

    def test_what_is_asked_meanwhile_is_not_answered_unseen(
        self, take_in: Callable[..., Rock], lab: Knocker, settings: Settings
    ) -> None:
        rock = take_in(weight_mg=138, weighed="whole_rock")
        fields = [*sheet(("cocaine", "57")), ("rock_weight_mg", "138")]
        shown = send(lab, analyses(rock), fields)
        read_back = shown.text.split('name="read_back" value="')[1].split('"')[0]

        lighter = {**rock.body, "revision": 2, "weight_mg": 20}
        assert rock.worker.put(rock.path, lighter).status_code == 200
        again = send(lab, analyses(rock), [*fields, ("read_back", read_back)])
        assert (again.status_code, count(settings, "assays")) == (200, 0)
        assert 'class="asked">The field scale said 20 mg' in again.text

    def test_an_open_question_is_answered_on_the_samples_page(
        self, take_in: Callable[..., Rock], lab: Knocker, settings: Settings
    ) -> None:
        rock = take_in(weight_mg=117, weighed="whole_rock")
        id = rock.assayed(cocaine(57), rock_weight_mg=1170)
        page = f"/bench/samples/{rock.label}"
        assert "It is right as it stands" in lab.get(page).text

        answer = [("analysis", id), ("version", "1"), ("code", "weight-far-from-field")]
        assert send(lab, f"{page}/questions", [*answer[:1], ("version", "2")]).status_code == 409
        assert send(lab, f"{page}/questions", [*answer, ("code", "x")]).status_code == 422
        foreign = [("analysis", str(uuid.uuid4())), *answer[1:]]
        assert send(lab, f"{page}/questions", foreign).status_code == 404
        assert open_at_the_bench(rock) == [[WEIGHT]]

        answered = send(lab, f"{page}/questions", answer)
        assert (answered.status_code, answered.headers["location"]) == (303, page)
        assert open_at_the_bench(rock) == [[]]
        assert "It is right as it stands" not in lab.get(page).text
        assert rows(settings, "audit_log")[-1]["action"] == "confirmed"

    def test_a_correction_in_the_form_keeps_what_no_form_asks(
        self, take_in: Callable[..., Rock], lab: Knocker
    ) -> None:
        rock = take_in()
        panel = declared(lab, method="ftir")
        hits = [result("caffeine", score=0.9), result("fentanyl", "in_doubt", score=0.3)]
        id = rock.assayed(*hits, method="ftir", panel=panel, status="preliminary")

        fields = [
            *(("do", "check"), ("version", "2"), ("laboratory", "chu-lille-toxicology")),
            *(("status", "preliminary"), ("method", "ftir"), ("analysis", id)),
            ("analysed_at", "2026-11-22T09:00"),
            *(("substance", "caffeine"), ("content_percent", "detected")),
            *(("substance", "fentanyl"), ("content_percent", "in_doubt")),
        ]
        shown = send(lab, analyses(rock), fields)
        read_back = shown.text.split('name="read_back" value="')[1].split('"')[0]
        keep = [("do", "keep"), *fields[1:], ("read_back", read_back)]
        assert send(lab, analyses(rock), keep).status_code == 303

        corrected = lab.get(f"/v1/lab/samples/{rock.label}").json()["analyses"][1]
        assert (corrected["version"], corrected["panel"]) == (2, panel)
        assert [row["score"] for row in corrected["results"]] == [0.9, 0.3]
