"""The bench: plain forms that work by keyboard alone. What is typed is read back before it is kept."""

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Request
from sqlalchemy import Connection
from starlette.datastructures import FormData
from starlette.formparsers import FormParser, MultiPartException
from starlette.responses import RedirectResponse, Response

from service.access.actor import Actor
from service.access.acts import Acting
from service.access.permissions import Permission
from service.access.require import Require
from service.foundation import clock
from service.foundation.http import BODY_BYTES, limited
from service.foundation.problems import Flaw, Problem, Unfit
from service.foundation.settings import Settings
from service.intake import store as intake
from service.intake.merge import REFUSED, MergeOutcome
from service.intake.pickup import read_label
from service.lab import acts, store
from service.lab.assay import MAX_NAME, MAX_REASON, MAX_RESULTS, PUBLISHED, Assay, AssayVersion
from service.lab.formats import LAYOUTS
from service.lab.formats.sheet import ENCODINGS
from service.lab.labels import PAPERS, unlabelled
from service.lab.store import Seen
from service.lab.typed import (
    FORM,
    OF_A_RESULT,
    OF_THE_ASSAY,
    WITHDRAWAL,
    FieldAt,
    Flaws,
    Typed,
    anew,
    exact,
    read,
    written,
)
from service.pages.page import PAGE, page
from service.vocabulary.codes import Basis, CustodyEvent, Method, Status
from service.vocabulary.substances import SUBSTANCES, is_alarming

router = APIRouter(tags=["bench"])
# What is looked for in crack and what people believe is in it: rows that stand ready. Empty means not tested.
PANEL = (
    *("cocaine", "levamisole", "phenacetin", "lidocaine", "caffeine", "hydroxyzine", "diltiazem"),
    *("amphetamine", "buprenorphine", "heroin", "fentanyl"),
)
BLANK_ROWS = 4
MAX_FIELDS = (MAX_RESULTS + 100) * len(OF_A_RESULT)
WAITING = 500
SEEN_OTHER: dict[int | str, dict[str, Any]] = {
    **PAGE,
    303: {"description": "Done; the page to go on with"},
}


def form_of(*fields: str) -> dict[str, Any]:
    """OpenAPI's description of a page's form."""
    schema = {"type": "object", "properties": {name: {"type": "string"} for name in fields}}
    return {
        "requestBody": {
            "required": True,
            "content": {"application/x-www-form-urlencoded": {"schema": schema}},
        }
    }


@router.get("/bench/", responses=PAGE)
async def queue(
    request: Request,
    actor: Annotated[Actor, Depends(Require(Permission.SEE_BENCH))],
    method: Annotated[str, Query(max_length=20)] = "",
    kept: Annotated[str | None, Query(max_length=20)] = None,
) -> Response:
    """What waits for the laboratory, oldest first, and where a label is typed or scanned."""
    return await _queue(
        request, actor, _known_method(method), kept=read_label(kept) if kept else None
    )


@router.post("/bench/", responses=SEEN_OTHER, openapi_extra=form_of("label", "method"))
async def find(
    request: Request, actor: Annotated[Actor, Depends(Require(Permission.SEE_BENCH))]
) -> Response:
    """To the sample of this label. A form, not an address: somebody may scan a person's code by mistake."""
    form = await _form(request)
    typed, method = _text(form, "label"), _known_method(_text(form, "method"))
    wanted = read_label(typed)
    if await request.app.state.database.read(
        lambda connection: intake.at_the_bench(connection, wanted)
    ):
        return _see(f"/bench/samples/{wanted}", **{"method": method} if method else {})
    problem = unlabelled(wanted)
    refusal = request.app.state.refuser.describe(problem, request)["title"]
    return await _queue(request, actor, method, problem.status, typed=typed, refusal=refusal)


async def _queue(
    request: Request, actor: Actor, method: str, status: int = 200, **more: Any
) -> Response:
    waiting = await request.app.state.database.read(
        lambda connection: intake.queue(connection, limit=WAITING)
    )
    return page(
        request,
        "bench.html",
        status,
        here="/bench/",
        **{
            "actor": actor,
            "waiting": waiting,
            "limit": WAITING,
            "papers": PAPERS,
            "method": method,
        },
        **{"typed": "", "refusal": None, "kept": None, **more},
    )


def _known_method(method: str) -> str:
    return method if method in list(Method) else ""


