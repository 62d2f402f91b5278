"""Every endpoint, sent what its description allows and what it does not: never a 5xx."""

from collections.abc import Callable
from typing import Any

import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode

from service.access.permissions import Role
from tests.conftest import token_of

TRIES = 4
# Signing out would end the token that knocks; the stream never ends (tests/observatory).
LEFT_OUT = {("post", "/sign-out"), ("get", "/v1/notices/stream")}
SENT = ("method", "url", "headers", "params", "json")


@pytest.mark.timeout(300)
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_no_door_breaks(anyone: TestClient, mode: GenerationMode) -> None:
    api = anyone.get("/openapi.json").json()
    knocked, nothing_wrong_to_send = set(), set()
    operations: Any = schemathesis.openapi.from_dict(api).get_all_operations()
    for operation in (found.ok() for found in operations):
        door = (operation.method.lower(), operation.path)
        if door in LEFT_OUT:
            continue
        roles = api["paths"][operation.path][door[0]]["x-roles"]
        holder = roles[0] if roles[0] in set(Role) else "outreach"
        try:
            knocking(anyone, operation, mode, holder)()
            knocked.add(door)
        except Unsatisfiable:
            nothing_wrong_to_send.add(door)
    doors = {(method, path) for path, methods in api["paths"].items() for method in methods}
    assert knocked | nothing_wrong_to_send == doors - LEFT_OUT
    assert mode is GenerationMode.NEGATIVE or not nothing_wrong_to_send


def knocking(
    client: TestClient, operation: Any, mode: GenerationMode, holder: str
) -> Callable[[], None]:
    """A test of one door by whoever may open it."""

    @settings(
        max_examples=TRIES, deadline=None, suppress_health_check=list(HealthCheck), database=None
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def knock(case: Any) -> None:
        made = case.as_transport_kwargs(base_url="https://caillou.example")
        kept = {key: made[key] for key in SENT if key in made}
        sent = made.get("data")
        kept["data" if isinstance(sent, dict) else "content"] = sent
        kept["headers"] = {**dict(made["headers"]), "Authorization": f"Bearer {token_of(holder)}"}
        try:
            answer = client.request(**kept, follow_redirects=False)
        except (ValueError, TypeError, UnicodeError):
            return  # the client itself cannot send this
        assert answer.status_code < 500, (kept, answer.text)
        if answer.status_code >= 400:
            medium = answer.headers["content-type"].split(";")[0]
            assert medium in ("application/problem+json", "text/html"), operation.label

    return knock
