"""Queries of published warnings: versions are added, never overwritten."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Connection
from sqlmodel import col

from service.evidence.notice import FOR_THE_TEAM, Kind, Notice
from service.evidence.store import NOTICE_HOLDS, WITHDRAWN_NOTICE
from service.evidence.tables import NoticeRow
from service.foundation.problems import Problem

_Query = sa.Select[*tuple[Any, ...]]

_NOTICE_HOLDS: ColumnElement[bool] = NOTICE_HOLDS
_ALL = sa.select(
    col(NoticeRow.id),
    col(NoticeRow.version),
    col(NoticeRow.kind),
    col(NoticeRow.substance),
    col(NoticeRow.site),
    col(NoticeRow.public),
    col(NoticeRow.until),
    col(NoticeRow.state),
    col(NoticeRow.published_at),
    col(NoticeRow.by),
    col(NoticeRow.reason),
    col(NoticeRow.in_force),
)
_IN_FORCE = _ALL.where(_NOTICE_HOLDS).order_by(
    col(NoticeRow.published_at).desc(), col(NoticeRow.id)
)
_ENDED = _ALL.where(col(NoticeRow.in_force), sa.not_(_NOTICE_HOLDS)).order_by(
    col(NoticeRow.change).desc()
)
_LAST_CHANGE = sa.select(sa.func.coalesce(sa.func.max(col(NoticeRow.change)), 0))
_EDITION = sa.select(
    _LAST_CHANGE.scalar_subquery(),
    sa.select(sa.func.count())
    .select_from(NoticeRow)
    .where(col(NoticeRow.in_force), col(NoticeRow.until) > sa.bindparam("b_now"))
    .scalar_subquery(),
)
_VERSIONS = _ALL.where(col(NoticeRow.id) == sa.bindparam("b_id")).order_by(col(NoticeRow.version))
_NEWEST = _VERSIONS.where(col(NoticeRow.in_force))


@dataclass(frozen=True, slots=True)
class Published:
    """One version as it is held; `in_force` until a later one came."""

    notice: Notice
    state: str
    published_at: datetime
    by: str
    reason: str | None
    in_force: bool

    @property
    def withdrawn(self) -> bool:
        return self.state == WITHDRAWN_NOTICE


def in_force(connection: Connection, now: datetime, site: str | None = None) -> list[Published]:
    """What is published and has not ended, the newest first: of the network and a site, or all."""
    query = _IN_FORCE
    if site is not None:
        query = query.where(sa.or_(col(NoticeRow.site).is_(None), col(NoticeRow.site) == site))
    return _published(connection, query, {"b_now": now})


def public(connection: Connection, now: datetime) -> list[Published]:
    """What a coordinator has marked for everybody, and may be."""
    return [
        version
        for version in in_force(connection, now)
        if version.notice.public and version.notice.kind not in FOR_THE_TEAM
    ]


def ended(connection: Connection, now: datetime, *, limit: int) -> list[Published]:
    """The last versions of what is no longer in force, the last ended first."""
    return _published(connection, _ENDED.limit(limit), {"b_now": now})


def versions(connection: Connection, id: UUID) -> list[Published]:
    """Every version of a notice, in order. Raises Problem where there is no such notice."""
    return _known(connection, _VERSIONS, id)


def newest(connection: Connection, id: UUID) -> Published:
    """The last version of a notice. Raises Problem where there is no such notice."""
    return _known(connection, _NEWEST, id)[0]


def edition(connection: Connection, now: datetime) -> tuple[int, int]:
    """Two numbers that differ whenever what is in force differs.

    The last change, and how many notices have not ended.
    """
    last, living = connection.execute(_EDITION, {"b_now": now}).one()
    return last, living


def add_version(connection: Connection, version: Published) -> None:
    """Put a version in force in place of the one before."""
    notice = version.notice
    connection.execute(
        sa.update(NoticeRow)
        .where(col(NoticeRow.id) == notice.id, col(NoticeRow.in_force))
        .values(in_force=False)
    )

    last_change = connection.execute(_LAST_CHANGE).scalar_one()
    row = {
        "id": notice.id,
        "version": notice.version,
        "change": last_change + 1,
        "in_force": version.in_force,
        "state": version.state,
        "kind": notice.kind.value,
        "substance": notice.substance,
        "site": notice.site,
        "public": notice.public,
        "until": notice.until,
        "published_at": version.published_at,
        "by": version.by,
        "reason": version.reason,
    }
    connection.execute(sa.insert(NoticeRow), row)


def _known(connection: Connection, query: _Query, id: UUID) -> list[Published]:
    found = _published(connection, query, {"b_id": id})
    if not found:
        raise Problem("not-found")
    return found


def _published(
    connection: Connection, query: _Query, values: Mapping[str, object]
) -> list[Published]:
    return [_version(row) for row in connection.execute(query, values)]


def _version(row: sa.Row[*tuple[Any, ...]]) -> Published:
    notice = Notice(
        id=row.id,
        version=row.version,
        kind=Kind(row.kind),
        substance=row.substance,
        site=row.site,
        public=row.public,
        until=row.until,
    )
    return Published(
        notice=notice,
        state=row.state,
        published_at=row.published_at,
        by=row.by,
        reason=row.reason,
        in_force=row.in_force,
    )
