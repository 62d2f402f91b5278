"""The endpoints of files: the layouts that can be imported, and the import."""

from collections.abc import AsyncIterator
from typing import IO, Annotated, Any

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
from service.foundation.http import answer, gives, limited, preferred
from service.foundation.problems import Flaw, Problem, Unfit
from service.lab.formats import LAYOUTS
from service.lab.formats.sheet import ENCODINGS
from service.lab.importing.context import ImportContext, Importing
from service.lab.importing.import_job import ImportJob, Reading
from service.lab.importing.wire import (
    IMPORT_EXAMPLE,
    LAB_LAYOUTS_EXAMPLE,
    ImportProgress,
    ImportQuery,
    ImportReport,
    LabLayouts,
    layout_out,
)

router = APIRouter(tags=["lab"], default_response_class=Response)

JSON, NDJSON, CSV = "application/json", "application/x-ndjson", "text/csv"
FILE_BYTES = 64 * 1024 * 1024


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
    actor: Annotated[Actor, Depends(Require(Permission.IMPORT_ASSAYS))],
    query: Annotated[ImportQuery, Query()],
    context: Importing,
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
