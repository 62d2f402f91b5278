"""What every answer has in common: JSON bytes, language, medium, headers, one log line."""

import re
import time
import traceback
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from typing import Annotated, Any, NamedTuple, TypeVar

import orjson
from fastapi import Query
from pydantic import BaseModel, ValidationError
from pydantic.config import JsonDict
from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.foundation import bodies, log
from service.foundation.misfits import flaws_of
from service.foundation.problems import Flaw, Problem, Unfit

JSON = "application/json"
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
        "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; "
        "font-src 'self'; img-src 'self' data:; media-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
}


class AnswerMiddleware:
    """Around the whole app: safety headers on every answer, nothing cached, one line in the log.

    Of a crash (answered inside) the log gets the kind of error and the lines it went through,
    never its text, which may hold what somebody told us.
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
                _guard(MutableHeaders(scope=message))
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


def _guard(headers: MutableHeaders) -> None:
    """Add the safety headers that the answer does not set itself."""
    for name, value in HEADERS.items():
        headers.setdefault(name, value)
    headers.setdefault("Cache-Control", "no-store")


# --- Answers ---


def answer(body: object, status: int = 200) -> Response:
    """The body as JSON bytes."""
    return Response(orjson.dumps(body), status, media_type=JSON)


def tagged(
    asked: str | None, tag: str, body: str | bytes, media_type: str, headers: Mapping[str, str]
) -> Response:
    """The body under its tag, or 304 where `asked` names it (RFC 9110, 13.1.2).

    `asked` is If-None-Match: tags, weak ones too, or *. The tag is given without quotes.
    """
    with_tag = {**headers, "ETag": f'"{tag}"'}
    if asked and (asked.strip() == "*" or tag in _TAGS.findall(asked)):
        return Response(status_code=304, headers=with_tag)
    return Response(body, headers=with_tag, media_type=media_type)


def in_parts(
    request: Request, body: bytes, media_type: str, headers: Mapping[str, str]
) -> Response:
    """The body, or the one part of it that was asked for (RFC 9110, 14).

    Players ask for sound that way.
    """
    in_bytes = {**headers, "Accept-Ranges": "bytes"}
    asked = _range_asked(request.headers.get("range", ""), len(body))
    if asked is None:
        return Response(body, headers=in_bytes, media_type=media_type)

    if asked.first > asked.last:
        no_such_part = {**in_bytes, "Content-Range": f"bytes */{len(body)}"}
        return Response(status_code=416, headers=no_such_part)

    where = f"bytes {asked.first}-{asked.last}/{len(body)}"
    part = body[asked.first : asked.last + 1]
    return Response(part, 206, {**in_bytes, "Content-Range": where}, media_type)


class _Range(NamedTuple):
    """Bytes from `first` to `last`, both counted in, from 0; there are none where they cross."""

    first: int
    last: int


def _range_asked(header: str, size: int) -> _Range | None:
    """The part of `size` bytes that a Range header asks for; None where it asks for no part."""
    match = _RANGE.fullmatch(header)
    first, last = match.groups() if match else ("", "")

    if first and last:
        asked = _Range(int(first), min(int(last), size - 1))
        return asked if int(first) <= int(last) else None
    if first:
        return _Range(int(first), size - 1)
    if last:
        return _Range(max(0, size - int(last)), size - 1)
    return None


# --- Bodies ---


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
    """The body's parts as they come.

    Raises HTTPException past `limit` bytes, or where they come too late.
    """
    bodies.accept(request, limit)
    return request.stream()


def refusal(error: ValidationError) -> Problem:
    """The problem that names each field which does not fit."""
    errors = error.errors(include_url=False, include_input=False)
    if errors[0]["type"] == "json_invalid":
        return Problem("malformed")
    return Problem("invalid", *flaws_of(errors))


# --- What the asker likes best ---


def preferred(header: str | None, offered: Sequence[str]) -> str | None:
    """Which of the offered the header (Accept or Accept-Language) likes best; None where none.

    Nothing asked means the first offered; among equals the one offered first wins. Of what the
    header says, the most specific counts (RFC 9110, 12.5.1).
    """
    if not header or not header.strip():
        return offered[0]

    parts = header.split(",", MOST_WISHES)[:MOST_WISHES]
    wishes = [_wish(part[:WISH_LENGTH]) for part in parts]
    qualities = {name: _quality(wishes, name) for name in offered}

    best = max(offered, key=qualities.__getitem__)
    return best if qualities[best] > 0 else None


def check_parameters(request: Request, *known: str) -> None:
    """Raise Unfit for query parameters that an endpoint does not know: none is ignored."""
    unknown = sorted(set(request.query_params) - set(known))
    if unknown:
        raise Unfit(*(Flaw(f"/{_escaped(name)}", "unknown-field") for name in unknown))


def _escaped(name: str) -> str:
    """As RFC 6901 writes a name in a pointer."""
    return name.replace("~", "~0").replace("/", "~1")


def medium_of(request: Request, offered: Sequence[str]) -> str:
    """In which of these media the answer is wished. Raises Problem where in none."""
    medium = preferred(request.headers.get("accept"), offered)
    if medium is None:
        raise Problem("no-such-medium")
    return medium


def _quality(wishes: Sequence[tuple[str, float]], name: str) -> float:
    """How much the wish that names it most closely likes it, from 0 to 1; 0 where none does."""
    judged = [(_closeness(wish, name), quality) for wish, quality in wishes]
    closeness, quality = max(judged)
    return quality if closeness else 0.0


def _closeness(wish: str, name: str) -> int:
    """How closely a wish names it: 0 not at all, 1 by a wildcard, up to 3 by its own name."""
    if wish == name:
        return 3

    if "/" in name:
        kind, _, _ = name.partition("/")
        return 2 if wish == f"{kind}/*" else int(wish == "*/*")
    return 2 if wish.split("-")[0] == name else int(wish == "*")


def _wish(part: str) -> tuple[str, float]:
    """One wish of a header with its quality, from 0 to 1; 1 where it gives none."""
    wish, *parameters = (piece.strip().lower() for piece in part.split(";"))

    for parameter in parameters:
        if parameter.startswith("q="):
            return wish, _as_quality(parameter[2:])
    return wish, 1.0


def _as_quality(text: str) -> float:
    try:
        return min(max(0.0, float(text)), 1.0)
    except ValueError:
        return 0.0


# --- OpenAPI ---


def gives(
    shape: type, example: object, status: int = 200, description: str | None = None
) -> dict[int | str, dict[str, Any]]:
    """OpenAPI's description of a JSON answer: its shape (a TypedDict of wire.py) and an example."""
    described: dict[str, Any] = {"model": shape, "content": {JSON: {"example": example}}}

    if description:
        described.update(description=description)
    return {status: described}


# Bodies that routes read themselves (strictly, from bytes), for the OpenAPI document.
BODIES: list[type[BaseModel]] = []


def takes(model: type[BaseModel]) -> dict[str, Any]:
    """OpenAPI's description of a JSON body of this model, with the model's own example."""
    BODIES.append(model)
    media = {
        "schema": {"$ref": f"#/components/schemas/{model.__name__}"},
        "example": _example_of(model),
    }
    return {"requestBody": {"required": True, "content": {JSON: media}}}


def _example_of(model: type[BaseModel]) -> object:
    """The example in the model's own configuration, or None."""
    extra: JsonDict | Callable[..., None] | None = model.model_config.get("json_schema_extra")
    return extra.get("example") if isinstance(extra, dict) else None
