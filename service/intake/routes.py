"""The doors where a rock is taken in, read again by its own site, and taken back."""

import json
import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from pydantic import ValidationError
from sqlalchemy import Connection
from starlette.responses import Response

from service.access import store as access
from service.access.actor import Actor
from service.access.audit import Action, AuditEntry
from service.access.permissions import Permission, Role
from service.access.require import Require
from service.foundation import clock
from service.foundation.http import answer, gives, parse, refusal, takes
from service.foundation.problems import Flaw, Problem, Unfit
from service.foundation.projections import Projections
from service.foundation.strict import Instant
from service.intake import pickup, store
from service.intake.carried import CarriedKey, NotOurs
from service.intake.merge import REFUSED, Outcome
from service.intake.sample import Sample
from service.intake.store import Held, Taken
from service.intake.wire import (
    BatchIn,
    CarriedIn,
    Cursor,
    PadIn,
    SampleIn,
    SampleInBatch,
    sample_out,
)
from service.vocabulary.codes import State

router = APIRouter(tags=["intake"])
PAGE = 100

RECEIPT_EXAMPLE = {
    "id": "0192f3a1-7c3e-7000-8000-3d1f5a2b9c01",
    "outcome": "new",
    "revision": 1,
    "lab_label": "Q7K3-M9XK",
    "received_at": "2026-11-20T22:10:04Z",
}
RECEIPTS = gives(
    None,
    {"receipts": [{"status": 201, **RECEIPT_EXAMPLE}]},
    207,
    "A receipt or a problem for each, in order",
)
_ACTIONS = {Outcome.NEW: Action.TOOK_IN, Outcome.UPDATED: Action.CHANGED}


@router.put(
    "/v1/samples/{id}",
    openapi_extra=takes(SampleIn),
    status_code=201,
    responses={
        200: {"description": "Identical to what is held, or updated"},
        **gives(None, RECEIPT_EXAMPLE, 201, "New"),
        409: {"description": "Conflict, stale or withdrawn; carries what is held, to its own site"},
    },
)
async def put_sample(
    id: UUID, request: Request, actor: Annotated[Actor, Depends(Require(Permission.TAKE_IN))]
) -> Response:
    """Take in one sample. Safe to send again: a retry has one effect and gets the same receipt."""
    sent = await parse(request, SampleIn)
    intake = _Intake(request, actor)
    sample = intake.sample(id, sent)
    taken = await request.app.state.database.write(
        lambda connection: intake.take(connection, sample)
    )
    if taken.outcome in REFUSED:
        raise intake.refused(taken)
    return answer(intake.receipt(taken), intake.status(taken))


@router.post(
    "/v1/samples/batch",
    openapi_extra=takes(BatchIn),
    status_code=207,
    responses=RECEIPTS,
)
async def post_batch(
    request: Request, actor: Annotated[Actor, Depends(Require(Permission.TAKE_IN))]
) -> Response:
    """Take in up to 500 samples. One bad record never blocks the rest."""
    sent = await parse(request, BatchIn)
    return await _Intake(request, actor).take_each(sent.samples)


@router.post(
    "/v1/samples/carried",
    openapi_extra=takes(CarriedIn),
    status_code=207,
    responses=RECEIPTS,
)
async def post_carried(
    request: Request, actor: Annotated[Actor, Depends(Require(Permission.TAKE_IN))]
) -> Response:
    """A file from a tablet that never got online again: each rock in it is taken in, or back, as if it were sent.

    Safe to bring twice, and beside the tablet's own sending. One bad record never blocks the rest.
    """
    sent = await parse(request, CarriedIn)
    key: CarriedKey = request.app.state.carried
    return await _Intake(request, actor).take_each([_opened(key, record) for record in sent.rocks])


@router.get("/v1/samples/{id}")
async def get_sample(
    id: UUID, request: Request, actor: Annotated[Actor, Depends(Require(Permission.READ_SAMPLES))]
) -> Response:
    """One sample as it is held. Its pickup code and card languages go to its own site only."""
    held = await own(request, id, actor)
    return answer(_out(held, request, actor))


