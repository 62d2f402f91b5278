"""A proposal: what a rule would warn of, and what that rests on."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from typing_extensions import TypedDict

from service.observatory.alerts.rules import Cause, FoundOfTested, chance_of


class ProposalState(StrEnum):
    """How far a proposal has come. Only an open one waits for a decision."""

    OPEN = "open"
    PUBLISHED = "published"
    SET_ASIDE = "set_aside"
    ENDED = "ended"


class ShareOfRocks(TypedDict):
    """In how many of the tested rocks it was found."""

    found: int
    tested: int


class RiseFigures(TypedDict, total=False):
    """The figures of a rise; empty for any other proposal.

    `chance`: how likely such a rise is where nothing has changed (Fisher's exact test, one side).
    """

    recent: ShareOfRocks
    before: ShareOfRocks
    chance: float


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposal with its rocks. `first_on` and `last_on`: the days (UTC) they were taken in on."""

    id: UUID
    cause: Cause
    state: ProposalState
    proposed_at: datetime
    figures: RiseFigures
    labels: tuple[str, ...]
    amounts_mg: tuple[float, ...]
    first_on: date | None
    last_on: date | None


def figures_of(recent: FoundOfTested, before: FoundOfTested) -> RiseFigures:
    """The two shares, and how likely the recent one is where nothing has changed."""
    return {
        "recent": {"found": recent.found, "tested": recent.tested},
        "before": {"found": before.found, "tested": before.tested},
        "chance": float(f"{chance_of(recent, before):.2g}"),
    }
