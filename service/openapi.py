"""The OpenAPI document: every endpoint with its roles, its bodies, its answers and its refusals."""

from typing import Any, TypedDict, cast

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic.json_schema import models_json_schema

from service.access.permissions import PUBLIC, TABLE, Permission
from service.access.require import permission_of
from service.foundation.http import BODIES
from service.foundation.problems import PROBLEMS
from service.refusals import PROBLEM_JSON

JSON = "application/json"

_PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string", "examples": [f"urn:caillou:problem:{next(iter(PROBLEMS))}"]},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "detail"],
                "properties": {"pointer": {"type": "string"}, "detail": {"type": "string"}},
            },
        },
    },
}


class _Response(TypedDict, total=False):
    description: str
    content: dict[str, dict[str, object]]


_Operation = TypedDict(
    "_Operation",
    {
        "operationId": str,
        "parameters": list[object],
        "requestBody": object,
        "responses": dict[str, _Response],
        "security": list[dict[str, list[str]]],
        "x-permission": str,
        "x-roles": list[str],
    },
    total=False,
)


class _Components(TypedDict, total=False):
    schemas: dict[str, object]
    securitySchemes: dict[str, dict[str, str]]


class _Document(TypedDict, total=False):
    """What we add to of an OpenAPI document."""

    paths: dict[str, dict[str, _Operation]]
    components: _Components


def document(app: FastAPI) -> dict[str, Any]:
    """The whole document, as /openapi.json gives it."""
    generated = get_openapi(
        title=app.title, version=app.version, description=app.description, routes=app.routes
    )
    api = cast(_Document, generated)

    for route, method in endpoints(app):
        operation = api["paths"].get(route.path_format, {}).get(method.lower())
        if operation is not None:
            operation["operationId"] = route.name
            _keep_nulls(operation, route)
            _add_roles(operation, permission_of(route))
            _add_refusals(operation)

    components = api.setdefault("components", {})
    components["schemas"] = _schemas(components.get("schemas", {}))
    components["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer"},
        "session": {"type": "apiKey", "in": "cookie", "name": "__Host-caillou"},
    }
    return generated


def endpoints(app: FastAPI) -> list[tuple[APIRoute, str]]:
    """Every route with each of its methods."""
    return [
        (context.route, method)
        for context in iter_route_contexts(app.routes)
        if isinstance(context.route, APIRoute)
        for method in context.route.methods or ()
    ]


def _keep_nulls(operation: _Operation, route: APIRoute) -> None:
    """Put each answer's example back as it was written: FastAPI leaves out what is null."""
    for status, response in route.responses.items():
        content: dict[str, dict[str, object]] = response.get("content", {})
        written = content.get(JSON, {})
        if "example" in written:
            operation["responses"][str(status)]["content"][JSON]["example"] = written["example"]


def _add_roles(operation: _Operation, permission: Permission) -> None:
    public = permission in PUBLIC

    operation["x-permission"] = permission
    operation["x-roles"] = ["anyone"] if public else sorted(TABLE[permission])
    operation["security"] = [] if public else [{"bearer": []}, {"session": []}]


def _add_refusals(operation: _Operation) -> None:
    """Describe as a problem whatever may be refused here."""
    responses = operation["responses"]
    statuses = {"422", *(status for status in responses if status.startswith(("4", "5")))}

    if operation["security"]:
        statuses |= {"401", "403"}
    if "requestBody" in operation:
        statuses |= {"400", "413", "503", "507"}
    if "{" in str(operation.get("parameters", "")):
        statuses.add("404")

    schema: dict[str, object] = {"$ref": "#/components/schemas/Problem"}
    for status in sorted(statuses):
        described = responses.get(status, _Response()).get("description", "Refused")
        responses[status] = {
            "description": described,
            "content": {PROBLEM_JSON: {"schema": schema}},
        }


def _schemas(used: dict[str, object]) -> dict[str, object]:
    """What the endpoints refer to, and the bodies that they read themselves.

    The framework's own refusals are never given.
    """
    _, bodies = models_json_schema(
        [(model, "validation") for model in BODIES], ref_template="#/components/schemas/{model}"
    )
    read: dict[str, object] = bodies.get("$defs", {})
    given = {name: schema for name, schema in used.items() if "ValidationError" not in name}

    return {"Problem": _PROBLEM, **given, **read}
