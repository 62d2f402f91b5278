"""Queries of proposals with their grounds, and of the samples that call for them."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Connection
from sqlmodel import col

from service.evidence.store import NOTICE_HOLDS
from service.evidence.tables import NoticeRow
from service.foundation.database import insert_new
from service.intake.tables import SampleRow
from service.lab.tables import AssayRow
from service.observatory.alerts.proposal import ProposalState, RiseFigures
from service.observatory.alerts.rules import (
    ADVERSE,
    Cause,
    Share,
    Why,
    week_of,
)
from service.observatory.alerts.tables import GroundRow, ProposalRow

_ID: sa.BindParameter[UUID] = sa.bindparam("b_id")


# --- Rocks ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Glance:
    """What a sample's row tells at once: whether there is anything to count or to take back."""

    site: str
    reason: str | None
    unexpected_effects: bool | None
    has_assays: bool
    is_ground: bool


@dataclass(frozen=True, slots=True)
class Ground:
    """One rock that a proposal rests on."""

    proposal: UUID
    sample: UUID
    lab_label: str
    taken_at: datetime


_GLANCE = sa.select(
    col(SampleRow.site),
    col(SampleRow.reason),
    col(SampleRow.unexpected_effects),
    sa.exists().where(col(AssayRow.sample) == col(SampleRow.id)).label("assays"),
    sa.exists().where(col(GroundRow.sample) == col(SampleRow.id)).label("grounds"),
).where(col(SampleRow.id) == _ID)


def glance(connection: Connection, sample: UUID) -> Glance | None:
    """What is worth knowing of a sample first; None where there is no such sample."""
    row = connection.execute(_GLANCE, {"b_id": sample}).first()
    return Glance(*row) if row else None


# --- People who felt bad -------------------------------------------------------------------------

_IS_ADVERSE = sa.or_(
    col(SampleRow.unexpected_effects).is_(True), col(SampleRow.reason).in_(sorted(ADVERSE))
)


def adverse_shares(
    connection: Connection, site: str, *, first: datetime, since: datetime
) -> tuple[Share, Share]:
    """How many people of this site told of bad effects: since `since`, and from `first` to then."""
    lately = col(SampleRow.taken_at) > since
    before = sa.and_(col(SampleRow.taken_at) > first, col(SampleRow.taken_at) <= since)

    query = sa.select(
        _number(lately, _IS_ADVERSE),
        _number(lately),
        _number(before, _IS_ADVERSE),
        _number(before),
    ).where(_told_at(site, first))
    row = connection.execute(query).one()
    return Share(row[0], row[1]), Share(row[2], row[3])


def adverse_samples(
    connection: Connection, site: str, *, first: datetime, since: datetime
) -> Sequence[UUID]:
    """The samples of the people of this site who told of bad effects since then."""
    lately = col(SampleRow.taken_at) > since
    query = sa.select(col(SampleRow.id)).where(_told_at(site, first), lately, _IS_ADVERSE)
    return connection.execute(query).scalars().all()


def _told_at(site: str, first: datetime) -> ColumnElement[bool]:
    # Nothing is changed before it is taken in, but for a clock a day ahead: so the index serves.
    changed_since = col(SampleRow.updated_at) > first - timedelta(days=1)
    return sa.and_(col(SampleRow.site) == site, changed_since)


def _number(*conditions: ColumnElement[bool]) -> ColumnElement[int]:
    one_each = sa.case((sa.and_(*conditions), sa.literal(1)), else_=0)
    return sa.func.coalesce(sa.func.sum(one_each), 0)


# --- Proposals -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class HeldProposal:
    """A proposal's row, without its figures."""

    id: UUID
    why: str
    subject: str | None
    site: str
    state: str
    week: int
    notice: UUID | None
    gone_at: datetime | None

    @property
    def cause(self) -> Cause:
        return Cause(Why(self.why), self.subject, self.site)


@dataclass(frozen=True, slots=True)
class LivingProposal:
    """The living proposal of a cause. `holds`: its notice is in force."""

    id: UUID
    state: str
    gone_at: datetime | None
    holds: bool | None


@dataclass(frozen=True, slots=True)
class ListedProposal:
    """A proposal's row as a coordinator reads it."""

    id: UUID
    why: str
    subject: str | None
    site: str
    state: str
    proposed_at: datetime
    figures: RiseFigures

    @property
    def cause(self) -> Cause:
        return Cause(Why(self.why), self.subject, self.site)


