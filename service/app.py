"""Composes rooms, refusals and lifespan; the only file that knows everyone."""

import gc
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic.json_schema import models_json_schema
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from service.access.door import Door, permission_of
from service.access.limits import Misses
from service.access.permissions import PUBLIC, TABLE, Permission
from service.cards import routes as cards
from service.cards.audio import recordings
from service.demo import credentials as demo
from service.evidence import routes as evidence
from service.evidence import store as evidence_store
from service.evidence.reference import FOLDER, references
from service.foundation import clock, log
from service.foundation.bodies import Bounded
from service.foundation.database import Database, NotStored, open_database
from service.foundation.hooks import Hooks
from service.foundation.http import BODIES, Envelope, answer, preferred
from service.foundation.problems import FLAWS, PROBLEMS, Flaw, Problem, Unfit, flaws_of
from service.foundation.settings import ROOT, Settings
from service.intake import routes as intake
from service.intake import store as intake_store
from service.intake.carried import CarriedKey
from service.intake.pickup import Keys
from service.lab import routes as lab
from service.lab.desk import SERVICE, Desk
from service.observatory import routes as observatory
from service.observatory import store as observatory_store
from service.observatory.alerts import store as alerts_store
from service.observatory.export import routes as export
from service.observatory.notices import routes as notices
from service.observatory.notices.stream import Listeners
from service.observatory.shelf import Shelf
from service.pages import routes as pages
from service.pages.bench import routes as bench
from service.pages.frame import language_of, page
from service.pages.notices import routes as notice_pages
from service.pages.survey import routes as survey
from service.pages.tablet import routes as tablet
from service.pages.tablet.shell import Shell
from service.wording import routes as wording
from service.wording.catalogue import Catalogue
from service.wording.inventory import FALLBACK
from service.wording.message import Speaker
from service.wording.notices import NOTICES
from service.wording.rules import ON_PAPER, WHEN_TOLD, rules
from service.wording.talk import TALK

PROBLEM_JSON, HTML = "application/problem+json", "text/html"
RETRY_AFTER = {429: "60", 503: "5", 507: "60"}
_BY_STATUS = {
    401: "not-signed-in",
    404: "not-found",
    405: "wrong-method",
    408: "too-slow",
    413: "too-large",
}


def create_app(settings: Settings) -> FastAPI:
    """The service. Raises CatalogueError or RefusesToStart where it could only do harm."""
    app = _Caillou(
        title="Caillou",
        version="0.1.0",
        description="One rock in, a few plain and true sentences out.",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,  # its redirects would name the scheme and host that the client claims
        lifespan=_lifespan,
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
    )
    speaker = Speaker(
        Catalogue(ROOT / "messages"),
        rules(settings.zone),
        only_approved=settings.words_policy == "approved",
    )
    ready_to_speak(speaker)
    app.state.settings = settings
    app.state.speaker = speaker
    app.state.keys = Keys.of(settings.pickup_secret)
    app.state.carried = CarriedKey.of(settings.pickup_secret)
    app.state.misses = Misses()
    app.state.hooks = Hooks(
        written=[evidence_store.learn, observatory_store.survey_sample, _watch],
        erased=[evidence_store.unlearn, observatory_store.forget, _forget],
    )
    app.state.shelf = Shelf()
    app.state.listeners = Listeners()
    app.state.recordings = recordings(ROOT / "messages")
    app.state.references = references(FOLDER, settings.data_dir / "references")
    app.state.describe = describe
    app.state.describe_flaw = describe_flaw
    app.state.demo = None
    rooms = (
        intake,
        lab,
        evidence,
        wording,
        cards,
        observatory,
        notices,
        export,
        pages,
        bench,
        survey,
        notice_pages,
        tablet,
    )
    for room in rooms:
        app.router.routes.extend(room.router.routes)  # include_router would make every door a second time
    _add_operator_doors(app)
    static = Path(__file__).parent / "pages" / "static"
    app.state.shell = Shell.of(static, speaker.catalogue)
    app.mount("/static", StaticFiles(directory=static))
    for kind in (
        Problem,
        Unfit,
        NotStored,
        sa.exc.IntegrityError,
        RequestValidationError,
        HTTPException,
        Exception,
    ):
        app.add_exception_handler(kind, _refuse)
    return app


