"""The endpoints where a rock is taken in, read again by its own site, and taken back."""

import secrets
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from service.access.actor import Actor
from service.access.acts import Acting
from service.access.permissions import Permission, Role
from service.access.require import Require
from service.foundation import clock
from service.foundation.context import Config, Db, KeptUp
from service.foundation.database import Database
from service.foundation.http import answer, gives, parse, takes
from service.foundation.problems import Flaw, Problem
from service.foundation.strict import Instant
from service.intake import acts, pickup, store
from service.intake.context import PickupKeys, TakingIn, Tools
from service.intake.held import Held
from service.intake.merge import REFUSED
from service.intake.wire import (
    PAD_EXAMPLE,
    RECEIPT_EXAMPLE,
    SAMPLE_OUT_EXAMPLE,
    SAMPLES_EXAMPLE,
    Cursor,
    Pad,
    PadIn,
    SampleIn,
    SampleOut,
    SamplePage,
    SampleReceipt,
    receipt,
    refused,
    sample_out,
    status_of,
    summary,
)
from service.vocabulary.codes import State

router = APIRouter(tags=["intake"], default_response_class=Response)

PAGE = 100

TakingBack = Annotated[Actor, Depends(Require(Permission.TAKE_BACK))]
Reading = Annotated[Actor, Depends(Require(Permission.READ_SAMPLES))]
Issuing = Annotated[Actor, Depends(Require(Permission.ISSUE_CODES))]


@router.put(
    "/v1/samples/{id}",
    openapi_extra=takes(SampleIn),
    status_code=201,
    responses={
        **gives(SampleReceipt, RECEIPT_EXAMPLE, 200, "Identical to what is held, or updated"),
        **gives(SampleReceipt, RECEIPT_EXAMPLE, 201, "New"),
        409: {"description": "Conflict, stale or withdrawn; carries what is held, to its own site"},
    },
)
async def put_sample(id: UUID, request: Request, actor: TakingIn, tools: Tools) -> Response:
    """Take in one sample. Safe to send again: a retry has one effect and gets the same receipt."""
    sent = await parse(request, SampleIn)
    by = tools.acting(actor)
    terms = tools.terms(by.now)
    sample = sent.sample(id, tools.keys, by.now)

    taken = await tools.database.write(
        lambda connection: acts.take_in(connection, by, sample, terms)
    )

    if taken.held is None or taken.outcome in REFUSED:
        raise refused(taken, actor.site, tools.keys)
    return answer(receipt(taken.outcome, taken.held), status_of(taken.outcome))


@router.get("/v1/samples/{id}", responses=gives(SampleOut, SAMPLE_OUT_EXAMPLE))
async def get_sample(id: UUID, actor: Reading, database: Db, keys: PickupKeys) -> Response:
    """One sample as it is held. Its pickup code and card languages go to its own site only."""
    held = await own(database, id, actor)
    its_holders = actor.role is Role.OUTREACH
    return answer(sample_out(held, keys if its_holders else None))


@router.get("/v1/samples", responses=gives(SamplePage, SAMPLES_EXAMPLE))
async def list_samples(
    actor: Reading,
    database: Db,
    state: State | None = None,
    updated_since: Instant | None = None,
    cursor: Annotated[str | None, Query(max_length=100)] = None,
) -> Response:
    """Samples in the order of their last change, a page at a time.

    `next` is the cursor of the next page.
    """
    after = _last_seen(cursor) if cursor else None
    samples = await database.read(
        lambda connection: store.listed(
            connection,
            site=actor.site,
            state=state,
            updated_since=updated_since,
            after=after,
            limit=PAGE + 1,
        )
    )

    page = samples[:PAGE]
    following = _cursor(page[-1]) if len(samples) > PAGE else None
    body: SamplePage = {"samples": [summary(held) for held in page], "next": following}
    return answer(body)


@router.delete(
    "/v1/samples/{id}",
    status_code=204,
    responses={204: {"description": "Taken back and erased"}},
)
async def delete_sample(id: UUID, actor: TakingBack, database: Db, projections: KeptUp) -> Response:
    """The person takes it back: sample, code and results are erased.

    No late upload brings them back.
    """
    by = Acting(actor, clock.now(), projections)

    if not await database.write(lambda connection: acts.take_back(connection, by, id)):
        raise Problem("not-found")
    return Response(status_code=204)


@router.post(
    "/v1/pickup-pads",
    openapi_extra=takes(PadIn),
    status_code=201,
    responses=gives(Pad, PAD_EXAMPLE, 201),
)
async def post_pad(
    request: Request, actor: Issuing, database: Db, settings: Config, keys: PickupKeys
) -> Response:
    """Pickup codes to take along where there is no network: this site's, each for one sample."""
    sent = await parse(request, PadIn)
    site = actor.own_site()
    codes = keys.drawn(sent.count, secrets.randbelow)
    ends_at = pickup.end(clock.now(), settings.code_months)

    await database.write(
        lambda connection: store.issue(connection, codes.values(), site=site, ends_at=ends_at)
    )

    body: Pad = {"codes": [pickup.spelled(code) for code in codes]}
    return answer(body, 201)


async def own(database: Database, id: UUID, actor: Actor) -> Held:
    """The sample, if the actor may know that it exists. Raises Problem."""
    held = await database.read(lambda connection: store.find(connection, id))
    if held is None or (actor.site is not None and held.site != actor.site):
        raise Problem("not-found")
    return held


def _cursor(last: Held) -> str:
    return str(Cursor(updated_at=last.updated_at, id=last.sample.id))


def _last_seen(cursor: str) -> tuple[datetime, UUID]:
    try:
        last = Cursor.read(cursor)
    except ValueError:
        raise Problem("invalid", Flaw("/cursor", "bad-cursor")) from None
    return last.updated_at, last.id
