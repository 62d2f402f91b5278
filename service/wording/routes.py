"""The doors to the words: a sample's messages, the holder of a code's messages, languages, vocabulary."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from service.access.actor import Actor
from service.access.permissions import Permission
from service.access.require import Require
from service.evidence import store as evidence
from service.foundation import clock
from service.foundation.http import Languages, answer, gives, preferred
from service.intake import pickup
from service.wording.inventory import FALLBACK
from service.wording.message import MessageComposer
from service.wording.wire import (
    MESSAGES_EXAMPLE,
    TALK_EXAMPLE,
    languages_out,
    messages_out,
    talk_out,
    vocabulary_out,
)

router = APIRouter(tags=["words"])


@router.get(
    "/v1/samples/{id}/messages",
    responses=gives(None, MESSAGES_EXAMPLE),
)
async def get_messages(
    id: UUID,
    request: Request,
    actor: Annotated[Actor, Depends(Require(Permission.READ_ANSWERS))],
    lang: Languages = None,
) -> Response:
    """Every message that applies, in reading order. `lang` repeats; without it, the card's languages."""
    composer: MessageComposer = request.app.state.composer
    wished = composer.languages(lang)
    known = await _known(request, id, actor)
    languages = wished or known.card_languages or (FALLBACK,)
    return answer({"sample_id": id, **messages_out(composer, known.finding, languages)})


@router.get(
    "/v1/samples/{id}/talk",
    responses=gives(None, TALK_EXAMPLE),
)
async def get_talk(
    id: UUID,
    request: Request,
    actor: Annotated[Actor, Depends(Require(Permission.READ_ANSWERS))],
    lang: Languages = None,
) -> Response:
    """Talking points for the worker: what the person believed, what is known, what to ask back.

    `lang` is the worker's language. `if_told` holds what is said only when the person speaks of it: it is never
    recorded and never on paper.
    """
    composer: MessageComposer = request.app.state.composer
    wished = composer.languages(lang)
    known = await _known(request, id, actor)
    languages = wished or (_negotiated(composer, request),)
    return answer(
        {"sample_id": id, **talk_out(composer, known.finding, languages, known.card_languages)}
    )


@router.get(
    "/v1/results/{pickup_code}",
    responses={
        **gives(None, MESSAGES_EXAMPLE),
        404: {"description": "Unknown, mistyped or expired: all alike"},
    },
)
async def get_result(
    pickup_code: str,
    request: Request,
    _: Annotated[None, Depends(Require(Permission.HOLD_A_CODE))],
    lang: Languages = None,
) -> Response:
    """The messages, for whoever holds the code. Nothing in them leads back to the sample's record.

    Unknown, mistyped and expired codes take the same way to the same refusal. RateLimit are limited; hits are
    not, since a whole centre shares one address.
    """
    composer: MessageComposer = request.app.state.composer
    wished = composer.languages(lang)
    keys: pickup.Keys = request.app.state.keys
    digest = keys.digest(pickup.read(pickup_code))
    now, settings = clock.now(), request.app.state.settings
    known = await request.app.state.database.read(
        lambda connection: evidence.by_code(connection, digest, now, settings)
    )
    if known is None:
        raise request.app.state.rate_limit.refusal(request, "unknown-code")
    languages = wished or known.card_languages or (_negotiated(composer, request),)
    return answer(messages_out(composer, known.finding, languages))


@router.get("/v1/languages")
async def get_languages(
    request: Request, _: Annotated[None, Depends(Require(Permission.LOOK_AROUND))]
) -> Response:
    """The languages we speak, how much of each is written, and how far it has been reviewed."""
    return answer(languages_out(request.app.state.composer.catalogue))


@router.get("/v1/vocabulary")
async def get_vocabulary(
    request: Request,
    _: Annotated[None, Depends(Require(Permission.LOOK_AROUND))],
    lang: Languages = None,
) -> Response:
    """The code list of every field and the substances, with labels."""
    composer: MessageComposer = request.app.state.composer
    wished = composer.languages(lang)
    language = wished[0] if wished else _negotiated(composer, request)
    return answer(vocabulary_out(composer.catalogue, language))


async def _known(request: Request, id: UUID, actor: Actor) -> evidence.Known:
    """What is known of the actor's own site's sample."""
    now, site, settings = clock.now(), actor.own_site(), request.app.state.settings
    known: evidence.Known = await request.app.state.database.read(
        lambda connection: evidence.of_site(connection, id, site, now, settings)
    )
    return known


def _negotiated(composer: MessageComposer, request: Request) -> str:
    return (
        preferred(request.headers.get("accept-language"), tuple(composer.catalogue.locales))
        or FALLBACK
    )
