"""The coordinator's page of warnings: plain forms. What is published was read back in every language first."""

import hashlib
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Form, Query, Request
from sqlalchemy import Connection
from starlette.responses import RedirectResponse, Response

from service.access import store as access
from service.access.actor import Actor
from service.access.acts import Acting
from service.access.permissions import Permission
from service.access.require import Require
from service.evidence.notice import FOR_THE_TEAM, MAX_VERSION, NAMES_A_SUBSTANCE, Kind, Notice
from service.evidence.reference import MAX_COCAINE_MG
from service.foundation import clock
from service.foundation.context import PROJECTIONS
from service.foundation.problems import Flaw, Problem, Unfit
from service.foundation.strict import Text
from service.lab.assay import MAX_REASON
from service.observatory.alerts import review
from service.observatory.alerts import store as alerts
from service.observatory.alerts.proposal import Proposal, ProposalState
from service.observatory.notices import acts, store
from service.observatory.notices.draft import (
    ends,
    next_version,
    of_own_choice,
    of_proposal,
    proposed,
    reason_given,
)
from service.observatory.notices.store import Published
from service.pages.page import PAGE, language_of, page
from service.vocabulary.substances import SUBSTANCES
from service.wording.inventory import FALLBACK
from service.wording.message import MessageComposer
from service.wording.notices import messages_of, spoken

router = APIRouter(tags=["pages"])
ENDED_SHOWN = 20
SEEN_OTHER: dict[int | str, dict[str, Any]] = {
    **PAGE,
    303: {"description": "Done; the page to go on with"},
}
Coordinator = Annotated[Actor, Depends(Require(Permission.PUBLISH_NOTICES))]
Line = Annotated[Text, Form(max_length=120)]


@router.get("/notices/", responses=PAGE)
async def notices(request: Request, actor: Coordinator) -> Response:
    """What is proposed, what is in force and whether its ground still stands, what has ended."""
    return await _overview(request, actor)


async def _overview(request: Request, actor: Actor, status: int = 200, **more: Any) -> Response:
    now, composer = clock.now(), _composer(request)
    waiting, in_force, ended, gone, sites = await request.app.state.database.read(
        lambda connection: (
            review.proposals(connection),
            store.in_force(connection, now),
            store.ended(connection, now, limit=ENDED_SHOWN),
            alerts.grounds_gone(connection),
            access.sites(connection),
        )
    )
    language = language_of(request)
    return page(
        request,
        "notices.html",
        status,
        here="/notices/",
        actor=actor,
        proposals=[
            (one, _text(composer, proposed(one.id, one.cause, now), language)) for one in waiting
        ],
        in_force=[(one, _text(composer, one.notice, language)) for one in in_force],
        ended=[(one, _text(composer, one.notice, language)) for one in ended],
        gone=gone,
        sites=sites,
        longest_reason=MAX_REASON,
        most_mg=MAX_COCAINE_MG,
        **{"flaw": None, "about": None, **more},
    )


@router.get("/notices/write", responses=PAGE)
async def write(
    request: Request, actor: Coordinator, proposal: UUID | None = None, notice: UUID | None = None
) -> Response:
    """The form: for a proposal, for the next version of a notice, or blank."""
    asked = await _asked(request, actor, proposal, notice)
    return asked.page(asked.blank())


@router.post("/notices/write", responses=SEEN_OTHER)
async def publish(
    request: Request,
    actor: Coordinator,
    do: Line = "check",
    proposal: Annotated[UUID | None, Form()] = None,
    notice: Annotated[UUID | None, Form()] = None,
    version: Annotated[int, Form(ge=1, le=MAX_VERSION)] = 1,
    kind: Annotated[Kind | None, Form()] = None,
    substance: Line = "",
    site: Line = "",
    until: Annotated[date | None, Form()] = None,
    public: Line = "",
    read_back: Line = "",
) -> Response:
    """What would be said in each language (`do=check`); published (`do=publish`) only as it was read back."""
    asked = await _asked(request, actor, proposal, notice)
    typed = Typed(version, kind, substance or None, site or None, until, bool(public))
    try:
        drafted = asked.draft(typed)
    except Unfit as error:
        return asked.page(typed, flaw=error.flaws[0], status=422)
    if do != "publish" or read_back != _print(drafted):
        return asked.page(typed, drafted)
    try:
        await request.app.state.database.write(
            lambda connection: asked.publish(connection, drafted)
        )
    except Unfit as error:
        return asked.page(typed, flaw=error.flaws[0], status=422)
    except Problem as problem:
        refusal = request.app.state.refuser.describe(problem, request)["title"]
        return await _overview(request, actor, problem.status, flaw=refusal)
    return RedirectResponse("/notices/", 303)


