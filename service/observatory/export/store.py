"""Reads rocks for an export, some at a time: memory holds one page, and each rock is whole."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlmodel import col

from service.access.site import SYNTHETIC
from service.evidence.store import PUBLISHED_NOTICE
from service.evidence.tables import NoticeRow
from service.intake.tables import SampleRow
from service.lab import store as lab
from service.observatory.alerts.tables import GroundRow, ProposalRow
from service.observatory.export.rock import Rock
from service.observatory.export.samples import SAMPLE_FACTS

_FACTS = [col(getattr(SampleRow, name)) for name in SAMPLE_FACTS]
_PAGE = (
    sa.select(col(SampleRow.id), col(SampleRow.site), col(SampleRow.taken_at), *_FACTS)
    .where(col(SampleRow.id) > sa.bindparam("b_after"))
    .order_by(col(SampleRow.id))
    .limit(sa.bindparam("b_limit"))
)
_WARNED = (
    sa.select(col(GroundRow.sample))
    .join(ProposalRow, col(ProposalRow.id) == col(GroundRow.proposal))
    .join(NoticeRow, sa.and_(col(NoticeRow.id) == col(ProposalRow.notice), col(NoticeRow.in_force)))
    .where(
        col(NoticeRow.state) == PUBLISHED_NOTICE,
        col(GroundRow.sample).in_(sa.bindparam("b_ids", expanding=True)),
    )
)
FIRST = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rocks: taken in from one instant until before another, of one site.

    `site` None asks for all but the made-up ones.
    """

    since: datetime | None = None
    until: datetime | None = None
    site: str | None = None


def page(
    connection: Connection, wanted: Wanted, after: UUID, limit: int, zone: ZoneInfo
) -> list[Rock]:
    """The next rocks after this one, in the order of their ids."""
    of_site = (
        col(SampleRow.site) == wanted.site
        if wanted.site is not None
        else col(SampleRow.site) != SYNTHETIC
    )
    query = _PAGE.where(of_site)
    if wanted.since is not None:
        query = query.where(col(SampleRow.taken_at) >= wanted.since)
    if wanted.until is not None:
        query = query.where(col(SampleRow.taken_at) < wanted.until)
    rows = connection.execute(query, {"b_after": after, "b_limit": limit}).mappings().all()
    ids = [row["id"] for row in rows]
    if not ids:
        return []
    assays = lab.in_force_of(connection, ids)
    warned = set(connection.execute(_WARNED, {"b_ids": ids}).scalars())
    return [
        Rock(
            id=row["id"],
            site=row["site"],
            taken_on=row["taken_at"].astimezone(zone).date(),
            facts={name: row[name] for name in SAMPLE_FACTS},
            assays=tuple(
                replace(one, analysed_at=one.analysed_at.astimezone(zone))
                for one in assays.get(row["id"], ())
            ),
            warned_of=row["id"] in warned,
        )
        for row in rows
    ]
