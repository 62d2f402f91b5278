"""Queries of assays: plain functions of a connection.

Statements are built once, at import.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.orm import aliased
from sqlmodel import col

from service.intake import store as intake
from service.intake.store import SITE_OF_SAMPLE
from service.lab.assay import PUBLISHED, Assay, AssayVersion
from service.lab.custody.events import Custody
from service.lab.custody.store import custody
from service.lab.joined import Joined, versions_in
from service.lab.labels.unlabelled import unlabelled
from service.lab.panels.store import with_panels
from service.lab.questions import HandedIn
from service.lab.tables import AssayRow, ReachedRow, ResultRow
from service.vocabulary.codes import Status

SAMPLES_A_QUERY = 500
_ID: sa.BindParameter[UUID] = sa.bindparam("b_id")

# --- Versions of assays -------------------------------------------------------------------------

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
        col(AssayRow.panel),
        col(AssayRow.confirmed),
        col(ResultRow.substance).label("result_substance"),
        col(ResultRow.outcome).label("result_outcome"),
        col(ResultRow.content_percent).label("result_content_percent"),
        col(ResultRow.expressed_as).label("result_expressed_as"),
        col(ResultRow.uncertainty_percent).label("result_uncertainty_percent"),
        col(ResultRow.lod_percent).label("result_lod_percent"),
        col(ResultRow.loq_percent).label("result_loq_percent"),
        col(ResultRow.as_written).label("result_as_written"),
        col(ResultRow.replicates).label("result_replicates"),
        col(ResultRow.score).label("result_score"),
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
_CONFIRM = sa.update(AssayRow).where(
    col(AssayRow.id) == _ID, col(AssayRow.version) == sa.bindparam("b_version")
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
        for version in with_panels(connection, versions_in(rows)):
            versions.setdefault(sample_of[version.assay.id], []).append(version)

    return versions


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
            "panel": assay.panel,
            "confirmed": list(assay.confirmed) or None,
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
            "replicates": list(result.replicates) or None,
            "score": result.score,
        }
        for place, result in enumerate(assay.results)
    ]
    if rows:
        connection.execute(_ADD_RESULTS, rows)


def keep_confirmed(connection: Connection, assay: Assay) -> None:
    """Keep which questions of this version somebody has answered."""
    values = {"b_id": assay.id, "b_version": assay.version, "confirmed": list(assay.confirmed)}
    connection.execute(_CONFIRM, values)


def _only(versions: Sequence[AssayVersion]) -> AssayVersion | None:
    return versions[0] if versions else None


def _versions(connection: Connection, query: _Joining, **values: UUID | int) -> list[AssayVersion]:
    return with_panels(connection, versions_in(_joined(connection, query, **values)))


def _joined(connection: Connection, query: _Joining, **values: UUID | int) -> Sequence[Joined]:
    return cast(Sequence[Joined], connection.execute(query, values).all())


# --- The bench ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Seen:
    """One sample at the bench: what the worker saw, every version of its assays, its custody.

    `handed_in` is what its assays are asked about.
    """

    facts: dict[str, Any]
    versions: list[AssayVersion]
    custody: list[Custody]
    handed_in: HandedIn


def seen_at_the_bench(connection: Connection, label: str) -> Seen:
    """What the bench needs of the sample with this label. Raises Problem where there is none."""
    bench_sample = intake.at_the_bench(connection, label)
    if bench_sample is None:
        raise unlabelled(label)

    sample, facts = bench_sample
    return Seen(
        facts=facts,
        versions=of_sample(connection, sample),
        custody=custody(connection, sample),
        handed_in=handed_in(connection, sample),
    )


def handed_in(connection: Connection, sample: UUID) -> HandedIn:
    """What was seen of a sample in the field."""
    return HandedIn(*intake.in_the_field(connection, sample))


# --- What was taken back ---

_TAKEN_BACK = (
    sa.select(col(AssayRow.lab_label), col(AssayRow.reason))
    .where(
        col(AssayRow.lab_label).in_(sa.bindparam("b_labels", expanding=True)),
        col(AssayRow.in_force),
        col(AssayRow.status) == Status.WITHDRAWN,
    )
    .order_by(col(AssayRow.received_at))
)


def reasons_taken_back(connection: Connection, labels: Sequence[str]) -> dict[str, str | None]:
    """Why the last assay of each of these labels was taken back, where one was."""
    rows = connection.execute(_TAKEN_BACK, {"b_labels": labels})
    return {row.lab_label: row.reason for row in rows}


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
