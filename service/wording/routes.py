"""The endpoints of the words: messages, for the team or the holder of a code, and vocabulary."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from service.access.actor import Actor
from service.access.context import Limits
from service.access.permissions import Permission
from service.access.require import Require
from service.evidence.context import Answering
from service.foundation.http import Languages, answer, gives, preferred
from service.wording.context import Composer
from service.wording.inventory import FALLBACK
from service.wording.message import MessageComposer
from service.wording.wire import (
    LANGUAGES_EXAMPLE,
    MESSAGES_EXAMPLE,
    TALK_EXAMPLE,
    VOCABULARY_EXAMPLE,
    LanguagesOut,
    MessagesOut,
    TalkOut,
    VocabularyOut,
    languages_out,
    messages_out,
    talk_out,
    vocabulary_out,
)

router = APIRouter(tags=["words"], default_response_class=Response)

Reading = Annotated[Actor, Depends(Require(Permission.READ_ANSWERS))]
Anyone = Annotated[None, Depends(Require(Permission.LOOK_AROUND))]


@router.get("/v1/samples/{id}/messages", responses=gives(MessagesOut, MESSAGES_EXAMPLE))
async def get_messages(
    id: UUID,
    actor: Reading,
    answers: Answering,
    composer: Composer,
    lang: Languages = None,
) -> Response:
    """Every message that applies, in reading order.

    `lang` repeats; without it, the card's languages.
    """
    wished = composer.languages(lang)
    known = await answers.of_site(actor, id)
    languages = wished or known.card_languages or (FALLBACK,)

    messages = messages_out(composer, known.finding, languages)
    return answer({"sample_id": id, **messages})


@router.get("/v1/samples/{id}/talk", responses=gives(TalkOut, TALK_EXAMPLE))
async def get_talk(
    id: UUID,
    request: Request,
    actor: Reading,
    answers: Answering,
    composer: Composer,
    lang: Languages = None,
) -> Response:
    """Talking points for the worker: what the person believed, what is known, what to ask back.

    `lang` is the worker's language. `if_told` holds what is said only when the person speaks of it:
    it is never recorded and never on paper.
    """
    wished = composer.languages(lang)
    known = await answers.of_site(actor, id)
    languages = wished or (_negotiated(composer, request),)

    talk = talk_out(composer, known.finding, languages, known.card_languages)
    return answer({"sample_id": id, **talk})


@router.get(
    "/v1/results/{pickup_code}",
    responses={
        **gives(MessagesOut, MESSAGES_EXAMPLE),
        404: {"description": "Unknown, mistyped or expired: all alike"},
    },
)
async def get_result(
    pickup_code: str,
    request: Request,
    _: Annotated[None, Depends(Require(Permission.HOLD_A_CODE))],
    answers: Answering,
    limits: Limits,
    composer: Composer,
    lang: Languages = None,
) -> Response:
    """The messages, for whoever holds the code. Nothing in them leads back to the sample's record.

    Unknown, mistyped and expired codes take the same way to the same refusal. Misses are limited;
    hits are not, since a whole centre shares one address.
    """
    wished = composer.languages(lang)
    known = await answers.by_code(pickup_code)
    if known is None:
        raise limits.refusal(request, "unknown-code")

    languages = wished or known.card_languages or (_negotiated(composer, request),)
    return answer(messages_out(composer, known.finding, languages))


@router.get("/v1/languages", responses=gives(LanguagesOut, LANGUAGES_EXAMPLE))
async def get_languages(_: Anyone, composer: Composer) -> Response:
    """The languages we speak, how much of each is written, and how far it has been reviewed."""
    return answer(languages_out(composer.catalogue))


@router.get("/v1/vocabulary", responses=gives(VocabularyOut, VOCABULARY_EXAMPLE))
async def get_vocabulary(
    request: Request, _: Anyone, composer: Composer, lang: Languages = None
) -> Response:
    """The code list of every field and the substances, with labels."""
    wished = composer.languages(lang)
    language = wished[0] if wished else _negotiated(composer, request)
    return answer(vocabulary_out(composer.catalogue, language))


def _negotiated(composer: MessageComposer, request: Request) -> str:
    """The language that the reader's browser or program likes best, of those we speak."""
    spoken = tuple(composer.catalogue.locales)
    return preferred(request.headers.get("accept-language"), spoken) or FALLBACK