@router.post("/notices/end", responses=SEEN_OTHER)
async def end(
    request: Request,
    actor: Coordinator,
    notice: Annotated[UUID, Form(examples=["0192f3c4-5a00-7000-8000-1f2e3d4c5b6a"])],
    reason: Annotated[Text, Form(max_length=MAX_REASON)] = "",
) -> Response:
    """Withdraw a notice, with a reason."""
    try:
        told = reason_given(reason.strip())
    except Unfit as error:
        sentence = request.app.state.refuser.describe_flaw(error.flaws[0], request)
        return await _overview(request, actor, 422, flaw=sentence, about=notice)
    by = Acting(actor, clock.now(), PROJECTIONS.of(request.app))
    await request.app.state.database.write(
        lambda connection: acts.end_notice(connection, by, notice, told)
    )
    return RedirectResponse("/notices/", 303)


@router.post("/notices/aside", responses=SEEN_OTHER)
async def set_aside(
    request: Request,
    actor: Coordinator,
    proposal: Annotated[UUID, Form(examples=["7d4b9b52-1f0e-5a8b-8f53-3a0d3c1f5e77"])],
) -> Response:
    """Seen, and nothing to publish."""
    await request.app.state.database.write(lambda connection: acts.set_aside(connection, proposal))
    return RedirectResponse("/notices/", 303)


@router.get("/notices/{id}/poster", responses=PAGE)
async def poster(
    id: UUID,
    request: Request,
    actor: Coordinator,
    speak: Annotated[list[str] | None, Query(max_length=50)] = None,
) -> Response:
    """One sheet of A4 to print and hang up: the notice in the languages chosen (`speak`, French first)."""
    composer = _composer(request)
    held = await request.app.state.database.read(lambda connection: store.newest(connection, id))
    wished = composer.languages(speak) or (FALLBACK,)
    if held.withdrawn or held.notice.kind in FOR_THE_TEAM:
        raise Problem("not-found")
    messages = messages_of(composer, held.notice, wished)
    return page(
        request,
        "notice_poster.html",
        here=f"/notices/{id}/poster",
        actor=actor,
        messages=messages,
        wished=wished,
        marks={one: composer.mark(messages, one) for one in wished},
        locales=composer.catalogue.locales,
        pictograms=composer.catalogue.pictograms,
    )


@dataclass(frozen=True, slots=True)
class Typed:
    """What a form says of a notice; `until` is the last day on which it holds."""

    version: int
    kind: Kind | None
    substance: str | None
    site: str | None
    until: date | None
    public: bool


