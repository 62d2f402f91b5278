"""The endpoints where a rock is taken in, read again by its own site, and taken back."""

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, cast
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from pydantic import ValidationError
from starlette.responses import Response

from service.access.actor import Actor
from service.access.acts import Acting
from service.access.permissions import Permission, Role
from service.access.require import Require
from service.foundation import clock
from service.foundation.context import Config, Db, KeptUp, Refusals, Refuser
from service.foundation.database import Database
from service.foundation.http import answer, gives, parse, refusal, takes
from service.foundation.problems import Flaw, Problem, Unfit
from service.foundation.projections import Projections
from service.foundation.settings import Settings
from service.foundation.strict import Instant
from service.intake import acts, pickup, store
from service.intake.acts import Terms
from service.intake.carried import CarriedKey, NotOurs
from service.intake.context import CarryingKey, PickupKeys
from service.intake.merge import REFUSED, MergeOutcome
from service.intake.pickup import Keys
from service.intake.sample import Sample
from service.intake.store import Held, Taken
from service.intake.wire import (
    PAD_EXAMPLE,
    RECEIPT_EXAMPLE,
    RECEIPTS_EXAMPLE,
    SAMPLE_OUT_EXAMPLE,
    SAMPLES_EXAMPLE,
    BatchIn,
    BatchLine,
    BatchReceipts,
    CarriedIn,
    Cursor,
    Pad,
    PadIn,
    SampleIn,
    SampleInBatch,
    SampleOut,
    SamplePage,
    SampleReceipt,
    SampleSummary,
)
from service.vocabulary.codes import State

router = APIRouter(tags=["intake"], default_response_class=Response)

PAGE = 100
RECEIPTS = gives(BatchReceipts, RECEIPTS_EXAMPLE, 207, "A receipt or a problem for each, in order")


TakingIn = Annotated[Actor, Depends(Require(Permission.TAKE_IN))]
TakingBack = Annotated[Actor, Depends(Require(Permission.TAKE_BACK))]
Reading = Annotated[Actor, Depends(Require(Permission.READ_SAMPLES))]
Issuing = Annotated[Actor, Depends(Require(Permission.ISSUE_CODES))]

Record = dict[str, Any] | UUID | Problem
"""One of many: a sample as it was sent, the id of one taken back, or a refusal."""


@dataclass(frozen=True, slots=True)
class _Tools:
    """What each way of taking rocks in needs."""

    database: Database
    settings: Settings
    keys: Keys
    projections: Projections
    refuser: Refuser

    def acting(self, actor: Actor) -> Acting:
        return Acting(actor, clock.now(), self.projections)

    def terms(self, now: datetime) -> Terms:
        ends_at = pickup.end(now, self.settings.code_months)
        return Terms(lambda: pickup.new_label(secrets.randbelow), ends_at)


async def _tools(
    database: Db, settings: Config, keys: PickupKeys, projections: KeptUp, refuser: Refusals
) -> _Tools:
    return _Tools(database, settings, keys, projections, refuser)


Tools = Annotated[_Tools, Depends(_tools)]


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
    sample = _sample(id, sent, tools.keys, by.now)

    taken = await tools.database.write(
        lambda connection: acts.take_in(connection, by, sample, terms)
    )

    if taken.outcome in REFUSED:
        raise _refused(taken, actor, tools.keys)
    return answer(_receipt(taken), _status(taken))


@router.post(
    "/v1/samples/batch",
    openapi_extra=takes(BatchIn),
    status_code=207,
    responses=RECEIPTS,
)
async def post_batch(request: Request, actor: TakingIn, tools: Tools) -> Response:
    """Take in up to 500 samples. One bad record never blocks the rest."""
    sent = await parse(request, BatchIn)
    return await _take_each(sent.samples, request, actor, tools)


@router.post(
    "/v1/samples/carried",
    openapi_extra=takes(CarriedIn),
    status_code=207,
    responses=RECEIPTS,
)
async def post_carried(
    request: Request, actor: TakingIn, tools: Tools, key: CarryingKey
) -> Response:
    """A file from a tablet that never got online again: each rock is taken in, or back, as if it were sent.

    Safe to bring twice, and beside the tablet's own sending. One bad record never blocks the rest.
    """
    sent = await parse(request, CarriedIn)
    records = [_opened(key, record) for record in sent.rocks]
    return await _take_each(records, request, actor, tools)


@router.get("/v1/samples/{id}", responses=gives(SampleOut, SAMPLE_OUT_EXAMPLE))
async def get_sample(id: UUID, actor: Reading, database: Db, keys: PickupKeys) -> Response:
    """One sample as it is held. Its pickup code and card languages go to its own site only."""
    held = await own(database, id, actor)
    return answer(_out(held, actor, keys))


@router.get("/v1/samples", responses=gives(SamplePage, SAMPLES_EXAMPLE))
async def list_samples(
    actor: Reading,
    database: Db,
    state: State | None = None,
    updated_since: Instant | None = None,
    cursor: Annotated[str | None, Query(max_length=100)] = None,
) -> Response:
    """Samples in the order of their last change, a page at a time; `next` is the cursor of the next page."""
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
    body: SamplePage = {"samples": [_summary(held) for held in page], "next": following}
    return answer(body)


@router.delete(
    "/v1/samples/{id}",
    status_code=204,
    responses={204: {"description": "Taken back and erased"}},
)
async def delete_sample(id: UUID, actor: TakingBack, database: Db, projections: KeptUp) -> Response:
    """The person takes it back: sample, code and results are erased, and no late upload brings them back."""
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


