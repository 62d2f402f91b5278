"""Every answer that the suite receives, held against what /openapi.json says of it."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import jsonschema_rs
from fastapi import FastAPI
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from httpx2 import Response
from starlette.routing import Match

from service import openapi

JSON = "application/json"


class CheckedClient(TestClient):
    """A client that refuses an answer of /v1 whose medium or shape the document does not give."""

    def request(self, method: str, url: Any, **more: Any) -> Response:
        response = super().request(method, url, **more)

        if response.is_success and response.request.url.path.startswith("/v1/"):
            assert isinstance(self.app, FastAPI)
            check(self.app, response)

        return response


def check(app: FastAPI, response: Response) -> None:
    """Raise AssertionError for an answer that is not as the document says."""
    method = response.request.method
    path = template(app, method, response.request.url.path)
    described = app.openapi()["paths"][path][method.lower()]["responses"]

    status = str(response.status_code)
    assert status in described, f"{method} {path}: {status} is not in the document"

    media = described[status].get("content", {})
    medium = response.headers.get("content-type", "").split(";")[0]
    if not response.content:
        return
    assert medium in media, f"{method} {path} {status}: {medium} is not in the document"

    if medium == JSON:
        problems = problems_of(app, media[JSON]["schema"], response.json())
        assert not problems, f"{method} {path} {status}: {problems}"


def template(app: FastAPI, method: str, path: str) -> str:
    """The document's name of the path: /v1/samples/{id}."""
    scope = {"type": "http", "method": method, "path": path}

    for route, _ in openapi.endpoints(app):
        match, _ = route.matches(scope)
        if match is Match.FULL:
            assert isinstance(route, APIRoute)
            return route.path_format

    raise AssertionError(f"no endpoint answers {method} {path}")


def problems_of(app: FastAPI, schema: Mapping[str, Any], answer: Any) -> list[str]:
    """What is wrong with an answer; a key that its schema does not name is wrong, too."""
    (reference,) = schema.values()
    assert isinstance(reference, str), f"a shape without a name: {schema}"
    validator = _validator(_Document(app.openapi()), reference)

    return [
        f"{'/'.join(map(str, error.instance_path))}: {error.message}"
        for error in validator.iter_errors(answer)
    ][:5]


class _Document(dict[str, Any]):
    """The document as a key: two services of one set of endpoints have one and the same."""

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(tuple(sorted(self["components"]["schemas"])))


@cache
def _validator(document: _Document, reference: str) -> jsonschema_rs.Draft202012Validator:
    components = {"schemas": closed(document["components"]["schemas"])}
    return jsonschema_rs.Draft202012Validator({"$ref": reference, "components": components})


def closed(schema: Any) -> Any:
    """The schema, with no key allowed that it does not name: what drifted is seen."""
    if isinstance(schema, list):
        return [closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema

    parts = {key: closed(part) for key, part in schema.items()}
    if schema.get("type") == "object" and "properties" in schema:
        parts.setdefault("additionalProperties", False)
    return parts
