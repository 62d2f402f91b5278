"""The bench: plain forms that work by keyboard alone. What is typed is read back before it is kept."""

import hashlib
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Request
from starlette.datastructures import FormData
from starlette.formparsers import FormParser
from starlette.responses import RedirectResponse, Response

from service.access.actor import Actor
from service.access.door import Door
from service.access.permissions import Permission
from service.foundation import clock
from service.foundation.http import BODY_BYTES, limited
from service.foundation.problems import Flaw, Problem, Unfit
from service.foundation.settings import Settings
from service.intake import store as intake
from service.intake.merge import REFUSED
from service.intake.pickup import read_label
from service.lab import store
from service.lab.assay import MAX_NAME, MAX_REASON, PUBLISHED, Assay
from service.lab.formats import LAYOUTS
from service.lab.formats.sheet import ENCODINGS
from service.lab.labels import PAPERS
from service.lab.store import Desk, Seen
from service.lab.typed import OF_A_RESULT, OF_THE_ANALYSIS, Typed, read, written
from service.pages.frame import PAGE, page
from service.vocabulary.codes import Basis, CustodyEvent, Method, Status
from service.vocabulary.substances import SUBSTANCES, is_alarming

router = APIRouter(tags=["bench"])
# What is looked for in crack and what people believe is in it: rows that stand ready. Empty means not tested.
PANEL = (
    *("cocaine", "levamisole", "phenacetin", "lidocaine", "caffeine", "hydroxyzine", "diltiazem"),
    *("amphetamine", "buprenorphine", "heroin", "fentanyl"),
)
BLANK_ROWS = 4
MAX_ROWS = 100
WAITING = 500
SEEN_OTHER: dict[int | str, dict[str, Any]] = {
    **PAGE,
    303: {"description": "Done; the page to go on with"},
}


def form_of(*fields: str) -> dict[str, Any]:
    """OpenAPI's description of a page's form."""
    schema = {"type": "object", "properties": {name: {"type": "string"} for name in fields}}
    return {
        "requestBody": {"required": True, "content": {"application/x-www-form-urlencoded": {"schema": schema}}}
    }


@router.get("/bench/", responses=SEEN_OTHER)
async def queue(
    request: Request,
    actor: Annotated[Actor, Depends(Door(Permission.SEE_BENCH))],
    label: Annotated[str | None, Query(max_length=80)] = None,
    method: Annotated[str, Query(max_length=20)] = "",
    kept: Annotated[str | None, Query(max_length=20)] = None,
) -> Response:
    """What waits for the laboratory, oldest first, and where a label is typed or scanned."""
    database, status, refusal = request.app.state.database, 200, None
    if label and label.strip():
        wanted = read_label(label)
        if await database.read(lambda connection: intake.at_the_bench(connection, wanted)):
            return _see(f"/bench/samples/{wanted}", **{"method": method} if method in list(Method) else {})
        problem = store.unlabelled(wanted)
        status, refusal = problem.status, request.app.state.describe(problem, request)["title"]
    return page(
        request,
        "bench.html",
        status,
        actor=actor,
        waiting=await database.read(lambda connection: intake.queue(connection, limit=WAITING)),
        limit=WAITING,
        papers=PAPERS,
        typed=label or "",
        refusal=refusal,
        method=method,
        kept=kept,
    )


