"""Queries of the observatory: what each answer adds to the survey, and the rocks that a survey is made from."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
import sqlalchemy as sa
from sqlalchemy import Connection
from sqlmodel import col

from service.access.site import SYNTHETIC
from service.evidence.calibration import month_of
from service.evidence.classify import find
from service.evidence.finding import Content, is_rock
from service.foundation.database import insert_new, lock_tables
from service.foundation.projections import Projection, Rebuilt
from service.intake import store as intake
from service.intake.held import Held
from service.intake.sample import Sample
from service.intake.tables import SampleRow
from service.lab import store as lab
from service.lab.assay import AssayVersion
from service.observatory.survey import CODED, NUMBERS, Asked, Coded, ComputedAs, Rocks
from service.observatory.tables import SurveyChangeRow, SurveyedRow

_ID: Any = sa.bindparam("b_sample")
_OF_SAMPLE = sa.select(SurveyedRow).where(col(SurveyedRow.sample) == _ID)
_ADD = sa.insert(SurveyedRow)
_FORGET = sa.delete(SurveyedRow).where(col(SurveyedRow.sample) == _ID)
_FIRST = insert_new(SurveyChangeRow, "month")
_CHANGED = (
    sa.update(SurveyChangeRow)
    .where(col(SurveyChangeRow.month) == sa.bindparam("b_month"))
    .values(changes=col(SurveyChangeRow.changes) + 1)
)
_CONCERNS: Any = (
    sa.select(sa.literal_column("1"))
    .select_from(SampleRow)
    .outerjoin(SurveyedRow)
    .where(
        col(SampleRow.id) == _ID,
        sa.or_(col(SampleRow.state).in_(intake.ANSWERED), col(SurveyedRow.sample).is_not(None)),
    )
)
PART = 500
"""So many rows are Python objects at once, however many there are; more fall out of the processor's cache."""


# --- Kept up with each answer -------------------------------------------------------------------------


def keep(connection: Connection, sample: UUID, now: datetime) -> None:
    """Count a sample by its answer in force, and no longer by the one before, in the same transaction."""
    if connection.execute(_CONCERNS, {"b_sample": sample}).first() is None:
        return  # as every sample is at first
    before = connection.execute(_OF_SAMPLE, {"b_sample": sample}).mappings().first()
    held = intake.find(connection, sample)
    after = _row(held, lab.of_sample(connection, sample)) if held else None
    if before == after:
        return
    if before:
        connection.execute(_FORGET, {"b_sample": sample})
        _change(connection, before["taken"])
    if after:
        connection.execute(_ADD, after)
        _change(connection, after["taken"])


def forget(connection: Connection, sample: UUID, now: datetime) -> None:
    """Count a sample no longer: it is about to be erased."""
    before = connection.execute(_OF_SAMPLE, {"b_sample": sample}).mappings().first()
    if before:
        connection.execute(_FORGET, {"b_sample": sample})
        _change(connection, before["taken"])


def fill(connection: Connection, now: datetime) -> None:
    """Survey what is held, where nothing was surveyed yet; of several who start at once, one does."""
    _alone(connection)
    if connection.execute(sa.select(col(SurveyedRow.sample)).limit(1)).first() is None:
        rebuild(connection, now)


def rebuild(connection: Connection, now: datetime) -> Rebuilt:
    """Survey everything anew from samples and assays: how many rocks, and how many were held wrongly."""
    _alone(connection)
    kept_up = {
        row["sample"]: dict(row) for row in connection.execute(sa.select(SurveyedRow)).mappings()
    }
    anew = {}
    for id, _ in intake.standing(connection, *intake.ANSWERED):
        held = intake.find(connection, id)
        if held and (row := _row(held, lab.of_sample(connection, id))):
            anew[id] = row
    wrong = [id for id in {*anew, *kept_up} if anew.get(id) != kept_up.get(id)]
    for id in wrong:
        forget(connection, id, now)
        if id in anew:
            connection.execute(_ADD, anew[id])
            _change(connection, anew[id]["taken"])
    return Rebuilt(len(anew), len(wrong))


PROJECTION = Projection("surveyed", keep, forget, fill, rebuild)


def _alone(connection: Connection) -> None:
    lock_tables(connection, "surveyed", "survey_changes")


def _row(held: Held, statements: Sequence[AssayVersion]) -> dict[str, Any] | None:
    """The row of an answered rock; None for any other sample."""
    sample, finding = held.sample, find(held.sample, statements)
    if not finding.answered or not is_rock(sample):
        return None
    content, told, bought = finding.content, sample.beliefs, sample.transaction
    reported, basis = _reported(content, statements)
    return {
        "sample": sample.id,
        "taken": int(sample.taken_at.timestamp()),
        "site": held.site,
        "area": bought.area,
        "hardly_any": finding.hardly_any_cocaine,
        "percent": content.percent if content else None,
        "reported": reported,
        "basis": basis,
        "weight_mg": finding.weight_mg,
        "price_eur": bought.price_eur,
        "guess_percent": told.guess_percent,
        "quality": told.quality.value if told.quality else None,
        "place_type": bought.place_type.value if bought.place_type else None,
        "seller_type": bought.seller_type.value if bought.seller_type else None,
        "believed": _lines(_believed(sample)),
        "blamed": _lines(told.effects_blamed_on_cuts),
        "found": _lines(finding.found) or "",
        "absent": _lines(finding.not_found) or "",
    }


