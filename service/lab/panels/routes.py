"""The endpoints of panels: one is declared, one is shown, all are listed."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from service.access.actor import Actor
from service.access.acts import Acting
from service.access.permissions import Permission
from service.access.require import Require
from service.foundation import clock
from service.foundation.context import Db, KeptUp
from service.foundation.http import answer, gives, parse, takes
from service.foundation.problems import Problem
from service.intake.merge import MergeOutcome
from service.lab.panels import acts, store
from service.lab.panels.wire import (
    LAB_PANELS_EXAMPLE,
    PANEL_OUT_EXAMPLE,
    PANEL_RECEIPT_EXAMPLE,
    LabPanels,
    PanelIn,
    PanelOut,
    PanelReceipt,
    panel_out,
)

router = APIRouter(tags=["lab"], default_response_class=Response)


@router.put(
    "/v1/lab/panels/{id}",
    openapi_extra=takes(PanelIn),
    status_code=201,
    responses={
        **gives(PanelReceipt, PANEL_RECEIPT_EXAMPLE, 200, "Identical to what is held"),
        **gives(PanelReceipt, PANEL_RECEIPT_EXAMPLE, 201, "Declared"),
        409: {"description": "Another panel has this id; carries what is held"},
    },
)
async def put_panel(
    id: UUID,
    request: Request,
    actor: Annotated[Actor, Depends(Require(Permission.DECLARE_PANELS))],
    database: Db,
    projections: KeptUp,
) -> Response:
    """Declare what a laboratory looks for by one method, from a time on.

    Safe to send again. A panel is never edited: another takes its place from its own time on, and
    counts for assays that come in after it was declared, or that name it.
    """
    by = Acting(actor, clock.now(), projections)
    sent = await parse(request, PanelIn)
    panel = sent.panel(id)

    outcome, held, declaration = await database.write(
        lambda connection: acts.declare(connection, by, panel)
    )
    body = panel_out(held, declaration)
    if outcome is MergeOutcome.CONFLICT:
        raise Problem(outcome, held=body)

    receipt: PanelReceipt = {**body, "outcome": outcome}
    return answer(receipt, 201 if outcome is MergeOutcome.NEW else 200)


@router.get(
    "/v1/lab/panels/{id}",
    responses={**gives(PanelOut, PANEL_OUT_EXAMPLE), 404: {"description": "No such panel"}},
)
async def get_panel(
    id: UUID, actor: Annotated[Actor, Depends(Require(Permission.SEE_BENCH))], database: Db
) -> Response:
    """One panel as it was declared."""
    for shown in await _shown(database):
        if shown["id"] == id:
            return answer(shown)

    raise Problem("not-found")


@router.get("/v1/lab/panels", responses=gives(LabPanels, LAB_PANELS_EXAMPLE))
async def get_panels(
    actor: Annotated[Actor, Depends(Require(Permission.SEE_BENCH))], database: Db
) -> Response:
    """Every panel, by laboratory and method, from the oldest on."""
    listed: LabPanels = {"panels": await _shown(database)}
    return answer(listed)


async def _shown(database: Db) -> list[PanelOut]:
    """Every panel as it is shown: a laboratory declares a few."""
    declared, panels = await database.read(store.all_declared)
    return [panel_out(panels[head.id], head) for head in declared]
