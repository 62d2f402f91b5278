"""The endpoints of names: what nobody knows, and what a laboratory says that it means."""

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
from service.lab.names import acts, store
from service.lab.names.wire import (
    LAB_NAMES_EXAMPLE,
    NAME_READ_EXAMPLE,
    LabNames,
    NameIn,
    NameRead,
    explained_out,
)

router = APIRouter(tags=["lab"], default_response_class=Response)


@router.get("/v1/lab/unknown-names", responses=gives(LabNames, LAB_NAMES_EXAMPLE))
async def get_unknown_names(
    actor: Annotated[Actor, Depends(Require(Permission.SEE_BENCH))], database: Db
) -> Response:
    """Names in force that nobody knows, and those that are explained.

    What nobody knows is announced as unexpected until it is explained.
    """
    unknown, meanings = await database.read(
        lambda connection: (store.unknown_names(connection), store.meanings(connection))
    )
    listed: LabNames = {"names": unknown, "explained": explained_out(meanings.values())}
    return answer(listed)


@router.post(
    "/v1/lab/names", openapi_extra=takes(NameIn), responses=gives(NameRead, NAME_READ_EXAMPLE)
)
async def post_name(
    request: Request,
    actor: Annotated[Actor, Depends(Require(Permission.EXPLAIN_NAMES))],
    database: Db,
    projections: KeptUp,
) -> Response:
    """Say which substance a name means, or take that back (`substance` null).

    Every assay in force that found the name is corrected, and whoever holds its answer is to be
    reached again.
    """
    sent = await parse(request, NameIn)
    by = Acting(actor, clock.now(), projections)

    corrected = await database.write(
        lambda connection: acts.explain_name(connection, by, sent.name, sent.substance)
    )
    read: NameRead = {"name": sent.name, "substance": sent.substance, "corrected": corrected}
    return answer(read)
