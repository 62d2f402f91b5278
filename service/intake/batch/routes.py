"""The endpoints where many rocks are taken in at once: one bad record never blocks the rest."""

import json
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import ValidationError
from starlette.responses import Response

from service.access.actor import Actor
from service.foundation.http import answer, gives, parse, refusal, takes
from service.foundation.problems import Problem, ProblemBody, Unfit
from service.intake import acts
from service.intake.batch.wire import (
    RECEIPTS_EXAMPLE,
    BatchIn,
    BatchLine,
    BatchReceipts,
    CarriedIn,
    SampleInBatch,
)
from service.intake.carried import CarriedKey, NotOurs
from service.intake.context import CarryingKey, IntakeTools, TakingIn, Tools
from service.intake.held import Held, Taken
from service.intake.merge import REFUSED, MergeOutcome
from service.intake.pickup import Keys
from service.intake.sample import Sample
from service.intake.wire import receipt, refused, status_of

router = APIRouter(tags=["intake"], default_response_class=Response)

RECEIPTS = gives(BatchReceipts, RECEIPTS_EXAMPLE, 207, "A receipt or a problem for each, in order")

Record = object
"""One of many, not yet judged: a sample as it was sent, the id of one taken back, or a refusal."""


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
    """A file from a tablet that never got online again.

    Each rock is taken in, or back, as if it were sent. Safe to bring twice, and beside the tablet's
    own sending. One bad record never blocks the rest.
    """
    sent = await parse(request, CarriedIn)
    records = [_opened(key, record) for record in sent.rocks]
    return await _take_each(records, request, actor, tools)


async def _take_each(
    records: Sequence[Record], request: Request, actor: Actor, tools: IntakeTools
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


def _parsed(record: Record, keys: Keys, now: datetime) -> Sample | UUID | Problem:
    """One record of many, or the problem that it is answered with."""
    if isinstance(record, UUID | Problem):
        return record

    try:
        sent = SampleInBatch.model_validate_json(json.dumps(record))
        return sent.sample(sent.id, keys, now)
    except ValidationError as error:
        return refusal(error)
    except Unfit as error:
        return Problem("invalid", *error.flaws)


def _line(
    record: Record, result: Taken | Problem, request: Request, actor: Actor, tools: IntakeTools
) -> BatchLine:
    """One record's line in the answer to many."""
    if isinstance(result, Taken):
        if isinstance(record, UUID):
            return {"status": 204, "id": record, "outcome": MergeOutcome.WITHDRAWN}
        if result.held is not None and result.outcome not in REFUSED:
            return _taken_line(result.outcome, result.held)
        result = refused(result, actor.site, tools.keys)

    return _refused_line(record, tools.refuser.describe(result, request))


def _taken_line(outcome: MergeOutcome, held: Held) -> BatchLine:
    given = receipt(outcome, held)
    return {
        "status": status_of(outcome),
        "id": given["id"],
        "outcome": given["outcome"],
        "revision": given["revision"],
        "lab_label": given["lab_label"],
        "received_at": given["received_at"],
    }


def _refused_line(record: Record, problem: ProblemBody) -> BatchLine:
    line: BatchLine = {
        "id": _given_id(record),
        "type": problem["type"],
        "title": problem["title"],
        "status": problem["status"],
    }
    if "errors" in problem:
        line["errors"] = problem["errors"]
    if "held" in problem:
        line["held"] = problem["held"]
    return line


def _given_id(record: Record) -> str | None:
    """The id that a record gave, as it was written; None where it gave none to read."""
    if isinstance(record, UUID):
        return str(record)

    given = record.get("id") if isinstance(record, dict) else None
    return given if isinstance(given, str) else None


def _opened(key: CarriedKey, record: str) -> Record:
    """A carried record: the sample as it would have been sent, or the id of one taken back.

    What was not sealed for us is a refusal.
    """
    try:
        match key.opened(record):
            case {"sample": dict() as sample}:
                return sample
            case {"withdraw": str() as id}:
                return UUID(id)
    except (NotOurs, ValueError):
        pass
    return Problem("not-carried")