@dataclass(frozen=True, slots=True)
class _Asked:
    """One request about one notice to be."""

    request: Request
    actor: Actor
    now: datetime
    proposal: Proposal | None
    held: Published | None
    sites: dict[str, str]

    @property
    def zone(self) -> ZoneInfo:
        zone: ZoneInfo = self.request.app.state.settings.zone
        return zone

    def blank(self) -> Typed:
        """What the form begins with: what was proposed, or what stands."""
        usual = self.now + timedelta(days=self.request.app.state.settings.recent_days)
        if self.held is not None:
            before = self.held.notice
            last = self._last_day(before.until)
            return Typed(
                before.version + 1, before.kind, before.substance, before.site, last, before.public
            )
        notice = (
            proposed(self.proposal.id, self.proposal.cause, self.now) if self.proposal else None
        )
        return Typed(
            1,
            notice.kind if notice else None,
            notice.substance if notice else None,
            notice.site if notice else None,
            self._last_day(usual),
            False,
        )

    def draft(self, typed: Typed) -> Notice:
        """The notice that was typed. Raises Unfit."""
        if typed.until is None:
            raise Unfit(Flaw("/until", "missing"))
        held = self.held.notice if self.held else None
        until = self._end_of(typed.until)
        if held is not None and self._last_day(held.until) == typed.until:
            until = held.until
        until = ends(until, self.now, held=held.until if held else None)
        if held is not None:
            sent = Notice(
                id=held.id,
                version=typed.version,
                kind=typed.kind or held.kind,
                substance=typed.substance,
                site=typed.site,
                public=typed.public,
                until=until,
            )
            return next_version(held, sent)
        if self.proposal is not None:
            return of_proposal(
                uuid4(), self.proposal.cause, site=typed.site, public=typed.public, until=until
            )
        return of_own_choice(
            uuid4(), typed.kind, typed.substance, site=typed.site, public=typed.public, until=until
        )

    def publish(self, connection: Connection, drafted: Notice) -> None:
        by = Acting(self.actor, self.now, PROJECTIONS.of(self.request.app))
        if self.held is not None:
            acts.update_notice(connection, by, drafted.id, lambda before: drafted)
        else:
            waiting = self.proposal.id if self.proposal else None
            acts.publish_notice(connection, by, lambda cause: drafted, waiting)

    def page(
        self,
        typed: Typed,
        drafted: Notice | None = None,
        *,
        flaw: Flaw | None = None,
        status: int = 200,
    ) -> Response:
        composer = _composer(self.request)
        locales = composer.catalogue.locales
        told = spoken(composer, drafted, locales) if drafted else None
        return page(
            self.request,
            "notice_write.html",
            status,
            here="/notices/write",
            actor=self.actor,
            typed=typed,
            proposal=self.proposal,
            most_mg=MAX_COCAINE_MG,
            held=self.held,
            sites=self.sites,
            kinds=Kind,
            substances=SUBSTANCES,
            names=NAMES_A_SUBSTANCE,
            text=told.text if told else {},
            review=told.review if told else {},
            locales=locales,
            read_back=_print(drafted) if drafted else "",
            flaw=self.request.app.state.refuser.describe_flaw(flaw, self.request) if flaw else None,
            wrong=flaw.pointer.strip("/") if flaw else None,
        )

    def _end_of(self, day: date) -> datetime:
        try:
            return datetime.combine(day + timedelta(days=1), time(), self.zone)
        except OverflowError:
            raise Unfit(Flaw("/until", "too-far-ahead")) from None

    def _last_day(self, until: datetime) -> date:
        return (until.astimezone(self.zone) - timedelta(seconds=1)).date()


async def _asked(
    request: Request, actor: Actor, proposal: UUID | None, notice: UUID | None
) -> _Asked:
    """Raises Problem where neither the proposal nor the notice can be written of any more."""

    def read(connection: Connection) -> tuple[list[Proposal], Published | None, dict[str, str]]:
        return (
            review.proposals(connection, of=proposal) if proposal else [],
            store.newest(connection, notice) if notice else None,
            access.sites(connection),
        )

    found, held, sites = await request.app.state.database.read(read)
    if proposal is not None and (not found or found[0].state != ProposalState.OPEN):
        raise Problem("not-found")
    if held is not None and held.withdrawn:
        raise Problem("withdrawn")
    return _Asked(request, actor, clock.now(), found[0] if found else None, held, sites)


def _text(composer: MessageComposer, notice: Notice, language: str) -> str:
    return next(iter(spoken(composer, notice, (language,)).text.values()), "")


def _composer(request: Request) -> MessageComposer:
    composer: MessageComposer = request.app.state.composer
    return composer


def _print(notice: Notice) -> str:
    """What was read back, so that nothing else is published; a new notice has no id before it is."""
    told = replace(notice, id=UUID(int=0))
    return hashlib.blake2b(repr(told).encode(), digest_size=16).hexdigest()
