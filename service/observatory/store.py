"""Queries of the observatory: the row of each surveyed rock, and the rocks that a survey is of."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
import sqlalchemy as sa
from sqlalchemy import ColumnElement, Connection
from sqlmodel import col

from service.access.site import SYNTHETIC
from service.evidence.calibration import month_of
from service.foundation.database import insert_new, lock_tables
from service.intake import store as intake
from service.intake.tables import SampleRow
from service.observatory.arrays import Codes, Floats
from service.observatory.survey.asked import Asked, ComputedAs
from service.observatory.survey.rock import SurveyedRock
from service.observatory.survey.rocks import CODED, NUMBERS, Coded, Rocks
from service.observatory.tables import SurveyChangeRow, SurveyedRow

_ID: sa.BindParameter[UUID] = sa.bindparam("b_sample")
_OF_SAMPLE = sa.select(SurveyedRow).where(col(SurveyedRow.sample) == _ID)
_ADD = sa.insert(SurveyedRow)
_REMOVE = sa.delete(SurveyedRow).where(col(SurveyedRow.sample) == _ID)
_FIRST = insert_new(SurveyChangeRow, "month")
_CHANGED = (
    sa.update(SurveyChangeRow)
    .where(col(SurveyChangeRow.month) == sa.bindparam("b_month"))
    .values(changes=col(SurveyChangeRow.changes) + 1)
)
_CONCERNS = (
    sa.select(col(SampleRow.id))
    .outerjoin(SurveyedRow, col(SurveyedRow.sample) == col(SampleRow.id))
    .where(
        col(SampleRow.id) == _ID,
        sa.or_(
            col(SampleRow.state).in_(intake.ANSWERED),
            col(SurveyedRow.sample).is_not(None),
        ),
    )
)
PART = 500
"""So many rows are Python objects at once.

