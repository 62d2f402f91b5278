"""Queries of the laboratory: plain functions of a connection. Statements are built once, at import."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Connection

from service.access.site import SYNTHETIC
from service.foundation.database import insert_new
from service.foundation.problems import Flaw, Problem, Unfit
from service.intake import store as intake
from service.intake.merge import Outcome as Merge
from service.intake.merge import outcome
from service.intake.pickup import is_label
from service.lab.assay import (
    PUBLISHED,
    Assay,
    Result,
    Statement,
    as_sent,
    called,
    state,
    succession,
)
from service.lab.tables import AssayRow, CustodyRow, NameRow, ReachedRow, ResultRow
from service.vocabulary.codes import Basis, CustodyEvent, Method, Outcome, Status
from service.vocabulary.substances import SUBSTANCES

_ASSAYS: Any = AssayRow.__table__  # type: ignore[attr-defined]
_RESULTS: Any = ResultRow.__table__  # type: ignore[attr-defined]
_CUSTODY: Any = CustodyRow.__table__  # type: ignore[attr-defined]
_SAMPLES: Any = _ASSAYS.metadata.tables["samples"]
_REACHED: Any = ReachedRow.__table__  # type: ignore[attr-defined]
_NAMES: Any = NameRow.__table__  # type: ignore[attr-defined]

MAX_NAMES = 500
_RESULT_FACTS = tuple(f.name for f in fields(Result))
_ADD = _ASSAYS.insert()
_HAND_OVER = insert_new(_CUSTODY, "sample", "event")
_ADD_RESULTS = _RESULTS.insert()
_MEANINGS = sa.select(_NAMES.c.name, _NAMES.c.spelled, _NAMES.c.substance).order_by(
    _NAMES.c.name, _NAMES.c.at
)
_ID: Any = sa.bindparam("b_id")
_WITH_RESULTS = (
    sa.select(_ASSAYS, *[_RESULTS.c[name].label(f"result_{name}") for name in _RESULT_FACTS])
    .outerjoin(
        _RESULTS, sa.and_(_RESULTS.c.assay == _ASSAYS.c.id, _RESULTS.c.version == _ASSAYS.c.version)
    )
    .order_by(_ASSAYS.c.received_at, _ASSAYS.c.id, _ASSAYS.c.version, _RESULTS.c.place)
)
_NEWEST = _WITH_RESULTS.where(_ASSAYS.c.id == _ID, _ASSAYS.c.in_force)
_VERSION = _WITH_RESULTS.where(_ASSAYS.c.id == _ID, _ASSAYS.c.version == sa.bindparam("b_version"))
_OF_SAMPLE = _WITH_RESULTS.where(_ASSAYS.c.sample == _ID)
_WRITTEN = sa.func.coalesce(_RESULTS.c.as_written, _RESULTS.c.substance)
_IN_FORCE_AS = (
    sa.select(_RESULTS.c.assay)
    .where(_RESULTS.c.found_at.is_not(None), sa.bindparam("b_name") == _WRITTEN)
    .distinct()
)
_NOT_OURS = (
    sa.select(_WRITTEN, _RESULTS.c.substance)
    .where(
        _RESULTS.c.found_at.is_not(None),
        sa.or_(_RESULTS.c.as_written.is_not(None), _RESULTS.c.substance.not_in(SUBSTANCES)),
    )
    .distinct()
)
_RETIRE = _ASSAYS.update().where(_ASSAYS.c.id == _ID, _ASSAYS.c.in_force).values(in_force=False)
_RETIRE_RESULTS = _RESULTS.update().where(_RESULTS.c.assay == _ID).values(found_at=None)


def report(
    connection: Connection, assay: Assay, *, sample: UUID, now: datetime
) -> tuple[Merge, Statement]:
    """Keep one version of an analysis of this sample, and say what became of it and what is in force.

    Raises Unfit for a version that hides a correction or moves the analysis to another label.
    """
    held = newest(connection, assay.id)
    if held and held.assay.lab_label != assay.lab_label:
        raise Unfit(Flaw("/lab_label", "other-label"))
    verdict = outcome(
        as_sent(held.assay) if held else None, as_sent(assay), lambda one: one.version
    )
    if held and verdict not in (Merge.NEW, Merge.UPDATED):
        return verdict, held
    if held and held.assay.status is Status.WITHDRAWN:
        return Merge.WITHDRAWN, held
    succession(assay, held.assay.status if held else None)
    named = _named(connection, assay)
    _keep(connection, named, sample, now)
    intake.set_state(connection, sample, state(of_sample(connection, sample)), now)
    return verdict, Statement(assay=named, received_at=now, in_force=True)


def was_held(connection: Connection, assay: Assay) -> bool:
    """Whether this very version was once reported just so, and has been replaced since."""
    before = _statements(connection, _VERSION, assay.id, b_version=assay.version)
    return any(as_sent(one.assay) == as_sent(assay) for one in before)


def _keep(connection: Connection, assay: Assay, sample: UUID, now: datetime) -> None:
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
    stands = assay.status is not Status.WITHDRAWN
    rows = [
        {
            "assay": assay.id,
            "version": assay.version,
            "place": place,
            "sample": sample,
            "found_at": now if result.found and stands else None,
            **{name: getattr(result, name) for name in _RESULT_FACTS},
        }
        for place, result in enumerate(assay.results)
    ]
    if rows:
        connection.execute(_ADD_RESULTS, rows)


def _named(connection: Connection, assay: Assay) -> Assay:
    """The assay with its code in the place of every name that a laboratory has explained.

    Raises Unfit where a substance then stands twice.
    """
    if all(result.substance in SUBSTANCES for result in assay.results):
        return assay
    meant = {one["name"]: one["substance"] for one in meanings(connection)}
    results, seen = [], set()
    for place, result in enumerate(assay.results):
        code = None if result.substance in SUBSTANCES else meant.get(alike(result.substance))
        results.append(called(result, code) if code else result)
        if results[-1].substance in seen:
            raise Unfit(Flaw(f"/results/{place}/substance", "twice"))
        seen.add(results[-1].substance)
    return replace(assay, results=tuple(results))


def meanings(connection: Connection) -> list[dict[str, str]]:
    """Each name that a laboratory has explained, as names are compared and as written, with its substance."""
    said = {row["name"]: dict(row) for row in connection.execute(_MEANINGS).mappings()}
    return [one for one in said.values() if one["substance"] in SUBSTANCES]


def explain(connection: Connection, name: str, code: str | None, now: datetime, by: str) -> None:
    """From now on a name means this substance, or is nobody's again."""
    row = {"name": alike(name), "spelled": name, "substance": code, "at": now, "by": by}
    connection.execute(_NAMES.insert(), row)


