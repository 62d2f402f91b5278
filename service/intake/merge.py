"""What a client sent, against what we hold: decided once, by name. Samples by revision, assays by version."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

T = TypeVar("T")


class Outcome(StrEnum):
    NEW = "new"
    IDENTICAL = "identical"
    UPDATED = "updated"
    CONFLICT = "conflict"
    STALE = "stale"
    WITHDRAWN = "withdrawn"


# Answered as a problem of that name.
REFUSED = frozenset({Outcome.CONFLICT, Outcome.STALE, Outcome.WITHDRAWN})


@dataclass(frozen=True, slots=True)
class Tombstone:
    """All that is left of what was taken back, so that a late retry does not bring it to life again."""


def outcome(held: T | Tombstone | None, sent: T, revision: Callable[[T], int]) -> Outcome:
    if held is None:
        return Outcome.NEW
    if isinstance(held, Tombstone):
        return Outcome.WITHDRAWN
    if sent == held:
        return Outcome.IDENTICAL
    if revision(sent) == revision(held):
        return Outcome.CONFLICT
    return Outcome.UPDATED if revision(sent) > revision(held) else Outcome.STALE
