"""What the bench's endpoints use: the sent form, and what every page of the bench needs."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import Depends, Request
from starlette.formparsers import FormParser, MultiPartException
from starlette.responses import RedirectResponse, Response

from service.access.actor import Actor
from service.access.permissions import Permission
from service.access.require import Require
from service.foundation.http import BODY_BYTES, limited
from service.foundation.problems import Problem
from service.pages.bench.form import MAX_FIELDS, SentForm
from service.vocabulary.codes import Method

SeeingBench = Annotated[Actor, Depends(Require(Permission.SEE_BENCH))]


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


Sent = Annotated[SentForm, Depends(_sent_form)]
"""After the actor in a signature: who may not write is refused before the form is read."""


def known_method(text: str) -> str:
    """The method of this name, or none."""
    return text if text in list(Method) else ""


def see_other(path: str, **query: str) -> Response:
    """To the page to go on with."""
    address = f"{path}?{urlencode(query)}" if query else path
    return RedirectResponse(address, 303)