def not_ours(connection: Connection) -> list[tuple[str, str]]:
    """Every name in force that is not the vocabulary's own, as it was written, and what it is read as."""
    return [(row[0], row[1]) for row in connection.execute(_NOT_OURS)]


def naming(connection: Connection, name: str) -> list[UUID]:
    """The analyses in force that found something under this name, just as it is written."""
    return list(connection.execute(_IN_FORCE_AS, {"b_name": name}).scalars())


def alike(name: str) -> str:
    """A name as names are compared: without its capitals and its spaces too many."""
    return " ".join(name.casefold().split())


def unknown_names(connection: Connection) -> list[dict[str, Any]]:
    """Names in force that the vocabulary does not know, the most frequent first, with a label to look at."""
    query = (
        sa.select(
            _RESULTS.c.substance.label("name"),
            sa.func.count().label("times"),
            sa.func.min(_ASSAYS.c.lab_label).label("lab_label"),
        )
        .join(
            _ASSAYS,
            sa.and_(_ASSAYS.c.id == _RESULTS.c.assay, _ASSAYS.c.version == _RESULTS.c.version),
        )
        .where(_RESULTS.c.found_at.is_not(None), _RESULTS.c.substance.not_in(SUBSTANCES))
        .group_by(_RESULTS.c.substance)
        .order_by(sa.func.count().desc(), _RESULTS.c.substance)
        .limit(MAX_NAMES)
    )
    return [dict(row) for row in connection.execute(query).mappings()]


