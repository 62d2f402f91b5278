"""What may be a slip is kept, asked, and answered by whoever looks again."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from service.foundation.settings import Settings
from tests.conftest import Knocker, Rock
from tests.intake.test_samples import count, rows
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
    body = {"id": id, "rock_weight_mg": 1170}
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
    corrected = {"id": id, "status": "corrected", "reason": "dilution"}

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
    heavy = {"rock_weight_mg": 1170}
    id = rock.assayed(result("Substance X-17"), confirm=["weight-far-from-field"], **heavy)

    named = lab.post("/v1/lab/names", {"name": "Substance X-17", "substance": "caffeine"})
    assert named.json()["corrected"] == [rock.label]
    assert open_at_the_bench(rock) == [[], []]

    corrected = {"id": id, "version": 3, "status": "corrected", "reason": "weighed again"}
    heavier = sent(rock, cocaine(60), rock_weight_mg=1171, **corrected)
    assert [one["sent"] for one in heavier.json()["questions"]] == [1171.0]


def test_a_withdrawal_ends_the_questions(take_in: Callable[..., Rock], lab: Knocker) -> None:
    rock = take_in(weight_mg=117, weighed="whole_rock")
    id = rock.assayed(cocaine(0.5), rock_weight_mg=1170, analysed_at="2026-11-01T09:00:00Z")
    taken_back = lab.post(f"/v1/assays/{id}/withdrawal", {"reason": "wrong vial"})
    assert taken_back.json()["questions"] == []
    assert open_at_the_bench(rock) == [[], []]
