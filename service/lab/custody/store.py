"""Queries of the material: what was recorded of it."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlmodel import col

from service.foundation.database import insert_new
from service.intake import store as intake
from service.lab.custody.events import Custody
from service.lab.tables import AssayRow, CustodyRow
from service.vocabulary.codes import CustodyEvent

_ID: sa.BindParameter[UUID] = sa.bindparam("b_id")
_ADD_CUSTODY = insert_new(CustodyRow, "sample", "event")
_CUSTODY = sa.select(col(CustodyRow.event), col(CustodyRow.at)).where(col(CustodyRow.sample) == _ID)
_FIRST_ANALYSED = sa.select(sa.func.min(col(AssayRow.analysed_at))).where(
    col(AssayRow.sample) == _ID
)


def add_custody(
    connection: Connection, sample: UUID, custody: Custody, *, now: datetime, by: str
) -> None:
    """Record what happened to the material, unless it is recorded already."""
    connection.execute(
        _ADD_CUSTODY,
        {
            "sample": sample,
            "event": custody.event.value,
            "at": custody.at,
            "recorded_at": now,
            "by": by,
        },
    )


def custody(connection: Connection, sample: UUID) -> list[Custody]:
    """What happened to the material, in order.

    When it was taken is known from the sample, when it was first analysed from its assays.
    """
    recorded = connection.execute(_CUSTODY, {"b_id": sample})
    events = [Custody(CustodyEvent(row.event), row.at) for row in recorded]
    events.append(Custody(CustodyEvent.TAKEN, intake.in_the_field(connection, sample).taken_at))

    analysed_at = connection.execute(_FIRST_ANALYSED, {"b_id": sample}).scalar()
    if analysed_at is not None:
        events.append(Custody(CustodyEvent.ANALYSED, analysed_at))

    return sorted(events, key=lambda event: event.at)
