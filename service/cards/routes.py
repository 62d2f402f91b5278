"""The endpoints where cards are handed over, in the medium that was asked for."""

from dataclasses import dataclass
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
from service.cards.context import Voices
from service.evidence import known as evidence
from service.evidence.known import Known
from service.foundation import clock, speech
from service.foundation.context import Config, Db
from service.foundation.http import Languages, medium_of
from service.foundation.problems import Problem
from service.intake.context import PickupKeys
from service.wording.context import Composer

router = APIRouter(tags=["cards"], default_response_class=Response)

HTML, PDF, PNG, TEXT = "text/html", "application/pdf", "image/png", "text/plain"
SOUNDS: dict[str, speech.Kind] = {"audio/ogg": "ogg", "audio/mpeg": "mp3"}
MAX_CARDS = 40

Reading = Annotated[Actor, Depends(Require(Permission.READ_ANSWERS))]


@dataclass(frozen=True, slots=True)
class _CardMaker:
    """Composes the cards of a worker's own site's samples."""

    database: Db
    settings: Config
    keys: PickupKeys
    composer: Composer

    async def cards(self, actor: Actor, ids: list[UUID], lang: list[str] | None) -> list[Card]:
        """Raises Problem where a sample is not this site's, Unfit for languages that we do not speak."""
        asked = self.composer.languages(lang)
        now, site = clock.now(), actor.own_site()

        def read(connection: Connection) -> list[Known]:
            return [evidence.of_site(connection, id, site, now, self.settings) for id in ids]

        return [self._card(known, asked) for known in await self.database.read(read)]

    def _card(self, known: Known, asked: tuple[str, ...]) -> Card:
        return compose(
            self.composer,
            known.finding,
            languages(asked, known.card_languages),
            code=self.keys.unseal(known.sealed_code),
            public_url=self.settings.public_url,
            zone=self.settings.zone,
        )


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
    actor: Reading,
    card_maker: Annotated[_CardMaker, Depends()],
    voices: Voices,
    lang: Languages = None,
    paper: Literal["a6", "80mm", "58mm"] = "a6",
) -> Response:
    """The card: the person's language beside French.

    By Accept: a page, plain text, an A6 PDF, read aloud; for a roll (`paper=80mm`, `58mm`) a PNG of its dots.
    """
    media = (HTML, PDF, TEXT, *SOUNDS) if paper == "a6" else (PNG, HTML, TEXT, *SOUNDS)
    medium = medium_of(request, media)
    (card,) = await card_maker.cards(actor, [id], lang)

    if medium == PDF:
        return Response(await _printed([card], "a6"), media_type=PDF)
    if medium == PNG and paper != "a6":
        return Response(await thermal.render(card, paper), media_type=PNG)
    if medium in SOUNDS:
        script = audio.script(card, card_maker.composer, voices)
        sound = await audio.render(script, SOUNDS[medium])
        headers = {"Content-Language": script.language}
        return Response(sound, media_type=medium, headers=headers)
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
    actor: Reading,
    card_maker: Annotated[_CardMaker, Depends()],
    sample: Annotated[list[UUID], Query(min_length=1, max_length=MAX_CARDS)],
    paper: Literal["a4", "a6"] = "a4",
) -> Response:
    """Cards of several samples, four sides on a sheet of A4 to cut, or each on A6. Each in its own languages."""
    cards = await card_maker.cards(actor, sample, None)
    return Response(await _printed(cards, paper), media_type=PDF)


async def _printed(cards: list[Card], sheet: pdf.Sheet) -> bytes:
    try:
        return await pdf.render(cards, sheet)
    except pdf.DoesNotFit:
        raise Problem("does-not-fit") from None
