"""Queries of what is learnt from measured rocks, and of the notices that change what is said.

Statements are built once, at import.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlmodel import col

from service.evidence.calibration import Measured, month_of
from service.evidence.dose import Market, step_of
from service.evidence.finding import Nearby
from service.evidence.market import WINDOW_MONTHS
from service.evidence.market import market as market_of
from service.evidence.tables import AnnouncedRow, MeasuredCountRow, MeasuredRow, NoticeRow
from service.foundation.database import insert_new, lock_tables
from service.vocabulary.codes import Size
from service.vocabulary.substances import STIMULANTS, Family, codes_in

WATCHED = codes_in(Family.OPIOID, Family.VERY_STRONG_OPIOID, *STIMULANTS, Family.RESIDUE)
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


# --- What other rocks warn of -------------------------------------------------------------------


class Announced(NamedTuple):
    """What one rock warns others of: surely, or at its own site until it is settled."""

    sample: UUID
    site: str
    substance: str
    sure: bool
    found_at: datetime


_ANNOUNCED: sa.Select[UUID, str, str, bool, datetime] = sa.select(
    col(AnnouncedRow.sample),
    col(AnnouncedRow.site),
    col(AnnouncedRow.substance),
    col(AnnouncedRow.sure),
    col(AnnouncedRow.found_at),
)
_ANNOUNCED_BY = _ANNOUNCED.where(col(AnnouncedRow.sample) == sa.bindparam("b_sample"))
_NEARBY = (
    sa.select(col(AnnouncedRow.substance), col(AnnouncedRow.site), col(AnnouncedRow.sure))
    .where(
        col(AnnouncedRow.substance).in_(sorted(WATCHED)),
        col(AnnouncedRow.found_at) >= sa.bindparam("b_since"),
        col(AnnouncedRow.sample) != sa.bindparam("b_sample"),
    )
    .distinct()
)
_ADD_ANNOUNCED = sa.insert(AnnouncedRow)
_DELETE_ANNOUNCED = sa.delete(AnnouncedRow)


def nearby(
    connection: Connection, site: str, *, but: UUID, since: datetime, warned: frozenset[str]
) -> Nearby:
    """What other rocks of the network held lately; `warned` is what a notice names besides."""
    rows = connection.execute(_NEARBY, {"b_since": since, "b_sample": but}).all()
    sure = [row for row in rows if row.sure]

    return Nearby(
        found=warned.union(row.substance for row in sure),
        found_here=frozenset(row.substance for row in sure if row.site == site),
        indicated_here=frozenset(
            row.substance for row in rows if row.site == site and not row.sure
        ),
    )


def announced(connection: Connection, sample: UUID) -> set[Announced]:
    """What is announced of this sample."""
    return {Announced(*row) for row in connection.execute(_ANNOUNCED_BY, {"b_sample": sample})}


def all_announced(connection: Connection) -> set[Announced]:
    return {Announced(*row) for row in connection.execute(_ANNOUNCED)}


def any_announced(connection: Connection) -> bool:
    return connection.execute(_ANNOUNCED.limit(1)).first() is not None


def replace_announced(connection: Connection, sample: UUID, rows: Collection[Announced]) -> None:
    """Announce this of a sample, and nothing else."""
    connection.execute(_DELETE_ANNOUNCED.where(col(AnnouncedRow.sample) == sample))
    if rows:
        connection.execute(_ADD_ANNOUNCED, [row._asdict() for row in sorted(rows)])


def replace_all_announced(connection: Connection, rows: Collection[Announced]) -> None:
    """Announce these, and nothing else."""
    connection.execute(_DELETE_ANNOUNCED)
    if rows:
        connection.execute(_ADD_ANNOUNCED, [row._asdict() for row in sorted(rows)])


def lock_announced(connection: Connection) -> None:
    """Let nobody else announce until the transaction ends."""
    lock_tables(connection, "announced")


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