@router.get(
    "/v1/samples",
    responses=gives(None, {"samples": [{**RECEIPT_EXAMPLE, "state": "waiting"}], "next": None}),
)
async def list_samples(
    request: Request,
    actor: Annotated[Actor, Depends(Require(Permission.READ_SAMPLES))],
    state: State | None = None,
    updated_since: Instant | None = None,
    cursor: Annotated[str | None, Query(max_length=100)] = None,
) -> Response:
    """Samples in the order of their last change, a page at a time; `next` is the cursor of the next page."""
    after = _place(cursor) if cursor else None
    found: list[Held] = await request.app.state.database.read(
        lambda connection: store.listed(
            connection,
            site=actor.site,
            state=state,
            updated_since=updated_since,
            after=after,
            limit=PAGE + 1,
        )
    )
    page = found[:PAGE]
    more = (
        str(Cursor(updated_at=page[-1].updated_at, id=page[-1].sample.id))
        if len(found) > PAGE
        else None
    )
    return answer({"samples": [_summary(held) for held in page], "next": more})


@router.delete(
    "/v1/samples/{id}", status_code=204, responses={204: {"description": "Taken back and erased"}}
)
async def delete_sample(
    id: UUID, request: Request, actor: Annotated[Actor, Depends(Require(Permission.TAKE_BACK))]
) -> Response:
    """The person takes it back: sample, code and results are erased, and no late upload brings them back."""
    intake = _Intake(request, actor)
    if not await request.app.state.database.write(
        lambda connection: intake.take_back(connection, id)
    ):
        raise Problem("not-found")
    return Response(status_code=204)


@router.post(
    "/v1/pickup-pads",
    openapi_extra=takes(PadIn),
    status_code=201,
    responses=gives(None, {"codes": ["7K3M-9QXT-4HBW2"]}, 201),
)
async def post_pad(
    request: Request, actor: Annotated[Actor, Depends(Require(Permission.ISSUE_CODES))]
) -> Response:
    """Pickup codes to take along where there is no network: this site's, each for one sample."""
    sent, state, site = await parse(request, PadIn), request.app.state, actor.own_site()
    codes = state.keys.drawn(sent.count, secrets.randbelow)
    ends_at = pickup.end(clock.now(), state.settings.code_months)
    await state.database.write(
        lambda connection: store.issue(connection, codes.values(), site=site, ends_at=ends_at)
    )
    return answer({"codes": [pickup.spelled(code) for code in codes]}, 201)


async def own(request: Request, id: UUID, actor: Actor) -> Held:
    """The sample, if the actor may know that it exists."""
    held: Held | None = await request.app.state.database.read(
        lambda connection: store.find(connection, id)
    )
    if held is None or (actor.site is not None and held.site != actor.site):
        raise Problem("not-found")
    return held


