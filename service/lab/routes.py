"""The endpoints of assays: one is reported, or taken back."""

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
from service.intake.merge import REFUSED, MergeOutcome
from service.lab import acts
from service.lab.acts import Reported
from service.lab.bench.wire import assay_out
from service.lab.wire import (
    ASSAY_RECEIPT_EXAMPLE,
    AssayIn,
    AssayReceipt,
    WithdrawalIn,
    receipt_out,
)

router = APIRouter(tags=["lab"], default_response_class=Response)


@router.put(
    "/v1/assays/{id}",
    openapi_extra=takes(AssayIn),
    status_code=201,
    responses={
        **gives(
            AssayReceipt, ASSAY_RECEIPT_EXAMPLE, 200, "Identical to what is held, or a new version"
        ),
        **gives(AssayReceipt, ASSAY_RECEIPT_EXAMPLE, 201, "New"),
        404: {"description": "No sample has this label"},
        409: {"description": "Conflict, stale or withdrawn; carries what is held"},
    },
)
async def put_assay(
    id: UUID,
    request: Request,
    actor: Annotated[Actor, Depends(Require(Permission.REPORT_ASSAY))],
    database: Db,
    projections: KeptUp,
) -> Response:
    """Report one version of one assay.

    Safe to send again; nothing that was said is overwritten. What may be a slip is kept and asked
    in the receipt (`questions`): the same body with `confirm` answers, a higher version corrects.
    """
    by = Acting(actor, clock.now(), projections)
    sent = await parse(request, AssayIn)
    assay = sent.assay(id).checked(by.now)

    reported = await database.write(lambda connection: acts.report(connection, by, assay))
    return _answer_reported(reported)


@router.post(
    "/v1/assays/{id}/withdrawal",
    openapi_extra=takes(WithdrawalIn),
    responses={
        **gives(AssayReceipt, ASSAY_RECEIPT_EXAMPLE, 200, "Taken back"),
        404: {"description": "No such assay"},
        409: {"description": "Taken back before"},
    },
)
async def withdraw_assay(
    id: UUID,
    request: Request,
    actor: Annotated[Actor, Depends(Require(Permission.WITHDRAW_ASSAY))],
    database: Db,
    projections: KeptUp,
) -> Response:
    """Take an assay back, with a reason.

    The withdrawal is a version of its own, which everyone who reads is told of.
    """
    sent = await parse(request, WithdrawalIn)
    by = Acting(actor, clock.now(), projections)

    reported = await database.write(
        lambda connection: acts.withdraw(connection, by, id, sent.reason)
    )
    return _answer_reported(reported)


def _answer_reported(reported: Reported) -> Response:
    """The receipt. Raises Problem for a refused outcome, with the version that is in force."""
    outcome, version, open_questions = reported
    if outcome in REFUSED:
        raise Problem(outcome, held=assay_out(version))

    receipt = receipt_out(outcome, version, open_questions)
    return answer(receipt, 201 if outcome is MergeOutcome.NEW else 200)
