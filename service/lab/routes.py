"""The door where a laboratory reports."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from sqlalchemy import Connection
from starlette.responses import Response

from service.access import store as access
from service.access.actor import Actor
from service.access.door import Door
from service.access.permissions import Permission, Role
from service.access.trail import Deed, Entry
from service.foundation import clock
from service.foundation.hooks import Hooks
from service.foundation.http import answer, parse, takes
from service.foundation.problems import Problem
from service.intake import store as intake
from service.intake.merge import REFUSED, Outcome
from service.lab import store
from service.lab.assay import Statement
from service.lab.wire import AssayIn
from service.vocabulary.codes import Status

router = APIRouter(tags=["lab"])

RECEIPT_EXAMPLE = {
    "id": "0192f3b0-1d2e-7000-8000-6a7b8c9d0e01",
    "outcome": "new",
    "version": 1,
    "status": "final",
    "lab_label": "Q7K3-M9XT",
    "received_at": "2026-11-22T10:12:00Z",
}
_DEEDS = {Status.CORRECTED: Deed.CORRECTED, Status.WITHDRAWN: Deed.WITHDREW}


@router.put(
    "/v1/assays/{id}",
    openapi_extra=takes(AssayIn),
    status_code=201,
    responses={
        200: {"description": "Identical to what is held, or a new version"},
        201: {
            "description": "New",
            "content": {"application/json": {"example": RECEIPT_EXAMPLE}},
        },
        404: {"description": "No sample has this label"},
        409: {"description": "Conflict, stale or withdrawn; carries what is held"},
    },
)
async def put_assay(
    id: UUID, request: Request, actor: Annotated[Actor, Depends(Door(Permission.REPORT_ASSAY))]
) -> Response:
    """Report one version of one analysis. Safe to send again; nothing that was said is overwritten."""
    now = clock.now()
    assay = (await parse(request, AssayIn)).assay(id).checked(now)
    if assay.status is Status.WITHDRAWN and actor.role is Role.INSTRUMENT:
        raise Problem("not-allowed")  # taking an answer back is for a person to decide
    hooks: Hooks = request.app.state.hooks

    def report(connection: Connection) -> tuple[Outcome, Statement | None]:
        sample = intake.sample_labelled(connection, assay.lab_label)
        if sample is None:
            raise Problem("unknown-label")
        verdict, held = store.report(connection, assay, sample=sample, now=now)
        if verdict in (Outcome.NEW, Outcome.UPDATED):
            for hook in hooks.assay_written:
                hook(connection, sample)
            deed = _DEEDS.get(assay.status, Deed.REPORTED)
            access.record(connection, Entry(now, actor.id, actor.role, deed, sample, assay.version))
        return verdict, held

    verdict, held = await request.app.state.database.write(report)
    if verdict in REFUSED:
        raise Problem(verdict, held=assay_out(held))
    return answer(
        {
            "id": id,
            "outcome": verdict,
            "version": held.assay.version,
            "status": held.assay.status,
            "lab_label": held.assay.lab_label,
            "received_at": held.received_at,
        },
        201 if verdict is Outcome.NEW else 200,
    )


def assay_out(statement: Statement) -> dict[str, Any]:
    """A held version as its body, as it was sent."""
    assay = statement.assay
    return {
        "id": assay.id,
        "lab_label": assay.lab_label,
        "version": assay.version,
        "status": assay.status,
        "reason": assay.reason,
        "laboratory": assay.laboratory,
        "method": assay.method,
        "analysed_at": assay.analysed_at,
        "rock_weight_mg": assay.rock_weight_mg,
        "results": assay.results,
        "received_at": statement.received_at,
    }
