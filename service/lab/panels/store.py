"""Queries of panels: what is declared, and which panel counts for which assay."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlmodel import col

from service.foundation.database import lock_tables
from service.lab.assay import AssayVersion
from service.lab.panel import Declaration, Panel, panel_in_force
from service.lab.tables import PanelRow, PanelSubstanceRow
from service.vocabulary.codes import Method

_DECLARED = sa.select(
    col(PanelRow.id),
    col(PanelRow.laboratory),
    col(PanelRow.method),
    col(PanelRow.valid_from),
    col(PanelRow.declared_at),
).order_by(col(PanelRow.laboratory), col(PanelRow.method), col(PanelRow.valid_from))
_DECLARED_AS = _DECLARED.where(col(PanelRow.id) == sa.bindparam("b_id"))
_LOOKED_FOR = sa.select(
    col(PanelSubstanceRow.panel),
    col(PanelSubstanceRow.substance),
    col(PanelSubstanceRow.lod_percent),
).order_by(col(PanelSubstanceRow.panel), col(PanelSubstanceRow.place))
_ADD = sa.insert(PanelRow)
_ADD_SUBSTANCES = sa.insert(PanelSubstanceRow)


def lock(connection: Connection) -> None:
    """Let nobody else declare a panel until the transaction ends."""
    lock_tables(connection, "panels")


def declarations(connection: Connection) -> list[Declaration]:
    """Every panel that was declared, by laboratory and method, from the oldest on."""
    return [_declaration(*row) for row in connection.execute(_DECLARED)]


def declaration(connection: Connection, id: UUID) -> Declaration | None:
    """The declaration of this panel."""
    row = connection.execute(_DECLARED_AS, {"b_id": id}).first()
    return _declaration(*row) if row else None


def panels(connection: Connection, declared: Iterable[Declaration]) -> dict[UUID, Panel]:
    """These panels with their substances, by id, in the same order."""
    heads = {head.id: head for head in declared}
    if not heads:
        return {}

    looks_for: dict[UUID, dict[str, float | None]] = {id: {} for id in heads}
    query = _LOOKED_FOR.where(col(PanelSubstanceRow.panel).in_(list(heads)))
    for row in connection.execute(query):
        looks_for[row.panel][row.substance] = row.lod_percent

    return {
        id: Panel(
            id=id,
            laboratory=head.laboratory,
            method=head.method,
            valid_from=head.valid_from,
            looks_for=looks_for[id],
        )
        for id, head in heads.items()
    }


def all_declared(connection: Connection) -> tuple[list[Declaration], dict[UUID, Panel]]:
    """Every declaration, and the panels by id."""
    declared = declarations(connection)
    return declared, panels(connection, declared)


def add(connection: Connection, panel: Panel, now: datetime) -> None:
    """Declare a panel."""
    connection.execute(
        _ADD,
        {
            "id": panel.id,
            "laboratory": panel.laboratory,
            "method": panel.method,
            "valid_from": panel.valid_from,
            "declared_at": now,
        },
    )
    rows = [
        {"panel": panel.id, "place": place, "substance": substance, "lod_percent": lod_percent}
        for place, (substance, lod_percent) in enumerate(panel.looks_for.items())
    ]
    connection.execute(_ADD_SUBSTANCES, rows)


def with_panels(connection: Connection, versions: Sequence[AssayVersion]) -> list[AssayVersion]:
    """These versions, each with the panel that counts for it.

    It costs one small query where no panel counts, and a second one where any does.
    """
    if not versions:
        return []

    declared = {head.id: head for head in declarations(connection)}
    if not declared:
        return list(versions)

    chosen = [_counting(declared, version) for version in versions]
    counting = panels(connection, (declared[id] for id in chosen if id is not None))
    return [
        version if id is None else replace(version, panel=counting[id])
        for version, id in zip(versions, chosen, strict=True)
    ]


def _counting(declared: dict[UUID, Declaration], version: AssayVersion) -> UUID | None:
    assay = version.assay
    if assay.panel is not None:
        return assay.panel if assay.panel in declared else None

    return panel_in_force(
        declared.values(),
        laboratory=assay.laboratory,
        method=assay.method,
        analysed_at=assay.analysed_at,
        received_at=version.received_at,
    )


def _declaration(
    id: UUID, laboratory: str, method: str, valid_from: datetime, declared_at: datetime
) -> Declaration:
    return Declaration(id, laboratory, Method(method), valid_from, declared_at)