def _reported(
    content: Content | None, statements: Sequence[AssayVersion]
) -> tuple[float | None, str | None]:
    """The content that counts as its laboratory wrote it, and what it was expressed as there."""
    for one in statements if content else ():
        if content and one.in_force and one.assay.id == content.assay:
            for result in one.assay.results:
                if result.substance == "cocaine" and result.content_percent is not None:
                    return (
                        result.content_percent,
                        result.expressed_as.value if result.expressed_as else "unknown",
                    )
    return None, None


def _believed(sample: Sample) -> Iterable[str] | None:
    """The cuts that the person believed in; that ammonia was left in it is such a belief."""
    told = sample.beliefs
    if told.believed_cuts is None:
        return None
    return {*told.believed_cuts, *(("ammonia",) if told.ammonia_left else ())}


def _lines(codes: Iterable[str] | None) -> str | None:
    return None if codes is None else "\n".join(sorted(map(str, codes)))


def _change(connection: Connection, taken: int) -> None:
    month = month_of(datetime.fromtimestamp(taken, UTC))
    connection.execute(_FIRST, {"month": month, "changes": 0})
    connection.execute(_CHANGED, {"b_month": month})


# --- Asked for ----------------------------------------------------------------------------------------


def version(connection: Connection, until: date | None = None) -> int:
    """Grows with whatever changes any survey, or one of rocks taken in until this day."""
    query = sa.select(sa.func.coalesce(sa.func.sum(col(SurveyChangeRow.changes)), 0))
    if until is not None:
        # Months are UTC's: a day's last hours may belong to the next.
        query = query.where(col(SurveyChangeRow.month) <= until.year * 12 + until.month)
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
    content = (
        col(SurveyedRow.reported)
        if asked.basis is ComputedAs.REPORTED
        else col(SurveyedRow.percent)
    )
    chosen = [
        col(getattr(SurveyedRow, name)) if name != "percent" else content
        for name in (*NUMBERS, *CODED)
    ]
    conditions = _conditions(asked, zone)
    count = connection.execute(
        sa.select(sa.func.count()).select_from(SurveyedRow).where(*conditions)
    ).scalar_one()
    columns: list[Any] = [np.empty(count, kind) for kind in NUMBERS.values()]
    columns += [np.empty(count, np.int32) for _ in CODED]
    known = [_Codes() for _ in CODED]
    query = sa.select(*chosen).where(*conditions).execution_options(yield_per=PART)
    begin = 0
    for part in connection.execute(query).partitions(PART):
        end = begin + len(part)
        told = list(zip(*part, strict=True))
        for column, values in zip(columns, told[: len(NUMBERS)], strict=False):
            column[begin:end] = values
        for column, codes, texts in zip(
            columns[len(NUMBERS) :], known, told[len(NUMBERS) :], strict=True
        ):
            column[begin:end] = np.fromiter(map(codes.__getitem__, texts), np.int32, len(part))
        begin = end
    coded = (
        Coded(column, codes.names())
        for column, codes in zip(columns[len(NUMBERS) :], known, strict=True)
    )
    facts: dict[str, Any] = {
        **dict(zip(NUMBERS, columns, strict=False)),
        **dict(zip(CODED, coded, strict=True)),
    }
    return Rocks(**facts)


class _Codes(defaultdict[str | None, int]):
    """A number for each text, in the order they are met; -1 for none."""

    def __init__(self) -> None:
        super().__init__(None, {None: -1})

    def __missing__(self, text: str | None) -> int:
        self[text] = number = len(self) - 1
        return number

    def names(self) -> tuple[str, ...]:
        return tuple(text for text in self if text is not None)


def _conditions(asked: Asked, zone: ZoneInfo) -> list[Any]:
    conditions = [
        col(SurveyedRow.site) == asked.site if asked.site else col(SurveyedRow.site) != SYNTHETIC
    ]
    if asked.since:
        conditions.append(col(SurveyedRow.taken) >= int(midnight(asked.since, zone).timestamp()))
    if asked.until:
        after = midnight(asked.until + timedelta(days=1), zone)
        conditions.append(col(SurveyedRow.taken) < int(after.timestamp()))
    if asked.area:
        conditions.append(col(SurveyedRow.area).startswith(asked.area, autoescape=True))
    return conditions


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """When this day began there."""
    return datetime.combine(day, time(), zone)
