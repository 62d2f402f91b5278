"""The OpenAPI document: every endpoint with its roles, its bodies and its refusals."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic.json_schema import models_json_schema

from service.access.permissions import PUBLIC, TABLE
from service.access.require import permission_of
from service.foundation.http import BODIES
from service.foundation.problems import PROBLEMS
from service.refusals import PROBLEM_JSON


def document(app: FastAPI) -> dict[str, Any]:
    api = get_openapi(
        title=app.title, version=app.version, description=app.description, routes=app.routes
    )
    permissions = {
        (route.path_format, method.lower()): permission_of(route)
        for route, method in endpoints(app)
    }
    for path, operations in api["paths"].items():
        for method, operation in operations.items():
            permission = permissions[path, method]
            public = permission in PUBLIC
            operation["x-permission"] = permission
            operation["x-roles"] = ["anyone"] if public else sorted(TABLE[permission])
            operation["security"] = [] if public else [{"bearer": []}, {"session": []}]
            _add_refusals(operation, public=public)
    _, definitions = models_json_schema(
        [(model, "validation") for model in BODIES], ref_template="#/components/schemas/{model}"
    )
    components = api.setdefault("components", {})
    # What parameters and forms refer to; the framework's own refusals are never given.
    asked = {
        name: one
        for name, one in components.get("schemas", {}).items()
        if "ValidationError" not in name
    }
    components["schemas"] = {"Problem": _PROBLEM_SCHEMA, **asked, **definitions.get("$defs", {})}
    components["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer"},
        "session": {"type": "apiKey", "in": "cookie", "name": "__Host-caillou"},
    }
    return api


def endpoints(app: FastAPI) -> list[tuple[APIRoute, str]]:
    return [
        (context.route, method)
        for context in iter_route_contexts(app.routes)
        if isinstance(context.route, APIRoute)
        for method in context.route.methods or ()
    ]


def _add_refusals(operation: dict[str, Any], *, public: bool) -> None:
    problem = {"content": {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    responses = operation["responses"]
    wanted = {"422"} | (set() if public else {"401", "403"})
    if "requestBody" in operation:
        wanted |= {"400", "413", "503", "507"}
    if "{" in str(operation.get("parameters", "")):
        wanted.add("404")
    for status in sorted(wanted | {code for code in responses if code.startswith(("4", "5"))}):
        described = responses.get(status, {})
        responses[status] = {"description": described.get("description", "Refused"), **problem}


_PROBLEM_SCHEMA = {
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
