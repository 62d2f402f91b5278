"""The endpoints where cards are handed over, in the medium that was asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from service.access.actor import Actor
from service.access.permissions import Permission
from service.access.require import Require
from service.cards import audio, html, pdf, text, thermal
from service.cards.audio import Recordings
from service.cards.card import Card, compose, languages
from service.cards.context import Voices
from service.evidence.context import Answering, Answers
from service.evidence.known import Known
from service.foundation import speech
from service.foundation.http import Languages, medium_of
from service.foundation.problems import Problem
from service.wording.context import Composer
from service.wording.message import MessageComposer

router = APIRouter(tags=["cards"], default_response_class=Response)

HTML, PDF, PNG, TEXT = "text/html", "application/pdf", "image/png", "text/plain"
SOUNDS: Mapping[str, speech.Kind] = {"audio/ogg": "ogg", "audio/mpeg": "mp3"}
ON_A_SHEET = (HTML, PDF, TEXT, *SOUNDS)
ON_A_ROLL = (PNG, HTML, TEXT, *SOUNDS)
MAX_CARDS = 40

Reading = Annotated[Actor, Depends(Require(Permission.READ_ANSWERS))]


def _media(*media: str) -> dict[str, Any]:
    """OpenAPI's description of an answer in one of these media, none of them JSON."""
    text = {"schema": {"type": "string"}}
    binary = {"schema": {"type": "string", "format": "binary"}}
    return {"content": {medium: text if medium in (HTML, TEXT) else binary for medium in media}}


@dataclass(frozen=True, slots=True)
class CardMaker:
    """Composes the cards of a site's samples."""

    answers: Answers
    composer: MessageComposer
    voices: Recordings

    async def cards(self, actor: Actor, ids: Sequence[UUID], lang: list[str] | None) -> list[Card]:
        """The cards of the actor's own site's samples, in these languages or each in its own.

        Raises Problem where the site holds no such sample, Unfit for languages that no card has.
        """
        asked = self.composer.languages(lang)
        known = await self.answers.of_each(actor, ids)
        return [self._card(sample, asked) for sample in known]

    def _card(self, sample: Known, asked: Sequence[str]) -> Card:
        return compose(
            self.composer,
            sample.finding,
            languages(asked, sample.card_languages),
            code=self.answers.keys.unseal(sample.sealed_code),
            public_url=self.answers.settings.public_url,
            zone=self.answers.settings.zone,
        )

    async def read_aloud(self, card: Card, medium: str) -> Response:
        """The card as sound, spoken or as people recorded it."""
        script = audio.script(card, self.composer, self.voices)
        sound = await audio.render(script, SOUNDS[medium])
        return Response(sound, media_type=medium, headers={"Content-Language": script.language})


async def _maker(answers: Answering, composer: Composer, voices: Voices) -> CardMaker:
    return CardMaker(answers, composer, voices)


Making = Annotated[CardMaker, Depends(_maker)]


@router.get(
    "/v1/samples/{id}/card",
    responses={
        200: _media(HTML, PDF, PNG, TEXT, *SOUNDS),
        406: {"description": "This medium does not go with this paper"},
        409: {"description": "The warnings do not fit on this paper"},
    },
)
async def get_card(
    id: UUID,
    request: Request,
    actor: Reading,
    maker: Making,
    lang: Languages = None,
    paper: Literal["a6", "80mm", "58mm"] = "a6",
) -> Response:
    """The card: the person's language beside French.

    By Accept: a page, plain text, an A6 PDF, read aloud; for a roll (`paper=80mm`, `58mm`) a PNG of
    its dots.
    """
    medium = medium_of(request, ON_A_SHEET if paper == "a6" else ON_A_ROLL)
    (card,) = await maker.cards(actor, [id], lang)

    if medium == PDF:
        return Response(await _printed([card], "a6"), media_type=PDF)
    if medium == PNG and paper != "a6":
        return Response(await thermal.render(card, paper), media_type=PNG)
    if medium in SOUNDS:
        return await maker.read_aloud(card, medium)
    if medium == TEXT:
        return Response(text.render(card), media_type=TEXT)
    return Response(html.render(card), media_type=HTML)


@router.get(
    "/v1/cards",
    responses={
        200: _media(PDF),
        404: {"description": "One of them is no sample of this site"},
        409: {"description": "The warnings of one of them do not fit on this paper"},
    },
)
async def get_cards(
    actor: Reading,
    maker: Making,
    sample: Annotated[list[UUID], Query(min_length=1, max_length=MAX_CARDS)],
    paper: Literal["a4", "a6"] = "a4",
) -> Response:
    """Cards of several samples, each in its own languages.

    Four sides on a sheet of A4 to cut, or each on A6.
    """
    cards = await maker.cards(actor, sample, None)
    return Response(await _printed(cards, paper), media_type=PDF)


async def _printed(cards: list[Card], sheet: pdf.Sheet) -> bytes:
    """A PDF. Raises Problem where what must be on a card is longer than the paper."""
    try:
        return await pdf.render(cards, sheet)
    except pdf.DoesNotFit:
        raise Problem("does-not-fit") from None
