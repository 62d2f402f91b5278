"""The door where a card is handed over, in the medium that was asked for."""

from typing import Annotated, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from service.access.actor import Actor
from service.access.door import Door
from service.access.permissions import Permission
from service.cards import html, pdf
from service.cards.card import compose, languages
from service.evidence import store as evidence
from service.foundation import clock
from service.foundation.http import preferred
from service.foundation.problems import Problem
from service.foundation.settings import Settings
from service.wording.message import Speaker

router = APIRouter(tags=["cards"])

HTML, PDF = "text/html", "application/pdf"


@router.get(
    "/v1/samples/{id}/card",
    responses={
        200: {"content": {HTML: {"schema": {"type": "string"}}, PDF: {"schema": {"type": "string"}}}},
        406: {"description": "Neither HTML nor PDF was asked for"},
        409: {"description": "The warnings do not fit on this paper"},
    },
)
async def get_card(
    id: UUID,
    request: Request,
    actor: Annotated[Actor, Depends(Door(Permission.READ_ANSWERS))],
    lang: Annotated[list[str] | None, Query(max_length=50)] = None,
    paper: Literal["a6"] = "a6",
) -> Response:
    """The card: the person's language beside French. By Accept: a page, or an A6 PDF."""
    medium = preferred(request.headers.get("accept"), (HTML, PDF))
    if medium is None:
        raise Problem("no-such-medium")
    state = request.app.state
    settings: Settings = state.settings
    speaker: Speaker = state.speaker
    asked = speaker.languages(lang)
    now, site = clock.now(), actor.own_site()
    known = await state.database.read(lambda connection: evidence.of_site(connection, id, site, now, settings))
    card = compose(
        speaker,
        known.finding,
        languages(asked, known.card_languages),
        code=state.keys.unseal(known.sealed_code),
        public_url=settings.public_url,
        zone=ZoneInfo(settings.time_zone),
    )
    if medium == HTML:
        return Response(html.render(card), media_type=HTML)
    try:
        return Response(await pdf.render(card), media_type=PDF)
    except pdf.DoesNotFit:
        raise Problem("does-not-fit") from None
