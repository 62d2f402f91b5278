"""Rows of assays, each beside one of its results -> the versions that they hold."""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol
from uuid import UUID

from service.lab.assay import Assay, AssayVersion, Result
from service.vocabulary.codes import Basis, Method, Outcome, Status


class Joined(Protocol):
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
    panel: UUID | None
    confirmed: list[str] | None
    result_substance: str | None
    result_outcome: str
    result_content_percent: float | None
    result_expressed_as: str | None
    result_uncertainty_percent: float | None
    result_lod_percent: float | None
    result_loq_percent: float | None
    result_as_written: str | None
    result_replicates: list[float] | None
    result_score: float | None


def versions_in(rows: Iterable[Joined]) -> list[AssayVersion]:
    """The versions, each from its rows."""
    firsts: dict[tuple[UUID, int], Joined] = {}
    results: dict[tuple[UUID, int], list[Result]] = {}

    for row in rows:
        key = row.id, row.version
        firsts.setdefault(key, row)
        of_version = results.setdefault(key, [])
        if row.result_substance is not None:
            of_version.append(_result(row, row.result_substance))

    return [_version(row, tuple(results[key])) for key, row in firsts.items()]


def _version(row: Joined, results: tuple[Result, ...]) -> AssayVersion:
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
        panel=row.panel,
        confirmed=tuple(row.confirmed or ()),
    )
    return AssayVersion(assay=assay, received_at=row.received_at, in_force=row.in_force)


def _result(row: Joined, substance: str) -> Result:
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
        replicates=tuple(row.result_replicates or ()),
        score=row.result_score,
    )