@router.get("/bench/samples/{lab_label}", responses=PAGE)
async def sample(
    lab_label: str,
    request: Request,
    actor: Annotated[Actor, Depends(Require(Permission.SEE_BENCH))],
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
    openapi_extra=form_of(
        "do", "laboratory", "version", "analysis", "read_back", *OF_THE_ASSAY, *OF_A_RESULT
    ),
)
async def type_in(
    lab_label: str,
    request: Request,
    actor: Annotated[Actor, Depends(Require(Permission.TYPE_ASSAY))],
) -> Response:
    """What was typed of one analysis: read back first (`do=check`), kept only as it was read back (`do=keep`)."""
    form = await _form(request)
    asked = _Asked(request, actor, await _seen(request, lab_label))
    typed = _typed(form, asked.label)
    assay, flaws = read(asked.as_it_stood(typed), asked.zone, asked.by.now)
    if assay is None:
        return asked.page(typed, flaws, status=422)
    if typed.analysis is None:
        assay = anew(assay, asked.taken_back)
    asked_to_keep = form.get("do") == "keep"

    def deed(connection: Connection) -> tuple[MergeOutcome, AssayVersion, bool]:
        """What would become of it; done, if it is what was read back."""
        verdict, statement = acts.rehearse(connection, asked.by, assay)
        if (
            verdict in REFUSED
            or not asked_to_keep
            or form.get("read_back") != _print(statement.assay)
        ):
            return verdict, statement, False
        return *acts.report(connection, asked.by, assay), True

    try:
        verdict, statement, kept = await request.app.state.database.write(deed)
    except Unfit as error:
        return asked.page(
            typed,
            {FieldAt(FORM, flaw.pointer.strip("/")): flaw for flaw in error.flaws},
            status=422,
        )
    if verdict in REFUSED:
        return await asked.refused(typed, statement)
    if not kept:
        return asked.page(typed, assay=statement.assay)
    return _see("/bench/", kept=assay.lab_label, method=assay.method.value)


@router.post(
    "/bench/samples/{lab_label}/withdrawal",
    responses=SEEN_OTHER,
    openapi_extra=form_of("analysis", "version", "reason"),
)
async def take_back(
    lab_label: str,
    request: Request,
    actor: Annotated[Actor, Depends(Require(Permission.WITHDRAW_ASSAY))],
) -> Response:
    """Take one analysis of this sample back, with a reason."""
    form = await _form(request)
    asked = _Asked(request, actor, await _seen(request, lab_label))
    id, version, reason = _uuid(form.get("analysis")), _version(form), _text(form, "reason")
    if all(one.assay.id != id for one in asked.seen.versions):
        raise Problem("not-found")
    try:
        if not reason:
            raise Unfit(Flaw("/reason", "reason-missing"))
        verdict, _ = await request.app.state.database.write(
            lambda connection: acts.withdraw(connection, asked.by, id, reason, version=version)
        )
    except Unfit as error:
        return asked.page(
            asked.blank(""),
            {FieldAt(WITHDRAWAL, str(id)): error.flaws[0]},
            status=422,
            reason=reason,
        )
    if verdict is MergeOutcome.STALE:
        flaws = {FieldAt(WITHDRAWAL, str(id)): Flaw("", "replaced-meanwhile")}
        return (await asked.again()).page(asked.blank(""), flaws, status=409, reason=reason)
    return _see(f"/bench/samples/{asked.label}")


@router.post(
    "/bench/samples/{lab_label}/custody", responses=SEEN_OTHER, openapi_extra=form_of("event")
)
async def keep_material(
    lab_label: str,
    request: Request,
    actor: Annotated[Actor, Depends(Require(Permission.KEEP_MATERIAL))],
) -> Response:
    """The material was received, or destroyed, just now."""
    told = _text(await _form(request), "event")
    if told not in list(CustodyEvent):
        raise Unfit(Flaw("/event", "unknown-code", {"known": ", ".join(CustodyEvent)}))
    event = CustodyEvent(told)
    by, label = Acting(actor, clock.now(), request.app.state.projections), read_label(lab_label)
    await request.app.state.database.write(
        lambda connection: acts.receive_or_destroy(connection, by, label, event)
    )
    return _see(f"/bench/samples/{label}")


@router.get("/bench/files", responses=PAGE)
async def files(
    request: Request, actor: Annotated[Actor, Depends(Require(Permission.SEE_BENCH))]
) -> Response:
    """A file of an instrument: judged row by row, then kept."""
    laboratory = request.app.state.settings.laboratory
    return page(
        request,
        "bench_files.html",
        actor=actor,
        layouts=LAYOUTS,
        encodings=ENCODINGS,
        laboratory=laboratory,
    )


