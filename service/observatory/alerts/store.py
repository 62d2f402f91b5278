"""Queries of proposals: what waits, what lives, what was decided."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Connection
from sqlmodel import col

from service.evidence.store import NOTICE_HOLDS
from service.evidence.tables import NoticeRow
from service.foundation.database import insert_new
from service.observatory.alerts.proposal import ProposalState, RiseFigures
from service.observatory.alerts.rules import (
    Cause,
    Why,
    week_of,
)
from service.observatory.alerts.tables import GroundRow, ProposalRow

_ID: sa.BindParameter[UUID] = sa.bindparam("b_id")


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
        sa.and_(
            col(NoticeRow.id) == col(ProposalRow.notice),
            col(NoticeRow.in_force),
        ),
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


def living(connection: Connection, cause: Cause, now: datetime) -> LivingProposal | None:
    """The open or published proposal of this cause."""
    values = {"b_live": str(cause), "b_now": now}
    row = connection.execute(_LIVING, values).one_or_none()
    return LivingProposal(*row) if row else None


def open_causes(connection: Connection, causes: Collection[Cause]) -> set[Cause]:
    """Which of these have a proposal that waits for a decision."""
    cause_of = {str(cause): cause for cause in causes}
    query = sa.select(col(ProposalRow.live)).where(
        col(ProposalRow.live).in_(cause_of),
        col(ProposalRow.state) == ProposalState.OPEN,
    )

    live = connection.execute(query).scalars()
    return {cause_of[cause] for cause in live if cause is not None}


def held_proposal(connection: Connection, id: UUID) -> HeldProposal | None:
    query = _HELD.where(col(ProposalRow.id) == id)
    row = connection.execute(query).first()
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
    is_of_these = col(GroundRow.sample).in_(samples)
    resting = sa.select(col(GroundRow.proposal)).where(is_of_these)
    decided = _decided(cause).where(col(ProposalRow.id).in_(resting))
    return connection.execute(decided.limit(1)).first() is not None


def _decided(cause: Cause) -> sa.Select[UUID]:
    subject = col(ProposalRow.subject)
    is_its_subject: ColumnElement[bool] = subject.is_(None)
    if cause.subject:
        is_its_subject = subject == cause.subject

    return sa.select(col(ProposalRow.id)).where(
        col(ProposalRow.why) == cause.why,
        col(ProposalRow.site) == cause.site,
        is_its_subject,
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


def grounds_gone(connection: Connection) -> dict[UUID, datetime]:
    """The notices whose every ground was taken back, and when."""
    query = sa.select(
        col(ProposalRow.notice),
        col(ProposalRow.gone_at),
    ).where(
        col(ProposalRow.state) == ProposalState.PUBLISHED,
        col(ProposalRow.gone_at).is_not(None),
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
