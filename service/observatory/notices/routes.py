"""The doors of warnings: for those who speak with people, for the coordinator, and for anyone."""

import hashlib
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Annotated, Any
from uuid import UUID, uuid4

import orjson
from fastapi import APIRouter, Depends, Header, Request
from starlette.responses import Response, StreamingResponse

from service.access import tokens
from service.access.actor import Actor
from service.access.permissions import Permission
from service.access.require import Require, token_of
from service.foundation import clock
from service.foundation.http import Languages, answer, gives, parse, tagged, takes
from service.foundation.problems import Problem
from service.observatory.alerts import store as alerts
from service.observatory.notices import store
from service.observatory.notices.store import Editor, Published
from service.observatory.notices.stream import Body, Listeners
from service.observatory.notices.wire import (
    NOTICE_EXAMPLE,
    NOTICES_EXAMPLE,
    OPEN_EXAMPLE,
    PROPOSALS_EXAMPLE,
    VERSIONS_EXAMPLE,
    EndIn,
    NoticeIn,
    UpdateIn,
    notice_out,
    notices_out,
    open_out,
    proposal_out,
    versions_out,
)
from service.wording.inventory import FALLBACK
from service.wording.message import MessageComposer

router = APIRouter(tags=["notices"])
Tag = Annotated[str | None, Header(alias="If-None-Match", max_length=200)]
JSON = "application/json"
ASK_AGAIN = {"Cache-Control": "no-cache"}


@router.get(
    "/v1/notices",
    responses={
        **gives(None, NOTICES_EXAMPLE),
        304: {"description": "What If-None-Match names is still so"},
    },
)
async def get_notices(
    request: Request,
    actor: Annotated[Actor, Depends(Require(Permission.READ_NOTICES))],
    lang: Languages = None,
    if_none_match: Tag = None,
) -> Response:
    """Warnings in force for the reader's site and the network. `lang` repeats; without it, every language."""
    tag, data = await _in_force(request, actor.site, _languages(request, lang))
    return tagged(if_none_match, tag, data, JSON, ASK_AGAIN)


@router.get(
    "/v1/open/notices", responses={**gives(None, OPEN_EXAMPLE), 304: {"description": "Still so"}}
)
async def get_open_notices(
    request: Request,
    _: Annotated[None, Depends(Require(Permission.READ_OPEN_DATA))],
    lang: Languages = None,
    if_none_match: Tag = None,
) -> Response:
    """Warnings for everybody: no site, no day, nothing of strength. `lang` repeats; without it, every language."""
    languages, now = _languages(request, lang), clock.now()
    held = await request.app.state.database.read(lambda connection: store.public(connection, now))
    tag, data = _open_body(request.app.state.composer, tuple(held), languages)
    return tagged(if_none_match, tag, data, JSON, ASK_AGAIN)


@router.get(
    "/v1/notices/stream",
    responses={200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}},
)
async def get_stream(
    request: Request,
    actor: Annotated[Actor, Depends(Require(Permission.READ_NOTICES))],
    lang: Languages = None,
    last_event_id: Annotated[str | None, Header(alias="Last-Event-ID", max_length=200)] = None,
) -> Response:
    """The same list, as server-sent events `notices`, at once and whenever it changes; a comment now and then."""
    languages, site = _languages(request, lang), actor.site
    listeners: Listeners = request.app.state.listeners
    digest = tokens.digest(token_of(request) or "")
    if listeners.exceeded(digest):
        raise Problem("too-many-tries")
    stream = listeners.events(
        request.app.state.database,
        digest,
        last_event_id,
        (site, tuple(sorted(languages))),
        lambda: _in_force(request, site, languages),
    )
    # A proxy that kept it back would make a warning late.
    return StreamingResponse(
        stream, media_type="text/event-stream", headers={"X-Accel-Buffering": "no"}
    )


@router.get("/v1/notices/proposals", responses=gives(None, PROPOSALS_EXAMPLE))
async def get_proposals(
    request: Request,
    actor: Annotated[Actor, Depends(Require(Permission.PUBLISH_NOTICES))],
    lang: Languages = None,
) -> Response:
    """What rules propose and on what ground, the last first; and which notices have lost theirs."""
    composer, now = request.app.state.composer, clock.now()
    languages = _languages(request, lang)
    found, gone = await request.app.state.database.read(
        lambda connection: (alerts.proposals(connection), alerts.grounds_gone(connection))
    )
    return answer(
        {
            "proposals": [proposal_out(composer, one, languages, now) for one in found],
            "grounds_gone": [{"notice": id, "gone_at": at} for id, at in gone.items()],
        }
    )


