"""Queries of published warnings: versions are added, never overwritten."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Connection

from service.access import store as access
from service.access.actor import Actor
from service.access.audit import Action, AuditEntry
from service.evidence.notice import FOR_THE_TEAM, Kind, Notice
from service.evidence.store import NOTICE_HOLDS, PUBLISHED_NOTICE, WITHDRAWN_NOTICE
from service.foundation.database import lock_tables
from service.foundation.problems import Flaw, Problem, Unfit
from service.intake.merge import REFUSED, MergeOutcome, outcome
from service.observatory.alerts import store as alerts
from service.observatory.alerts.rules import Cause
from service.observatory.alerts.tables import ProposalRow

_NOTICES: Any = ProposalRow.metadata.tables["notices"]
_IN_FORCE = (
    sa.select(_NOTICES).where(NOTICE_HOLDS).order_by(_NOTICES.c.published_at.desc(), _NOTICES.c.id)
)
_ENDED = (
    sa.select(_NOTICES)
    .where(_NOTICES.c.in_force, sa.not_(NOTICE_HOLDS))
    .order_by(_NOTICES.c.change.desc())
)
_EDITION = sa.select(
    sa.select(sa.func.coalesce(sa.func.max(_NOTICES.c.change), 0)).scalar_subquery(),
    sa.select(sa.func.count())
    .select_from(_NOTICES)
    .where(_NOTICES.c.in_force, _NOTICES.c.until > sa.bindparam("b_now"))
    .scalar_subquery(),
)
_VERSIONS = (
    sa.select(_NOTICES).where(_NOTICES.c.id == sa.bindparam("b_id")).order_by(_NOTICES.c.version)
)
_NEWEST = _VERSIONS.where(_NOTICES.c.in_force)


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


@dataclass(frozen=True, slots=True)
class Editor:
    """Who publishes, and when: what they do is kept with its line in the trail."""

    actor: Actor
    now: datetime

    def publish(
        self, connection: Connection, draft: Callable[[Cause | None], Notice], proposal: UUID | None
    ) -> Published:
        """A notice of somebody's own choice, or of what a proposal rests on.

        Raises Problem where that does not wait any more, or the same is in force already.
        """
        _one_at_a_time(connection)
        notice = draft(alerts.waiting(connection, proposal) if proposal else None)
        self._fits(connection, notice)
        for held in in_force(connection, self.now):
            if _same_matter(held.notice, notice):
                raise Problem(
                    "conflict", held={"id": held.notice.id, "version": held.notice.version}
                )
        published = self._add(connection, notice, PUBLISHED_NOTICE, Action.PUBLISHED, None)
        if proposal is not None:
            alerts.published(connection, proposal, notice.id)
        return published

    def update(
        self, connection: Connection, id: UUID, draft: Callable[[Notice], Notice]
    ) -> Published:
        """A higher version, or what is held where it says the same.

        Raises Problem where there is no such notice, or a higher version of it.
        """
        _one_at_a_time(connection)
        held = newest(connection, id)
        notice = draft(held.notice)
        verdict = _verdict(held, notice)
        if verdict in REFUSED:
            raise Problem(verdict, held={"id": held.notice.id, "version": held.notice.version})
        if verdict is MergeOutcome.IDENTICAL:
            return held
        self._fits(connection, notice)
        return self._add(connection, notice, PUBLISHED_NOTICE, Action.UPDATED, None)

    def withdraw(self, connection: Connection, id: UUID, reason: str) -> Published:
        """Take a notice back: a version of its own with the reason. Done twice, it is done once."""
        _one_at_a_time(connection)
        held = newest(connection, id)
        if held.withdrawn:
            return held
        before = held.notice
        gone = replace(before, version=before.version + 1)
        alerts.ended(connection, id)
        return self._add(connection, gone, WITHDRAWN_NOTICE, Action.ENDED, reason)

    def _fits(self, connection: Connection, notice: Notice) -> None:
        if notice.site is not None and not access.has_site(connection, notice.site):
            raise Unfit(Flaw("/site", "unknown-site"))

    def _add(
        self, connection: Connection, notice: Notice, state: str, action: Action, reason: str | None
    ) -> Published:
        connection.execute(
            _NOTICES.update()
            .where(_NOTICES.c.id == notice.id, _NOTICES.c.in_force)
            .values(in_force=False)
        )
        change = connection.execute(
            sa.select(sa.func.coalesce(sa.func.max(_NOTICES.c.change), 0))
        ).scalar_one()
        connection.execute(
            _NOTICES.insert(),
            {
                "id": notice.id,
                "version": notice.version,
                "change": change + 1,
                "in_force": True,
                "state": state,
                "kind": notice.kind.value,
                "substance": notice.substance,
                "site": notice.site,
                "public": notice.public,
                "until": notice.until,
                "published_at": self.now,
                "by": self.actor.id,
                "reason": reason,
            },
        )
        line = AuditEntry(
            self.now, self.actor.id, self.actor.role, action, None, notice.version, notice.id
        )
        access.record(connection, line)
        return Published(notice, state, self.now, self.actor.id, reason, True)


def in_force(connection: Connection, now: datetime, site: str | None = None) -> list[Published]:
    """What is published and has not ended, the newest first: of the network and this site, or of all."""
    query = _IN_FORCE
    if site is not None:
        query = query.where(sa.or_(_NOTICES.c.site.is_(None), _NOTICES.c.site == site))
    return _published(connection, query, {"b_now": now})


def public(connection: Connection, now: datetime) -> list[Published]:
    """What a coordinator has marked for everybody, and may be."""
    return [
        one
        for one in in_force(connection, now)
        if one.notice.public and one.notice.kind not in FOR_THE_TEAM
    ]


def ended(connection: Connection, now: datetime, *, limit: int) -> list[Published]:
    """The last versions of what is no longer in force, the last ended first."""
    return _published(connection, _ENDED.limit(limit), {"b_now": now})


def versions(connection: Connection, id: UUID) -> list[Published]:
    """Everything that was ever said under this id, in order. Raises Problem for an id nobody gave."""
    return _known(connection, _VERSIONS, id)


def newest(connection: Connection, id: UUID) -> Published:
    """The last of them."""
    return _known(connection, _NEWEST, id)[0]


def _known(connection: Connection, query: Any, id: UUID) -> list[Published]:
    found = _published(connection, query, {"b_id": id})
    if not found:
        raise Problem("not-found")
    return found


def edition(connection: Connection, now: datetime) -> tuple[int, int]:
    """Two numbers that differ whenever what is in force differs: the last change, and how many have not ended."""
    last, living = connection.execute(_EDITION, {"b_now": now}).one()
    return last, living


def _verdict(held: Published, sent: Notice) -> MergeOutcome:
    if held.withdrawn:
        return MergeOutcome.WITHDRAWN
    return outcome(held.notice, sent, lambda one: one.version)


def _same_matter(one: Notice, other: Notice) -> bool:
    return (one.kind, one.substance, one.site) == (other.kind, other.substance, other.site)


def _one_at_a_time(connection: Connection) -> None:
    """Changes are counted in the order in which they are committed, so that no listener misses one."""
    lock_tables(connection, "notices")


def _published(connection: Connection, query: Any, values: dict[str, Any]) -> list[Published]:
    return [
        Published(
            notice=Notice(
                id=row["id"],
                version=row["version"],
                kind=Kind(row["kind"]),
                substance=row["substance"],
                site=row["site"],
                public=row["public"],
                until=row["until"],
            ),
            state=row["state"],
            published_at=row["published_at"],
            by=row["by"],
            reason=row["reason"],
            in_force=row["in_force"],
        )
        for row in connection.execute(query, values).mappings()
    ]