async def _take_each(
    records: Sequence[Any], request: Request, actor: Actor, tools: _Tools
) -> Response:
    """A receipt or a problem for each record."""
    by = tools.acting(actor)
    terms = tools.terms(by.now)
    parsed = [_parsed(record, tools.keys, by.now) for record in records]

    results = await tools.database.write(
        lambda connection: acts.take_each(connection, by, parsed, terms)
    )

    lines = [
        _line(record, result, request, actor, tools)
        for record, result in zip(records, results, strict=True)
    ]
    body: BatchReceipts = {"receipts": lines}
    return answer(body, 207)


def _parsed(record: Any, keys: Keys, now: datetime) -> Sample | UUID | Problem:
    """One record of many, or the problem that it is answered with."""
    if isinstance(record, UUID | Problem):
        return record

    try:
        sent = SampleInBatch.model_validate_json(json.dumps(record))
        return _sample(sent.id, sent, keys, now)
    except ValidationError as error:
        return refusal(error)
    except Unfit as error:
        return Problem("invalid", *error.flaws)


def _sample(id: UUID, sent: SampleIn, keys: Keys, now: datetime) -> Sample:
    """The sample that was sent. Raises Unfit."""
    if not pickup.is_valid(pickup.read(sent.pickup_code)):
        raise Unfit(Flaw("/pickup_code", "unknown-pickup-code"))
    return sent.sample(id, keys).checked(now)


def _status(taken: Taken) -> int:
    return 201 if taken.outcome is MergeOutcome.NEW else 200


def _receipt(taken: Taken) -> SampleReceipt:
    assert taken.held is not None  # noqa: S101  only refused outcomes hold nothing
    return {
        "id": taken.held.sample.id,
        "outcome": taken.outcome,
        "revision": taken.held.sample.revision,
        "lab_label": taken.held.lab_label,
        "received_at": taken.held.received_at,
    }


def _refused(taken: Taken, actor: Actor, keys: Keys) -> Problem:
    """A refused outcome, with what is held for its own site."""
    held = taken.held
    if held is None or held.site != actor.site:
        return Problem(taken.outcome)
    return Problem(taken.outcome, held=_out(held, actor, keys))


def _line(
    record: Any, result: Taken | Problem, request: Request, actor: Actor, tools: _Tools
) -> BatchLine:
    """One record's line in the answer to many."""
    if isinstance(result, Taken):
        if isinstance(record, UUID):
            return {"status": 204, "id": record, "outcome": MergeOutcome.WITHDRAWN}
        if result.outcome not in REFUSED:
            return _taken_line(result)
        result = _refused(result, actor, tools.keys)

    line: Any = {"id": _given_id(record), **tools.refuser.describe(result, request)}
    return cast(BatchLine, line)


def _taken_line(taken: Taken) -> BatchLine:
    receipt = _receipt(taken)
    return {
        "status": _status(taken),
        "id": receipt["id"],
        "outcome": receipt["outcome"],
        "revision": receipt["revision"],
        "lab_label": receipt["lab_label"],
        "received_at": receipt["received_at"],
    }


def _given_id(record: Any) -> str | None:
    """The id that a record gave, as it was written; None where it gave none to read."""
    if isinstance(record, UUID):
        return str(record)

    given = record.get("id") if isinstance(record, dict) else None
    return given if isinstance(given, str) else None


def _opened(key: CarriedKey, record: str) -> Record:
    """A carried record: the sample as it would have been sent, the id of one taken back, or a refusal."""
    try:
        match key.opened(record):
            case {"sample": dict() as sample}:
                return sample
            case {"withdraw": str() as id}:
                return UUID(id)
    except (NotOurs, ValueError):
        pass
    return Problem("not-carried")


def _cursor(last: Held) -> str:
    return str(Cursor(updated_at=last.updated_at, id=last.sample.id))


def _last_seen(cursor: str) -> tuple[datetime, UUID]:
    try:
        last = Cursor.read(cursor)
    except ValueError:
        raise Problem("invalid", Flaw("/cursor", "bad-cursor")) from None
    return last.updated_at, last.id


def _summary(held: Held) -> SampleSummary:
    return {
        "id": held.sample.id,
        "revision": held.sample.revision,
        "state": held.state,
        "site": held.site,
        "lab_label": held.lab_label,
        "taken_at": held.sample.taken_at,
        "received_at": held.received_at,
        "updated_at": held.updated_at,
    }


def _out(held: Held, actor: Actor, keys: Keys) -> SampleOut:
    sample = held.sample
    body: SampleOut = {
        "id": sample.id,
        "revision": sample.revision,
        "taken_at": sample.taken_at,
        "reason": sample.reason,
        "sold_as": sample.sold_as,
        "sold_as_name": sample.sold_as_name,
        "form": sample.form,
        "colour": sample.colour,
        "smell": sample.smell,
        "weight_mg": sample.weight_mg,
        "weighed": sample.weighed,
        "size": sample.size,
        "already_used": sample.already_used,
        "note_to_lab": sample.note_to_lab,
        "transaction": sample.transaction,
        "beliefs": sample.beliefs,
        "use": sample.use,
        "person": sample.person,
        "site": held.site,
        "lab_label": held.lab_label,
        "state": held.state,
        "received_at": held.received_at,
        "updated_at": held.updated_at,
    }

    if actor.role is Role.OUTREACH:
        body["pickup_code"] = pickup.spelled(keys.unseal(held.sealed_code))
        body["card_languages"] = sample.card_languages
    return body
