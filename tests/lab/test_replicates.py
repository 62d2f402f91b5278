"""Contents of one rock by one method: their mean counts, and how far they lie apart is kept."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from service.foundation.settings import Settings
from service.lab.replicates import is_mean, mean, spread, uncertainty_percent
from tests.conftest import Knocker, Rock
from tests.intake.test_samples import count, rows
from tests.rocks import assay_body, result

CONTENTS = [57.1, 58.0, 57.4]


def replicated(contents: Any = CONTENTS, **more: Any) -> dict[str, Any]:
    return result("cocaine", "quantified", replicates=contents, expressed_as="base", **more)


def test_the_mean_counts_and_the_spread_is_shown(
    take_in: Callable[..., Rock], lab: Knocker, settings: Settings
) -> None:
    rock = take_in()
    id = rock.assayed(replicated())
    assert rock.finding()["content"] == {
        "percent": 57.5,
        "basis": "base",
        "uncertainty_percent": pytest.approx(0.92, abs=0.01),
        "method": "gc_ms",
        "assay": id,
    }

    (seen,) = lab.get(f"/v1/lab/samples/{rock.label}").json()["analyses"]
    assert seen["results"][0]["replicates"] == CONTENTS
    assert seen["results"][0]["spread"] == {
        "n": 3,
        "mean": 57.5,
        "standard_deviation": pytest.approx(0.4583, abs=1e-4),
    }
    assert rows(settings, "results")[0]["content_percent"] == 57.5


def test_what_the_laboratory_states_itself_stands(take_in: Callable[..., Rock]) -> None:
    rock = take_in()
    rock.assayed(replicated(uncertainty_percent=5, content_percent=57.5))
    assert rock.finding()["content"]["uncertainty_percent"] == 5


def test_replicates_sent_again_are_identical(take_in: Callable[..., Rock], lab: Knocker) -> None:
    rock = take_in()
    id = rock.assayed(replicated())
    again = lab.put(f"/v1/assays/{id}", assay_body(rock.label, replicated()))
    assert (again.status_code, again.json()["outcome"]) == (200, "identical")

    other = lab.put(f"/v1/assays/{id}", assay_body(rock.label, replicated([57.1, 57.9, 57.5])))
    assert other.status_code == 409
    assert other.json()["held"]["results"][0]["replicates"] == CONTENTS


@pytest.mark.parametrize(
    ("sent", "pointer"),
    [
        (replicated(content_percent=57.6), "content_percent"),
        (replicated(content_percent=56), "content_percent"),
        (replicated([57.1]), "replicates"),
        (replicated([]), "replicates"),
        (replicated([50.0] * 21), "replicates"),
        (replicated([57.1, 101]), "replicates/1"),
        (replicated([57.1, -1]), "replicates/1"),
        (replicated([57.1, "58"]), "replicates/1"),
        (
            replicated([57.1, {"substance": "caffeine", "content_percent": 58}]),
            "replicates/1",
        ),
        (replicated(57.1), "replicates"),
        (result("cocaine", replicates=CONTENTS), "replicates"),
        (result("cocaine", "not_detected", replicates=CONTENTS), "replicates"),
    ],
)
def test_the_field_is_named(
    take_in: Callable[..., Rock],
    lab: Knocker,
    settings: Settings,
    sent: dict[str, Any],
    pointer: str,
) -> None:
    rock = take_in()
    refused = lab.put(f"/v1/assays/{uuid.uuid4()}", assay_body(rock.label, sent))
    assert refused.status_code == 422, refused.text
    pointers = [error["pointer"] for error in refused.json()["errors"]]
    assert f"/results/0/{pointer}" in pointers
    assert count(settings, "assays") == 0


def test_replicates_are_of_one_substance_and_not_rows_of_it(
    take_in: Callable[..., Rock], lab: Knocker
) -> None:
    rock = take_in()
    other = {**replicated([8.0, 9.0]), "substance": "Cocaine HCl"}
    body = assay_body(rock.label, replicated(), other)
    refused = lab.put(f"/v1/assays/{uuid.uuid4()}", body)
    assert [error["pointer"] for error in refused.json()["errors"]] == ["/results/1/substance"]


@pytest.mark.parametrize(
    ("content", "holds"),
    [(57.3667, True), (57.37, True), (57.4, True), (57, True), (57.36, False), (58, False)],
)
def test_a_content_is_their_mean_as_exactly_as_it_is_written(content: float, holds: bool) -> None:
    assert is_mean(content, [57.1, 57.5, 57.5]) is holds


def test_the_spread_becomes_an_uncertainty_of_the_mean() -> None:
    assert mean([57.0, 58.0]) == 57.5
    told = spread([57.0, 58.0])
    assert told is not None
    assert (told.n, told.mean, told.standard_deviation) == (2, 57.5, 0.7071)
    # 2 standard errors of 0.7071 / sqrt(2) = 0.5 are 1.0, of 57.5: 1.7391 %.
    assert uncertainty_percent([57.0, 58.0]) == 1.7391
    assert uncertainty_percent([0.0, 0.0]) is None
    assert uncertainty_percent([0.0, 0.0, 90.0]) == 100
    assert spread([57.0]) is None