More fall out of the processor's cache.
"""


# --- Kept up with each answer --------------------------------------------------------------------


def concerns(connection: Connection, sample: UUID) -> bool:
    """Whether a sample is answered, or was when it was last looked at."""
    return connection.execute(_CONCERNS, {"b_sample": sample}).first() is not None


def surveyed_rock(connection: Connection, sample: UUID) -> SurveyedRock | None:
    """What is surveyed of this sample."""
    row = connection.execute(_OF_SAMPLE, {"b_sample": sample}).mappings().first()
    return SurveyedRock(**row) if row else None


def all_surveyed(connection: Connection) -> dict[UUID, SurveyedRock]:
    """Every surveyed rock, by its sample."""
    rows = connection.execute(sa.select(SurveyedRow)).mappings()
    rocks = [SurveyedRock(**row) for row in rows]
    return {rock.sample: rock for rock in rocks}


def any_surveyed(connection: Connection) -> bool:
    """Whether any rock is surveyed."""
    query = sa.select(col(SurveyedRow.sample)).limit(1)
    return connection.execute(query).first() is not None


def add_rock(connection: Connection, rock: SurveyedRock) -> None:
    """Survey a rock; whatever was made of its month is old now."""
    connection.execute(_ADD, asdict(rock))
    _change(connection, rock)


def remove_rock(connection: Connection, rock: SurveyedRock) -> None:
    """Survey a rock no longer; whatever was made of its month is old now."""
    connection.execute(_REMOVE, {"b_sample": rock.sample})
    _change(connection, rock)


def _change(connection: Connection, rock: SurveyedRock) -> None:
    taken_at = datetime.fromtimestamp(rock.taken, UTC)
    month = month_of(taken_at)
    connection.execute(_FIRST, {"month": month, "changes": 0})
    connection.execute(_CHANGED, {"b_month": month})


def lock(connection: Connection) -> None:
    """Nobody else surveys until the transaction ends."""
    lock_tables(connection, "surveyed", "survey_changes")


# --- Asked for -----------------------------------------------------------------------------------


def version(connection: Connection, until: date | None = None) -> int:
    """Grows with whatever changes any survey, or one of rocks taken in until this day."""
    changes = sa.func.sum(col(SurveyChangeRow.changes))
    query = sa.select(sa.func.coalesce(changes, 0))
    if until is not None:
        # Months are UTC's: a day's last hours may belong to the next.
        month_after = until.year * 12 + until.month
        query = query.where(col(SurveyChangeRow.month) <= month_after)
    return int(connection.execute(query).scalar_one())


def areas(connection: Connection) -> list[str]:
    """Where surveyed rocks were bought, as far as it is known."""
    area = col(SurveyedRow.area)
    known = (
        sa.select(area)
        .where(area.is_not(None), col(SurveyedRow.site) != SYNTHETIC)
        .distinct()
        .order_by(area)
    )
    return [area for area in connection.execute(known).scalars() if area is not None]


def rocks(connection: Connection, asked: Asked, zone: ZoneInfo) -> Rocks:
    """The rocks asked for, as columns; made-up ones only where their own site is asked for."""
    conditions = _conditions(asked, zone)
    counting = sa.select(sa.func.count()).select_from(SurveyedRow)
    count = connection.execute(counting.where(*conditions)).scalar_one()

    columns = _Columns(count)
    query = _query(asked.basis).where(*conditions).execution_options(yield_per=PART)
    for part in connection.execute(query).partitions(PART):
        columns.add(part)
    return columns.rocks()


def _query(basis: ComputedAs) -> sa.Select[*tuple[Any, ...]]:
    """The columns of the rocks, in the order in which `_Columns` reads them."""
    content = col(SurveyedRow.percent)
    if basis is ComputedAs.REPORTED:
        content = col(SurveyedRow.reported)

    return sa.select(
        col(SurveyedRow.taken),
        col(SurveyedRow.hardly_any),
        content,
        col(SurveyedRow.weight_mg),
        col(SurveyedRow.price_eur),
        col(SurveyedRow.guess_percent),
        col(SurveyedRow.basis),
        col(SurveyedRow.area),
        col(SurveyedRow.quality),
        col(SurveyedRow.place_type),
        col(SurveyedRow.seller_type),
        col(SurveyedRow.believed),
        col(SurveyedRow.blamed),
        col(SurveyedRow.found),
        col(SurveyedRow.absent),
    )


class _Columns:
    """Rows as columns, of so many rocks, filled some rows at a time."""

    def __init__(self, count: int) -> None:
        self._filled = 0
        self._taken = np.empty(count, np.int64)
        self._hardly_any = np.empty(count, np.bool_)
        self._numbers: dict[str, Floats] = {name: np.empty(count) for name in NUMBERS}
        self._codes: dict[str, Codes] = {name: np.empty(count, np.int32) for name in CODED}
        self._names = {name: _Names() for name in CODED}

    def add(self, rows: Sequence[sa.Row[*tuple[Any, ...]]]) -> None:
        """Write these rows after those that were added before."""
        after = self._filled + len(rows)
        here = slice(self._filled, after)
        taken, hardly_any, *others = zip(*rows, strict=True)
        self._taken[here] = taken
        self._hardly_any[here] = hardly_any

        values_of = dict(zip((*NUMBERS, *CODED), others, strict=True))
        for name, numbers in self._numbers.items():
            numbers[here] = values_of[name]
        for name, codes in self._codes.items():
            code_of = self._names[name].__getitem__
            found = map(code_of, values_of[name])
            codes[here] = np.fromiter(found, np.int32, len(rows))

        self._filled = after

    def rocks(self) -> Rocks:
        numbers = self._numbers
        coded = self._coded()
        return Rocks(
            taken=self._taken,
            hardly_any=self._hardly_any,
            percent=numbers["percent"],
            weight_mg=numbers["weight_mg"],
            price_eur=numbers["price_eur"],
            guess_percent=numbers["guess_percent"],
            basis=coded["basis"],
            area=coded["area"],
            quality=coded["quality"],
            place_type=coded["place_type"],
            seller_type=coded["seller_type"],
            believed=coded["believed"],
            blamed=coded["blamed"],
            found=coded["found"],
            absent=coded["absent"],
        )

    def _coded(self) -> Mapping[str, Coded]:
        return {name: Coded(self._codes[name], self._names[name].known()) for name in CODED}


class _Names(defaultdict[str | None, int]):
    """A number for each text, in the order they are met; -1 for none."""

    def __init__(self) -> None:
        super().__init__(None, {None: -1})

    def __missing__(self, text: str | None) -> int:
        self[text] = number = len(self) - 1
        return number

    def known(self) -> tuple[str, ...]:
        return tuple(text for text in self if text is not None)


def _conditions(asked: Asked, zone: ZoneInfo) -> list[ColumnElement[bool]]:
    site = col(SurveyedRow.site)
    taken = col(SurveyedRow.taken)

    conditions = [site != SYNTHETIC]
    if asked.site:
        conditions = [site == asked.site]
    if asked.since:
        first = midnight(asked.since, zone)
        conditions.append(taken >= int(first.timestamp()))
    if asked.until:
        day_after = asked.until + timedelta(days=1)
        after = midnight(day_after, zone)
        conditions.append(taken < int(after.timestamp()))
    if asked.area:
        within = col(SurveyedRow.area).startswith(asked.area, autoescape=True)
        conditions.append(within)

    return conditions


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """When this day began there."""
    return datetime.combine(day, time(), zone)
