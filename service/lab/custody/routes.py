"""The endpoints of the material: the site sends it, the laboratory receives and destroys it."""

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
from service.intake.pickup import read_label
from service.lab.custody import acts
from service.lab.custody.wire import CUSTODY_EXAMPLE, CustodyIn, CustodyOut, custody_out

router = APIRouter(tags=["lab"], default_response_class=Response)


@router.post(
    "/v1/samples/{id}/custody",
    openapi_extra=takes(CustodyIn),
    responses=gives(CustodyOut, CUSTODY_EXAMPLE),
)
async def post_sent(
    id: UUID,
    request: Request,
    actor: Annotated[Actor, Depends(Require(Permission.SEND_MATERIAL))],
    database: Db,
    projections: KeptUp,
) -> Response:
    """The site has sent the material to the laboratory.

    Safe to send again: the first record stands.
    """
    sent = await parse(request, CustodyIn)
    by = Acting(actor, clock.now(), projections)

    custody = await database.write(
        lambda connection: acts.send(connection, by, id, sent.event, sent.at)
    )
    return answer({"custody": custody_out(custody)})


@router.post(
    "/v1/lab/samples/{lab_label}/custody",
    openapi_extra=takes(CustodyIn),
    responses={
        **gives(CustodyOut, CUSTODY_EXAMPLE),
        404: {"description": "No sample has this label"},
    },
)
async def post_kept(
    lab_label: str,
    request: Request,
    actor: Annotated[Actor, Depends(Require(Permission.KEEP_MATERIAL))],
    database: Db,
    projections: KeptUp,
) -> Response:
    """The laboratory has received or destroyed the material.

    Safe to send again: the first record stands.
    """
    sent = await parse(request, CustodyIn)
    by = Acting(actor, clock.now(), projections)
    label = read_label(lab_label)

    custody = await database.write(
        lambda connection: acts.receive_or_destroy(connection, by, label, sent.event, sent.at)
    )
    return answer({"custody": custody_out(custody)})
