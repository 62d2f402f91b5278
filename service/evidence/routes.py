"""The door to what is known of one sample."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from service.access.actor import Actor
from service.access.door import Door
from service.access.permissions import Permission
from service.evidence import store
from service.evidence.wire import FINDING_EXAMPLE, finding_out
from service.foundation import clock
from service.foundation.http import answer
from service.foundation.problems import Problem

router = APIRouter(tags=["evidence"])


@router.get(
    "/v1/samples/{id}/finding",
    responses={200: {"content": {"application/json": {"example": FINDING_EXAMPLE}}}},
)
async def get_finding(
    id: UUID, request: Request, actor: Annotated[Actor, Depends(Door(Permission.READ_ANSWERS))]
) -> Response:
    """What is known of a sample and how surely; while it waits, what its weight leads us to expect."""
    now, site, days = clock.now(), actor.own_site(), request.app.state.settings.recent_days
    known = await request.app.state.database.read(
        lambda connection: store.of_site(connection, id, site, now, days)
    )
    if known is None:
        raise Problem("not-found")
    return answer(finding_out(id, known.finding))