@router.get("/bench/samples/{lab_label}", responses=PAGE)
async def sample(
    lab_label: str,
    request: Request,
    actor: Annotated[Actor, Depends(Door(Permission.SEE_BENCH))],
    correct: UUID | None = None,
    method: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """One sample: what was seen of it, what was found in it, and the form for what is found next."""
    seen = await _seen(request, lab_label)
    asked = _Asked(request, actor, seen)
    if correct is not None:
        return asked.page(asked.correction(correct))
    return asked.page(asked.blank(method))


@router.post(
    "/bench/samples/{lab_label}/analyses",
    responses=SEEN_OTHER,
    openapi_extra=form_of("do", "laboratory", "version", "analysis", "read_back", *OF_THE_ANALYSIS, *OF_A_RESULT),
)
async def type_in(
    lab_label: str, request: Request, actor: Annotated[Actor, Depends(Door(Permission.REPORT_ASSAY))]
) -> Response:
    """What was typed of one analysis: read back first (`do=check`), kept only as it was read back (`do=keep`)."""
    form = await _form(request)
    seen = await _seen(request, lab_label)
    asked = _Asked(request, actor, seen)
    typed = _typed(form, seen.facts["lab_label"])
    assay, flaws = read(typed, asked.zone, asked.desk.now)
    if assay is None:
        return asked.page(typed, flaws, status=422)
    keep = form.get("do") == "keep" and form.get("read_back") == _print(assay)
    deed = asked.desk.report if keep else asked.desk.rehearse
    try:
        verdict, _ = await request.app.state.database.write(lambda connection: deed(connection, assay))
    except Unfit as error:
        return asked.page(typed, {(-1, flaw.pointer.strip("/")): flaw for flaw in error.flaws}, status=422)
    if verdict in REFUSED:
        flaw = Flaw("", "analysis-there") if typed.analysis is None else Flaw("", "newer-held")
        return asked.page(typed, {(-1, "version"): flaw}, status=409)
    if not keep:
        return asked.page(typed, assay=assay)
    return _see("/bench/", kept=assay.lab_label, method=assay.method.value)


@router.post(
    "/bench/samples/{lab_label}/withdrawal",
    responses=SEEN_OTHER,
    openapi_extra=form_of("analysis", "reason"),
)
async def take_back(
    lab_label: str, request: Request, actor: Annotated[Actor, Depends(Door(Permission.WITHDRAW_ASSAY))]
) -> Response:
    """Take one analysis of this sample back, with a reason."""
    form = await _form(request)
    seen = await _seen(request, lab_label)
    asked = _Asked(request, actor, seen)
    held = asked.in_force(_uuid(form.get("analysis")))
    reason = " ".join(_text(form, "reason").split())
    if not reason:
        return asked.page(asked.blank(""), {(-2, str(held.id)): Flaw("", "reason-missing")}, status=422)
    try:
        verdict, _ = await request.app.state.database.write(
            lambda connection: asked.desk.withdraw(connection, held.id, reason)
        )
    except Unfit as error:
        return asked.page(asked.blank(""), {(-2, str(held.id)): error.flaws[0]}, status=422)
    if verdict in REFUSED:
        return asked.page(asked.blank(""), refusal=Problem(verdict), status=409)
    return _see(f"/bench/samples/{held.lab_label}")


@router.post("/bench/samples/{lab_label}/custody", responses=SEEN_OTHER, openapi_extra=form_of("event"))
async def keep_material(
    lab_label: str, request: Request, actor: Annotated[Actor, Depends(Door(Permission.KEEP_MATERIAL))]
) -> Response:
    """The material was received, or destroyed, just now."""
    event = _text(await _form(request), "event")
    if event not in list(CustodyEvent):
        raise Unfit(Flaw("/event", "unknown-code", {"known": ", ".join(CustodyEvent)}))
    desk, label = Desk(actor, request.app.state.hooks, clock.now()), read_label(lab_label)
    await request.app.state.database.write(lambda connection: desk.keep(connection, label, CustodyEvent(event)))
    return _see(f"/bench/samples/{label}")


@router.get("/bench/files", responses=PAGE)
async def files(request: Request, actor: Annotated[Actor, Depends(Door(Permission.SEE_BENCH))]) -> Response:
    """A file of an instrument: judged row by row, then kept."""
    laboratory = request.app.state.settings.laboratory
    return page(
        request, "bench_files.html", actor=actor, layouts=LAYOUTS, encodings=ENCODINGS, laboratory=laboratory
    )


@router.get("/bench/names", responses=PAGE)
async def names(request: Request, actor: Annotated[Actor, Depends(Door(Permission.SEE_BENCH))]) -> Response:
    """Names that nobody knows, to say what they mean."""
    return await _names(request, actor)


@router.post("/bench/names", responses=SEEN_OTHER, openapi_extra=form_of("name", "substance", "do"))
async def explain(request: Request, actor: Annotated[Actor, Depends(Door(Permission.EXPLAIN_NAMES))]) -> Response:
    """A name means this substance; or (`do=forget`) no longer, for what comes in from now on."""
    form = await _form(request)
    name, code = _text(form, "name"), _text(form, "substance")
    desk = Desk(actor, request.app.state.hooks, clock.now())
    database = request.app.state.database
    if form.get("do") == "forget":
        await database.write(lambda connection: desk.forget(connection, name))
        return _see("/bench/names")
    try:
        corrected = await database.write(lambda connection: desk.explain(connection, name, code))
    except Unfit as error:
        return await _names(request, actor, 422, flaw=error.flaws[0], about=name)
    return await _names(request, actor, corrected=corrected, about=name)


async def _names(request: Request, actor: Actor, status: int = 200, **more: Any) -> Response:
    unknown, explained = await request.app.state.database.read(
        lambda connection: (store.unknown_names(connection), store.explained(connection))
    )
    if flaw := more.pop("flaw", None):
        more["refusal"] = request.app.state.describe_flaw(flaw, request)
    return page(
        request,
        "bench_names.html",
        status,
        actor=actor,
        unknown=unknown,
        explained=explained,
        substances=SUBSTANCES,
        **more,
    )


@dataclass(frozen=True, slots=True)
class _Asked:
    """One request about one sample."""

    request: Request
    actor: Actor
    seen: Seen

    @property
    def desk(self) -> Desk:
        return Desk(self.actor, self.request.app.state.hooks, clock.now())

    @property
    def settings(self) -> Settings:
        settings: Settings = self.request.app.state.settings
        return settings

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.settings.time_zone)

    def in_force(self, id: UUID) -> Assay:
        """The version of this sample's analysis that stands. Raises Problem."""
        for one in self.seen.statements:
            if one.in_force and one.assay.id == id and one.assay.status is not Status.WITHDRAWN:
                return one.assay
        raise Problem("not-found")

    def blank(self, method: str) -> Typed:
        """A form for a first result: the panel's rows, the time now."""
        at = clock.now().astimezone(self.zone).strftime("%Y-%m-%dT%H:%M")
        whole = {"status": Status.FINAL.value, "method": method, "analysed_at": at}
        return self._typed(None, 1, self.settings.laboratory, whole, [{"substance": name} for name in PANEL])

    def correction(self, id: UUID) -> Typed:
        """What stands, to be written over: one version on."""
        held = self.in_force(id)
        weight = held.rock_weight_mg
        whole = {
            "status": (Status.CORRECTED if held.status in PUBLISHED else Status.FINAL).value,
            "method": held.method.value,
            "analysed_at": held.analysed_at.astimezone(self.zone).strftime("%Y-%m-%dT%H:%M:%S"),
            "rock_weight_mg": "" if weight is None else f"{weight:g}",
        }
        return self._typed(id, held.version + 1, held.laboratory, whole, [written(one) for one in held.results])

    def _typed(
        self, id: UUID | None, version: int, laboratory: str, whole: dict[str, str], rows: list[dict[str, str]]
    ) -> Typed:
        blank = dict.fromkeys(OF_A_RESULT, "")
        return Typed(
            label=self.seen.facts["lab_label"],
            laboratory=laboratory,
            version=version,
            analysis=id,
            whole={**dict.fromkeys(OF_THE_ANALYSIS, ""), **whole},
            rows=[{**blank, **row} for row in (*rows, *({} for _ in range(BLANK_ROWS)))],
        )

    def page(
        self,
        typed: Typed,
        flaws: dict[tuple[int, str], Flaw] | None = None,
        *,
        assay: Assay | None = None,
        refusal: Problem | None = None,
        status: int = 200,
    ) -> Response:
        """The sample with the form, and what is wrong with what was typed or how it was read."""
        describe, sentence = self.request.app.state.describe, self.request.app.state.describe_flaw
        corrects = next(
            (one.assay.status for one in self.seen.statements if one.in_force and one.assay.id == typed.analysis),
            None,
        )
        return page(
            self.request,
            "bench_sample.html",
            status,
            actor=self.actor,
            facts=self.seen.facts,
            custody=self.seen.custody,
            analyses=_by_analysis(self.seen),
            zone=self.zone,
            typed=typed,
            flaws={place: sentence(flaw, self.request) for place, flaw in (flaws or {}).items()},
            first_wrong=min(flaws) if flaws else None,
            refusal=describe(refusal, self.request)["title"] if refusal else None,
            assay=assay,
            read_back=_print(assay) if assay else "",
            alarming=is_alarming,
            known=SUBSTANCES,
            methods=Method,
            bases=Basis,
            statuses=_statuses(corrects),
            longest_name=MAX_NAME,
            longest_reason=MAX_REASON,
        )


