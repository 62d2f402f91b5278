"""The coordinator's page of warnings: plain forms.

What is published was read back in every language first.
"""

from collections.abc import Iterable
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Form, Query
from sqlalchemy import Connection
from starlette.responses import RedirectResponse, Response

from service.access import store as access
from service.access.actor import Actor
from service.access.acts import Acting
from service.evidence.notice import FOR_THE_TEAM, NAMES_A_SUBSTANCE, Kind, Notice
from service.evidence.reference import MAX_COCAINE_MG
from service.foundation.problems import Flaw, Problem, Unfit
from service.foundation.strict import Text
from service.lab.assay import MAX_REASON
from service.observatory.alerts import review
from service.observatory.alerts import store as alerts
from service.observatory.alerts.proposal import ProposalState
from service.observatory.notices import acts, store
from service.observatory.notices.draft import proposed, reason_given
from service.observatory.notices.store import Published
from service.pages.context import StaffTools, Tools
from service.pages.notices.context import Coordinator, Sent
from service.pages.notices.form import Ground, Typed, fingerprint
from service.pages.page import PAGE, SEEN_OTHER, language_of, page
from service.vocabulary.substances import SUBSTANCES
from service.wording.inventory import FALLBACK
from service.wording.message import MessageComposer
from service.wording.notices import messages_of, spoken

router = APIRouter(tags=["pages"], default_response_class=Response)

ENDED_SHOWN = 20


@router.get("/notices/", responses=PAGE)
async def notices(actor: Coordinator, tools: Tools) -> Response:
    """What is proposed, what is in force and whether its ground still stands, what has ended."""
    return await _overview(tools, tools.acting(actor))


async def _overview(tools: StaffTools, by: Acting, status: int = 200, **more: Any) -> Response:
    def read(connection: Connection) -> dict[str, Any]:
        return {
            "proposals": review.proposals(connection),
            "in_force": store.in_force(connection, by.now),
            "ended": store.ended(connection, by.now, limit=ENDED_SHOWN),
            "gone": alerts.grounds_gone(connection),
            "sites": access.sites(connection),
        }

    shown = await tools.database.read(read)
    composer, language = tools.composer, language_of(tools.request)

    drafts = [proposed(proposal.id, proposal.cause, by.now) for proposal in shown["proposals"]]
    texts = _texts(composer, drafts, language)
    shown["proposals"] = list(zip(shown["proposals"], texts, strict=True))
    for name in ("in_force", "ended"):
        texts = _texts(composer, (held.notice for held in shown[name]), language)
        shown[name] = list(zip(shown[name], texts, strict=True))

    return page(
        tools.request,
        "notices.html",
        status,
        here="/notices/",
        actor=by.actor,
        longest_reason=MAX_REASON,
        most_mg=MAX_COCAINE_MG,
        **shown,
        **{"flaw": None, "about": None, **more},
    )


def _texts(composer: MessageComposer, notices: Iterable[Notice], language: str) -> list[str]:
    """What each notice says in this language."""
    said_in = (spoken(composer, notice, (language,)).text for notice in notices)
    return [next(iter(text.values()), "") for text in said_in]


@router.get("/notices/write", responses=PAGE)
async def write(
    actor: Coordinator, tools: Tools, proposal: UUID | None = None, notice: UUID | None = None
) -> Response:
    """The form: for a proposal, for the next version of a notice, or blank."""
    by = tools.acting(actor)
    ground = await _ground(tools, by, proposal, notice)
    typed = ground.begin(tools.settings.recent_days)
    return _page(tools, actor, ground, typed)


@router.post("/notices/write", responses=SEEN_OTHER)
async def publish(actor: Coordinator, form: Sent, tools: Tools) -> Response:
    """What would be said in each language (`do=check`).

    Published (`do=publish`) only as it was read back.
    """
    by = tools.acting(actor)
    ground = await _ground(tools, by, form.proposal, form.notice)
    typed = form.typed

    try:
        drafted = ground.draft(typed, uuid4())
        if form.do != "publish" or form.read_back != fingerprint(drafted):
            return _page(tools, actor, ground, typed, drafted)
        await tools.database.write(lambda connection: _publish(connection, by, ground, drafted))
    except Unfit as error:
        return _page(tools, actor, ground, typed, flaw=error.flaws[0])
    except Problem as problem:
        return await _overview(tools, by, problem.status, flaw=tools.title(problem))

    return RedirectResponse("/notices/", 303)


