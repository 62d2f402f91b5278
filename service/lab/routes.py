"""The endpoints where a laboratory reports: one assay, or a file of many."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Annotated, Any, Literal
from uuid import UUID

import orjson
from fastapi import APIRouter, Depends, Query, Request
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.responses import Response, StreamingResponse

from service.access.actor import Actor
from service.access.acts import Acting
from service.access.permissions import Permission
from service.access.require import Require
from service.foundation import clock
from service.foundation.context import Config, Db, KeptUp, Refusals
from service.foundation.http import answer, gives, limited, parse, preferred, takes
from service.foundation.problems import Flaw, Problem, Unfit
from service.intake import store as intake
from service.intake.merge import REFUSED, MergeOutcome
from service.intake.pickup import read_label
from service.lab import acts, labels, store
from service.lab.acts import Reported
from service.lab.assay import MAX_NAME
from service.lab.formats import LAYOUTS
from service.lab.formats.sheet import ENCODINGS
from service.lab.import_job import ImportJob, Reading
from service.lab.labels import PAPERS, LabelSheet, unlabelled
from service.lab.wire import (
    ASSAY_RECEIPT_EXAMPLE,
    BENCH_SAMPLE_EXAMPLE,
    CUSTODY_EXAMPLE,
    IMPORT_EXAMPLE,
    LAB_LAYOUTS_EXAMPLE,
    LAB_NAMES_EXAMPLE,
    LAB_QUEUE_EXAMPLE,
    NAME_READ_EXAMPLE,
    AssayIn,
    AssayReceipt,
    BenchSample,
    CustodyIn,
    CustodyOut,
    ImportProgress,
    ImportReport,
    LabLayouts,
    LabNames,
    LabQueue,
    NameIn,
    NameRead,
    WithdrawalIn,
    assay_out,
    bench_sample_out,
    custody_out,
    explained_out,
    layout_out,
    receipt_out,
    waiting_out,
)

router = APIRouter(tags=["lab"], default_response_class=Response)

JSON, NDJSON, CSV, PDF = "application/json", "application/x-ndjson", "text/csv", "application/pdf"
PAGE = 200
MAX_LABELS, MAX_COPIES = 500, 10
MAX_PLACES = max(paper.places for paper in PAPERS.values())
FILE_BYTES = 64 * 1024 * 1024


# --- Assays -------------------------------------------------------------------------------------


@router.put(
    "/v1/assays/{id}",
    openapi_extra=takes(AssayIn),
    status_code=201,
    responses={
        **gives(
            AssayReceipt, ASSAY_RECEIPT_EXAMPLE, 200, "Identical to what is held, or a new version"
        ),
        **gives(AssayReceipt, ASSAY_RECEIPT_EXAMPLE, 201, "New"),
        404: {"description": "No sample has this label"},
        409: {"description": "Conflict, stale or withdrawn; carries what is held"},
    },
)
async def put_assay(
    id: UUID,
    request: Request,
    actor: Annotated[Actor, Depends(Require(Permission.REPORT_ASSAY))],
    database: Db,
    projections: KeptUp,
) -> Response:
    """Report one version of one assay.

    Safe to send again; nothing that was said is overwritten.
    """
    by = Acting(actor, clock.now(), projections)
    sent = await parse(request, AssayIn)
    assay = sent.assay(id).checked(by.now)

    reported = await database.write(lambda connection: acts.report(connection, by, assay))
    return _answer_reported(reported)


@router.post(
    "/v1/assays/{id}/withdrawal",
    openapi_extra=takes(WithdrawalIn),
    responses={
        **gives(AssayReceipt, ASSAY_RECEIPT_EXAMPLE, 200, "Taken back"),
        404: {"description": "No such assay"},
        409: {"description": "Taken back before"},
    },
)
async def withdraw_assay(
    id: UUID,
    request: Request,
    actor: Annotated[Actor, Depends(Require(Permission.WITHDRAW_ASSAY))],
    database: Db,
    projections: KeptUp,
) -> Response:
    """Take an assay back, with a reason.

    The withdrawal is a version of its own, which everyone who reads is told of.
    """
    sent = await parse(request, WithdrawalIn)
    by = Acting(actor, clock.now(), projections)

    reported = await database.write(
        lambda connection: acts.withdraw(connection, by, id, sent.reason)
    )
    return _answer_reported(reported)


def _answer_reported(reported: Reported) -> Response:
    """The receipt. Raises Problem for a refused outcome, with the version that is in force."""
    outcome, version = reported
    if outcome in REFUSED:
        raise Problem(outcome, held=assay_out(version))

    return answer(receipt_out(outcome, version), 201 if outcome is MergeOutcome.NEW else 200)


# --- The bench ----------------------------------------------------------------------------------


@router.get("/v1/lab/queue", responses=gives(LabQueue, LAB_QUEUE_EXAMPLE))
async def get_queue(
    actor: Annotated[Actor, Depends(Require(Permission.SEE_BENCH))],
    database: Db,
    cursor: Annotated[str | None, Query(max_length=100)] = None,
) -> Response:
    """What waits, oldest first, a page at a time.

    Nothing of the person is shown, nothing of the purchase.
    """
    after = _read_cursor(cursor) if cursor else None
    waiting = await database.read(
        lambda connection: intake.queue(connection, limit=PAGE + 1, after=after)
    )
    samples = [waiting_out(facts) for facts in waiting[:PAGE]]

    queue: LabQueue = {"samples": samples, "next": None}
    if len(waiting) > PAGE:
        last = samples[-1]
        queue["next"] = f"{last['received_at'].isoformat()}_{last['lab_label']}"
    return answer(queue)


def _read_cursor(cursor: str) -> tuple[datetime, str]:
    """When the last sample seen came in, and its label. Raises Unfit for what is no cursor."""
    received_at, _, label = cursor.partition("_")

    try:
        at = datetime.fromisoformat(received_at)
    except ValueError:
        raise Unfit(Flaw("/cursor", "bad-cursor")) from None

    if at.tzinfo is None or not label.isprintable():
        raise Unfit(Flaw("/cursor", "bad-cursor"))
    return at, label


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
    return answer(bench_sample_out(seen.facts, seen.versions, seen.custody))


@router.post(
    "/v1/samples/{id}/custody",
    openapi_extra=takes(CustodyIn),
    responses=gives(CustodyOut, CUSTODY_EXAMPLE),
)
async def post_sent(
    id: UUID,
    request: Request,
    actor: Annotated[Actor, Depends(Require(Permission.SEND_MATERIAL))],
    database: Db,
    projections: KeptUp,
) -> Response:
    """The site has sent the material to the laboratory.

    Safe to send again: the first record stands.
    """
    sent = await parse(request, CustodyIn)
    by = Acting(actor, clock.now(), projections)

    custody = await database.write(
        lambda connection: acts.send(connection, by, id, sent.event, sent.at)
    )
    return answer({"custody": custody_out(custody)})


@router.post(
    "/v1/lab/samples/{lab_label}/custody",
    openapi_extra=takes(CustodyIn),
    responses={
        **gives(CustodyOut, CUSTODY_EXAMPLE),
        404: {"description": "No sample has this label"},
    },
)
async def post_kept(
    lab_label: str,
    request: Request,
    actor: Annotated[Actor, Depends(Require(Permission.KEEP_MATERIAL))],
    database: Db,
    projections: KeptUp,
) -> Response:
    """The laboratory has received or destroyed the material.

    Safe to send again: the first record stands.
    """
    sent = await parse(request, CustodyIn)
    by = Acting(actor, clock.now(), projections)
    label = read_label(lab_label)

    custody = await database.write(
        lambda connection: acts.receive_or_destroy(connection, by, label, sent.event, sent.at)
    )
    return answer({"custody": custody_out(custody)})


# --- Names --------------------------------------------------------------------------------------


@router.get("/v1/lab/unknown-names", responses=gives(LabNames, LAB_NAMES_EXAMPLE))
async def get_unknown_names(
    actor: Annotated[Actor, Depends(Require(Permission.SEE_BENCH))], database: Db
) -> Response:
    """Names in force that nobody knows, and those that are explained.

    What nobody knows is announced as unexpected until it is explained.
    """
    unknown, meanings = await database.read(
        lambda connection: (store.unknown_names(connection), store.meanings(connection))
    )
    listed: LabNames = {"names": unknown, "explained": explained_out(meanings.values())}
    return answer(listed)


@router.post(
    "/v1/lab/names", openapi_extra=takes(NameIn), responses=gives(NameRead, NAME_READ_EXAMPLE)
)
async def post_name(
    request: Request,
    actor: Annotated[Actor, Depends(Require(Permission.EXPLAIN_NAMES))],
    database: Db,
    projections: KeptUp,
) -> Response:
    """Say which substance a name means, or take that back (`substance` null).

    Every assay in force that found the name is corrected, and whoever holds its answer is to be
    reached again.
    """
    sent = await parse(request, NameIn)
    by = Acting(actor, clock.now(), projections)

    corrected = await database.write(
        lambda connection: acts.explain_name(connection, by, sent.name, sent.substance)
    )
    read: NameRead = {"name": sent.name, "substance": sent.substance, "corrected": corrected}
    return answer(read)


# --- Labels on paper ----------------------------------------------------------------------------


@router.get(
    "/v1/lab/labels",
    responses={
        200: {"content": {PDF: {"schema": {"type": "string", "format": "binary"}}}},
        404: {
            "description": "No sample, or none of this site, has one of these labels; or none waits"
        },
    },
)
async def get_labels(
    actor: Annotated[Actor, Depends(Require(Permission.PRINT_LABELS))],
    database: Db,
    label: Annotated[list[str] | None, Query(max_length=MAX_LABELS)] = None,
    paper: Literal["roll-50x25", "a4-24", "a4-65"] = "roll-50x25",
    copies: Annotated[int, Query(ge=1, le=MAX_COPIES)] = 1,
    skip: Annotated[int, Query(ge=0, lt=MAX_PLACES)] = 0,
) -> Response:
    """Laboratory labels to stick on bags and vials: those named, or all that wait.

    A site sees its own alone. `copies` of each; `skip` is how many places of the first sheet are
    used up.
    """
    wanted = [read_label(text) for text in label or ()]
    known = await database.read(
        lambda connection: intake.labels(connection, actor.site, wanted, limit=MAX_LABELS)
    )

    for wanted_label in wanted:
        if wanted_label not in known:
            raise unlabelled(wanted_label)
    if not known:
        raise Problem("not-found")

    chosen = PAPERS[paper]
    if skip >= chosen.places:
        raise Unfit(Flaw("/skip", "too-big", {"limit": chosen.places - 1}))

    printed = [text for text in wanted or known for _ in range(copies)]
    pdf = await labels.render(LabelSheet(chosen, printed, skip))
    return Response(
        pdf, media_type=PDF, headers={"Content-Disposition": 'inline; filename="labels.pdf"'}
    )


# --- Files --------------------------------------------------------------------------------------


@router.get("/v1/lab/layouts", responses=gives(LabLayouts, LAB_LAYOUTS_EXAMPLE))
async def get_layouts(
    actor: Annotated[Actor, Depends(Require(Permission.SEE_BENCH))],
) -> Response:
    """The layouts of files that can be imported, and the columns each needs."""
    listed: LabLayouts = {"layouts": [layout_out(layout) for layout in LAYOUTS.values()]}
    return answer(listed)


@router.get(
    "/v1/lab/layouts/{name}",
    responses={
        200: {"content": {CSV: {"schema": {"type": "string"}}}},
        404: {"description": "No such layout"},
    },
)
async def get_example(
    name: str, actor: Annotated[Actor, Depends(Require(Permission.SEE_BENCH))]
) -> Response:
    """An example file of a layout, to fill in."""
    if name not in LAYOUTS:
        raise Problem("not-found")

    return Response(
        LAYOUTS[name].example.read_bytes(),
        media_type=CSV,
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )


@dataclass(frozen=True, slots=True)
class ImportQuery:
    """How a file is to be read, and whether only to see what would happen."""

    layout: Annotated[str, Query(max_length=40)]
    dry_run: bool = False
    encoding: Annotated[str, Query(max_length=20)] = "utf-8"
    laboratory: Annotated[str | None, Query(min_length=1, max_length=MAX_NAME)] = None


@dataclass(frozen=True, slots=True)
class ImportContext:
    """What an import uses of the running service."""

    database: Db
    settings: Config
    projections: KeptUp
    refuser: Refusals


_IMPORTED = gives(
    ImportReport,
    IMPORT_EXAMPLE,
    description="What the file did, or would do; a line each of progress where NDJSON is asked for",
)
_IMPORTED[200]["content"][NDJSON] = {"schema": {"type": "string"}}
_FILE_FORM: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}},
                }
            }
        },
    }
}


@router.post(
    "/v1/assays/import",
    openapi_extra=_FILE_FORM,
    responses={**_IMPORTED, 413: {"description": "Larger than 64 MB"}},
)
async def import_assays(
    request: Request,
    actor: Annotated[Actor, Depends(Require(Permission.REPORT_ASSAY))],
    query: Annotated[ImportQuery, Depends()],
    context: Annotated[ImportContext, Depends()],
) -> Response:
    """Report a file of assays.

    A sample enters whole or not at all; a bad row holds back its own sample alone. `dry_run` shows
    what would happen. The same file twice changes nothing.
    """
    job = ImportJob(
        reading=_reading(query, context),
        by=Acting(actor, clock.now(), context.projections),
        dry_run=query.dry_run,
        database=context.database,
        describe=lambda flaw: context.refuser.describe_flaw(flaw, request),
    )

    medium = preferred(request.headers.get("accept"), (JSON, NDJSON))
    steps = job.run(await _upload(request))
    first = await anext(steps)  # an unreadable file is refused before the first line leaves

    if medium == NDJSON:
        return StreamingResponse(_lines(first, steps), media_type=NDJSON)

    last = first
    async for step in steps:
        last = step
    return answer(last)


def _reading(query: ImportQuery, context: ImportContext) -> Reading:
    """How the file is read. Raises Unfit for an unknown layout or encoding."""
    encoding = query.encoding.casefold()

    if query.layout not in LAYOUTS:
        raise Unfit(Flaw("/layout", "unknown-code", {"known": ", ".join(LAYOUTS)}))
    if encoding not in ENCODINGS:
        raise Unfit(Flaw("/encoding", "unknown-code", {"known": ", ".join(ENCODINGS)}))

    return Reading(
        layout=LAYOUTS[query.layout],
        encoding=encoding,
        laboratory=(query.laboratory or context.settings.laboratory).strip(),
        zone=context.settings.zone,
    )


async def _lines(
    first: ImportProgress | ImportReport, steps: AsyncIterator[ImportProgress | ImportReport]
) -> AsyncIterator[bytes]:
    yield orjson.dumps(first) + b"\n"
    async for step in steps:
        yield orjson.dumps(step) + b"\n"


async def _upload(request: Request) -> IO[bytes]:
    """The form's field `file`, kept on disk beyond a megabyte and never larger than is accepted."""
    body = limited(request, FILE_BYTES)
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise Unfit(Flaw("/file", "missing"))

    try:
        form = await MultiPartParser(request.headers, body, max_files=1, max_fields=10).parse()
    except (MultiPartException, KeyError, ValueError):
        raise Problem("not-a-form") from None

    file = form.get("file")
    if not isinstance(file, UploadFile):
        raise Unfit(Flaw("/file", "missing"))
    return file.file
