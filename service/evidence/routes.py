"""The doors to what is known: of one sample, of what to expect, and how well that did; whom to reach again."""

import asyncio
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from service.access.actor import Actor
from service.access.permissions import Permission
from service.access.require import Require
from service.evidence import acts, dose, scale, store
from service.evidence.calibration import calibration, replay
from service.evidence.context import Published
from service.evidence.store import Changed
from service.evidence.wire import (
    CALIBRATION_EXAMPLE,
    ESTIMATE_EXAMPLE,
    FINDING_EXAMPLE,
    REACH_EXAMPLE,
    CalibrationOut,
    EstimateOut,
    FindingOut,
    PeopleToReach,
    PersonToReach,
    calibration_out,
    estimate_out,
    finding_out,
)
from service.foundation import clock
from service.foundation.context import Config, Db
from service.foundation.http import answer, gives, medium_of
from service.foundation.problems import Flaw, Unfit
from service.foundation.strict import Instant
from service.intake import pickup
from service.intake.context import PickupKeys
from service.intake.pickup import Keys
from service.intake.sample import MAX_WEIGHT_MG
from service.vocabulary.codes import Size

router = APIRouter(tags=["evidence"], default_response_class=Response)

JSON, SVG = "application/json", "image/svg+xml"

Reading = Annotated[Actor, Depends(Require(Permission.READ_ANSWERS))]


@router.get(
    "/v1/samples/{id}/finding",
    responses=gives(FindingOut, FINDING_EXAMPLE),
)
async def get_finding(
    id: UUID, actor: Reading, database: Db, settings: Config, references: Published
) -> Response:
    """What is known of a sample and how surely; while it waits, what its weight leads us to expect."""
    now, site = clock.now(), actor.own_site()
    known = await database.read(
        lambda connection: store.of_site(connection, id, site, now, settings)
    )
    return answer(finding_out(id, known.finding, references, settings.half_life_months))


@router.get(
    "/v1/estimate",
    responses={
        200: {
            "model": EstimateOut,
            "content": {
                JSON: {"example": ESTIMATE_EXAMPLE},
                SVG: {"schema": {"type": "string"}},
            },
        },
        406: {"description": "Neither JSON nor SVG was asked for"},
    },
)
async def get_estimate(
    request: Request,
    _: Reading,
    database: Db,
    settings: Config,
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

    now = clock.now()
    market = await database.read(lambda connection: store.market(connection, now, settings))
    amount = dose.expected(weight, market.share)

    if medium == SVG:
        return Response(scale.drawn(amount), media_type=SVG)
    return answer(estimate_out(amount, market, settings.half_life_months))


@router.get("/v1/estimate/calibration", responses=gives(CalibrationOut, CALIBRATION_EXAMPLE))
async def get_calibration(
    _: Annotated[Actor, Depends(Require(Permission.SEE_CALIBRATION))],
    database: Db,
    settings: Config,
) -> Response:
    """How well the estimate did on this network's own past: coverage, sharpness, bias by month."""
    months = settings.half_life_months
    rocks = await database.read_long(lambda connection: store.past(connection, store.REPLAYED))
    report = await asyncio.to_thread(lambda: calibration(replay(rocks, months)))
    return answer(calibration_out(report, months))


@router.get("/v1/reach-again", responses=gives(PeopleToReach, REACH_EXAMPLE))
async def get_reach_again(actor: Reading, database: Db, keys: PickupKeys) -> Response:
    """Whose answer was replaced since they were told, by the code they hold; `grave`: a warning came or went."""
    site = actor.own_site()
    changed = await database.read(lambda connection: store.changed(connection, site))
    body: PeopleToReach = {"people": [_person(change, keys) for change in changed]}
    return answer(body)


def _person(change: Changed, keys: Keys) -> PersonToReach:
    held = change.held
    return {
        "pickup_code": pickup.spelled(keys.unseal(held.sealed_code)),
        "sample_id": held.sample.id,
        "lab_label": held.lab_label,
        "state": held.state,
        "grave": change.grave,
        "changed_at": change.changed_at,
        "card_languages": held.sample.card_languages,
    }


@router.post("/v1/samples/{id}/reached", status_code=204, responses={204: {"description": "Noted"}})
async def post_reached(
    id: UUID,
    actor: Reading,
    database: Db,
    changed_at: Annotated[Instant | None, Query()] = None,
) -> Response:
    """The person has been told what the answer is: as it was at `changed_at` (of the list), or as it is now."""
    site, now = actor.own_site(), clock.now()
    at = min(changed_at or now, now)
    await database.write(lambda connection: acts.mark_told(connection, id, site, at))
    return Response(status_code=204)
