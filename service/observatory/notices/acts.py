"""What a coordinator does with notices: publish, update or end one, set a proposal aside."""

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

from sqlalchemy import Connection

from service.access import store as access
from service.access.acts import Acting
from service.access.audit import Action
from service.evidence.notice import Notice
from service.evidence.store import PUBLISHED_NOTICE, WITHDRAWN_NOTICE
from service.foundation.database import lock_tables
from service.foundation.problems import Flaw, Problem, Unfit
from service.intake.merge import REFUSED, MergeOutcome, outcome
from service.observatory.alerts import proposals
from service.observatory.alerts.rules import Cause
from service.observatory.notices import store
from service.observatory.notices.store import Published


def publish_notice(
    connection: Connection,
    by: Acting,
    draft: Callable[[Cause | None], Notice],
    proposal: UUID | None,
) -> Published:
    """Publish a notice of a proposal's cause, or of one's own choice.

    Raises Problem where the proposal does not wait any more, or the same is in force already; Unfit
    for an unknown site, or as `draft` does.
    """
    _lock(connection)
    cause = proposals.waiting_cause(connection, proposal) if proposal else None
    notice = draft(cause)
    _check_site(connection, notice)
    _refuse_twice(connection, by, notice)

    version = _version(by, notice, PUBLISHED_NOTICE)
    store.add_version(connection, version)
    by.record(connection, Action.PUBLISHED, version=notice.version, notice=notice.id)
    if proposal is not None:
        proposals.mark_published(connection, proposal, notice.id)
    return version


def update_notice(
    connection: Connection, by: Acting, id: UUID, draft: Callable[[Notice], Notice]
) -> Published:
    """Add a higher version. What says the same as the version in force changes nothing.

    Raises Problem where there is no such notice, a higher version of it, or it was withdrawn; Unfit
    for an unknown site, or as `draft` does.
    """
    _lock(connection)
    held = store.newest(connection, id)
    notice = draft(held.notice)

    verdict = _outcome(held, notice)
    if verdict in REFUSED:
        raise Problem(verdict, held=_named(held))
    if verdict is MergeOutcome.IDENTICAL:
        return held

    _check_site(connection, notice)
    version = _version(by, notice, PUBLISHED_NOTICE)
    store.add_version(connection, version)
    by.record(connection, Action.UPDATED, version=notice.version, notice=notice.id)
    return version


def end_notice(connection: Connection, by: Acting, id: UUID, reason: str) -> Published:
    """Withdraw a notice: a version of its own with the reason. Done twice, it is done once.

    Raises Problem where there is no such notice.
    """
    _lock(connection)
    held = store.newest(connection, id)
    if held.withdrawn:
        return held

    notice = replace(held.notice, version=held.notice.version + 1)
    version = _version(by, notice, WITHDRAWN_NOTICE, reason)
    proposals.mark_ended(connection, id)
    store.add_version(connection, version)
    by.record(connection, Action.ENDED, version=notice.version, notice=notice.id)
    return version


def set_aside(connection: Connection, proposal: UUID) -> bool:
    """Publish nothing of a proposal. False where it does not wait for a decision."""
    return proposals.set_aside(connection, proposal)


def _version(by: Acting, notice: Notice, state: str, reason: str | None = None) -> Published:
    return Published(
        notice=notice,
        state=state,
        published_at=by.now,
        by=by.actor.id,
        reason=reason,
        in_force=True,
    )


def _check_site(connection: Connection, notice: Notice) -> None:
    if notice.site is not None and not access.has_site(connection, notice.site):
        raise Unfit(Flaw("/site", "unknown-site"))


def _refuse_twice(connection: Connection, by: Acting, notice: Notice) -> None:
    for held in store.in_force(connection, by.now):
        if _matter(held.notice) == _matter(notice):
            raise Problem("conflict", held=_named(held))


def _matter(notice: Notice) -> tuple[str, str | None, str | None]:
    return notice.kind, notice.substance, notice.site


def _named(held: Published) -> dict[str, UUID | int]:
    return {"id": held.notice.id, "version": held.notice.version}


def _outcome(held: Published, sent: Notice) -> MergeOutcome:
    if held.withdrawn:
        return MergeOutcome.WITHDRAWN
    return outcome(held.notice, sent, lambda notice: notice.version)


def _lock(connection: Connection) -> None:
    """Changes are counted in the order in which they are committed: no listener misses one."""
    lock_tables(connection, "notices")