class _Intake:
    """One request's way of taking samples in: who sends, when, and by which keys."""

    def __init__(self, request: Request, actor: Actor) -> None:
        state = request.app.state
        self.request, self.actor, self.now = request, actor, clock.now()
        self.keys: pickup.Keys = state.keys
        self.projections: Projections = state.projections
        self.code_ends = pickup.end(self.now, state.settings.code_months)

    def sample(self, id: UUID, sent: SampleIn) -> Sample:
        if not pickup.is_valid(pickup.read(sent.pickup_code)):
            raise Unfit(Flaw("/pickup_code", "unknown-pickup-code"))
        return sent.sample(id, self.keys).checked(self.now)

    async def take_each(self, records: Sequence[Any]) -> Response:
        """A receipt or a problem for each: of a sample as it was sent, the id of one taken back, or a refusal."""
        read = [self.read(record) for record in records]
        results = await self.request.app.state.database.write(
            lambda connection: [self.take_alone(connection, one) for one in read]
        )
        receipts = [
            self.line(record, result) for record, result in zip(records, results, strict=True)
        ]
        return answer({"receipts": receipts}, 207)

    def read(self, record: Any) -> Sample | UUID | Problem:
        """One record of many, or the problem that it is answered with."""
        if isinstance(record, UUID | Problem):
            return record
        try:
            sent = SampleInBatch.model_validate_json(json.dumps(record))
            return self.sample(sent.id, sent)
        except ValidationError as error:
            return refusal(error)
        except Unfit as error:
            return Problem("invalid", *error.flaws)

    def take(self, connection: Connection, sample: Sample) -> Taken:
        taken = store.take_in(
            connection,
            sample,
            site=self.actor.own_site(),
            label=pickup.new_label(secrets.randbelow),
            now=self.now,
            code_ends=self.code_ends,
        )
        if action := _ACTIONS.get(taken.outcome):
            self.projections.keep(connection, sample.id, self.now)
            access.record(
                connection,
                AuditEntry(
                    self.now, self.actor.id, self.actor.role, action, sample.id, sample.revision
                ),
            )
        return taken

    def take_back(self, connection: Connection, id: UUID) -> bool:
        """Erase this site's sample with all that hangs on it; False where the id is another site's."""
        site = self.actor.own_site()
        store.lock(connection, id)
        held = store.find(connection, id)
        if held is not None and held.site != site:
            return False
        if held is not None:
            self.projections.forget(connection, id, self.now)
        if not store.erase(connection, id, site=site, now=self.now):
            return False
        if held is not None:
            access.record(
                connection,
                AuditEntry(
                    self.now,
                    self.actor.id,
                    self.actor.role,
                    Action.TOOK_BACK,
                    id,
                    held.sample.revision,
                ),
            )
        return True

    def take_alone(self, connection: Connection, one: Sample | UUID | Problem) -> Taken | Problem:
        """Take one of many in, or back, so that what is wrong with it undoes nothing of the others."""
        if isinstance(one, Problem):
            return one
        try:
            with connection.begin_nested():
                if isinstance(one, Sample):
                    return self.take(connection, one)
                back = self.take_back(connection, one)
                return Taken(Outcome.WITHDRAWN, None) if back else Problem("not-found")
        except Unfit as error:
            return Problem("invalid", *error.flaws)

    def status(self, taken: Taken) -> int:
        return 201 if taken.outcome is Outcome.NEW else 200

    def receipt(self, taken: Taken) -> dict[str, Any]:
        assert taken.held is not None  # noqa: S101  only refused outcomes hold nothing
        return {
            "id": taken.held.sample.id,
            "outcome": taken.outcome,
            "revision": taken.held.sample.revision,
            "lab_label": taken.held.lab_label,
            "received_at": taken.held.received_at,
        }

    def refused(self, taken: Taken) -> Problem:
        """A refused outcome, with what is held for its own site."""
        held = taken.held
        own = held is not None and held.site == self.actor.site
        return Problem(
            taken.outcome,
            **({"held": _out(held, self.request, self.actor)} if held and own else {}),
        )

    def line(self, record: Any, result: Taken | Problem) -> dict[str, Any]:
        """One record's line in the answer to many; its id is null where the record gave none to read."""
        if isinstance(result, Taken):
            if isinstance(record, UUID):
                return {"status": 204, "id": record, "outcome": Outcome.WITHDRAWN}
            if result.outcome not in REFUSED:
                return {"status": self.status(result), **self.receipt(result)}
            result = self.refused(result)
        given = (
            str(record)
            if isinstance(record, UUID)
            else record.get("id")
            if isinstance(record, dict)
            else None
        )
        body: dict[str, Any] = self.request.app.state.refuser.describe(result, self.request)
        return {"id": given if isinstance(given, str) else None, **body}


def _opened(key: CarriedKey, record: str) -> dict[str, Any] | UUID | Problem:
    """A carried record: the sample as it would have been sent, the id of one that was taken back, or a refusal."""
    try:
        match key.opened(record):
            case {"sample": dict() as sample}:
                return sample
            case {"withdraw": str() as id}:
                return UUID(id)
    except (NotOurs, ValueError):
        pass
    return Problem("not-carried")


def _place(cursor: str) -> tuple[datetime, UUID]:
    try:
        place = Cursor.read(cursor)
    except ValueError:
        raise Problem("invalid", Flaw("/cursor", "bad-cursor")) from None
    return place.updated_at, place.id


def _summary(held: Held) -> dict[str, Any]:
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


def _out(held: Held, request: Request, actor: Actor) -> dict[str, Any]:
    private: dict[str, Any] = {}
    if actor.role is Role.OUTREACH:
        keys: pickup.Keys = request.app.state.keys
        private = {
            "pickup_code": pickup.spelled(keys.unseal(held.sealed_code)),
            "card_languages": held.sample.card_languages,
        }
    return sample_out(
        held.sample,
        site=held.site,
        lab_label=held.lab_label,
        state=held.state,
        received_at=held.received_at,
        updated_at=held.updated_at,
        **private,
    )
