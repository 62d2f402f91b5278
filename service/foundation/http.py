"""What every answer has in common: JSON bytes, language, medium, headers, one log line."""

import re
import time
import traceback
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Annotated, Any, TypeVar

import orjson
from fastapi import Query
from pydantic import BaseModel, ValidationError
from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.foundation import bodies, log
from service.foundation.problems import Problem, flaws_of

BODY_BYTES = 1_000_000
MOST_WISHES, WISH_LENGTH = 50, 200
"""Of Accept and Accept-Language no more is read: browsers send a dozen."""
_TAGS = re.compile(r'(?:W/)?"([^"]*)"')
_RANGE = re.compile(r"bytes=([0-9]{0,15})-([0-9]{0,15})")
M = TypeVar("M", bound=BaseModel)
Languages = Annotated[list[str] | None, Query(alias="lang", max_length=50)]
"""The languages that a reader asks for, by repeating `lang`."""

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; font-src 'self'; "
        "img-src 'self' data:; media-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
}


class AnswerMiddleware:
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

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        try:
            await self.app(scope, receive, send_with_headers)
        except ClientDisconnect:
            status = 0
        except Exception as error:
            way = "".join(traceback.format_tb(error.__traceback__))
            log.events.error("crash %s\n%s", type(error).__name__, way)
        finally:
            template = getattr(scope.get("route"), "path_format", "-")
            elapsed = (time.perf_counter() - started) * 1000
            log.requests.info(
                "%s %s %s %.1f ms", scope["method"], template, status or "cut", elapsed
            )


def answer(body: Any, status: int = 200) -> Response:
    """The body as JSON bytes."""
    return Response(orjson.dumps(body), status, media_type="application/json")


def tagged(
    asked: str | None, tag: str, body: str | bytes, media_type: str, headers: Mapping[str, str]
) -> Response:
    """The body under its tag, or 304 where `asked` (If-None-Match: tags, weak ones too, or *) names it.

    RFC 9110, 13.1.2. The tag is given without quotes.
    """
    both = {**headers, "ETag": f'"{tag}"'}
    if asked and (asked.strip() == "*" or tag in _TAGS.findall(asked)):
        return Response(status_code=304, headers=both)
    return Response(body, headers=both, media_type=media_type)


def in_parts(
    request: Request, body: bytes, media_type: str, headers: Mapping[str, str]
) -> Response:
    """The body, or the one part of it that was asked for (RFC 9110, 14): players ask for sound that way."""
    both = {**headers, "Accept-Ranges": "bytes"}
    asked = _RANGE.fullmatch(request.headers.get("range", ""))
    first, last = asked.groups() if asked else ("", "")
    if not (first or last) or (first and last and int(last) < int(first)):
        return Response(body, headers=both, media_type=media_type)
    start = int(first) if first else max(0, len(body) - int(last))
    end = min(int(last), len(body) - 1) if first and last else len(body) - 1
    if not start <= end:
        return Response(status_code=416, headers={**both, "Content-Range": f"bytes */{len(body)}"})
    both["Content-Range"] = f"bytes {start}-{end}/{len(body)}"
    return Response(body[start : end + 1], 206, both, media_type)


async def parse(request: Request, model: type[M]) -> M:
    """The request's JSON body as this model, or a Problem that names each bad field."""
    try:
        return model.model_validate_json(await _body(request))
    except ValidationError as error:
        raise refusal(error) from None


async def _body(request: Request) -> bytes:
    """The body, if it is no larger than is accepted; no more than that is ever held."""
    return b"".join([part async for part in limited(request, BODY_BYTES)])


def limited(request: Request, limit: int) -> AsyncGenerator[bytes, None]:
    """The body's parts as they come. Raises HTTPException past `limit` bytes, or where they come too late."""
    bodies.accept(request, limit)
    return request.stream()


def refusal(error: ValidationError) -> Problem:
    errors = error.errors(include_url=False, include_input=False)
    if errors[0]["type"] == "json_invalid":
        return Problem("malformed")
    return Problem("invalid", *flaws_of(errors))


def preferred(header: str | None, offered: Sequence[str]) -> str | None:
    """Which of the offered the header (Accept or Accept-Language) likes best; None where it likes none.

    Nothing asked means the first offered; among equals the one offered first wins. Of what the header says, the
    most specific counts (RFC 9110, 12.5.1).
    """
    if not header or not header.strip():
        return offered[0]
    wishes = [_wish(part[:WISH_LENGTH]) for part in header.split(",", MOST_WISHES)[:MOST_WISHES]]
    best = max(offered, key=lambda one: _quality(wishes, one))
    return best if _quality(wishes, best) > 0 else None


def medium_of(request: Request, offered: Sequence[str]) -> str:
    """In which of these media the answer is wished. Raises Problem where in none."""
    medium = preferred(request.headers.get("accept"), offered)
    if medium is None:
        raise Problem("no-such-medium")
    return medium


def _quality(wishes: Sequence[tuple[str, float]], one: str) -> float:
    fitting = [(_closeness(range_, one), q) for range_, q in wishes if _closeness(range_, one)]
    return max(fitting)[1] if fitting else 0.0


def _closeness(range_: str, one: str) -> int:
    """How closely a range names the one: 0 not at all, 1 by a wildcard, up to 3 by its own name."""
    if range_ == one:
        return 3
    if "/" in one:
        return 2 if range_ == one.split("/")[0] + "/*" else int(range_ == "*/*")
    return 2 if range_.split("-")[0] == one else int(range_ == "*")


def _wish(part: str) -> tuple[str, float]:
    range_, *parameters = (piece.strip().lower() for piece in part.split(";"))
    for parameter in parameters:
        if parameter.startswith("q="):
            try:
                return range_, min(max(0.0, float(parameter[2:])), 1.0)
            except ValueError:
                return range_, 0.0
    return range_, 1.0


def gives(
    shape: type, example: object, status: int = 200, description: str | None = None
) -> dict[int | str, dict[str, Any]]:
    """OpenAPI's description of a JSON answer: its shape, a TypedDict, and an example of it."""
    described: dict[str, Any] = {"description": description} if description else {}
    described["model"] = shape
    described["content"] = {"application/json": {"example": example}}
    return {status: described}


# Bodies that routes read themselves (strictly, from bytes), for the OpenAPI document.
BODIES: list[type[BaseModel]] = []


def takes(model: type[BaseModel]) -> dict[str, Any]:
    """OpenAPI's description of a JSON body of this model, with the model's own example."""
    BODIES.append(model)
    config: Any = model.model_config.get("json_schema_extra") or {}
    media = {
        "schema": {"$ref": f"#/components/schemas/{model.__name__}"},
        "example": config.get("example"),
    }
    return {"requestBody": {"required": True, "content": {"application/json": media}}}
