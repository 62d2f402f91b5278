"""Reads rocks for an export, some at a time: memory holds one page, and each rock is whole."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlmodel import col

from service.access.site import SYNTHETIC
from service.evidence.standing import standings
from service.evidence.store import PUBLISHED_NOTICE
from service.evidence.tables import NoticeRow
from service.intake.tables import SampleRow
from service.lab import store as lab
from service.lab.assay import AssayVersion
from service.observatory.alerts.tables import GroundRow, ProposalRow
from service.observatory.export.rock import Rock, without_doubts
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
    rows = connection.execute(_chosen(wanted), {"b_after": after, "b_limit": limit})
    samples = rows.mappings().all()
    ids: list[UUID] = [sample["id"] for sample in samples]
    if not ids:
        return []

    versions = lab.of_each(connection, ids)
    warned = set(connection.execute(_WARNED, {"b_ids": ids}).scalars())
    return [
        _rock(sample, versions.get(sample["id"], ()), zone, warned=sample["id"] in warned)
        for sample in samples
    ]


def _chosen(wanted: Wanted) -> sa.Select[*tuple[Any, ...]]:
    site, taken_at = col(SampleRow.site), col(SampleRow.taken_at)

    conditions = [site == wanted.site if wanted.site is not None else site != SYNTHETIC]
    if wanted.since is not None:
        conditions.append(taken_at >= wanted.since)
    if wanted.until is not None:
        conditions.append(taken_at < wanted.until)
    return _PAGE.where(*conditions)


def _rock(
    sample: sa.RowMapping, versions: Iterable[AssayVersion], zone: ZoneInfo, *, warned: bool
) -> Rock:
    """Its times as they were in this zone."""
    taken_at: datetime = sample["taken_at"]
    in_force = [without_doubts(version) for version in versions if version.in_force]
    return Rock(
        id=sample["id"],
        site=sample["site"],
        taken_on=taken_at.astimezone(zone).date(),
        facts={name: sample[name] for name in SAMPLE_FACTS},
        versions=tuple(_local(version, zone) for version in in_force),
        standings=standings(in_force),
        warned_of=warned,
    )


def _local(version: AssayVersion, zone: ZoneInfo) -> AssayVersion:
    analysed_at = version.assay.analysed_at.astimezone(zone)
    return replace(version, assay=replace(version.assay, analysed_at=analysed_at))
