"""What the bench's endpoints use: the sent form, and what every page of the bench needs."""

from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Depends, Request
from starlette.formparsers import FormParser, MultiPartException
from starlette.responses import RedirectResponse, Response

from service.access.actor import Actor
from service.access.acts import Acting
from service.access.permissions import Permission
from service.access.require import Require
from service.foundation import clock
from service.foundation.context import Config, Db, KeptUp, Refusals, Refuser
from service.foundation.database import Database
from service.foundation.http import BODY_BYTES, limited
from service.foundation.problems import Flaw, Problem
from service.foundation.projections import Projections
from service.foundation.settings import Settings
from service.pages.bench.form import MAX_FIELDS, SentForm
from service.pages.page import PAGE
from service.vocabulary.codes import Method

SEEN_OTHER: dict[int | str, dict[str, Any]] = {
    **PAGE,
    303: {"description": "Done; the page to go on with"},
}

SeeingBench = Annotated[Actor, Depends(Require(Permission.SEE_BENCH))]


@dataclass(frozen=True, slots=True)
class BenchTools:
    """What the pages of the bench need beside the request."""

    request: Request
    database: Database
    settings: Settings
    projections: Projections
    refuser: Refuser

    def acting(self, actor: Actor) -> Acting:
        return Acting(actor, clock.now(), self.projections)

    def title(self, problem: Problem) -> str:
        """The problem in a few words of the reader's language."""
        return str(self.refuser.describe(problem, self.request)["title"])

    def sentence(self, flaw: Flaw) -> str:
        return self.refuser.describe_flaw(flaw, self.request)


async def _tools(
    request: Request, database: Db, settings: Config, projections: KeptUp, refuser: Refusals
) -> BenchTools:
    return BenchTools(request, database, settings, projections, refuser)


async def _sent_form(request: Request) -> SentForm:
    """The form's fields. Raises Problem for what is no such form, or too large."""
    medium = request.headers.get("content-type", "")
    if not medium.startswith("application/x-www-form-urlencoded"):
        raise Problem("not-a-form")

    parser = FormParser(request.headers, limited(request, BODY_BYTES), max_fields=MAX_FIELDS)
    try:
        form = await parser.parse()
    except MultiPartException:
        raise Problem("too-large") from None

    fields: dict[str, list[str]] = {}
    for name, value in form.multi_items():
        fields.setdefault(name, []).append(str(value))
    return SentForm(fields)


Tools = Annotated[BenchTools, Depends(_tools)]
Sent = Annotated[SentForm, Depends(_sent_form)]
"""After the actor in a signature: who may not write is refused before the form is read."""


def known_method(text: str) -> str:
    """The method of this name, or none."""
    return text if text in list(Method) else ""


def see_other(path: str, **query: str) -> Response:
    """To the page to go on with."""
    address = f"{path}?{urlencode(query)}" if query else path
    return RedirectResponse(address, 303)
