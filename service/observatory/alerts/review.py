"""What a coordinator reads: the proposals that wait, and what they rest on."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Connection

from service.evidence.classify import find
from service.intake import store as intake
from service.lab import store as lab
from service.observatory.alerts import store
from service.observatory.alerts.grounds.store import Ground, grounds_of
from service.observatory.alerts.proposal import Proposal, ProposalState
from service.observatory.alerts.rules import Why
from service.observatory.alerts.store import ListedProposal


def proposals(connection: Connection, *, of: UUID | None = None) -> list[Proposal]:
    """What waits for a decision, the last first; or one of any state."""
    rows = store.listed(connection, of=of)
    grounds = grounds_of(connection, [row.id for row in rows])
    return [_proposal(connection, row, grounds.get(row.id, [])) for row in rows]


def _proposal(connection: Connection, row: ListedProposal, grounds: Sequence[Ground]) -> Proposal:
    days = [ground.taken_at.date() for ground in grounds]
    amounts: tuple[float, ...] = ()
    if row.cause.why is Why.BEYOND_SURVEY:
        amounts = _amounts_mg(connection, grounds)

    return Proposal(
        id=row.id,
        cause=row.cause,
        state=ProposalState(row.state),
        proposed_at=row.proposed_at,
        figures=row.figures,
        labels=tuple(ground.lab_label for ground in grounds),
        amounts_mg=amounts,
        first_on=min(days, default=None),
        last_on=max(days, default=None),
    )


def _amounts_mg(connection: Connection, grounds: Sequence[Ground]) -> tuple[float, ...]:
    """How much cocaine each of these rocks holds, as far as it is known."""
    amounts = []
    for ground in grounds:
        held = intake.find(connection, ground.sample)
        if held is None:
            continue

        amount = find(held.sample, lab.of_sample(connection, ground.sample)).amount
        if amount is not None:
            amounts.append(amount.middle_mg)
    return tuple(amounts)
