"""The endpoints of what is known: of one sample, of what to expect, and how well that did.

Also whom to reach again.
"""

import asyncio
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from service.access.actor import Actor
from service.access.permissions import Permission
from service.access.require import Require
from service.evidence import acts, dose, known, scale, store
from service.evidence.calibration import calibration, replay
from service.evidence.context import Answering, References
from service.evidence.wire import (
    CALIBRATION_EXAMPLE,
    ESTIMATE_EXAMPLE,
    FINDING_EXAMPLE,
    REACH_EXAMPLE,
    CalibrationOut,
    EstimateOut,
    FindingOut,
    PeopleToReach,
    calibration_out,
    estimate_out,
    finding_out,
    person_to_reach,
)
from service.foundation import clock
from service.foundation.context import Db
from service.foundation.http import answer, gives, medium_of
from service.foundation.problems import Flaw, Unfit
from service.foundation.strict import Instant
from service.intake import pickup
from service.intake.context import PickupKeys
from service.intake.sample import MAX_WEIGHT_MG
from service.vocabulary.codes import Size

router = APIRouter(tags=["evidence"], default_response_class=Response)

JSON, SVG = "application/json", "image/svg+xml"
ESTIMATE = gives(EstimateOut, ESTIMATE_EXAMPLE)
ESTIMATE[200]["content"][SVG] = {"schema": {"type": "string"}}

Reading = Annotated[Actor, Depends(Require(Permission.READ_ANSWERS))]
Coordinating = Annotated[Actor, Depends(Require(Permission.SEE_CALIBRATION))]


@router.get("/v1/samples/{id}/finding", responses=gives(FindingOut, FINDING_EXAMPLE))
async def get_finding(
    id: UUID, actor: Reading, answers: Answering, references: References
) -> Response:
    """What is known of a sample and how surely; while it waits, what its weight lets us expect."""
    known = await answers.of_site(actor, id)
    return answer(finding_out(id, known.finding, references))


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


@router.get("/v1/reach-again", responses=gives(PeopleToReach, REACH_EXAMPLE))
async def get_reach_again(actor: Reading, database: Db, keys: PickupKeys) -> Response:
    """Whose answer was replaced since they were told, by the code they hold.

    `grave`: a warning came or went.
    """
    site = actor.own_site()
    changed = await database.read_long(lambda connection: known.changed(connection, site))

    people: PeopleToReach = {
        "people": [
            person_to_reach(person, pickup.spelled(keys.unseal(person.held.sealed_code)))
            for person in changed
        ]
    }
    return answer(people)


@router.post("/v1/samples/{id}/reached", status_code=204, responses={204: {"description": "Noted"}})
async def post_reached(
    id: UUID,
    actor: Reading,
    database: Db,
    changed_at: Annotated[Instant | None, Query()] = None,
) -> Response:
    """The person has been told the answer, as it was at `changed_at` (of the list) or is now."""
    site, now = actor.own_site(), clock.now()
    at = min(changed_at or now, now)

    await database.write(lambda connection: acts.mark_told(connection, id, site, at))
    return Response(status_code=204)