def _watch(connection: sa.Connection, sample: UUID) -> None:
    alerts_store.watch(connection, sample, clock.now())


def _forget(connection: sa.Connection, sample: UUID) -> None:
    alerts_store.forget(connection, sample, clock.now())


class RefusesToStart(Exception):
    """Something without which the service would do harm; the text says what."""


def ready_to_speak(speaker: Speaker) -> None:
    """Every rule has its words, French says them all, and under `approved` somebody has signed the French."""
    keys = [rule.key for rule in (*speaker.rules, *TALK, *WHEN_TOLD, *ON_PAPER)]
    keys += [rule.key for rule in NOTICES]
    if missing := [key for key in keys if key not in speaker.catalogue.wordings]:
        raise RefusesToStart(f"wording.toml lacks {', '.join(missing)}")
    if silent := [key for key in speaker.catalogue.wordings if speaker.catalogue.text(key, FALLBACK) is None]:
        raise RefusesToStart(
            f"no French text (missing, fuzzy or stale) for {', '.join(silent)}: see `words check fr`"
        )
    if speaker.only_approved and (unsigned := speaker.catalogue.unapproved(FALLBACK)):
        what = (
            f"{', '.join(unsigned[:3])} and {len(unsigned) - 3} more" if len(unsigned) > 3 else ", ".join(unsigned)
        )
        raise RefusesToStart(f"no approved French text for {what} (WORDS_POLICY=approved). See `words sign`")


async def knows_its_codes(database: Database, keys: Keys) -> None:
    """Refuse a pickup key that cannot open the codes in this database: every card out there would be dead."""
    sealed = await database.read(intake_store.any_sealed_code)
    try:
        if sealed is not None:
            keys.unseal(sealed)
    except InvalidTag:
        raise RefusesToStart("PICKUP_KEY is not the key of the codes in this database") from None


class _Caillou(FastAPI):
    """FastAPI inside our envelope, with an OpenAPI document that names each door's roles."""

    def build_middleware_stack(self) -> ASGIApp:
        return Envelope(Bounded(super().build_middleware_stack()))

    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is None:
            self.openapi_schema = _openapi(self)
        return self.openapi_schema


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    settings: Settings = app.state.settings
    app.state.database = open_database(settings.database)
    await knows_its_codes(app.state.database, app.state.keys)
    await app.state.database.write(evidence_store.begin)
    await app.state.database.write(observatory_store.begin)
    await app.state.database.write(alerts_store.begin)
    catching_up = Desk(SERVICE, app.state.hooks, clock.now())
    await app.state.database.write(catching_up.catch_up)
    if settings.demo:
        app.state.demo = await demo(app.state.database, settings)
    app.openapi()
    # What start-up built is never collected, the rest seldom: full collections stall requests (p99 45 -> 14 ms).
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
    log.events.info("ready")
    yield
    app.state.database.close()


def _add_operator_doors(app: FastAPI) -> None:
    @app.get("/healthz", tags=["operator"])
    async def healthz(_: Annotated[None, Depends(Door(Permission.ASK_HEALTH))]) -> Response:
        """The process answers."""
        return answer({"status": "ok"})

    @app.get("/readyz", tags=["operator"], responses={503: {"description": "Not ready"}})
    async def readyz(request: Request, _: Annotated[None, Depends(Door(Permission.ASK_HEALTH))]) -> Response:
        """The database can be read and written."""
        database = request.app.state.database
        await database.read(lambda connection: connection.execute(sa.text("SELECT 1")))
        await database.write(lambda connection: connection.execute(sa.text("SELECT 1")))
        return answer({"status": "ready"})

    @app.get("/openapi.json", tags=["operator"])
    async def openapi(_: Annotated[None, Depends(Door(Permission.LOOK_AROUND))]) -> Response:
        """Every door, for programs."""
        return answer(app.openapi())


