"""The doors where cards are handed over, in the medium that was asked for."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from sqlalchemy import Connection
from starlette.responses import Response

from service.access.actor import Actor
from service.access.permissions import Permission
from service.access.require import Require
from service.cards import audio, html, pdf, text, thermal
from service.cards.card import Card, compose, languages
from service.evidence import known as evidence
from service.evidence.known import Known
from service.foundation import clock, speech
from service.foundation.http import Languages, medium_of
from service.foundation.problems import Problem
from service.foundation.settings import Settings

router = APIRouter(tags=["cards"])

HTML, PDF, PNG, TEXT = "text/html", "application/pdf", "image/png", "text/plain"
SOUNDS: dict[str, speech.Kind] = {"audio/ogg": "ogg", "audio/mpeg": "mp3"}
MAX_CARDS = 40


@router.get(
    "/v1/samples/{id}/card",
    responses={
        200: {
            "content": {
                medium: {"schema": {"type": "string"}} for medium in (HTML, PDF, PNG, TEXT, *SOUNDS)
            }
        },
        406: {"description": "This medium does not go with this paper"},
        409: {"description": "The warnings do not fit on this paper"},
    },
)
async def get_card(
    id: UUID,
    request: Request,
    actor: Annotated[Actor, Depends(Require(Permission.READ_ANSWERS))],
    lang: Languages = None,
    paper: Literal["a6", "80mm", "58mm"] = "a6",
) -> Response:
    """The card: the person's language beside French.

    By Accept: a page, plain text, an A6 PDF, read aloud; for a roll (`paper=80mm`, `58mm`) a PNG of its dots.
    """
    media = (HTML, PDF, TEXT, *SOUNDS) if paper == "a6" else (PNG, HTML, TEXT, *SOUNDS)
    medium = medium_of(request, media)
    (card,) = await _cards(request, actor, [id], lang)
    if medium == PDF:
        return Response(await _printed([card], "a6"), media_type=PDF)
    if medium == PNG and paper != "a6":
        return Response(await thermal.render(card, paper), media_type=PNG)
    if medium in SOUNDS:
        state = request.app.state
        told = audio.script(card, state.composer, state.recordings)
        sound = await audio.render(told, SOUNDS[medium])
        return Response(sound, media_type=medium, headers={"Content-Language": told.language})
    if medium == TEXT:
        return Response(text.render(card), media_type=TEXT)
    return Response(html.render(card), media_type=HTML)


@router.get(
    "/v1/cards",
    responses={
        200: {"content": {PDF: {"schema": {"type": "string"}}}},
        404: {"description": "One of them is no sample of this site"},
        409: {"description": "The warnings of one of them do not fit on this paper"},
    },
)
async def get_cards(
    request: Request,
    actor: Annotated[Actor, Depends(Require(Permission.READ_ANSWERS))],
    sample: Annotated[list[UUID], Query(min_length=1, max_length=MAX_CARDS)],
    paper: Literal["a4", "a6"] = "a4",
) -> Response:
    """Cards of several samples, four sides on a sheet of A4 to cut, or each on A6. Each in its own languages."""
    cards = await _cards(request, actor, sample, None)
    return Response(await _printed(cards, paper), media_type=PDF)


async def _cards(
    request: Request, actor: Actor, ids: list[UUID], lang: list[str] | None
) -> list[Card]:
    """The cards of this site's samples. Raises Problem where one is not this site's, Unfit for wrong languages."""
    state = request.app.state
    settings: Settings = state.settings
    asked = state.composer.languages(lang)
    now, site = clock.now(), actor.own_site()

    def read(connection: Connection) -> list[Known]:
        return [evidence.of_site(connection, id, site, now, settings) for id in ids]

    known: list[Known] = await state.database.read(read)
    return [
        compose(
            state.composer,
            one.finding,
            languages(asked, one.card_languages),
            code=state.keys.unseal(one.sealed_code),
            public_url=settings.public_url,
            zone=settings.zone,
        )
        for one in known
    ]


async def _printed(cards: list[Card], sheet: pdf.Sheet) -> bytes:
    try:
        return await pdf.render(cards, sheet)
    except pdf.DoesNotFit:
        raise Problem("does-not-fit") from None
