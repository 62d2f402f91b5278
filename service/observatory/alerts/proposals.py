"""Proposals: opened by a rule, lost with their ground, decided by a coordinator.

A proposal stands until what it rests on is taken back. If it was published by then, the coordinator
is told that its ground is gone.
"""

from collections.abc import Callable, Collection
from datetime import datetime
from uuid import UUID, uuid5

from sqlalchemy import Connection

from service.foundation.problems import Problem
from service.observatory.alerts import store, tallies
from service.observatory.alerts.grounds import store as grounds
from service.observatory.alerts.proposal import ProposalState, RiseFigures, figures_of
from service.observatory.alerts.rules import (
    FEWEST_IN_CLUSTER,
    NETWORK,
    RECENT_WEEKS,
    Cause,
    Tally,
    Why,
    has_risen,
    week_of,
)
from service.observatory.alerts.store import HeldProposal, LivingProposal

# Drawn once: the ids of proposals are named under it.
_IDS = UUID("6f1f0a52-6a0e-5c8b-9a53-3a0d3c1f5e77")


# --- Opened by a rule ----------------------------------------------------------------------------


def propose(
    connection: Connection,
    cause: Cause,
    samples: Collection[UUID],
    figures: RiseFigures,
    now: datetime,
) -> None:
    """Open a proposal of this cause, or add these rocks to the living one."""
    proposal = _living(connection, cause, now)
    if proposal is None:
        if _was_decided(connection, cause, samples, now):
            return
        proposal = _open(connection, cause, figures, now)

    if samples:
        grounds.add_grounds(connection, proposal.id, samples)
    if proposal.gone_at is not None:
        store.set_gone(connection, proposal.id, None)


def _living(connection: Connection, cause: Cause, now: datetime) -> LivingProposal | None:
    """The living proposal of this cause; one whose notice is no longer in force ends here."""
    proposal = store.living(connection, cause, now)
    if proposal is None:
        return None

    if proposal.state == ProposalState.PUBLISHED and not proposal.holds:
        store.set_ended(connection, proposal.id)
        return None
    return proposal


def _open(
    connection: Connection, cause: Cause, figures: RiseFigures, now: datetime
) -> LivingProposal:
    id = uuid5(_IDS, f"{cause} {now.isoformat()}")
    store.add_proposal(connection, id, cause, figures, now)

    # It may be another one's, opened meanwhile of the same cause.
    proposal = store.living(connection, cause, now)
    if proposal is None:
        raise LookupError(f"no living proposal of {cause}")
    return proposal


def _was_decided(
    connection: Connection, cause: Cause, samples: Collection[UUID], now: datetime
) -> bool:
    """Whether just this was decided already: these rocks, or this rise a few weeks ago."""
    if cause.why in (Why.MORE_OFTEN, Why.EFFECTS):
        return store.was_decided_lately(connection, cause, after=week_of(now) - RECENT_WEEKS)
    return store.was_decided_of(connection, cause, samples)


# --- Lost with their ground ----------------------------------------------------------------------


def take_ground_away(
    connection: Connection, sample: UUID, now: datetime, calls_for: Callable[[HeldProposal], bool]
) -> None:
    """Take this rock from under the proposals that it no longer calls for."""
    for proposal in store.resting_on(connection, sample):
        if calls_for(proposal):
            continue

        grounds.remove_ground(connection, proposal.id, sample)
        needed = FEWEST_IN_CLUSTER if proposal.why == Why.EFFECTS else 1
        if grounds.number_of_grounds(connection, proposal.id) < needed:
            _lose(connection, proposal, now)


def review_rises(
    connection: Connection, subjects: Collection[str], site: str, now: datetime
) -> None:
    """Whether what was found more often still was, as the counts of that week are now."""
    if not subjects:
        return

    rises = store.living_rises(connection, subjects, [NETWORK, site])
    weeks = {rise.week for rise in rises}
    watched = {week: tallies.number_watched(connection, week) for week in weeks}
    for rise in rises:
        tally = _tally_of(connection, rise)
        if has_risen(tally.recent, tally.before, watched[rise.week]):
            figures = figures_of(tally.recent, tally.before)
            store.set_figures(connection, rise.id, figures)
        else:
            _lose(connection, rise, now)


def _tally_of(connection: Connection, rise: HeldProposal) -> Tally:
    subject = rise.subject or ""
    counted = tallies.look(connection, [subject], rise.site, rise.week)
    return counted.get((subject, rise.site), Tally())


def _lose(connection: Connection, proposal: HeldProposal, now: datetime) -> None:
    """Its ground is gone: what nobody published goes with it, what was published is marked."""
    match proposal.state:
        case ProposalState.OPEN | ProposalState.SET_ASIDE:
            store.remove_proposal(connection, proposal.id)
        case ProposalState.PUBLISHED if proposal.gone_at is None:
            store.set_gone(connection, proposal.id, now)


# --- Decided by a coordinator --------------------------------------------------------------------


def waiting_cause(connection: Connection, id: UUID) -> Cause:
    """The cause of a proposal that waits.

    Raises Problem where there is no such proposal, or it was decided.
    """
    proposal = store.held_proposal(connection, id)
    if proposal is None:
        raise Problem("not-found")

    if proposal.state == ProposalState.OPEN:
        return proposal.cause
    if proposal.notice:
        raise Problem("conflict", held={"id": proposal.notice})
    raise Problem("conflict")


def mark_published(connection: Connection, id: UUID, notice: UUID) -> None:
    """A proposal became this notice."""
    store.set_published(connection, id, notice)


def mark_ended(connection: Connection, notice: UUID) -> None:
    """A notice was withdrawn: what it rested on may be proposed again when it comes again."""
    store.set_notice_ended(connection, notice)


def set_aside(connection: Connection, id: UUID) -> bool:
    """A coordinator has seen it and publishes nothing. False where it does not wait for that."""
    return store.set_aside(connection, id)