@router.post(
    "/v1/notices/proposals/{id}/set-aside",
    status_code=204,
    responses={
        204: {"description": "Nothing is published of it"},
        404: {"description": "Nothing of this id waits"},
    },
)
async def post_set_aside(
    id: UUID,
    request: Request,
    actor: Annotated[Actor, Depends(Require(Permission.PUBLISH_NOTICES))],
) -> Response:
    """Seen, and nothing to publish. Another rock, or another rise after some weeks, proposes it anew."""
    if not await request.app.state.database.write(
        lambda connection: alerts.set_aside(connection, id)
    ):
        raise Problem("not-found")
    return Response(status_code=204)


@router.post(
    "/v1/notices",
    status_code=201,
    openapi_extra=takes(NoticeIn),
    responses={
        **gives(None, NOTICE_EXAMPLE, 201),
        409: {"description": "The same is in force; carries its id"},
    },
)
async def post_notice(
    request: Request,
    actor: Annotated[Actor, Depends(Require(Permission.PUBLISH_NOTICES))],
    lang: Languages = None,
) -> Response:
    """Publish a warning, from a proposal or of one's own choice. Its sentences are the catalogue's."""
    sent, languages = await parse(request, NoticeIn), _languages(request, lang)
    now, usual = clock.now(), timedelta(days=request.app.state.settings.recent_days)
    held = await request.app.state.database.write(
        lambda connection: Editor(actor, now).publish(
            connection, lambda cause: sent.notice(uuid4(), cause, now, usual), sent.proposal
        )
    )
    return answer(notice_out(request.app.state.composer, held, languages), 201)


@router.get("/v1/notices/{id}", responses=gives(None, VERSIONS_EXAMPLE))
async def get_versions(
    id: UUID,
    request: Request,
    actor: Annotated[Actor, Depends(Require(Permission.PUBLISH_NOTICES))],
    lang: Languages = None,
) -> Response:
    """Every version of a notice: what was said, by whom, until when."""
    languages = _languages(request, lang)
    held, gone = await request.app.state.database.read(
        lambda connection: (store.versions(connection, id), alerts.grounds_gone(connection))
    )
    return answer(versions_out(request.app.state.composer, held, languages, gone.get(id)))


@router.put(
    "/v1/notices/{id}",
    openapi_extra=takes(UpdateIn),
    responses={**gives(None, NOTICE_EXAMPLE), 409: {"description": "Conflict, stale or withdrawn"}},
)
async def put_notice(
    id: UUID,
    request: Request,
    actor: Annotated[Actor, Depends(Require(Permission.PUBLISH_NOTICES))],
    lang: Languages = None,
) -> Response:
    """Say it otherwise, in a higher version. Safe to send again; the earlier versions are kept."""
    sent, languages = await parse(request, UpdateIn), _languages(request, lang)
    now = clock.now()
    held = await request.app.state.database.write(
        lambda connection: Editor(actor, now).update(
            connection, id, lambda before: sent.notice(before, now)
        )
    )
    return answer(notice_out(request.app.state.composer, held, languages))


@router.post(
    "/v1/notices/{id}/withdrawal",
    openapi_extra=takes(EndIn),
    responses=gives(None, {**NOTICE_EXAMPLE, "version": 2, "state": "withdrawn"}),
)
async def post_withdrawal(
    id: UUID,
    request: Request,
    actor: Annotated[Actor, Depends(Require(Permission.PUBLISH_NOTICES))],
    lang: Languages = None,
) -> Response:
    """It no longer holds. The reason is kept and shown to coordinators alone."""
    reason, languages = (await parse(request, EndIn)).checked(), _languages(request, lang)
    editor = Editor(actor, clock.now())
    held = await request.app.state.database.write(
        lambda connection: editor.withdraw(connection, id, reason)
    )
    return answer(notice_out(request.app.state.composer, held, languages))


def _languages(request: Request, asked: list[str] | None) -> tuple[str, ...]:
    composer: MessageComposer = request.app.state.composer
    wished = composer.languages(asked)
    return wished or tuple(sorted(composer.catalogue.locales, key=lambda one: one != FALLBACK))


async def _in_force(request: Request, site: str | None, languages: tuple[str, ...]) -> Body:
    """The list for this site, or for all sites, with the tag of its content."""
    now: datetime = clock.now()
    held = await request.app.state.database.read(
        lambda connection: store.in_force(connection, now, site)
    )
    return _body(notices_out(request.app.state.composer, held, languages))


@lru_cache(32)
def _open_body(
    composer: MessageComposer, held: tuple[Published, ...], languages: tuple[str, ...]
) -> Body:
    """Made once for as long as nothing is new: anyone may ask, however often."""
    return _body(open_out(composer, held, languages))


def _body(out: dict[str, Any]) -> Body:
    data = orjson.dumps(out)
    return hashlib.sha256(data).hexdigest()[:24], data.decode()
