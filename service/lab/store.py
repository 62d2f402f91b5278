"""Queries of the laboratory: plain functions of a connection.

Statements are built once, at import.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypedDict, cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.orm import aliased
from sqlmodel import col

from service.foundation.database import insert_new
from service.intake import store as intake
from service.intake.store import SITE_OF_SAMPLE
from service.lab.assay import PUBLISHED, Assay, AssayVersion, Result
from service.lab.custody import Custody
from service.lab.labels import unlabelled
from service.lab.names import ForeignName, Meaning, fold
from service.lab.tables import AssayRow, CustodyRow, NameRow, ReachedRow, ResultRow
from service.vocabulary.codes import Basis, CustodyEvent, Method, Outcome, Status
from service.vocabulary.substances import SUBSTANCES

MAX_NAMES = 500
SAMPLES_A_QUERY = 500
_ID: sa.BindParameter[UUID] = sa.bindparam("b_id")

# --- Versions of assays -------------------------------------------------------------------------


class _Joined(Protocol):
    """A version's row beside one of its results, all of them None where it has none."""

    id: UUID
    version: int
    sample: UUID
    lab_label: str
    in_force: bool
    received_at: datetime
    status: str
    reason: str | None
    laboratory: str
    method: str
    analysed_at: datetime
    rock_weight_mg: float | None
    result_substance: str | None
    result_outcome: str
    result_content_percent: float | None
    result_expressed_as: str | None
    result_uncertainty_percent: float | None
    result_lod_percent: float | None
    result_loq_percent: float | None
    result_as_written: str | None


_Joining = sa.Select[*tuple[Any, ...]]
_WITH_RESULTS: _Joining = (
    sa.select(
        col(AssayRow.id),
        col(AssayRow.version),
        col(AssayRow.sample),
        col(AssayRow.lab_label),
        col(AssayRow.in_force),
        col(AssayRow.received_at),
        col(AssayRow.status),
        col(AssayRow.reason),
        col(AssayRow.laboratory),
        col(AssayRow.method),
        col(AssayRow.analysed_at),
        col(AssayRow.rock_weight_mg),
        col(ResultRow.substance).label("result_substance"),
        col(ResultRow.outcome).label("result_outcome"),
        col(ResultRow.content_percent).label("result_content_percent"),
        col(ResultRow.expressed_as).label("result_expressed_as"),
        col(ResultRow.uncertainty_percent).label("result_uncertainty_percent"),
        col(ResultRow.lod_percent).label("result_lod_percent"),
        col(ResultRow.loq_percent).label("result_loq_percent"),
        col(ResultRow.as_written).label("result_as_written"),
    )
    .select_from(AssayRow)
    .outerjoin(
        ResultRow,
        sa.and_(
            col(ResultRow.assay) == col(AssayRow.id),
            col(ResultRow.version) == col(AssayRow.version),
        ),
    )
    .order_by(
        col(AssayRow.received_at),
        col(AssayRow.id),
        col(AssayRow.version),
        col(ResultRow.place),
    )
)
_NEWEST = _WITH_RESULTS.where(col(AssayRow.id) == _ID, col(AssayRow.in_force))
_VERSION = _WITH_RESULTS.where(
    col(AssayRow.id) == _ID, col(AssayRow.version) == sa.bindparam("b_version")
)
_OF_SAMPLE = _WITH_RESULTS.where(col(AssayRow.sample) == _ID)

_ADD = sa.insert(AssayRow)
_ADD_RESULTS = sa.insert(ResultRow)
_RETIRE = (
    sa.update(AssayRow)
    .where(col(AssayRow.id) == _ID, col(AssayRow.in_force))
    .values(in_force=False)
)
_RETIRE_RESULTS = sa.update(ResultRow).where(col(ResultRow.assay) == _ID).values(found_at=None)


def newest(connection: Connection, id: UUID) -> AssayVersion | None:
    """The version of an assay that is in force."""
    return _only(_versions(connection, _NEWEST, b_id=id))


def version(connection: Connection, id: UUID, number: int) -> AssayVersion | None:
    """This version of an assay."""
    return _only(_versions(connection, _VERSION, b_id=id, b_version=number))


