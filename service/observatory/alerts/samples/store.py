"""Queries of the samples that call for proposals: one of them, and people who felt bad."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Connection
from sqlmodel import col

from service.intake.tables import SampleRow
from service.lab.tables import AssayRow
from service.observatory.alerts.rules import ADVERSE, FoundOfTested
from service.observatory.alerts.tables import GroundRow

_ID: sa.BindParameter[UUID] = sa.bindparam("b_id")


@dataclass(frozen=True, slots=True)
class Glance:
    """What a sample's row tells at once: whether there is anything to count or to take back."""

    site: str
    reason: str | None
    unexpected_effects: bool | None
    has_assays: bool
    is_ground: bool


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
) -> tuple[FoundOfTested, FoundOfTested]:
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
    return FoundOfTested(row[0], row[1]), FoundOfTested(row[2], row[3])


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