def _publish(connection: Connection, by: Acting, ground: Ground, drafted: Notice) -> Published:
    if ground.held is not None:
        return acts.update_notice(connection, by, drafted.id, lambda before: drafted)

    proposal = ground.proposal.id if ground.proposal else None
    return acts.publish_notice(connection, by, lambda cause: drafted, proposal)


@router.post("/notices/end", responses=SEEN_OTHER)
async def end(
    actor: Coordinator,
    tools: Tools,
    notice: Annotated[UUID, Form(examples=["0192f3c4-5a00-7000-8000-1f2e3d4c5b6a"])],
    reason: Annotated[Text, Form(max_length=MAX_REASON)] = "",
) -> Response:
    """Withdraw a notice, with a reason."""
    by = tools.acting(actor)
    try:
        given = reason_given(reason.strip())
    except Unfit as error:
        flaw = tools.sentence(error.flaws[0])
        return await _overview(tools, by, 422, flaw=flaw, about=notice)

    await tools.database.write(lambda connection: acts.end_notice(connection, by, notice, given))
    return RedirectResponse("/notices/", 303)


@router.post("/notices/aside", responses=SEEN_OTHER)
async def set_aside(
    actor: Coordinator,
    tools: Tools,
    proposal: Annotated[UUID, Form(examples=["7d4b9b52-1f0e-5a8b-8f53-3a0d3c1f5e77"])],
) -> Response:
    """Seen, and nothing to publish."""
    await tools.database.write(lambda connection: acts.set_aside(connection, proposal))
    return RedirectResponse("/notices/", 303)


@router.get("/notices/{id}/poster", responses=PAGE)
async def poster(
    id: UUID,
    actor: Coordinator,
    tools: Tools,
    speak: Annotated[list[str] | None, Query(max_length=50)] = None,
) -> Response:
    """One sheet of A4 to print and hang up.

    The notice stands there in the languages chosen (`speak`, French first).
    """
    held = await tools.database.read(lambda connection: store.newest(connection, id))
    composer = tools.composer
    languages = composer.languages(speak) or (FALLBACK,)
    if held.withdrawn or held.notice.kind in FOR_THE_TEAM:
        raise Problem("not-found")

    messages = messages_of(composer, held.notice, languages)

    return page(
        tools.request,
        "notice_poster.html",
        here=f"/notices/{id}/poster",
        actor=actor,
        messages=messages,
        wished=languages,
        marks={language: composer.mark(messages, language) for language in languages},
        locales=composer.catalogue.locales,
        pictograms=composer.catalogue.pictograms,
    )


async def _ground(
    tools: StaffTools, by: Acting, proposal: UUID | None, notice: UUID | None
) -> Ground:
    """Raises Problem where neither the proposal nor the notice can be written of any more."""

    def read(connection: Connection) -> Ground:
        proposals = review.proposals(connection, of=proposal) if proposal else []
        return Ground(
            proposal=proposals[0] if proposals else None,
            held=store.newest(connection, notice) if notice else None,
            sites=access.sites(connection),
            zone=tools.settings.zone,
            opened_at=by.now,
        )

    ground = await tools.database.read(read)
    waits = ground.proposal is not None and ground.proposal.state == ProposalState.OPEN

    if proposal is not None and not waits:
        raise Problem("not-found")
    if ground.held is not None and ground.held.withdrawn:
        raise Problem("withdrawn")
    return ground


def _page(
    tools: StaffTools,
    actor: Actor,
    ground: Ground,
    typed: Typed,
    drafted: Notice | None = None,
    *,
    flaw: Flaw | None = None,
) -> Response:
    """The form, with what would be said in every language or what is wrong with it."""
    locales = tools.composer.catalogue.locales
    spoken_notice = spoken(tools.composer, drafted, locales) if drafted else None

    return page(
        tools.request,
        "notice_write.html",
        422 if flaw else 200,
        here="/notices/write",
        actor=actor,
        typed=typed,
        proposal=ground.proposal,
        most_mg=MAX_COCAINE_MG,
        held=ground.held,
        sites=ground.sites,
        kinds=Kind,
        substances=SUBSTANCES,
        names=NAMES_A_SUBSTANCE,
        text=spoken_notice.text if spoken_notice else {},
        review=spoken_notice.review if spoken_notice else {},
        locales=locales,
        read_back=fingerprint(drafted) if drafted else "",
        flaw=tools.sentence(flaw) if flaw else None,
        wrong=flaw.pointer.strip("/") if flaw else None,
    )
