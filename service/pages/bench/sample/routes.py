"""One sample at the bench. What is typed is read back before it is kept."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, NamedTuple
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from service.access.actor import Actor
from service.access.acts import Acting
from service.access.permissions import Permission
from service.access.require import Require
from service.evidence.classify import disagreement
from service.foundation.problems import Flaw, Problem, Unfit
from service.intake.merge import REFUSED, MergeOutcome
from service.intake.pickup import read_label
from service.lab import acts, store
from service.lab.assay import MAX_NAME, MAX_REASON, Assay
from service.lab.custody.acts import receive_or_destroy
from service.lab.questions import Question, QuestionCode
from service.lab.replicates import spread
from service.lab.typed import (
    FORM,
    OF_A_RESULT,
    OF_THE_ASSAY,
    WITHDRAWAL,
    FieldAt,
    Flaws,
    Typed,
)
from service.pages.bench.context import SeeingBench, Sent, see_other
from service.pages.bench.form import form_of, typed_in
from service.pages.bench.sample.acts import keep_as_read_back
from service.pages.bench.sample.sheet import Sheet, fingerprint, overtaken, statuses_after
from service.pages.context import StaffTools, Tools
from service.pages.page import PAGE, SEEN_OTHER, page
from service.vocabulary.codes import Basis, CustodyEvent, Method
from service.vocabulary.substances import SUBSTANCES, is_alarming

router = APIRouter(tags=["bench"], default_response_class=Response)

TypingIn = Annotated[Actor, Depends(Require(Permission.TYPE_ASSAY))]
Withdrawing = Annotated[Actor, Depends(Require(Permission.WITHDRAW_ASSAY))]
KeepingMaterial = Annotated[Actor, Depends(Require(Permission.KEEP_MATERIAL))]


@dataclass(frozen=True, slots=True)
class _Shown:
    """What the page shows beside the sample.

    `reason` is what was typed for a withdrawal that was refused.
    """

    typed: Typed
    flaws: Flaws
    assay: Assay | None = None
    reason: str = ""
    questions: tuple[Question, ...] = ()


class _Asked(NamedTuple):
    """A question as the page shows it: of which result from 0, or of the whole."""

    code: QuestionCode
    row: int | None
    sentence: str


@router.get("/bench/samples/{lab_label}", responses=PAGE)
async def sample(
    lab_label: str,
    actor: SeeingBench,
    tools: Tools,
    correct: UUID | None = None,
    method: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """One sample: what was seen of it, what was found in it, the form for what is found next."""
    by = tools.acting(actor)
    sheet = await _sheet(tools, by, lab_label)

    typed = sheet.blank(method) if correct is None else sheet.correction(correct)
    return _page(tools, by, sheet, _Shown(typed, {}))


@router.post(
    "/bench/samples/{lab_label}/analyses",
    responses=SEEN_OTHER,
    openapi_extra=form_of(
        "do", "laboratory", "version", "analysis", "read_back", *OF_THE_ASSAY, *OF_A_RESULT
    ),
)
async def type_in(lab_label: str, actor: TypingIn, form: Sent, tools: Tools) -> Response:
    """One analysis: read back first (`do=check`), kept only as it was read back (`do=keep`)."""
    by = tools.acting(actor)
    sheet = await _sheet(tools, by, lab_label)
    typed = typed_in(form, sheet.label)

    assay, flaws = sheet.read(typed)
    if assay is None:
        return _page(tools, by, sheet, _Shown(typed, flaws), 422)

    read_back = form.raw("read_back") if form.raw("do") == "keep" else None
    try:
        judged = await tools.database.write(
            lambda connection: keep_as_read_back(connection, by, assay, read_back)
        )
    except Unfit as error:
        flaws = {FieldAt(FORM, flaw.pointer.strip("/")): flaw for flaw in error.flaws}
        return _page(tools, by, sheet, _Shown(typed, flaws), 422)

    if judged.outcome in REFUSED:
        sheet = await _sheet(tools, by, sheet.label)
        typed, flaws = overtaken(typed, judged.version.assay)
        return _page(tools, by, sheet, _Shown(typed, flaws), 409)

    if not judged.kept:
        shown = _Shown(typed, {}, judged.version.assay, questions=judged.questions)
        return _page(tools, by, sheet, shown)
    return see_other("/bench/", kept=assay.lab_label, method=assay.method.value)


@router.post(
    "/bench/samples/{lab_label}/withdrawal",
    responses=SEEN_OTHER,
    openapi_extra=form_of("analysis", "version", "reason"),
)
async def take_back(lab_label: str, actor: Withdrawing, form: Sent, tools: Tools) -> Response:
    """Take one analysis of this sample back, with a reason."""
    by = tools.acting(actor)
    sheet = await _sheet(tools, by, lab_label)
    id, version = form.analysis(), form.version()
    reason = form.text("reason")

    if all(seen.assay.id != id for seen in sheet.seen.versions):
        raise Problem("not-found")

    field = FieldAt(WITHDRAWAL, str(id))
    try:
        if not reason:
            raise Unfit(Flaw("/reason", "reason-missing"))
        withdrawn = await tools.database.write(
            lambda connection: acts.withdraw(connection, by, id, reason, version=version)
        )
    except Unfit as error:
        shown = _Shown(sheet.blank(""), {field: error.flaws[0]}, reason=reason)
        return _page(tools, by, sheet, shown, 422)

    if withdrawn.outcome is MergeOutcome.STALE:
        sheet = await _sheet(tools, by, sheet.label)
        flaws = {field: Flaw("", "replaced-meanwhile")}
        return _page(tools, by, sheet, _Shown(sheet.blank(""), flaws, reason=reason), 409)

    return see_other(f"/bench/samples/{sheet.label}")


@router.post(
    "/bench/samples/{lab_label}/questions",
    responses=SEEN_OTHER,
    openapi_extra=form_of("analysis", "version", "code"),
)
async def answer_questions(lab_label: str, actor: TypingIn, form: Sent, tools: Tools) -> Response:
    """What is asked of one analysis of this sample is right as it stands."""
    by = tools.acting(actor)
    sheet = await _sheet(tools, by, lab_label)
    id, version = form.analysis(), form.version()
    codes = tuple(form.column("code"))

    if all(seen.assay.id != id for seen in sheet.seen.versions):
        raise Problem("not-found")

    answered = await tools.database.write(
        lambda connection: acts.confirm(connection, by, id, version, codes)
    )
    if answered.outcome is MergeOutcome.STALE:
        sheet = await _sheet(tools, by, sheet.label)
        flaws = {FieldAt(FORM, "version"): Flaw("", "replaced-meanwhile")}
        return _page(tools, by, sheet, _Shown(sheet.blank(""), flaws), 409)

    return see_other(f"/bench/samples/{sheet.label}")


@router.post(
    "/bench/samples/{lab_label}/custody", responses=SEEN_OTHER, openapi_extra=form_of("event")
)
async def keep_material(
    lab_label: str, actor: KeepingMaterial, form: Sent, tools: Tools
) -> Response:
    """The material was received, or destroyed, just now."""
    code = form.text("event")
    if code not in list(CustodyEvent):
        raise Unfit(Flaw("/event", "unknown-code", {"known": ", ".join(CustodyEvent)}))

    event, label = CustodyEvent(code), read_label(lab_label)
    by = tools.acting(actor)
    await tools.database.write(lambda connection: receive_or_destroy(connection, by, label, event))
    return see_other(f"/bench/samples/{label}")


async def _sheet(tools: StaffTools, by: Acting, lab_label: str) -> Sheet:
    """The sheet of the sample with this label, as it stands now. Raises Problem."""
    label = read_label(lab_label)
    seen = await tools.database.read(lambda connection: store.seen_at_the_bench(connection, label))
    return Sheet(seen, tools.settings.laboratory, tools.settings.zone, by.now)


def _asked(tools: StaffTools, questions: Iterable[Question]) -> list[_Asked]:
    """Questions in the reader's language."""
    zone = tools.settings.zone
    return [
        _Asked(question.code, question.row, tools.sentence(question.as_flaw(zone)))
        for question in questions
    ]


