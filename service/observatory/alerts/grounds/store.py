"""Queries of the rocks that proposals rest on."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlmodel import col

from service.foundation.database import insert_new
from service.intake.tables import SampleRow
from service.observatory.alerts.tables import GroundRow

_ADD_GROUND = insert_new(GroundRow, "proposal", "sample")


@dataclass(frozen=True, slots=True)
class Ground:
    """One rock that a proposal rests on."""

    proposal: UUID
    sample: UUID
    lab_label: str
    taken_at: datetime


def grounds_of(connection: Connection, proposals: Collection[UUID]) -> dict[UUID, list[Ground]]:
    """The rocks that each of these rests on, as they were taken in."""
    query = (
        sa.select(
            col(GroundRow.proposal),
            col(SampleRow.id),
            col(SampleRow.lab_label),
            col(SampleRow.taken_at),
        )
        .select_from(GroundRow)
        .join(SampleRow, col(SampleRow.id) == col(GroundRow.sample))
        .where(col(GroundRow.proposal).in_(proposals))
        .order_by(col(SampleRow.taken_at), col(SampleRow.lab_label))
    )

    by_proposal: dict[UUID, list[Ground]] = {}
    for row in connection.execute(query):
        ground = Ground(*row)
        by_proposal.setdefault(ground.proposal, []).append(ground)
    return by_proposal


def add_grounds(connection: Connection, proposal: UUID, samples: Iterable[UUID]) -> None:
    rows = [{"proposal": proposal, "sample": sample} for sample in samples]
    connection.execute(_ADD_GROUND, rows)


def remove_ground(connection: Connection, proposal: UUID, sample: UUID) -> None:
    connection.execute(
        sa.delete(GroundRow).where(
            col(GroundRow.proposal) == proposal, col(GroundRow.sample) == sample
        )
    )


def number_of_grounds(connection: Connection, proposal: UUID) -> int:
    query = (
        sa.select(sa.func.count()).select_from(GroundRow).where(col(GroundRow.proposal) == proposal)
    )
    return connection.execute(query).scalar_one()