def of_sample(connection: Connection, sample: UUID) -> list[AssayVersion]:
    """Every version of every assay of a sample, in the order they came in."""
    return _versions(connection, _OF_SAMPLE, b_id=sample)


def of_each(connection: Connection, samples: Sequence[UUID]) -> dict[UUID, list[AssayVersion]]:
    """Every version of every assay of these samples, by sample, each in the order they came in."""
    versions: dict[UUID, list[AssayVersion]] = {}

    for start in range(0, len(samples), SAMPLES_A_QUERY):
        chosen = samples[start : start + SAMPLES_A_QUERY]
        rows = _joined(connection, _WITH_RESULTS.where(col(AssayRow.sample).in_(chosen)))
        sample_of = {row.id: row.sample for row in rows}
        for version in _gathered(rows):
            versions.setdefault(sample_of[version.assay.id], []).append(version)

    return versions


def in_force_of(connection: Connection, samples: Sequence[UUID]) -> dict[UUID, list[Assay]]:
    """The versions in force of every assay of these samples, in the order they came in."""
    query = _WITH_RESULTS.where(col(AssayRow.sample).in_(samples), col(AssayRow.in_force))
    rows = _joined(connection, query)
    sample_of = {row.id: row.sample for row in rows}
    assays: dict[UUID, list[Assay]] = {}

    for version in _gathered(rows):
        sample = sample_of[version.assay.id]
        assays.setdefault(sample, []).append(version.assay)

    return assays


def keep(connection: Connection, assay: Assay, sample: UUID, now: datetime) -> None:
    """Put a version in force, in the place of the one before it."""
    connection.execute(_RETIRE, {"b_id": assay.id})
    connection.execute(_RETIRE_RESULTS, {"b_id": assay.id})

    connection.execute(
        _ADD,
        {
            "id": assay.id,
            "version": assay.version,
            "sample": sample,
            "lab_label": assay.lab_label,
            "in_force": True,
            "received_at": now,
            "status": assay.status,
            "reason": assay.reason,
            "laboratory": assay.laboratory,
            "method": assay.method,
            "analysed_at": assay.analysed_at,
            "rock_weight_mg": assay.rock_weight_mg,
        },
    )

    in_force = assay.status is not Status.WITHDRAWN
    rows = [
        {
            "assay": assay.id,
            "version": assay.version,
            "place": place,
            "sample": sample,
            "found_at": now if result.found and in_force else None,
            "substance": result.substance,
            "outcome": result.outcome,
            "content_percent": result.content_percent,
            "expressed_as": result.expressed_as,
            "uncertainty_percent": result.uncertainty_percent,
            "lod_percent": result.lod_percent,
            "loq_percent": result.loq_percent,
            "as_written": result.as_written,
        }
        for place, result in enumerate(assay.results)
    ]
    if rows:
        connection.execute(_ADD_RESULTS, rows)


def _only(versions: Sequence[AssayVersion]) -> AssayVersion | None:
    return versions[0] if versions else None


def _versions(connection: Connection, query: _Joining, **values: UUID | int) -> list[AssayVersion]:
    return _gathered(_joined(connection, query, **values))


def _joined(connection: Connection, query: _Joining, **values: UUID | int) -> Sequence[_Joined]:
    return cast(Sequence[_Joined], connection.execute(query, values).all())


def _gathered(rows: Iterable[_Joined]) -> list[AssayVersion]:
    """The versions, each from its rows."""
    firsts: dict[tuple[UUID, int], _Joined] = {}
    results: dict[tuple[UUID, int], list[Result]] = {}

    for row in rows:
        key = row.id, row.version
        firsts.setdefault(key, row)
        of_version = results.setdefault(key, [])
        if row.result_substance is not None:
            of_version.append(_result(row, row.result_substance))

    return [_version(row, tuple(results[key])) for key, row in firsts.items()]


def _version(row: _Joined, results: tuple[Result, ...]) -> AssayVersion:
    assay = Assay(
        id=row.id,
        lab_label=row.lab_label,
        version=row.version,
        status=Status(row.status),
        reason=row.reason,
        laboratory=row.laboratory,
        method=Method(row.method),
        analysed_at=row.analysed_at,
        rock_weight_mg=row.rock_weight_mg,
        results=results,
    )
    return AssayVersion(assay=assay, received_at=row.received_at, in_force=row.in_force)