_NOTICE_HOLDS: ColumnElement[bool] = NOTICE_HOLDS
_LIVING = (
    sa.select(
        col(ProposalRow.id),
        col(ProposalRow.state),
        col(ProposalRow.gone_at),
        _NOTICE_HOLDS.label("holds"),
    )
    .select_from(ProposalRow)
    .outerjoin(
        NoticeRow,
        sa.and_(col(NoticeRow.id) == col(ProposalRow.notice), col(NoticeRow.in_force)),
    )
    .where(col(ProposalRow.live) == sa.bindparam("b_live"))
)
_HELD = sa.select(
    col(ProposalRow.id),
    col(ProposalRow.why),
    col(ProposalRow.subject),
    col(ProposalRow.site),
    col(ProposalRow.state),
    col(ProposalRow.week),
    col(ProposalRow.notice),
    col(ProposalRow.gone_at),
)
_RESTING_ON = _HELD.join(GroundRow, col(GroundRow.proposal) == col(ProposalRow.id)).where(
    col(GroundRow.sample) == _ID
)
_LISTED = sa.select(
    col(ProposalRow.id),
    col(ProposalRow.why),
    col(ProposalRow.subject),
    col(ProposalRow.site),
    col(ProposalRow.state),
    col(ProposalRow.proposed_at),
    col(ProposalRow.figures),
).order_by(col(ProposalRow.proposed_at).desc(), col(ProposalRow.id))
_ADD_PROPOSAL = insert_new(ProposalRow, "live")
_ADD_GROUND = insert_new(GroundRow, "proposal", "sample")


def living(connection: Connection, cause: Cause, now: datetime) -> LivingProposal | None:
    """The open or published proposal of this cause."""
    values = {"b_live": str(cause), "b_now": now}
    row = connection.execute(_LIVING, values).one_or_none()
    return LivingProposal(*row) if row else None


def open_causes(connection: Connection, causes: Collection[Cause]) -> set[Cause]:
    """Which of these have a proposal that waits for a decision."""
    query = sa.select(col(ProposalRow.live)).where(
        col(ProposalRow.live).in_([str(cause) for cause in causes]),
        col(ProposalRow.state) == ProposalState.OPEN,
    )
    live = set(connection.execute(query).scalars())
    return {cause for cause in causes if str(cause) in live}


def held_proposal(connection: Connection, id: UUID) -> HeldProposal | None:
    row = connection.execute(_HELD.where(col(ProposalRow.id) == id)).first()
    return HeldProposal(*row) if row else None


def resting_on(connection: Connection, sample: UUID) -> list[HeldProposal]:
    """The proposals that rest on this sample."""
    rows = connection.execute(_RESTING_ON, {"b_id": sample}).all()
    return [HeldProposal(*row) for row in rows]


def living_rises(
    connection: Connection, subjects: Collection[str], sites: Sequence[str]
) -> list[HeldProposal]:
    """The living proposals of a rise of these subjects at these sites."""
    query = _HELD.where(
        col(ProposalRow.why) == Why.MORE_OFTEN,
        col(ProposalRow.live).is_not(None),
        col(ProposalRow.subject).in_(subjects),
        col(ProposalRow.site).in_(sites),
    )
    rows = connection.execute(query).all()
    return [HeldProposal(*row) for row in rows]


def was_decided_lately(connection: Connection, cause: Cause, *, after: int) -> bool:
    """Whether a proposal of this cause and of a week after this one was decided."""
    decided = _decided(cause).where(col(ProposalRow.week) > after)
    return connection.execute(decided.limit(1)).first() is not None


def was_decided_of(connection: Connection, cause: Cause, samples: Collection[UUID]) -> bool:
    """Whether a proposal of this cause that rests on one of these samples was decided."""
    resting = sa.select(col(GroundRow.proposal)).where(col(GroundRow.sample).in_(samples))
    decided = _decided(cause).where(col(ProposalRow.id).in_(resting))
    return connection.execute(decided.limit(1)).first() is not None


def _decided(cause: Cause) -> sa.Select[UUID]:
    subject = col(ProposalRow.subject)
    return sa.select(col(ProposalRow.id)).where(
        col(ProposalRow.why) == cause.why,
        col(ProposalRow.site) == cause.site,
        subject == cause.subject if cause.subject else subject.is_(None),
        col(ProposalRow.live).is_(None),
    )


