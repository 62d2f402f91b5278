"""Queries of what is learnt from measured rocks, and of the notices that change what is said.

Statements are built once, at import.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlmodel import col

from service.evidence.calibration import Measured, month_of
from service.evidence.dose import Market, step_of
from service.evidence.market import WINDOW_MONTHS
from service.evidence.market import market as market_of
from service.evidence.tables import MeasuredCountRow, MeasuredRow, NoticeRow
from service.foundation.database import insert_new, lock_tables
from service.vocabulary.codes import Size
from service.vocabulary.substances import Family, codes_in

WATCHED = codes_in(Family.OPIOID, Family.VERY_STRONG_OPIOID, Family.STIMULANT, Family.RESIDUE)
"""What another rock's answer changes here.

Opioids are announced; stimulants and residues silence a reassurance.
"""
PUBLISHED_NOTICE, WITHDRAWN_NOTICE = "published", "withdrawn"
REPLAYED = 20_000

# --- Notices ------------------------------------------------------------------------------------

NOTICE_HOLDS: sa.ColumnElement[bool] = sa.and_(
    col(NoticeRow.in_force),
    col(NoticeRow.state) == PUBLISHED_NOTICE,
    col(NoticeRow.until) > sa.bindparam("b_now"),
)
"""The last version of a notice, neither withdrawn nor ended by now (`b_now`)."""
_WARNED_OF = sa.select(col(NoticeRow.substance)).where(
    NOTICE_HOLDS,
    sa.or_(col(NoticeRow.site).is_(None), col(NoticeRow.site) == sa.bindparam("b_site")),
)


def warned_of(connection: Connection, site: str, now: datetime) -> frozenset[str]:
    """What the notices in force for this site name, of what changes other rocks' answers."""
    named = connection.execute(_WARNED_OF, {"b_now": now, "b_site": site}).scalars()
    return WATCHED.intersection(named)


# --- What is learnt from measured rocks ---------------------------------------------------------

_COUNTS = sa.select(
    col(MeasuredCountRow.month), col(MeasuredCountRow.step), col(MeasuredCountRow.rocks)
).where(col(MeasuredCountRow.month) > sa.bindparam("b_first"))
_FIRST = insert_new(MeasuredCountRow, "month", "step")
_RECOUNT = (
    sa.update(MeasuredCountRow)
    .where(
        col(MeasuredCountRow.month) == sa.bindparam("b_month"),
        col(MeasuredCountRow.step) == sa.bindparam("b_step"),
    )
    .values(rocks=col(MeasuredCountRow.rocks) + sa.bindparam("b_rocks"))
)
_DELETE_EMPTY = sa.delete(MeasuredCountRow).where(
    col(MeasuredCountRow.month) == sa.bindparam("b_month"), col(MeasuredCountRow.rocks) == 0
)
_ALL: sa.Select[UUID, datetime, datetime, float, float | None, float | None, str | None] = (
    sa.select(
        col(MeasuredRow.sample),
        col(MeasuredRow.taken_at),
        col(MeasuredRow.answered_at),
        col(MeasuredRow.percent),
        col(MeasuredRow.whole_mg),
        col(MeasuredRow.field_mg),
        col(MeasuredRow.size),
    )
)
_OF_SAMPLE = _ALL.where(col(MeasuredRow.sample) == sa.bindparam("b_sample"))
_LAST = _ALL.order_by(col(MeasuredRow.taken_at).desc(), col(MeasuredRow.sample))
_ANY = sa.select(col(MeasuredRow.sample)).limit(1)
_ADD = sa.insert(MeasuredRow)
_DELETE = sa.delete(MeasuredRow).where(col(MeasuredRow.sample) == sa.bindparam("b_sample"))

Cell = tuple[int, int]
"""A month (years x 12 + months since year 0) and a step of 2 % of content."""


@dataclass(frozen=True, slots=True)
class MeasuredRock:
    """What one rock teaches, as its row holds it: UTC, percent by weight, mg."""

    sample: UUID
    taken_at: datetime
    answered_at: datetime
    percent: float
    whole_mg: float | None
    field_mg: float | None
    size: str | None

    @property
    def cell(self) -> Cell:
        """Where it is counted."""
        return month_of(self.taken_at), step_of(self.percent / 100)


def market(connection: Connection, now: datetime) -> Market:
    """What content rocks have now, from three years of counts at most."""
    month = month_of(now)

    counts = connection.execute(_COUNTS, {"b_first": month - WINDOW_MONTHS}).all()
    return market_of(counts, month)


def past(connection: Connection, limit: int) -> list[Measured]:
    """The rocks measured last, to replay: at most `limit`."""
    return [
        Measured(
            taken_at=row.taken_at,
            answered_at=row.answered_at,
            content=row.percent / 100,
            whole_mg=row.whole_mg,
            field_mg=row.field_mg,
            size=Size(row.size) if row.size else None,
        )
        for row in connection.execute(_LAST.limit(limit))
    ]


def measured(connection: Connection, sample: UUID) -> MeasuredRock | None:
    """What is kept of this sample."""
    row = connection.execute(_OF_SAMPLE, {"b_sample": sample}).first()
    return MeasuredRock(*row) if row else None


def all_measured(connection: Connection) -> list[MeasuredRock]:
    return [MeasuredRock(*row) for row in connection.execute(_ALL)]


def any_measured(connection: Connection) -> bool:
    return connection.execute(_ANY).first() is not None


def counts(connection: Connection) -> dict[Cell, int]:
    """How many rocks are counted in each cell."""
    rows = connection.execute(_COUNTS, {"b_first": 0})
    return {(row.month, row.step): row.rocks for row in rows}


def add_measured(connection: Connection, rock: MeasuredRock) -> None:
    """Keep what a rock teaches, and count it."""
    connection.execute(_ADD, asdict(rock))
    _count(connection, rock.cell, 1)


def delete_measured(connection: Connection, rock: MeasuredRock) -> None:
    """Keep it no longer, and count one rock less unless it was gone already."""
    if connection.execute(_DELETE, {"b_sample": rock.sample}).rowcount:
        _count(connection, rock.cell, -1)


def _count(connection: Connection, cell: Cell, rocks: int) -> None:
    month, step = cell
    connection.execute(_FIRST, {"month": month, "step": step, "rocks": 0})
    connection.execute(_RECOUNT, {"b_month": month, "b_step": step, "b_rocks": rocks})

    if rocks < 0:
        connection.execute(_DELETE_EMPTY, {"b_month": month})


def replace_all(
    connection: Connection, rocks: Sequence[MeasuredRock], counted: Iterable[tuple[Cell, int]]
) -> None:
    """Keep these rocks and counts, and nothing else."""
    connection.execute(sa.delete(MeasuredRow))
    connection.execute(sa.delete(MeasuredCountRow))
    if not rocks:
        return

    connection.execute(_ADD, [asdict(rock) for rock in rocks])
    connection.execute(
        sa.insert(MeasuredCountRow),
        [{"month": month, "step": step, "rocks": count} for (month, step), count in counted],
    )


def lock(connection: Connection) -> None:
    """Let nobody else learn until the transaction ends."""
    lock_tables(connection, "measured", "measured_counts")
