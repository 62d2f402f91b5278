"""Every JSON answer of /v1 has a shape and an example.

What the suite receives is held against the shape (tests/answers.py).
"""

from typing import Any

import pytest
from fastapi import FastAPI

from service.openapi import endpoints
from tests.answers import closed, problems_of

JSON = "application/json"


def answers(app: FastAPI) -> list[tuple[str, dict[str, Any]]]:
    """Each JSON answer of the document, by a name to read: "get /v1/samples 200"."""
    return [
        (f"{method} {path} {status}", response["content"][JSON])
        for path, operations in app.openapi()["paths"].items()
        if path.startswith("/v1/")
        for method, operation in operations.items()
        for status, response in operation["responses"].items()
        if status.startswith("2") and JSON in response.get("content", {})
    ]


def test_every_answer_has_a_shape_with_a_name(app: FastAPI) -> None:
    nameless = {name for name, content in answers(app) if "$ref" not in content.get("schema", {})}
    assert nameless == set()
    assert len(answers(app)) > 30


def test_every_example_has_its_answers_shape(app: FastAPI) -> None:
    wrong = {
        name: problems_of(app, content["schema"], content.get("example"))
        for name, content in answers(app)
    }
    assert {name: problems for name, problems in wrong.items() if problems} == {}


def test_every_endpoint_of_the_api_says_what_it_gives(app: FastAPI) -> None:
    """Its media are named, or it gives nothing (204)."""
    silent = [
        f"{method} {path} {status}"
        for path, operations in app.openapi()["paths"].items()
        if path.startswith("/v1/")
        for method, operation in operations.items()
        for status, response in operation["responses"].items()
        if status.startswith("2") and status != "204" and not response.get("content")
    ]
    assert silent == []
    assert len(endpoints(app)) > 40


@pytest.mark.parametrize(
    ("answer", "wrong"),
    [
        ({"status": "ok"}, False),
        ({"status": "ok", "drifted": 1}, True),
        ({"status": 1}, True),
        ({}, True),
    ],
)
def test_a_drift_would_be_seen(app: FastAPI, answer: Any, wrong: bool) -> None:
    schema = {"$ref": "#/components/schemas/Health"}
    assert bool(problems_of(app, schema, answer)) is wrong


def test_what_a_shape_leaves_open_stays_open() -> None:
    mapping = {"type": "object", "additionalProperties": {"type": "string"}}
    assert closed(mapping) == mapping
