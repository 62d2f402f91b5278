"""Tables derived from samples and assays, kept up in the transaction that writes their source.

A room to the right of a writer has its projection listed in `app.py`, so that the writer need not
know it. One that fails takes the whole write with it: nothing is ever half kept.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a projection found when it was made anew: samples held, and how many were wrong."""

    samples: int
    wrong: int


@dataclass(frozen=True, slots=True)
class Projection:
    """One derived table. `now` is the transaction's one time."""

    name: str

    keep: Callable[[Connection, UUID, datetime], None]
    """A sample, or an assay of it, was written."""

    forget: Callable[[Connection, UUID, datetime], None]
    """A sample is about to be erased."""

    fill: Callable[[Connection, datetime], None]
    """At start: add what is held already, where the table is new."""

    rebuild: Callable[[Connection, datetime], Rebuilt]
    """Derive everything anew, on the operator's word."""


@dataclass(frozen=True, slots=True)
class Projections:
    """All of them, in the order in which they are kept up."""

    each: tuple[Projection, ...] = ()

    def keep(self, connection: Connection, sample: UUID, now: datetime) -> None:
        for projection in self.each:
            projection.keep(connection, sample, now)

    def forget(self, connection: Connection, sample: UUID, now: datetime) -> None:
        for projection in self.each:
            projection.forget(connection, sample, now)

    def fill(self, connection: Connection, now: datetime) -> None:
        for projection in self.each:
            projection.fill(connection, now)


def differing(kept: Mapping[UUID, object], anew: Mapping[UUID, object]) -> set[UUID]:
    """The samples of which what was kept is not what is derived anew."""
    return {sample for sample in {*kept, *anew} if kept.get(sample) != anew.get(sample)}