# --- Refusals -----------------------------------------------------------------------------------------


def describe(problem: Problem, request: Request) -> dict[str, Any]:
    """The problem's body (RFC 9457), in the reader's language."""
    language = language_of(request)
    translated: Callable[..., str] = request.app.state.speaker.catalogue.page
    status, title = PROBLEMS[problem.kind]
    body: dict[str, Any] = {
        "type": f"urn:caillou:problem:{problem.kind}",
        "title": translated("problem", title, language),
        "status": status,
    }
    if problem.flaws:
        body["errors"] = [
            {"pointer": flaw.pointer, "detail": describe_flaw(flaw, request)} for flaw in problem.flaws
        ]
    return {**body, **problem.extra}


def describe_flaw(flaw: Flaw, request: Request) -> str:
    """The flaw's sentence in the reader's language."""
    translated: Callable[..., str] = request.app.state.speaker.catalogue.page
    return translated("flaw", FLAWS[flaw.reason], language_of(request)).format_map(flaw.values)


def _problem_of(error: Exception) -> Problem:
    match error:
        case Problem():
            return error
        case Unfit():
            return Problem("invalid", *error.flaws)
        case NotStored():
            log.events.error("not stored: %s", "full" if error.full else type(error.__cause__).__name__)
            return Problem("storage-full" if error.full else "not-stored")
        case sa.exc.IntegrityError():
            return Problem("not-stored")  # two at once wanted the same row; the next try sees the winner
        case RequestValidationError():
            return Problem("invalid", *_flaws_of_request(error))
        case HTTPException(status_code=status) if status in _BY_STATUS:
            return Problem(_BY_STATUS[status])
        case HTTPException(status_code=status) if status < 500:
            return Problem("malformed")
        case _:
            return Problem("internal")


def _flaws_of_request(error: RequestValidationError) -> tuple[Flaw, ...]:
    errors = [{**one, "loc": tuple(one["loc"])[1:]} for one in error.errors()]
    return flaws_of(errors)


async def _refuse(request: Request, error: Exception) -> Response:
    response = _answer_problem(request, _problem_of(error))
    if isinstance(error, HTTPException) and error.status_code == 405:
        response.headers.update(error.headers or {})
    return response


def _answer_problem(request: Request, problem: Problem) -> Response:
    headers = {"Retry-After": RETRY_AFTER[problem.status]} if problem.status in RETRY_AFTER else {}
    if problem.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    body = describe(problem, request)
    if preferred(request.headers.get("accept"), (PROBLEM_JSON, HTML)) == HTML:
        template = "sign_in.html" if problem.status == 401 else "problem.html"
        title = body["title"] if problem.kind != "not-signed-in" else ""
        response = page(request, template, problem.status, title=title, errors=body.get("errors", ()))
        response.headers.update(headers)
        return response
    return Response(orjson.dumps(body), problem.status, headers, media_type=PROBLEM_JSON)


# --- OpenAPI ------------------------------------------------------------------------------------------


def _openapi(app: FastAPI) -> dict[str, Any]:
    api = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
    doors = {(route.path_format, method.lower()): permission_of(route) for route, method in _routes(app)}
    for path, operations in api["paths"].items():
        for method, operation in operations.items():
            permission = doors[path, method]
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
    asked = {name: one for name, one in components.get("schemas", {}).items() if "ValidationError" not in name}
    components["schemas"] = {"Problem": _PROBLEM_SCHEMA, **asked, **definitions.get("$defs", {})}
    components["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer"},
        "session": {"type": "apiKey", "in": "cookie", "name": "__Host-caillou"},
    }
    return api


def _routes(app: FastAPI) -> list[tuple[APIRoute, str]]:
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
