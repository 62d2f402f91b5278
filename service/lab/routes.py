"""The doors where a laboratory reports: one assay, or a file of many."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Annotated, Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson
from fastapi import APIRouter, Depends, Query, Request
from sqlalchemy import Connection
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.responses import Response, StreamingResponse

from service.access.actor import Actor
from service.access.permissions import Permission
from service.access.require import Require
from service.foundation import clock
from service.foundation.http import answer, gives, limited, parse, preferred, takes
from service.foundation.problems import Flaw, Problem, Unfit
from service.foundation.settings import Settings
from service.intake import store as intake
from service.intake.merge import REFUSED, Outcome
from service.intake.pickup import read_label
from service.lab import labels, store
from service.lab.assay import MAX_NAME, Assay, Statement
from service.lab.desk import Desk
from service.lab.formats import LAYOUTS
from service.lab.formats.layout import Layout
from service.lab.formats.sheet import ENCODINGS, Unreadable, read
from service.lab.importing import Gathered, gather
from service.lab.labels import PAPERS, Sheet
from service.lab.wire import ASSAY_EXAMPLE, AssayIn, CustodyIn, NameIn, WithdrawalIn
from service.vocabulary.codes import CustodyEvent

router = APIRouter(tags=["lab"])

RECEIPT_EXAMPLE = {
    "id": "0192f3b0-1d2e-7000-8000-6a7b8c9d0e01",
    "outcome": "new",
    "version": 1,
    "status": "final",
    "lab_label": "Q7K3-M9XK",
    "received_at": "2026-11-22T10:12:00Z",
}
JSON, NDJSON, CSV, PDF = "application/json", "application/x-ndjson", "text/csv", "application/pdf"
PAGE = 200
MAX_LABELS, MAX_COPIES = 500, 10
MAX_PLACES = max(one.places for one in PAPERS.values())
_SEEN = {
    "lab_label": "Q7K3-M9XK",
    "state": "waiting",
    "received_at": "2026-11-20T23:10:00Z",
    "form": "rock",
    "colour": "off_white",
    "smell": "none",
    "weight_mg": 138,
    "weighed": "whole_rock",
    "already_used": False,
    "note_to_lab": None,
}
QUEUE_EXAMPLE = {"samples": [_SEEN], "next": None}
CUSTODY_EXAMPLE = {"custody": [{"event": "received", "at": "2026-11-21T08:00:00Z"}]}
BENCH_EXAMPLE = {**_SEEN, **CUSTODY_EXAMPLE, "analyses": [{**ASSAY_EXAMPLE, "in_force": True}]}
NAMES_EXAMPLE = {
    "names": [{"name": "Substance X-17", "times": 2, "lab_label": "Q7K3-M9XK"}],
    "explained": [{"name": "Kokain", "substance": "cocaine"}],
}
EXPLAINED_EXAMPLE = {"name": "Substance X-17", "substance": "caffeine", "corrected": ["Q7K3-M9XK"]}
LAYOUTS_EXAMPLE = {
    "layouts": [
        {
            "name": "ftir-hits",
            "title": "FTIR: library hits",
            "columns": ["Sample", "Date", "Compound", "Score"],
            "further_columns": "ignored",
        }
    ]
}
FILE_BYTES = 64 * 1024 * 1024
LABELS_A_STEP = 100
IMPORT_EXAMPLE = {
    "dry_run": False,
    "layout": "caillou-long",
    "rows_read": 4,
    "accepted": ["Q7K3-M9XK"],
    "outcomes": {"new": 1},
    "held": ["H2PD-7WNC"],
    "rows": [
        {
            "row": 4,
            "label": "H2PD-7WNC",
            "cell": "I4",
            "value": "57?",
            "detail": "This is no result: a number, '< x', traces, detected, nd, or nothing.",
        }
    ],
    "unknown_names": ["Substance X-17"],
}
_LABEL_FLAWS: dict[str, str] = {
    "unknown-label": "no-such-label",
    "mistyped-label": "mistyped-label",
    Outcome.CONFLICT: "held-otherwise",
    Outcome.STALE: "newer-held",
    Outcome.WITHDRAWN: "was-withdrawn",
}


@router.put(
    "/v1/assays/{id}",
    openapi_extra=takes(AssayIn),
    status_code=201,
    responses={
        200: {"description": "Identical to what is held, or a new version"},
        **gives(None, RECEIPT_EXAMPLE, 201, "New"),
        404: {"description": "No sample has this label"},
        409: {"description": "Conflict, stale or withdrawn; carries what is held"},
    },
)
async def put_assay(
    id: UUID, request: Request, actor: Annotated[Actor, Depends(Require(Permission.REPORT_ASSAY))]
) -> Response:
    """Report one version of one analysis. Safe to send again; nothing that was said is overwritten."""
    desk = Desk(actor, request.app.state.projections, clock.now())
    assay = (await parse(request, AssayIn)).assay(id).checked(desk.now)
    verdict, held = await request.app.state.database.write(
        lambda connection: desk.report(connection, assay)
    )
    if verdict in REFUSED:
        raise Problem(verdict, held=assay_out(held))
    return answer(_receipt(verdict, held), 201 if verdict is Outcome.NEW else 200)


def _receipt(verdict: Outcome, held: Statement) -> dict[str, Any]:
    return {
        "id": held.assay.id,
        "outcome": verdict,
        "version": held.assay.version,
        "status": held.assay.status,
        "lab_label": held.assay.lab_label,
        "received_at": held.received_at,
    }


@router.post(
    "/v1/assays/{id}/withdrawal",
    openapi_extra=takes(WithdrawalIn),
    responses={
        **gives(None, RECEIPT_EXAMPLE, 200, "Taken back"),
        404: {"description": "No such analysis"},
        409: {"description": "Taken back before"},
    },
)
async def withdraw_assay(
    id: UUID, request: Request, actor: Annotated[Actor, Depends(Require(Permission.WITHDRAW_ASSAY))]
) -> Response:
    """Take an analysis back, with a reason: a version of its own, which everyone who reads is told of."""
    sent = await parse(request, WithdrawalIn)
    desk = Desk(actor, request.app.state.projections, clock.now())
    verdict, held = await request.app.state.database.write(
        lambda connection: desk.withdraw(connection, id, sent.reason)
    )
    if verdict in REFUSED:
        raise Problem(verdict, held=assay_out(held))
    return answer(_receipt(verdict, held))


@router.get(
    "/v1/lab/queue",
    responses=gives(None, QUEUE_EXAMPLE),
)
async def get_queue(
    request: Request,
    actor: Annotated[Actor, Depends(Require(Permission.SEE_BENCH))],
    cursor: Annotated[str | None, Query(max_length=100)] = None,
) -> Response:
    """What waits, oldest first, a page at a time: nothing of the person, nothing of the purchase."""
    after = _place(cursor) if cursor else None
    found = await request.app.state.database.read(
        lambda connection: intake.queue(connection, limit=PAGE + 1, after=after)
    )
    page = found[:PAGE]
    last = page[-1] if len(found) > PAGE else None
    return answer(
        {
            "samples": page,
            "next": f"{last['received_at'].isoformat()}_{last['lab_label']}" if last else None,
        }
    )


@router.get(
    "/v1/lab/samples/{lab_label}",
    responses={
        **gives(None, BENCH_EXAMPLE),
        404: {"description": "No sample has this label"},
    },
)
async def get_at_the_bench(
    lab_label: str,
    request: Request,
    actor: Annotated[Actor, Depends(Require(Permission.SEE_BENCH))],
) -> Response:
    """One sample as the bench needs it, with every version of every analysis."""
    label = read_label(lab_label)
    seen = await request.app.state.database.read(
        lambda connection: store.seen_at_the_bench(connection, label)
    )
    analyses = [{**assay_out(one), "in_force": one.in_force} for one in seen.statements]
    return answer({**seen.facts, "custody": seen.custody, "analyses": analyses})


@router.post(
    "/v1/samples/{id}/custody",
    openapi_extra=takes(CustodyIn),
    responses=gives(None, CUSTODY_EXAMPLE),
)
async def post_sent(
    id: UUID, request: Request, actor: Annotated[Actor, Depends(Require(Permission.SEND_MATERIAL))]
) -> Response:
    """The site has sent the material to the laboratory. Safe to send again: the first record stands."""
    sent = await parse(request, CustodyIn)
    desk = Desk(actor, request.app.state.projections, clock.now())

    def record(connection: Connection) -> list[dict[str, Any]]:
        held = intake.find(connection, id)
        if held is None or held.site != actor.own_site():
            raise Problem("not-found")
        return desk.hand_over(connection, held.sample.id, sent.event, sent.at, {CustodyEvent.SENT})

    return answer({"custody": await request.app.state.database.write(record)})


@router.post(
    "/v1/lab/samples/{lab_label}/custody",
    openapi_extra=takes(CustodyIn),
    responses={
        **gives(None, CUSTODY_EXAMPLE),
        404: {"description": "No sample has this label"},
    },
)
async def post_kept(
    lab_label: str,
    request: Request,
    actor: Annotated[Actor, Depends(Require(Permission.KEEP_MATERIAL))],
) -> Response:
    """The laboratory has received or destroyed the material. Safe to send again: the first record stands."""
    sent = await parse(request, CustodyIn)
    desk = Desk(actor, request.app.state.projections, clock.now())
    told = await request.app.state.database.write(
        lambda connection: desk.keep(connection, read_label(lab_label), sent.event, sent.at)
    )
    return answer({"custody": told})


@router.get(
    "/v1/lab/unknown-names",
    responses=gives(None, NAMES_EXAMPLE),
)
async def get_unknown_names(
    request: Request, actor: Annotated[Actor, Depends(Require(Permission.SEE_BENCH))]
) -> Response:
    """Names in force that nobody knows, announced as unexpected until they are explained; and those that are."""
    names, explained = await request.app.state.database.read(
        lambda connection: (store.unknown_names(connection), store.meanings(connection))
    )
    told = [{"name": one["spelled"], "substance": one["substance"]} for one in explained]
    return answer({"names": names, "explained": told})


@router.post(
    "/v1/lab/names",
    openapi_extra=takes(NameIn),
    responses=gives(None, EXPLAINED_EXAMPLE),
)
async def post_name(
    request: Request, actor: Annotated[Actor, Depends(Require(Permission.EXPLAIN_NAMES))]
) -> Response:
    """Say which substance a name means, or take that back (`substance` null).

    Every analysis in force that found the name is corrected, and whoever holds its answer is to be reached again.
    """
    sent = await parse(request, NameIn)
    desk = Desk(actor, request.app.state.projections, clock.now())
    corrected = await request.app.state.database.write(
        lambda connection: desk.explain(connection, sent.name, sent.substance)
    )
    return answer({"name": sent.name, "substance": sent.substance, "corrected": corrected})


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
    request: Request,
    actor: Annotated[Actor, Depends(Require(Permission.PRINT_LABELS))],
    label: Annotated[list[str] | None, Query(max_length=MAX_LABELS)] = None,
    paper: Literal["roll-50x25", "a4-24", "a4-65"] = "roll-50x25",
    copies: Annotated[int, Query(ge=1, le=MAX_COPIES)] = 1,
    skip: Annotated[int, Query(ge=0, lt=MAX_PLACES)] = 0,
) -> Response:
    """Laboratory labels to stick on bags and vials: those named, or all that wait. A site sees its own alone.

    `copies` of each; `skip` is how many places of the first sheet are used up.
    """
    wanted = [read_label(one) for one in label or ()]
    known = await request.app.state.database.read(
        lambda connection: intake.labels(connection, actor.site, wanted, limit=MAX_LABELS)
    )
    for one in wanted:
        if one not in known:
            raise store.unlabelled(one)
    if not known:
        raise Problem("not-found")
    printed = [one for one in wanted or known for _ in range(copies)]
    if skip >= PAPERS[paper].places:
        raise Unfit(Flaw("/skip", "too-big", {"limit": PAPERS[paper].places - 1}))
    pdf = await labels.render(Sheet(PAPERS[paper], printed, skip))
    return Response(
        pdf, media_type=PDF, headers={"Content-Disposition": 'inline; filename="labels.pdf"'}
    )


@router.get(
    "/v1/lab/layouts",
    responses=gives(None, LAYOUTS_EXAMPLE),
)
async def get_layouts(
    request: Request, actor: Annotated[Actor, Depends(Require(Permission.SEE_BENCH))]
) -> Response:
    """The layouts of files that can be imported, and the columns each needs."""
    return answer(
        {
            "layouts": [
                {
                    "name": one.name,
                    "title": one.title,
                    "columns": one.needed,
                    "further_columns": one.further,
                }
                for one in LAYOUTS.values()
            ]
        }
    )


@router.get(
    "/v1/lab/layouts/{name}",
    responses={
        200: {"content": {CSV: {"schema": {"type": "string"}}}},
        404: {"description": "No such layout"},
    },
)
async def get_example(
    name: str, request: Request, actor: Annotated[Actor, Depends(Require(Permission.SEE_BENCH))]
) -> Response:
    """An example file of a layout, to fill in."""
    if name not in LAYOUTS:
        raise Problem("not-found")
    return Response(
        LAYOUTS[name].example.read_bytes(),
        media_type=CSV,
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )


def _place(cursor: str) -> tuple[datetime, str]:
    at, _, label = cursor.partition("_")
    try:
        read_at = datetime.fromisoformat(at)
    except ValueError:
        raise Unfit(Flaw("/cursor", "bad-cursor")) from None
    if read_at.tzinfo is None or not label.isprintable():
        raise Unfit(Flaw("/cursor", "bad-cursor"))
    return read_at, label


@router.post(
    "/v1/assays/import",
    openapi_extra={
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
    },
    responses={
        200: {
            "description": "What the file did, or would do; a line each of progress where NDJSON is asked for",
            "content": {JSON: {"example": IMPORT_EXAMPLE}, NDJSON: {"schema": {"type": "string"}}},
        },
        413: {"description": "Larger than 64 MB"},
    },
)
async def import_assays(
    request: Request,
    actor: Annotated[Actor, Depends(Require(Permission.REPORT_ASSAY))],
    layout: Annotated[str, Query(max_length=40)],
    dry_run: bool = False,
    encoding: Annotated[str, Query(max_length=20)] = "utf-8",
    laboratory: Annotated[str | None, Query(min_length=1, max_length=MAX_NAME)] = None,
) -> Response:
    """Report a file of assays. A sample enters whole or not at all; a bad row holds back its own sample alone.

    `dry_run` shows what would happen. The same file twice changes nothing.
    """
    if layout not in LAYOUTS:
        raise Unfit(Flaw("/layout", "unknown-code", {"known": ", ".join(LAYOUTS)}))
    if encoding.casefold() not in ENCODINGS:
        raise Unfit(Flaw("/encoding", "unknown-code", {"known": ", ".join(ENCODINGS)}))
    settings: Settings = request.app.state.settings
    job = _Import(
        desk=Desk(actor, request.app.state.projections, clock.now()),
        layout=LAYOUTS[layout],
        encoding=encoding.casefold(),
        laboratory=(laboratory or settings.laboratory).strip(),
        zone=settings.zone,
        dry_run=dry_run,
        request=request,
    )
    medium = preferred(request.headers.get("accept"), (JSON, NDJSON))
    file = await _upload(request)
    steps = job.run(file)
    if medium == NDJSON:
        first = await anext(steps)  # an unreadable file is refused before the first line leaves
        return StreamingResponse(_lines(first, steps), media_type=NDJSON)
    async for step in steps:
        report = step
    return answer(report)


async def _lines(
    first: dict[str, Any], steps: AsyncIterator[dict[str, Any]]
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Import:
    """One file on its way in."""

    desk: Desk
    layout: Layout
    encoding: str
    laboratory: str
    zone: ZoneInfo
    dry_run: bool
    request: Request

    async def run(self, file: IO[bytes]) -> AsyncIterator[dict[str, Any]]:
        """Progress, then the report. Raises Unfit for a file that cannot be read, before anything is stored."""
        try:
            gathered = await asyncio.to_thread(
                lambda: gather(read(file, self.encoding), self.layout, self.zone)
            )
        except Unreadable as error:
            raise Unfit(Flaw("/file", error.reason, error.values)) from None
        finally:
            file.close()
        ready = await asyncio.to_thread(
            lambda: list(gathered.ready(self.laboratory, self.desk.now))
        )
        yield {"rows_read": gathered.count, "samples": len(ready), "done": 0}
        database, accepted, outcomes = self.request.app.state.database, [], Counter[str]()
        unknown: set[str] = set()
        for start in range(0, len(ready), LABELS_A_STEP):
            part = ready[start : start + LABELS_A_STEP]
            for label, result in await database.write(
                lambda connection, part=part: self._enter(connection, part)
            ):
                if isinstance(result, Flaw):
                    gathered.complain(
                        gathered.first_row(label), label, self.layout.needed[0], result
                    )
                else:
                    accepted.append(label)
                    outcomes.update(verdict.value for verdict, _ in result)
                    unknown.update(
                        name for _, statement in result for name in statement.assay.unknown
                    )
            yield {"rows_read": gathered.count, "samples": len(ready), "done": start + len(part)}
        yield self._report(gathered, accepted, outcomes, sorted(unknown))

    def _enter(
        self, connection: Connection, part: list[tuple[str, list[Assay]]]
    ) -> list[tuple[str, Flaw | list[tuple[Outcome, Statement]]]]:
        return [(label, self._sample(connection, assays)) for label, assays in part]

    def _sample(
        self, connection: Connection, assays: list[Assay]
    ) -> Flaw | list[tuple[Outcome, Statement]]:
        """All assays of one label, or none and why."""
        with connection.begin_nested() as whole:
            try:
                verdicts = [self._assay(connection, assay) for assay in assays]
            except Unfit as error:
                whole.rollback()
                return error.flaws[0]
            except Problem as problem:
                if problem.kind not in _LABEL_FLAWS:
                    raise
                whole.rollback()
                return Flaw("", _LABEL_FLAWS[problem.kind])
            refused = next((verdict for verdict, _ in verdicts if verdict in REFUSED), None)
            if refused or self.dry_run:
                whole.rollback()
            return Flaw("", _LABEL_FLAWS[refused]) if refused else verdicts

    def _assay(self, connection: Connection, assay: Assay) -> tuple[Outcome, Statement]:
        """What became of one; a file that comes again after a correction changes nothing, and is no mistake."""
        verdict, statement = self.desk.report(connection, assay)
        if verdict is Outcome.STALE and store.was_held(connection, assay):
            return Outcome.IDENTICAL, statement
        return verdict, statement

    def _report(
        self, gathered: Gathered, accepted: list[str], outcomes: Counter[str], unknown: list[str]
    ) -> dict[str, Any]:
        told = sorted(gathered.complaints, key=lambda one: one.row)
        sentence = self.request.app.state.refuser.describe_flaw
        return {
            "dry_run": self.dry_run,
            "layout": self.layout.name,
            "rows_read": gathered.count,
            "accepted": accepted,
            "outcomes": dict(outcomes),
            "held": list(gathered.held),
            "rows": [
                {
                    "row": one.row,
                    "label": one.label,
                    "cell": one.cell,
                    "value": one.value,
                    "detail": sentence(one.flaw, self.request),
                }
                for one in told
            ],
            "unknown_names": unknown,
        }


def assay_out(statement: Statement) -> dict[str, Any]:
    """A held version as its body; what a name was explained to mean stands beside what was written."""
    assay = statement.assay
    return {
        "id": assay.id,
        "lab_label": assay.lab_label,
        "version": assay.version,
        "status": assay.status,
        "reason": assay.reason,
        "laboratory": assay.laboratory,
        "method": assay.method,
        "analysed_at": assay.analysed_at,
        "rock_weight_mg": assay.rock_weight_mg,
        "results": assay.results,
        "received_at": statement.received_at,
    }
