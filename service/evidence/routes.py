"""The endpoints of what is known of one sample, and of whom to reach again."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from service.access.actor import Actor
from service.access.permissions import Permission
from service.access.require import Require
from service.evidence import acts, known
from service.evidence.context import Answering, References
from service.evidence.wire import (
    FINDING_EXAMPLE,
    REACH_EXAMPLE,
    FindingOut,
    PeopleToReach,
    finding_out,
    person_to_reach,
)
from service.foundation import clock
from service.foundation.context import Db
from service.foundation.http import answer, gives
from service.foundation.strict import Instant
from service.intake import pickup
from service.intake.context import PickupKeys

router = APIRouter(tags=["evidence"], default_response_class=Response)

Reading = Annotated[Actor, Depends(Require(Permission.READ_ANSWERS))]


@router.get("/v1/samples/{id}/finding", responses=gives(FindingOut, FINDING_EXAMPLE))
async def get_finding(
    id: UUID, actor: Reading, answers: Answering, references: References
) -> Response:
    """What is known of a sample and how surely; while it waits, what its weight lets us expect."""
    known = await answers.of_site(actor, id)
    return answer(finding_out(id, known.finding, references))


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
