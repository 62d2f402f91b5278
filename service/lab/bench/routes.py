"""The endpoints of the bench: what waits for the laboratory, and one sample."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from service.access.actor import Actor
from service.access.permissions import Permission
from service.access.require import Require
from service.foundation.context import Db
from service.foundation.http import answer, gives
from service.foundation.problems import Flaw, Unfit
from service.intake.pickup import read_label
from service.lab import store
from service.lab.bench import acts
from service.lab.bench.wire import (
    BENCH_SAMPLE_EXAMPLE,
    LAB_QUEUE_EXAMPLE,
    BenchSample,
    LabQueue,
    bench_sample_out,
    waiting_out,
)

router = APIRouter(tags=["lab"], default_response_class=Response)

PAGE = 200


@router.get("/v1/lab/queue", responses=gives(LabQueue, LAB_QUEUE_EXAMPLE))
async def get_queue(
    actor: Annotated[Actor, Depends(Require(Permission.SEE_BENCH))],
    database: Db,
    cursor: Annotated[str | None, Query(max_length=100)] = None,
) -> Response:
    """What waits: what was taken back first, then the oldest, a page at a time.

    Nothing of the person is shown, nothing of the purchase.
    """
    after = _read_cursor(cursor) if cursor else None
    waiting, reasons = await database.read(
        lambda connection: acts.waiting(connection, limit=PAGE + 1, after=after)
    )
    samples = [waiting_out(facts, reasons) for facts in waiting[:PAGE]]

    queue: LabQueue = {"samples": samples, "next": None}
    if len(waiting) > PAGE:
        last = waiting[PAGE - 1]
        queue["next"] = f"{last['turn']}_{last['received_at'].isoformat()}_{last['lab_label']}"
    return answer(queue)


def _read_cursor(cursor: str) -> tuple[int, datetime, str]:
    """The turn of the last sample seen, when it came in, and its label. Raises Unfit."""
    turn, _, rest = cursor.partition("_")
    received_at, _, label = rest.partition("_")

    try:
        at = datetime.fromisoformat(received_at)
        in_utc = at.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Unfit(Flaw("/cursor", "bad-cursor")) from None

    if turn not in ("0", "1") or at.tzinfo is None or not label.isprintable():
        raise Unfit(Flaw("/cursor", "bad-cursor"))
    return int(turn), in_utc, label


@router.get(
    "/v1/lab/samples/{lab_label}",
    responses={
        **gives(BenchSample, BENCH_SAMPLE_EXAMPLE),
        404: {"description": "No sample has this label"},
    },
)
async def get_at_the_bench(
    lab_label: str, actor: Annotated[Actor, Depends(Require(Permission.SEE_BENCH))], database: Db
) -> Response:
    """One sample as the bench needs it, with every version of every assay."""
    label = read_label(lab_label)
    seen = await database.read(lambda connection: store.seen_at_the_bench(connection, label))
    return answer(bench_sample_out(seen.facts, seen.versions, seen.custody, seen.handed_in))