def _page(
    tools: StaffTools, by: Acting, sheet: Sheet, shown: _Shown, status: int = 200
) -> Response:
    """The sample with the form, and what is wrong with what was typed or how it was read."""
    flaws = shown.flaws
    assay = shown.assay

    return page(
        tools.request,
        "bench_sample.html",
        status,
        here=f"/bench/samples/{sheet.label}",
        actor=by.actor,
        facts=sheet.seen.facts,
        custody=sheet.seen.custody,
        analyses=sheet.histories(),
        typed=shown.typed,
        flaws={field: tools.sentence(flaw) for field, flaw in flaws.items()},
        first_wrong=min(flaws) if flaws else None,
        field_at=FieldAt,
        FORM=FORM,
        WITHDRAWAL=WITHDRAWAL,
        reason=shown.reason,
        assay=assay,
        read_back=fingerprint(assay, shown.questions) if assay else "",
        asked_now=_asked(tools, shown.questions),
        disagreement=disagreement(sheet.seen.versions),
        asked={id: _asked(tools, questions) for id, questions in sheet.questions().items()},
        spread=spread,
        alarming=is_alarming,
        known=SUBSTANCES,
        methods=Method,
        bases=Basis,
        statuses=statuses_after(sheet.in_force(shown.typed.analysis)),
        closings=sheet.closings(),
        longest_name=MAX_NAME,
        longest_reason=MAX_REASON,
    )