def _statuses(corrects: Status | None) -> tuple[Status, ...]:
    """What the next version may be called: what was published is corrected, openly."""
    return (Status.CORRECTED,) if corrects in PUBLISHED else (Status.FINAL, Status.PRELIMINARY)


def _by_analysis(seen: Seen) -> list[dict[str, Any]]:
    """Each analysis with the version that stands and the earlier ones, the latest first."""
    ids = dict.fromkeys(one.assay.id for one in seen.statements)
    found = []
    for id in ids:
        versions = sorted(
            (one for one in seen.statements if one.assay.id == id), key=lambda one: -one.assay.version
        )
        found.append({"stands": versions[0], "earlier": versions[1:]})
    return found


def _typed(form: FormData, label: str) -> Typed:
    columns = {name: [_one(text) for text in form.getlist(name)[:MAX_ROWS]] for name in OF_A_RESULT}
    count = max(len(texts) for texts in columns.values())
    rows = [
        {name: texts[place] if place < len(texts) else "" for name, texts in columns.items()}
        for place in range(count)
    ]
    analysis = _text(form, "analysis")
    version = _text(form, "version")
    if not (version.isascii() and version.isdigit() and len(version) < 8):
        raise Unfit(Flaw("/version", "not-a-whole-number"))
    return Typed(
        label=label,
        laboratory=_text(form, "laboratory"),
        version=int(version),
        analysis=_uuid(analysis) if analysis else None,
        whole={name: _text(form, name) for name in OF_THE_ANALYSIS},
        rows=rows,
    )


def _print(assay: Assay) -> str:
    """What was read back, so that nothing else is kept."""
    return hashlib.blake2b(repr(assay).encode(), digest_size=16).hexdigest()


async def _seen(request: Request, lab_label: str) -> Seen:
    label = read_label(lab_label)
    seen: Seen | None = await request.app.state.database.read(
        lambda connection: store.seen_at_the_bench(connection, label)
    )
    if seen is None:
        raise store.unlabelled(label)
    return seen


async def _form(request: Request) -> FormData:
    """The form's fields. Raises Problem for what is no such form, or too large."""
    if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        raise Problem("not-a-form")
    return await FormParser(request.headers, limited(request, BODY_BYTES)).parse()


def _text(form: FormData, name: str) -> str:
    return _one(form.get(name, ""))


def _one(value: Any) -> str:
    return " ".join(str(value).split())


def _uuid(text: Any) -> UUID:
    try:
        return UUID(str(text))
    except ValueError:
        raise Unfit(Flaw("/analysis", "not-a-uuid")) from None


def _see(path: str, **query: str) -> Response:
    return RedirectResponse(f"{path}?{urlencode(query)}" if query else path, 303)
