"""Queries of names: what laboratories have explained, and what nobody knows."""

from datetime import datetime
from typing import TypedDict
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlmodel import col

from service.lab.names.meaning import ForeignName, Meaning, fold
from service.lab.tables import AssayRow, NameRow, ResultRow
from service.vocabulary.substances import SUBSTANCES

MAX_NAMES = 500

_MEANINGS = sa.select(col(NameRow.name), col(NameRow.spelled), col(NameRow.substance)).order_by(
    col(NameRow.name), col(NameRow.at)
)
_ADD_MEANING = sa.insert(NameRow)
_WRITTEN = sa.func.coalesce(col(ResultRow.as_written), col(ResultRow.substance))
_NAMING = (
    sa.select(col(ResultRow.assay))
    .where(col(ResultRow.found_at).is_not(None), sa.bindparam("b_name") == _WRITTEN)
    .distinct()
)
_FOREIGN_NAMES = (
    sa.select(_WRITTEN.label("written"), col(ResultRow.substance))
    .where(
        col(ResultRow.found_at).is_not(None),
        sa.or_(col(ResultRow.as_written).is_not(None), col(ResultRow.substance).not_in(SUBSTANCES)),
    )
    .distinct()
)
_UNKNOWN_NAMES: sa.Select[str, int, str] = (
    sa.select(
        col(ResultRow.substance).label("name"),
        sa.func.count().label("times"),
        sa.func.min(col(AssayRow.lab_label)).label("lab_label"),
    )
    .select_from(ResultRow)
    .join(
        AssayRow,
        sa.and_(
            col(AssayRow.id) == col(ResultRow.assay),
            col(AssayRow.version) == col(ResultRow.version),
        ),
    )
    .where(col(ResultRow.found_at).is_not(None), col(ResultRow.substance).not_in(SUBSTANCES))
    .group_by(col(ResultRow.substance))
    .order_by(sa.func.count().desc(), col(ResultRow.substance))
    .limit(MAX_NAMES)
)


class UnknownName(TypedDict):
    """A name in force that the vocabulary does not know, with a label to look at."""

    name: str
    times: int
    lab_label: str


def meanings(connection: Connection) -> dict[str, Meaning]:
    """What laboratories have explained, by folded name, in its order; the last word counts."""
    latest = {row.name: row for row in connection.execute(_MEANINGS)}
    return {
        name: Meaning(row.spelled, row.substance)
        for name, row in latest.items()
        if row.substance in SUBSTANCES
    }


def add_meaning(
    connection: Connection, name: str, code: str | None, *, now: datetime, by: str
) -> None:
    """From now on a name means this substance, or is nobody's again."""
    row = {"name": fold(name), "spelled": name, "substance": code, "at": now, "by": by}
    connection.execute(_ADD_MEANING, row)


def foreign_names(connection: Connection) -> list[ForeignName]:
    """Every name in force that is not the vocabulary's own."""
    return [ForeignName(row.written, row.substance) for row in connection.execute(_FOREIGN_NAMES)]


def naming(connection: Connection, name: str) -> list[UUID]:
    """The assays in force that found something under this name, just as it is written."""
    return list(connection.execute(_NAMING, {"b_name": name}).scalars())


def unknown_names(connection: Connection) -> list[UnknownName]:
    """Names in force that the vocabulary does not know, the most frequent first."""
    return [
        {"name": row.name, "times": row.times, "lab_label": row.lab_label}
        for row in connection.execute(_UNKNOWN_NAMES)
    ]
