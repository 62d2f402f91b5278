"""The endpoint that ends the wait for an answer."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from service.access.actor import Actor
from service.access.acts import Acting
from service.access.permissions import Permission
from service.access.require import Require
from service.foundation import clock
from service.foundation.context import Db, KeptUp
from service.foundation.http import answer, gives, parse, takes
from service.intake.pickup import read_label
from service.lab.closing import acts
from service.lab.closing.wire import CLOSING_EXAMPLE, ClosingIn, ClosingOut

router = APIRouter(tags=["lab"], default_response_class=Response)


@router.post(
    "/v1/lab/samples/{lab_label}/closing",
    openapi_extra=takes(ClosingIn),
    responses={
        **gives(ClosingOut, CLOSING_EXAMPLE),
        404: {"description": "No sample has this label"},
    },
)
async def post_closing(
    lab_label: str,
    request: Request,
    actor: Annotated[Actor, Depends(Require(Permission.CLOSE_SAMPLE))],
    database: Db,
    projections: KeptUp,
) -> Response:
    """No laboratory will answer for this sample, and why: it leaves the list, the person is told.

    Safe to send again; null takes it back. An answer that comes all the same is an answer.
    """
    sent = await parse(request, ClosingIn)
    label = read_label(lab_label)
    by = Acting(actor, clock.now(), projections)

    state = await database.write(lambda connection: acts.close(connection, by, label, sent.because))
    closed: ClosingOut = {"lab_label": label, "state": state, "closed": sent.because}
    return answer(closed)