@router.get("/bench/names", responses=PAGE)
async def names(
    request: Request, actor: Annotated[Actor, Depends(Require(Permission.SEE_BENCH))]
) -> Response:
    """Names that nobody knows, to say what they mean."""
    return await _names(request, actor)


@router.post("/bench/names", responses=SEEN_OTHER, openapi_extra=form_of("name", "substance", "do"))
async def explain(
    request: Request, actor: Annotated[Actor, Depends(Require(Permission.EXPLAIN_NAMES))]
) -> Response:
    """A name means this substance; or (`do=forget`) its explanation is taken back, wherever it was read by it."""
    form = await _form(request)
    name, code = (
        _text(form, "name"),
        None if form.get("do") == "forget" else _text(form, "substance"),
    )
    by = Acting(actor, clock.now(), request.app.state.projections)
    try:
        corrected = await request.app.state.database.write(
            lambda connection: acts.explain_name(connection, by, name, code)
        )
    except Unfit as error:
        return await _names(request, actor, 422, flaw=error.flaws[0], about=name)
    return await _names(request, actor, corrected=corrected, about=name)


async def _names(request: Request, actor: Actor, status: int = 200, **more: Any) -> Response:
    unknown, explained = await request.app.state.database.read(
        lambda connection: (store.unknown_names(connection), store.meanings(connection))
    )
    if flaw := more.pop("flaw", None):
        more["refusal"] = request.app.state.refuser.describe_flaw(flaw, request)
    return page(
        request,
        "bench_names.html",
        status,
        actor=actor,
        unknown=unknown,
        explained=explained.values(),
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
    def by(self) -> Acting:
        return Acting(self.actor, clock.now(), self.request.app.state.projections)

    @property
    def settings(self) -> Settings:
        settings: Settings = self.request.app.state.settings
        return settings

    @property
    def zone(self) -> ZoneInfo:
        return self.settings.zone

    @property
    def label(self) -> str:
        label: str = self.seen.facts["lab_label"]
        return label

    @property
    def taken_back(self) -> frozenset[UUID]:
        """The analyses of this sample that were taken back."""
        gone = (one.assay for one in self.seen.versions if one.in_force)
        return frozenset(assay.id for assay in gone if assay.status is Status.WITHDRAWN)

    async def again(self) -> "_Asked":
        """The same request, about what stands by now."""
        return _Asked(self.request, self.actor, await _seen(self.request, self.label))

    async def refused(self, typed: Typed, stands: AssayVersion) -> Response:
        """Somebody else was faster. What was typed is kept, as the version after the one that stands."""
        asked = await self.again()
        if typed.analysis is None or stands.assay.status is Status.WITHDRAWN:
            reason = (
                "was-withdrawn" if stands.assay.status is Status.WITHDRAWN else "analysis-there"
            )
            return asked.page(typed, {FieldAt(FORM, "version"): Flaw("", reason)}, status=409)
        typed = replace(typed, version=stands.assay.version + 1)
        return asked.page(
            typed, {FieldAt(FORM, "version"): Flaw("", "replaced-meanwhile")}, status=409
        )

    def as_it_stood(self, typed: Typed) -> Typed:
        """What was typed, with the time of the analysis to the letter where nobody touched it."""
        for one in self.seen.versions:
            if (
                one.assay.id == typed.analysis
                and self._local(one.assay.analysed_at) == typed.whole["analysed_at"]
            ):
                at = one.assay.analysed_at.isoformat()
                return replace(typed, whole={**typed.whole, "analysed_at": at})
        return typed

    def _local(self, moment: datetime) -> str:
        return moment.astimezone(self.zone).strftime("%Y-%m-%dT%H:%M:%S")

    def stands(self, id: UUID | None) -> Assay | None:
        """The version of this sample's analysis that is in force."""
        return next(
            (one.assay for one in self.seen.versions if one.in_force and one.assay.id == id), None
        )

    def blank(self, method: str) -> Typed:
        """A form for a first result: the panel's rows, the time now."""
        at = clock.now().astimezone(self.zone).strftime("%Y-%m-%dT%H:%M")
        whole = {"status": Status.FINAL.value, "method": method, "analysed_at": at}
        return self._typed(
            None, 1, self.settings.laboratory, whole, [{"substance": name} for name in PANEL]
        )

    def correction(self, id: UUID) -> Typed:
        """What stands, to be written over: one version on. Raises Problem where nothing does."""
        held = self.stands(id)
        if held is None or held.status is Status.WITHDRAWN:
            raise Problem("not-found")
        whole = {
            "status": _statuses(held.status)[0].value,
            "method": held.method.value,
            "analysed_at": self._local(held.analysed_at),
            "rock_weight_mg": exact(held.rock_weight_mg),
        }
        return self._typed(
            id, held.version + 1, held.laboratory, whole, [written(one) for one in held.results]
        )

    def _typed(
        self,
        id: UUID | None,
        version: int,
        laboratory: str,
        whole: dict[str, str],
        rows: list[dict[str, str]],
    ) -> Typed:
        blank = dict.fromkeys(OF_A_RESULT, "")
        return Typed(
            label=self.label,
            laboratory=laboratory,
            version=version,
            analysis=id,
            whole={**dict.fromkeys(OF_THE_ASSAY, ""), **whole},
            rows=[{**blank, **row} for row in (*rows, *({} for _ in range(BLANK_ROWS)))],
        )

    def page(
        self,
        typed: Typed,
        flaws: Flaws | None = None,
        *,
        assay: Assay | None = None,
        reason: str = "",
        status: int = 200,
    ) -> Response:
        """The sample with the form, and what is wrong with what was typed or how it was read.

        `reason` is what was typed for a withdrawal that was refused.
        """
        sentence = self.request.app.state.refuser.describe_flaw
        corrects = self.stands(typed.analysis)
        return page(
            self.request,
            "bench_sample.html",
            status,
            here=f"/bench/samples/{self.label}",
            actor=self.actor,
            facts=self.seen.facts,
            custody=self.seen.custody,
            analyses=_by_analysis(self.seen),
            typed=typed,
            flaws={place: sentence(flaw, self.request) for place, flaw in (flaws or {}).items()},
            first_wrong=min(flaws) if flaws else None,
            field_at=FieldAt,
            FORM=FORM,
            WITHDRAWAL=WITHDRAWAL,
            reason=reason,
            assay=assay,
            read_back=_print(assay) if assay else "",
            alarming=is_alarming,
            known=SUBSTANCES,
            methods=Method,
            bases=Basis,
            statuses=_statuses(corrects.status if corrects else None),
            longest_name=MAX_NAME,
            longest_reason=MAX_REASON,
        )


def _statuses(corrects: Status | None) -> tuple[Status, ...]:
    """What the next version may be called, the usual first: what was published is corrected, openly."""
    return (Status.CORRECTED,) if corrects in PUBLISHED else (Status.FINAL, Status.PRELIMINARY)


def _by_analysis(seen: Seen) -> list[dict[str, Any]]:
    """Each analysis with the version that stands, and those before it from the latest on."""
    ids = dict.fromkeys(one.assay.id for one in seen.versions)
    found = []
    for id in ids:
        versions = sorted(
            (one for one in seen.versions if one.assay.id == id),
            key=lambda one: -one.assay.version,
        )
        found.append({"stands": versions[0], "earlier": versions[1:]})
    return found


def _typed(form: FormData, label: str) -> Typed:
    columns = {name: [_one(text) for text in form.getlist(name)] for name in OF_A_RESULT}
    count = max(len(texts) for texts in columns.values())
    rows = [
        {name: texts[place] if place < len(texts) else "" for name, texts in columns.items()}
        for place in range(count)
    ]
    analysis = _text(form, "analysis")
    return Typed(
        label=label,
        laboratory=_text(form, "laboratory"),
        version=_version(form),
        analysis=_uuid(analysis) if analysis else None,
        whole={name: _text(form, name) for name in OF_THE_ASSAY},
        rows=rows,
    )


def _print(assay: Assay) -> str:
    """What was read back, so that nothing else is kept."""
    told = replace(assay, analysed_at=assay.analysed_at.astimezone(UTC))
    return hashlib.blake2b(repr(told).encode(), digest_size=16).hexdigest()


async def _seen(request: Request, lab_label: str) -> Seen:
    label = read_label(lab_label)
    seen: Seen = await request.app.state.database.read(
        lambda connection: store.seen_at_the_bench(connection, label)
    )
    return seen


async def _form(request: Request) -> FormData:
    """The form's fields. Raises Problem for what is no such form, or too large."""
    if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        raise Problem("not-a-form")
    parser = FormParser(request.headers, limited(request, BODY_BYTES), max_fields=MAX_FIELDS)
    try:
        return await parser.parse()
    except MultiPartException:
        raise Problem("too-large") from None


def _version(form: FormData) -> int:
    text = _text(form, "version")
    if not (text.isascii() and text.isdigit() and len(text) < 8):
        raise Unfit(Flaw("/version", "not-a-whole-number"))
    return int(text)


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
