"""The doors to what is known: of one sample, of what to expect, and how well that did; whom to reach again."""

import asyncio
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from service.access.actor import Actor
from service.access.permissions import Permission
from service.access.require import Require
from service.evidence import dose, scale, store
from service.evidence.calibration import calibration, replay
from service.evidence.wire import (
    CALIBRATION_EXAMPLE,
    ESTIMATE_EXAMPLE,
    FINDING_EXAMPLE,
    calibration_out,
    estimate_out,
    finding_out,
)
from service.foundation import clock
from service.foundation.http import answer, gives, medium_of
from service.foundation.problems import Flaw, Unfit
from service.foundation.strict import Instant
from service.intake import pickup
from service.intake.sample import MAX_WEIGHT_MG
from service.vocabulary.codes import Size

router = APIRouter(tags=["evidence"])

JSON, SVG = "application/json", "image/svg+xml"

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
    responses=gives(None, FINDING_EXAMPLE),
)
async def get_finding(
    id: UUID, request: Request, actor: Annotated[Actor, Depends(Require(Permission.READ_ANSWERS))]
) -> Response:
    """What is known of a sample and how surely; while it waits, what its weight leads us to expect."""
    state, now, site = request.app.state, clock.now(), actor.own_site()
    known = await state.database.read(
        lambda connection: store.of_site(connection, id, site, now, state.settings)
    )
    return answer(finding_out(id, known.finding, state.references, state.settings.half_life_months))


@router.get(
    "/v1/estimate",
    responses={
        200: {
            "content": {
                JSON: {"example": ESTIMATE_EXAMPLE},
                SVG: {"schema": {"type": "string"}},
            }
        },
        406: {"description": "Neither JSON nor SVG was asked for"},
    },
)
async def get_estimate(
    request: Request,
    actor: Annotated[Actor, Depends(Require(Permission.READ_ANSWERS))],
    weight_mg: Annotated[float | None, Query(gt=0, le=MAX_WEIGHT_MG, allow_inf_nan=False)] = None,
    size: Annotated[Size | None, Query()] = None,
) -> Response:
    """How much cocaine a rock of this weight, on a field scale, or of this size is expected to hold.

    As numbers, or as a drawing for whoever reads nothing (`Accept: image/svg+xml`).
    """
    medium = medium_of(request, (JSON, SVG))
    weight = dose.field_weighed(weight_mg) if weight_mg is not None else dose.weight_from_size(size)
    if weight is None:
        raise Unfit(Flaw("/weight_mg", "missing"))
    state, now = request.app.state, clock.now()
    market = await state.database.read(
        lambda connection: store.market(connection, now, state.settings)
    )
    amount = dose.expected(weight, market.share)
    if medium == SVG:
        return Response(scale.drawn(amount), media_type=SVG)
    return answer(estimate_out(amount, market, state.settings.half_life_months))


@router.get(
    "/v1/estimate/calibration",
    responses=gives(None, CALIBRATION_EXAMPLE),
)
async def get_calibration(
    request: Request, actor: Annotated[Actor, Depends(Require(Permission.SEE_CALIBRATION))]
) -> Response:
    """How well the estimate did on this network's own past: coverage, sharpness, bias by month."""
    state = request.app.state
    rocks = await state.database.read_long(
        lambda connection: store.past(connection, store.REPLAYED)
    )
    months = state.settings.half_life_months
    report = await asyncio.to_thread(lambda: calibration(replay(rocks, months)))
    return answer(calibration_out(report, months))


@router.get("/v1/reach-again", responses=gives(None, REACH_EXAMPLE))
async def get_reach_again(
    request: Request, actor: Annotated[Actor, Depends(Require(Permission.READ_ANSWERS))]
) -> Response:
    """Whose answer was replaced since they were told, by the code they hold; `grave`: a warning came or went."""
    site, keys = actor.own_site(), request.app.state.keys
    found = await request.app.state.database.read(
        lambda connection: store.changed(connection, site)
    )
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
    id: UUID,
    request: Request,
    actor: Annotated[Actor, Depends(Require(Permission.READ_ANSWERS))],
    changed_at: Annotated[Instant | None, Query()] = None,
) -> Response:
    """The person has been told what the answer is: as it was at `changed_at` (of the list), or as it is now."""
    site, now = actor.own_site(), clock.now()
    at = min(changed_at or now, now)
    await request.app.state.database.write(lambda connection: store.told(connection, id, site, at))
    return Response(status_code=204)