def hand_over(
    connection: Connection, sample: UUID, event: CustodyEvent, at: datetime, now: datetime, by: str
) -> None:
    """Record what happened to the material, once: the first record stands."""
    row = {"sample": sample, "event": event.value, "at": at, "recorded_at": now, "by": by}
    connection.execute(_HAND_OVER, row)


@dataclass(frozen=True, slots=True)
class Seen:
    """One sample at the bench: what the worker saw, every version of every analysis, where the material is."""

    facts: dict[str, Any]
    statements: list[Statement]
    custody: list[dict[str, Any]]


def seen_at_the_bench(connection: Connection, label: str) -> Seen:
    """What the bench needs of the sample with this label. Raises Problem where there is none."""
    found = intake.at_the_bench(connection, label)
    if found is None:
        raise unlabelled(label)
    sample, facts = found
    return Seen(facts, of_sample(connection, sample), custody(connection, sample))


def custody(connection: Connection, sample: UUID) -> list[dict[str, Any]]:
    """What happened to the material, in the order in which it happened; taken and analysed are known otherwise."""
    recorded = sa.select(_CUSTODY.c.event, _CUSTODY.c.at).where(_CUSTODY.c.sample == sample)
    analysed = sa.select(sa.func.min(_ASSAYS.c.analysed_at)).where(_ASSAYS.c.sample == sample)
    events = [dict(row) for row in connection.execute(recorded).mappings()]
    events.append({"event": CustodyEvent.TAKEN.value, "at": intake.taken_at(connection, sample)})
    if (at := connection.execute(analysed).scalar()) is not None:
        events.append({"event": CustodyEvent.ANALYSED.value, "at": at})
    return sorted(events, key=lambda event: event["at"])


def changed_answers(connection: Connection, site: str) -> list[tuple[UUID, datetime]]:
    """This site's samples whose answer was replaced since their people were last told, and when it was."""
    later = _ASSAYS.alias("later")
    changed_at = sa.func.max(later.c.received_at)
    query = (
        sa.select(_ASSAYS.c.sample, changed_at.label("changed_at"))
        .join(later, sa.and_(later.c.id == _ASSAYS.c.id, later.c.in_force))
        .join(_SAMPLES, _SAMPLES.c.id == _ASSAYS.c.sample)
        .outerjoin(_REACHED, _REACHED.c.sample == _ASSAYS.c.sample)
        .where(
            _SAMPLES.c.site == site,
            _ASSAYS.c.in_force.is_(False),
            _ASSAYS.c.status.in_([status.value for status in PUBLISHED]),
        )
        .group_by(_ASSAYS.c.sample, _REACHED.c.at)
        .having(sa.or_(_REACHED.c.at.is_(None), changed_at > _REACHED.c.at))
        .order_by(changed_at)
    )
    return [(row.sample, row.changed_at) for row in connection.execute(query)]


def reached(connection: Connection, sample: UUID, at: datetime) -> None:
    """The person has been told what the answer was then."""
    if not connection.execute(
        _REACHED.update().where(_REACHED.c.sample == sample).values(at=at)
    ).rowcount:
        connection.execute(_REACHED.insert().values(sample=sample, at=at))


def newest(connection: Connection, id: UUID) -> Statement | None:
    """The version of an analysis that is in force."""
    found = _statements(connection, _NEWEST, id)
    return found[0] if found else None


def of_sample(connection: Connection, sample: UUID) -> list[Statement]:
    """Every version of every analysis of a sample, in the order they came in."""
    return _statements(connection, _OF_SAMPLE, sample)