def _result(row: _Joined, substance: str) -> Result:
    expressed_as = row.result_expressed_as
    return Result(
        substance=substance,
        outcome=Outcome(row.result_outcome),
        content_percent=row.result_content_percent,
        expressed_as=Basis(expressed_as) if expressed_as else None,
        uncertainty_percent=row.result_uncertainty_percent,
        lod_percent=row.result_lod_percent,
        loq_percent=row.result_loq_percent,
        as_written=row.result_as_written,
    )


# --- The bench, custody -------------------------------------------------------------------------

_ADD_CUSTODY = insert_new(CustodyRow, "sample", "event")
_CUSTODY = sa.select(col(CustodyRow.event), col(CustodyRow.at)).where(col(CustodyRow.sample) == _ID)
_FIRST_ANALYSED = sa.select(sa.func.min(col(AssayRow.analysed_at))).where(
    col(AssayRow.sample) == _ID
)


@dataclass(frozen=True, slots=True)
class Seen:
    """One sample at the bench: what the worker saw, every version of its assays, its custody."""

    facts: dict[str, Any]
    versions: list[AssayVersion]
    custody: list[Custody]


def seen_at_the_bench(connection: Connection, label: str) -> Seen:
    """What the bench needs of the sample with this label. Raises Problem where there is none."""
    bench_sample = intake.at_the_bench(connection, label)
    if bench_sample is None:
        raise unlabelled(label)

    sample, facts = bench_sample
    return Seen(facts, of_sample(connection, sample), custody(connection, sample))


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
    events.append(Custody(CustodyEvent.TAKEN, intake.taken_at(connection, sample)))

    analysed_at = connection.execute(_FIRST_ANALYSED, {"b_id": sample}).scalar()
    if analysed_at is not None:
        events.append(Custody(CustodyEvent.ANALYSED, analysed_at))

    return sorted(events, key=lambda event: event.at)


# --- Answers that changed -----------------------------------------------------------------------

_LATER = aliased(AssayRow, name="later")
_CHANGED_AT = sa.func.max(col(_LATER.received_at))
_CHANGED_ANSWERS = (
    sa.select(col(AssayRow.sample), _CHANGED_AT.label("changed_at"))
    .select_from(AssayRow)
    .join(_LATER, sa.and_(col(_LATER.id) == col(AssayRow.id), col(_LATER.in_force)))
    .join(SITE_OF_SAMPLE, SITE_OF_SAMPLE.c.id == col(AssayRow.sample))
    .outerjoin(ReachedRow, col(ReachedRow.sample) == col(AssayRow.sample))
    .where(
        SITE_OF_SAMPLE.c.site == sa.bindparam("b_site"),
        col(AssayRow.in_force).is_(False),
        col(AssayRow.status).in_([status.value for status in PUBLISHED]),
    )
    .group_by(col(AssayRow.sample), col(ReachedRow.at))
    .having(sa.or_(col(ReachedRow.at).is_(None), col(ReachedRow.at) < _CHANGED_AT))
    .order_by(_CHANGED_AT)
)
_MOVE_REACHED = (
    sa.update(ReachedRow).where(col(ReachedRow.sample) == _ID).values(at=sa.bindparam("b_at"))
)
_ADD_REACHED = sa.insert(ReachedRow)


def changed_answers(connection: Connection, site: str) -> list[tuple[UUID, datetime]]:
    """This site's samples whose answer was replaced since their people were last told, and when."""
    rows = connection.execute(_CHANGED_ANSWERS, {"b_site": site})
    return [(row.sample, row.changed_at) for row in rows]


def mark_reached(connection: Connection, sample: UUID, at: datetime) -> None:
    """The person has been told what the answer was then."""
    moved = connection.execute(_MOVE_REACHED, {"b_id": sample, "b_at": at}).rowcount
    if not moved:
        connection.execute(_ADD_REACHED, {"sample": sample, "at": at})


# --- Names --------------------------------------------------------------------------------------

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
