"""The endpoints of warnings: for those who speak with people, for the coordinator, for anyone."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Annotated
from uuid import UUID, uuid4

import orjson
from fastapi import APIRouter, Depends, Header, Request
from starlette.responses import Response, StreamingResponse

from service.access import tokens
from service.access.actor import Actor
from service.access.acts import Acting
from service.access.permissions import Permission
from service.access.require import Require, token_of
from service.evidence.notice import Notice
from service.foundation import clock
from service.foundation.context import Config, Db, KeptUp
from service.foundation.database import Database
from service.foundation.http import Languages, answer, gives, parse, tagged, takes
from service.foundation.problems import Problem
from service.observatory.alerts import review
from service.observatory.alerts import store as alerts
from service.observatory.alerts.rules import Cause
from service.observatory.notices import acts, store
from service.observatory.notices.context import Streams
from service.observatory.notices.proposed.wire import (
    PROPOSALS_EXAMPLE,
    ProposalList,
    proposals_out,
)
from service.observatory.notices.store import Published
from service.observatory.notices.stream import Body
from service.observatory.notices.wire import (
    NOTICE_EXAMPLE,
    NOTICES_EXAMPLE,
    OPEN_EXAMPLE,
    VERSIONS_EXAMPLE,
    WITHDRAWN_EXAMPLE,
    NoticeList,
    NoticeOut,
    NoticeVersions,
    OpenNotices,
    notice_out,
    notices_out,
    open_out,
    versions_out,
)
from service.observatory.notices.written.wire import EndIn, NoticeIn, UpdateIn
from service.wording.context import Composer
from service.wording.inventory import FALLBACK
from service.wording.message import MessageComposer

router = APIRouter(tags=["notices"], default_response_class=Response)
Reader = Annotated[Actor, Depends(Require(Permission.READ_NOTICES))]
Coordinator = Annotated[Actor, Depends(Require(Permission.PUBLISH_NOTICES))]
Tag = Annotated[str | None, Header(alias="If-None-Match", max_length=200)]
JSON = "application/json"
ASK_AGAIN = {"Cache-Control": "no-cache"}


@dataclass(frozen=True, slots=True)
class NoticeWords:
    """The words of an answer: whose they are, and the languages that the reader asked for."""

    composer: MessageComposer
    asked: list[str] | None

    def languages(self) -> tuple[str, ...]:
        """The languages asked for; if none is, all of them, French first. Raises Problem."""
        wished = self.composer.languages(self.asked)
        if wished:
            return wished

        every = self.composer.catalogue.locales
        return tuple(sorted(every, key=lambda locale: locale != FALLBACK))


async def _words(composer: Composer, lang: Languages = None) -> NoticeWords:
    return NoticeWords(composer, lang)


Words = Annotated[NoticeWords, Depends(_words)]
LastEvent = Annotated[str | None, Header(alias="Last-Event-ID", max_length=200)]


@router.get(
    "/v1/notices",
    responses={
        **gives(NoticeList, NOTICES_EXAMPLE),
        304: {"description": "What If-None-Match names is still so"},
    },
)
async def get_notices(
    actor: Reader,
    database: Db,
    words: Words,
    if_none_match: Tag = None,
) -> Response:
    """Warnings in force for the reader's site and the network.

    `lang` repeats; without it, every language.
    """
    languages = words.languages()
    tag, data = await _in_force(database, words.composer, actor.site, languages)
    return tagged(if_none_match, tag, data, JSON, ASK_AGAIN)


@router.get(
    "/v1/open/notices",
    responses={
        **gives(OpenNotices, OPEN_EXAMPLE),
        304: {"description": "Still so"},
    },
)
async def get_open_notices(
    _: Annotated[None, Depends(Require(Permission.READ_OPEN_DATA))],
    database: Db,
    words: Words,
    if_none_match: Tag = None,
) -> Response:
    """Warnings for everybody: no site, no day, nothing of strength.

    `lang` repeats; without it, every language.
    """
    now = clock.now()
    languages = words.languages()
    versions = await database.read(lambda connection: store.public(connection, now))
    tag, data = _open_body(words.composer, tuple(versions), languages)
    return tagged(if_none_match, tag, data, JSON, ASK_AGAIN)


@router.get(
    "/v1/notices/stream",
    responses={200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}},
)
async def get_stream(
    request: Request,
    actor: Reader,
    database: Db,
    listeners: Streams,
    words: Words,
    last_event_id: LastEvent = None,
) -> Response:
    """The same list, as server-sent events `notices`, at once and whenever it changes.

    A comment comes now and then.
    """
    languages = words.languages()
    digest = tokens.digest(token_of(request) or "")
    if listeners.exceeded(digest):
        raise Problem("too-many-tries")

    stream = listeners.events(
        database,
        digest,
        last_event_id,
        (actor.site, tuple(sorted(languages))),
        lambda: _in_force(database, words.composer, actor.site, languages),
    )
    # A proxy that kept it back would make a warning late.
    return StreamingResponse(
        stream, media_type="text/event-stream", headers={"X-Accel-Buffering": "no"}
    )


@router.get("/v1/notices/proposals", responses=gives(ProposalList, PROPOSALS_EXAMPLE))
async def get_proposals(actor: Coordinator, database: Db, words: Words) -> Response:
    """What rules propose and on what ground, the last first; and which notices have lost theirs."""
    now = clock.now()
    languages = words.languages()
    proposals, grounds_gone = await database.read(
        lambda connection: (review.proposals(connection), alerts.grounds_gone(connection))
    )
    return answer(proposals_out(words.composer, proposals, grounds_gone, languages, now))


@router.post(
    "/v1/notices/proposals/{id}/set-aside",
    status_code=204,
    responses={
        204: {"description": "Nothing is published of it"},
        404: {"description": "Nothing of this id waits"},
    },
)
async def post_set_aside(id: UUID, actor: Coordinator, database: Db) -> Response:
    """Seen, and nothing to publish.

    Another rock, or another rise after some weeks, proposes it anew.
    """
    waited = await database.write(lambda connection: acts.set_aside(connection, id))
    if not waited:
        raise Problem("not-found")
    return Response(status_code=204)


@router.post(
    "/v1/notices",
    status_code=201,
    openapi_extra=takes(NoticeIn),
    responses={
        **gives(NoticeOut, NOTICE_EXAMPLE, 201),
        409: {"description": "The same is in force; carries its id"},
    },
)
async def post_notice(
    request: Request,
    actor: Coordinator,
    projections: KeptUp,
    database: Db,
    settings: Config,
    words: Words,
) -> Response:
    """Publish a warning, from a proposal or of one's own choice.

    Its sentences are the catalogue's.
    """
    sent = await parse(request, NoticeIn)
    languages = words.languages()
    by = Acting(actor, clock.now(), projections)
    usual = timedelta(days=settings.recent_days)

    def draft(cause: Cause | None) -> Notice:
        return sent.notice(uuid4(), cause, by.now, usual)

    version = await database.write(
        lambda connection: acts.publish_notice(connection, by, draft, sent.proposal)
    )
    return answer(notice_out(words.composer, version, languages), 201)


@router.get("/v1/notices/{id}", responses=gives(NoticeVersions, VERSIONS_EXAMPLE))
async def get_versions(id: UUID, actor: Coordinator, database: Db, words: Words) -> Response:
    """Every version of a notice: what was said, by whom, until when."""
    languages = words.languages()
    versions, grounds_gone = await database.read(
        lambda connection: (store.versions(connection, id), alerts.grounds_gone(connection))
    )
    return answer(versions_out(words.composer, versions, languages, grounds_gone.get(id)))


@router.put(
    "/v1/notices/{id}",
    openapi_extra=takes(UpdateIn),
    responses={
        **gives(NoticeOut, NOTICE_EXAMPLE),
        409: {"description": "Conflict, stale or withdrawn"},
    },
)
async def put_notice(
    id: UUID,
    request: Request,
    actor: Coordinator,
    projections: KeptUp,
    database: Db,
    words: Words,
) -> Response:
    """Say it otherwise, in a higher version. Safe to send again; earlier versions are kept."""
    sent = await parse(request, UpdateIn)
    languages = words.languages()
    by = Acting(actor, clock.now(), projections)

    def draft(held: Notice) -> Notice:
        return sent.notice(held, by.now)

    version = await database.write(lambda connection: acts.update_notice(connection, by, id, draft))
    return answer(notice_out(words.composer, version, languages))


@router.post(
    "/v1/notices/{id}/withdrawal",
    openapi_extra=takes(EndIn),
    responses=gives(NoticeOut, WITHDRAWN_EXAMPLE),
)
async def post_withdrawal(
    id: UUID,
    request: Request,
    actor: Coordinator,
    projections: KeptUp,
    database: Db,
    words: Words,
) -> Response:
    """It no longer holds. The reason is kept and shown to coordinators alone."""
    sent = await parse(request, EndIn)
    reason = sent.checked()
    languages = words.languages()
    by = Acting(actor, clock.now(), projections)

    version = await database.write(lambda connection: acts.end_notice(connection, by, id, reason))
    return answer(notice_out(words.composer, version, languages))


async def _in_force(
    database: Database, composer: MessageComposer, site: str | None, languages: tuple[str, ...]
) -> Body:
    """The list for this site, or for all sites, with the tag of its content."""
    now = clock.now()
    versions = await database.read(lambda connection: store.in_force(connection, now, site))
    return _body(notices_out(composer, versions, languages))


@lru_cache(32)
def _open_body(
    composer: MessageComposer, versions: tuple[Published, ...], languages: tuple[str, ...]
) -> Body:
    """Made once for as long as nothing is new: anyone may ask, however often."""
    return _body(open_out(composer, versions, languages))


def _body(listed: NoticeList | OpenNotices) -> Body:
    data = orjson.dumps(listed)
    return hashlib.sha256(data).hexdigest()[:24], data.decode()
