"""The endpoints of what to expect of a rock, and of how well that did."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from service.access.actor import Actor
from service.access.permissions import Permission
from service.access.require import Require
from service.evidence import dose, scale, store
from service.evidence.calibration import calibration, replay
from service.evidence.estimate.wire import (
    CALIBRATION_EXAMPLE,
    ESTIMATE_EXAMPLE,
    CalibrationOut,
    EstimateOut,
    calibration_out,
    estimate_out,
)
from service.foundation import clock
from service.foundation.context import Db
from service.foundation.http import answer, gives, medium_of
from service.foundation.problems import Flaw, Unfit
from service.intake.sample import MAX_WEIGHT_MG
from service.vocabulary.codes import Size

router = APIRouter(tags=["evidence"], default_response_class=Response)

JSON, SVG = "application/json", "image/svg+xml"
ESTIMATE = gives(EstimateOut, ESTIMATE_EXAMPLE)
ESTIMATE[200]["content"][SVG] = {"schema": {"type": "string"}}

Reading = Annotated[Actor, Depends(Require(Permission.READ_ANSWERS))]
Coordinating = Annotated[Actor, Depends(Require(Permission.SEE_CALIBRATION))]


@router.get(
    "/v1/estimate",
    responses={**ESTIMATE, 406: {"description": "Neither JSON nor SVG was asked for"}},
)
async def get_estimate(
    request: Request,
    _: Reading,
    database: Db,
    weight_mg: Annotated[float | None, Query(gt=0, le=MAX_WEIGHT_MG, allow_inf_nan=False)] = None,
    size: Annotated[Size | None, Query()] = None,
) -> Response:
    """How much cocaine a rock of this weight (on a field scale) or size is expected to hold.

    As numbers, or as a drawing for whoever reads nothing (`Accept: image/svg+xml`).
    """
    medium, now = medium_of(request, (JSON, SVG)), clock.now()
    weight = dose.field_weighed(weight_mg) if weight_mg is not None else dose.weight_from_size(size)
    if weight is None:
        raise Unfit(Flaw("/weight_mg", "missing"))

    market = await database.read(lambda connection: store.market(connection, now))
    amount = dose.expected(weight, market.share)

    if medium == SVG:
        return Response(scale.drawn(amount), media_type=SVG)
    return answer(estimate_out(amount, market))


@router.get("/v1/estimate/calibration", responses=gives(CalibrationOut, CALIBRATION_EXAMPLE))
async def get_calibration(_: Coordinating, database: Db) -> Response:
    """How well the estimate did on this network's own past: coverage, sharpness, bias by month.

    And which sentence the card says of it now, and why.
    """
    now = clock.now()
    market = await database.read(lambda connection: store.market(connection, now))
    rocks = await database.read_long(lambda connection: store.past(connection, store.REPLAYED))

    report = await asyncio.to_thread(lambda: calibration(replay(rocks)))
    return answer(calibration_out(report, market))
