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
from service.intake import pickup

router = APIRouter(tags=["evidence"])

REACH_EXAMPLE = {
    "people": [
        {
            "pickup_code": "7K3M-9QXT-4HBW2",
            "sample_id": "0192f3a1-7c3e-7000-8000-3d1f5a2b9c01",
            "lab_label": "Q7K3-M9XK",
            "state": "corrected",
            "grave": True,
            "changed_at": "2026-11-24T10:12:00Z",
            "card_languages": ["ru", "fr"],
        }
    ]
}


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


@router.get("/v1/reach-again", responses={200: {"content": {"application/json": {"example": REACH_EXAMPLE}}}})
async def get_reach_again(
    request: Request, actor: Annotated[Actor, Depends(Door(Permission.READ_ANSWERS))]
) -> Response:
    """Whose answer was replaced since they were told, by the code they hold; `grave`: a warning came or went."""
    site, keys = actor.own_site(), request.app.state.keys
    found = await request.app.state.database.read(lambda connection: store.changed(connection, site))
    return answer(
        {
            "people": [
                {
                    "pickup_code": pickup.spelled(keys.unseal(one.held.sealed_code)),
                    "sample_id": one.held.sample.id,
                    "lab_label": one.held.lab_label,
                    "state": one.held.state,
                    "grave": one.grave,
                    "changed_at": one.changed_at,
                    "card_languages": one.held.sample.card_languages,
                }
                for one in found
            ]
        }
    )


@router.post("/v1/samples/{id}/reached", status_code=204, responses={204: {"description": "Noted"}})
async def post_reached(
    id: UUID, request: Request, actor: Annotated[Actor, Depends(Door(Permission.READ_ANSWERS))]
) -> Response:
    """The person has been told what the answer is now."""
    site, now = actor.own_site(), clock.now()

    if not await request.app.state.database.write(lambda connection: store.told(connection, id, site, now)):
        raise Problem("not-found")
    return Response(status_code=204)
