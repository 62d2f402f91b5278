"""What a client sent, against what we hold: decided once, by name.

Samples are compared by revision, assays by version.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

T = TypeVar("T")


class MergeOutcome(StrEnum):
    NEW = "new"
    IDENTICAL = "identical"
    UPDATED = "updated"
    CONFLICT = "conflict"
    STALE = "stale"
    WITHDRAWN = "withdrawn"


# Answered as a problem of that name.
REFUSED = frozenset({MergeOutcome.CONFLICT, MergeOutcome.STALE, MergeOutcome.WITHDRAWN})


@dataclass(frozen=True, slots=True)
class Tombstone:
    """All that is left of what was taken back, so that a late retry does not revive it."""


def outcome(held: T | Tombstone | None, sent: T, revision: Callable[[T], int]) -> MergeOutcome:
    """What becomes of what was sent."""
    if held is None:
        return MergeOutcome.NEW
    if isinstance(held, Tombstone):
        return MergeOutcome.WITHDRAWN
    if sent == held:
        return MergeOutcome.IDENTICAL

    if revision(sent) == revision(held):
        return MergeOutcome.CONFLICT
    return MergeOutcome.UPDATED if revision(sent) > revision(held) else MergeOutcome.STALE
