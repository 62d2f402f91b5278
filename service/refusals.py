"""A refusal on its way out: which problem an error is, and its answer as JSON or as a page.

It speaks the reader's language.
"""

from collections.abc import Mapping, Sequence

import orjson
import sqlalchemy as sa
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic_core import ErrorDetails
from starlette.exceptions import HTTPException
from starlette.responses import Response

from service.foundation import log
from service.foundation.database import NotStored
from service.foundation.http import preferred
from service.foundation.misfits import flaws_of
from service.foundation.problems import (
    FLAWS,
    PROBLEMS,
    Flaw,
    FlawBody,
    Problem,
    ProblemBody,
    Unfit,
)
from service.pages.page import language_of, page
from service.wording.catalogue import Catalogue

PROBLEM_JSON, HTML = "application/problem+json", "text/html"
RETRY_AFTER = {429: "60", 503: "5", 507: "60"}

_REFUSED = (
    Problem,
    Unfit,
    NotStored,
    sa.exc.IntegrityError,
    RequestValidationError,
    HTTPException,
    Exception,
)
_BY_STATUS = {
    401: "not-signed-in",
    404: "not-found",
    405: "wrong-method",
    408: "too-slow",
    413: "too-large",
}


class Describer:
    """Puts refusals into words."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue

    def describe(self, problem: Problem, request: Request) -> ProblemBody:
        """The problem's body (RFC 9457), in the reader's language."""
        status, title = PROBLEMS[problem.kind]
        body: ProblemBody = {
            "type": f"urn:caillou:problem:{problem.kind}",
            "title": self.catalogue.page("problem", title, language_of(request)),
            "status": status,
        }

        if problem.flaws:
            body["errors"] = [self._describe_place(flaw, request) for flaw in problem.flaws]
        if problem.held is not None:
            body["held"] = problem.held

        return body

    def _describe_place(self, flaw: Flaw, request: Request) -> FlawBody:
        return {"pointer": flaw.pointer, "detail": self.describe_flaw(flaw, request)}

    def describe_flaw(self, flaw: Flaw, request: Request) -> str:
        """The flaw's sentence in the reader's language."""
        sentence = self.catalogue.page("flaw", FLAWS[flaw.reason], language_of(request))
        return sentence.format_map(flaw.values)


def answer_refusals(app: FastAPI, describer: Describer) -> None:
    """Answer every error that an endpoint raises as a problem."""

    async def refuse(request: Request, error: Exception) -> Response:
        response = _answer(request, _problem_of(error), describer)

        if isinstance(error, HTTPException) and error.status_code == 405:
            response.headers.update(error.headers or {})

        return response

    for kind in _REFUSED:
        app.add_exception_handler(kind, refuse)


def _problem_of(error: Exception) -> Problem:
    match error:
        case Problem():
            return error
        case Unfit():
            return Problem("invalid", *error.flaws)
        case NotStored():
            cause = "full" if error.full else type(error.__cause__).__name__
            log.events.error("not stored: %s", cause)
            return Problem("storage-full" if error.full else "not-stored")
        case sa.exc.IntegrityError():
            # Two at once wanted the same row; the next try sees the winner.
            return Problem("not-stored")
        case RequestValidationError():
            return Problem("invalid", *_flaws_of_request(error))
        case HTTPException(status_code=status) if status in _BY_STATUS:
            return Problem(_BY_STATUS[status])
        case HTTPException(status_code=status) if status < 500:
            return Problem("malformed")
        case _:
            return Problem("internal")


def _flaws_of_request(error: RequestValidationError) -> tuple[Flaw, ...]:
    """The flaws, without the first part of each place, which names query, path or form."""
    errors: Sequence[ErrorDetails] = error.errors()
    return flaws_of(errors, skip=1)


def _answer(request: Request, problem: Problem, describer: Describer) -> Response:
    body = describer.describe(problem, request)
    headers = _headers_of(problem)

    if preferred(request.headers.get("accept"), (PROBLEM_JSON, HTML)) == HTML:
        return _page(request, problem, body, headers)

    return Response(orjson.dumps(body), problem.status, headers, media_type=PROBLEM_JSON)


def _headers_of(problem: Problem) -> dict[str, str]:
    headers = {}

    if problem.status in RETRY_AFTER:
        headers["Retry-After"] = RETRY_AFTER[problem.status]
    if problem.status == 401:
        headers["WWW-Authenticate"] = "Bearer"

    return headers


def _page(
    request: Request, problem: Problem, body: ProblemBody, headers: Mapping[str, str]
) -> Response:
    template = "sign_in.html" if problem.status == 401 else "problem.html"
    title = "" if problem.kind == "not-signed-in" else body["title"]
    errors = body.get("errors", ())

    response = page(request, template, problem.status, title=title, errors=errors)
    response.headers.update(headers)
    return response