def listed(connection: Connection, *, of: UUID | None = None) -> list[ListedProposal]:
    """What waits for a decision, the last first; or one of any state."""
    if of is None:
        query = _LISTED.where(col(ProposalRow.state) == ProposalState.OPEN)
    else:
        query = _LISTED.where(col(ProposalRow.id) == of)
    rows = connection.execute(query).all()
    return [ListedProposal(*row) for row in rows]


def grounds(connection: Connection, proposals: Collection[UUID]) -> dict[UUID, list[Ground]]:
    """The rocks that each of these rests on, as they were taken in."""
    query = (
        sa.select(
            col(GroundRow.proposal),
            col(SampleRow.id),
            col(SampleRow.lab_label),
            col(SampleRow.taken_at),
        )
        .select_from(GroundRow)
        .join(SampleRow, col(SampleRow.id) == col(GroundRow.sample))
        .where(col(GroundRow.proposal).in_(proposals))
        .order_by(col(SampleRow.taken_at), col(SampleRow.lab_label))
    )

    by_proposal: dict[UUID, list[Ground]] = {}
    for row in connection.execute(query):
        ground = Ground(*row)
        by_proposal.setdefault(ground.proposal, []).append(ground)
    return by_proposal


def grounds_gone(connection: Connection) -> dict[UUID, datetime]:
    """The notices whose every ground was taken back, and when."""
    query = sa.select(col(ProposalRow.notice), col(ProposalRow.gone_at)).where(
        col(ProposalRow.state) == ProposalState.PUBLISHED, col(ProposalRow.gone_at).is_not(None)
    )

    rows = connection.execute(query).all()
    return {notice: gone_at for notice, gone_at in rows if notice and gone_at}


def add_proposal(
    connection: Connection, id: UUID, cause: Cause, figures: RiseFigures, now: datetime
) -> None:
    """Open a proposal, unless its cause has a living one."""
    row = {
        "id": id,
        "live": str(cause),
        "why": cause.why,
        "subject": cause.subject,
        "site": cause.site,
        "state": ProposalState.OPEN,
        "proposed_at": now,
        "week": week_of(now),
        "figures": figures,
        "notice": None,
        "gone_at": None,
    }
    connection.execute(_ADD_PROPOSAL, row)


def remove_proposal(connection: Connection, id: UUID) -> None:
    connection.execute(sa.delete(ProposalRow).where(col(ProposalRow.id) == id))


def set_gone(connection: Connection, id: UUID, gone_at: datetime | None) -> None:
    """Since when nothing is left of what it rested on; None where something is."""
    connection.execute(_of(id).values(gone_at=gone_at))


def set_figures(connection: Connection, id: UUID, figures: RiseFigures) -> None:
    connection.execute(_of(id).values(figures=figures))


def set_published(connection: Connection, id: UUID, notice: UUID) -> None:
    connection.execute(_of(id).values(state=ProposalState.PUBLISHED, notice=notice))


def set_ended(connection: Connection, id: UUID) -> None:
    connection.execute(_of(id).values(live=None, state=ProposalState.ENDED))


def set_notice_ended(connection: Connection, notice: UUID) -> None:
    of_notice = sa.update(ProposalRow).where(col(ProposalRow.notice) == notice)
    connection.execute(of_notice.values(state=ProposalState.ENDED, live=None))


def set_aside(connection: Connection, id: UUID) -> bool:
    """Whether it was open, and is set aside."""
    waits = _of(id).where(col(ProposalRow.state) == ProposalState.OPEN)
    changed = connection.execute(waits.values(state=ProposalState.SET_ASIDE, live=None))
    return bool(changed.rowcount)


def _of(id: UUID) -> sa.Update:
    return sa.update(ProposalRow).where(col(ProposalRow.id) == id)


def add_grounds(connection: Connection, proposal: UUID, samples: Iterable[UUID]) -> None:
    rows = [{"proposal": proposal, "sample": sample} for sample in samples]
    connection.execute(_ADD_GROUND, rows)


def remove_ground(connection: Connection, proposal: UUID, sample: UUID) -> None:
    connection.execute(
        sa.delete(GroundRow).where(
            col(GroundRow.proposal) == proposal, col(GroundRow.sample) == sample
        )
    )


def number_of_grounds(connection: Connection, proposal: UUID) -> int:
    query = (
        sa.select(sa.func.count()).select_from(GroundRow).where(col(GroundRow.proposal) == proposal)
    )
    return connection.execute(query).scalar_one()