def in_force_of(connection: Connection, samples: Sequence[UUID]) -> dict[UUID, list[Assay]]:
    """The versions in force of every analysis of these samples, in the order they came in."""
    query = _WITH_RESULTS.where(_ASSAYS.c.sample.in_(samples), _ASSAYS.c.in_force)
    rows = connection.execute(query).mappings().all()
    owners = {row["id"]: row["sample"] for row in rows}
    found: dict[UUID, list[Assay]] = {}
    for statement in _gathered(rows):
        found.setdefault(owners[statement.assay.id], []).append(statement.assay)
    return found


def recent(
    connection: Connection, codes: frozenset[str], *, but: UUID, since: datetime
) -> frozenset[str]:
    """Which of these codes of the vocabulary were found in any other sample since then, by assays in force.

    What is made up to train with is left out.
    """
    return frozenset(connection.execute(_recent(codes), {"b_since": since, "b_id": but}).scalars())


def found_at(
    connection: Connection, codes: frozenset[str], site: str, *, but: UUID, since: datetime
) -> frozenset[str]:
    """Which of these codes were found in any other sample of this site since then, by assays in force."""
    if not codes:
        return frozenset()
    query = _recent(codes, of_site=True)
    return frozenset(
        connection.execute(query, {"b_since": since, "b_id": but, "b_site": site}).scalars()
    )


@lru_cache(64)
def _recent(codes: frozenset[str], *, of_site: bool = False) -> Any:
    """One look into the index for each code, so that it costs the same however often they were found.

    The codes stand in the statement itself, as there are few such sets: it is compiled once.
    """
    wanted = sa.union_all(
        *[sa.select(sa.literal_column(f"'{code}'").label("code")) for code in sorted(codes)]
    ).cte()
    found: Any = (
        sa.select(sa.literal_column("1"))
        .select_from(_RESULTS.join(_SAMPLES, _SAMPLES.c.id == _RESULTS.c.sample))
        .where(
            _RESULTS.c.substance == wanted.c.code,
            _RESULTS.c.found_at >= sa.bindparam("b_since"),
            _RESULTS.c.sample != _ID,
            _SAMPLES.c.site == sa.bindparam("b_site") if of_site else _SAMPLES.c.site != SYNTHETIC,
        )
        .correlate(wanted)
    )
    return sa.select(wanted.c.code).where(found.exists())


def _statements(connection: Connection, query: Any, id: UUID, **more: Any) -> list[Statement]:
    return _gathered(connection.execute(query, {"b_id": id, **more}).mappings())


def _gathered(rows: Iterable[Any]) -> list[Statement]:
    """A statement from the rows of each version, one a result."""
    grouped: dict[tuple[UUID, int], tuple[Any, list[Result]]] = {}
    for row in rows:
        _, results = grouped.setdefault((row["id"], row["version"]), (row, []))
        if row["result_substance"] is not None:
            results.append(_result(row))
    return [_statement(row, tuple(results)) for row, results in grouped.values()]


def _statement(row: Any, results: tuple[Result, ...]) -> Statement:
    return Statement(
        assay=Assay(
            id=row["id"],
            lab_label=row["lab_label"],
            version=row["version"],
            status=Status(row["status"]),
            reason=row["reason"],
            laboratory=row["laboratory"],
            method=Method(row["method"]),
            analysed_at=row["analysed_at"],
            rock_weight_mg=row["rock_weight_mg"],
            results=results,
        ),
        received_at=row["received_at"],
        in_force=row["in_force"],
    )


def _result(row: Any) -> Result:
    expressed_as = row["result_expressed_as"]
    return Result(
        substance=row["result_substance"],
        outcome=Outcome(row["result_outcome"]),
        content_percent=row["result_content_percent"],
        expressed_as=Basis(expressed_as) if expressed_as else None,
        uncertainty_percent=row["result_uncertainty_percent"],
        lod_percent=row["result_lod_percent"],
        loq_percent=row["result_loq_percent"],
        as_written=row["result_as_written"],
    )


def unlabelled(label: str) -> Problem:
    """The refusal of a label that no sample has: a slip of the pen is told from a label of another's."""
    return Problem("unknown-label" if is_label(label) else "mistyped-label")
