"""What every answer has in common: JSON bytes, language, medium, headers, one log line."""

import time
import traceback
from collections.abc import Sequence
from typing import Any, TypeVar

import orjson
from pydantic import BaseModel, ValidationError
from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.foundation import log
from service.foundation.problems import Problem, flaws_of

BODY_BYTES = 1_000_000
M = TypeVar("M", bound=BaseModel)

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self' data:; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
}


class Envelope:
    """Around the whole app: safety headers on every answer, nothing cached, one line in the log.

    Of a crash (answered inside) the log gets the kind of error and the lines it went through, never its text,
    which may hold what somebody told us.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        status = 0

        async def seal(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        try:
            await self.app(scope, receive, seal)
        except ClientDisconnect:
            pass
        except Exception as error:
            way = "".join(traceback.format_tb(error.__traceback__))
            log.events.error("crash %s\n%s", type(error).__name__, way)
        finally:
            template = getattr(scope.get("route"), "path_format", "-")
            elapsed = (time.perf_counter() - started) * 1000
            log.requests.info("%s %s %s %.1f ms", scope["method"], template, status or "cut", elapsed)


def answer(body: Any, status: int = 200) -> Response:
    """The body as JSON bytes."""
    return Response(orjson.dumps(body), status, media_type="application/json")


async def parse(request: Request, model: type[M]) -> M:
    """The request's JSON body as this model, or a Problem that names each bad field."""
    try:
        return model.model_validate_json(await request.body())
    except ValidationError as error:
        raise refusal(error) from None


def refusal(error: ValidationError) -> Problem:
    errors = error.errors(include_url=False, include_input=False)
    if errors[0]["type"] == "json_invalid":
        return Problem("malformed")
    return Problem("invalid", *flaws_of(errors))


def preferred(header: str | None, offered: Sequence[str]) -> str | None:
    """Which of the offered the header (Accept or Accept-Language) likes best; None where it likes none.

    Nothing asked means the first offered; among equals the one offered first wins.
    """
    if not header or not header.strip():
        return offered[0]
    wishes = [_wish(part) for part in header.split(",")]
    liking = {one: max((q for range_, q in wishes if _covers(range_, one)), default=0.0) for one in offered}
    # An explicit refusal (q=0) beats a wildcard.
    for range_, q in wishes:
        if q == 0 and range_ in liking:
            liking[range_] = 0
    best = max(offered, key=lambda one: liking[one])
    return best if liking[best] > 0 else None


def _wish(part: str) -> tuple[str, float]:
    range_, *parameters = (piece.strip().lower() for piece in part.split(";"))
    for parameter in parameters:
        if parameter.startswith("q="):
            try:
                return range_, min(max(float(parameter[2:]), 0.0), 1.0)
            except ValueError:
                return range_, 0.0
    return range_, 1.0


def _covers(range_: str, one: str) -> bool:
    if range_ in ("*", "*/*") or range_ == one:
        return True
    if "/" in one:
        return range_.endswith("/*") and one.startswith(range_[:-1])
    return range_.split("-")[0] == one


# Bodies that routes read themselves (strictly, from bytes), for the OpenAPI document.
BODIES: list[type[BaseModel]] = []


def takes(model: type[BaseModel]) -> dict[str, Any]:
    """OpenAPI's description of a JSON body of this model, with the model's own example."""
    BODIES.append(model)
    config: Any = model.model_config.get("json_schema_extra") or {}
    media = {"schema": {"$ref": f"#/components/schemas/{model.__name__}"}, "example": config.get("example")}
    return {"requestBody": {"required": True, "content": {"application/json": media}}}
