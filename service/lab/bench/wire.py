"""What crosses HTTP of samples at the bench: what waits, and one with all that is stated of it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from typing_extensions import TypedDict

from service.lab.assay import AssayVersion, Result
from service.lab.custody.events import Custody
from service.lab.custody.wire import CUSTODY_EXAMPLE, CustodyEntry, custody_out
from service.lab.questions import HandedIn, Question, QuestionCode, questions_of_each
from service.lab.replicates import Spread, spread
from service.vocabulary import codes
from service.vocabulary.codes import Basis, Closing, Method, Outcome, State, Status


class WaitingSample(TypedDict):
    """What a laboratory needs to know of a sample: nothing of the person or of the purchase."""

    lab_label: str
    state: State
    received_at: datetime
    form: codes.Form | None
    colour: codes.Colour | None
    smell: codes.Smell | None
    weight_mg: float | None
    weighed: codes.Weighed | None
    already_used: bool | None
    note_to_lab: str | None
    taken_back_because: str | None
    """Why its last answer was taken back; null where none was."""


class LabQueue(TypedDict):
    """A page of what waits; `next` is the cursor of the page after it."""

    samples: list[WaitingSample]
    next: str | None


WAITING_EXAMPLE = {
    "lab_label": "Q7K3-M9XK",
    "state": "waiting",
    "received_at": "2026-11-20T23:10:00Z",
    "form": "rock",
    "colour": "off_white",
    "smell": "none",
    "weight_mg": 138.0,
    "weighed": "whole_rock",
    "already_used": False,
    "note_to_lab": None,
    "taken_back_because": None,
}
LAB_QUEUE_EXAMPLE = {"samples": [WAITING_EXAMPLE], "next": None}


def waiting_out(facts: Mapping[str, Any], reasons: Mapping[str, str | None]) -> WaitingSample:
    """A sample as the laboratory sees it; `reasons` are of what was taken back, by label."""
    return {
        "lab_label": facts["lab_label"],
        "state": facts["state"],
        "received_at": facts["received_at"],
        "form": facts["form"],
        "colour": facts["colour"],
        "smell": facts["smell"],
        "weight_mg": facts["weight_mg"],
        "weighed": facts["weighed"],
        "already_used": facts["already_used"],
        "note_to_lab": facts["note_to_lab"],
        "taken_back_because": reasons.get(facts["lab_label"]),
    }


# --- Assays ---------------------------------------------------------------------------------------


class QuestionOut(TypedDict):
    """What may be a slip in an assay that was kept all the same: what is known, and what was sent.

    `field` points into the assay. `known` is null where nothing stands against it but experience.
    """

    code: QuestionCode
    field: str
    known: float | datetime | None
    sent: float | datetime


QUESTION_EXAMPLE = {
    "code": "weight-far-from-field",
    "field": "/rock_weight_mg",
    "known": 117.0,
    "sent": 1170.0,
}


def questions_out(questions: Iterable[Question]) -> list[QuestionOut]:
    """Questions as they are answered."""
    return [
        {
            "code": question.code,
            "field": question.field,
            "known": question.known,
            "sent": question.sent,
        }
        for question in questions
    ]


class SpreadOut(TypedDict):
    """How many replicates there are, their mean and standard deviation, in percent by weight."""

    n: int
    mean: float
    standard_deviation: float


class ResultOut(TypedDict):
    """One substance of an assay.

    `as_written` is the name that stood there, where one was explained to mean this substance. The
    content is the mean of `replicates`; `score` is how well a spectrum fits the library's, 0 to 1.
    """

    substance: str
    outcome: Outcome
    content_percent: float | None
    expressed_as: Basis | None
    uncertainty_percent: float | None
    lod_percent: float | None
    loq_percent: float | None
    as_written: str | None
    replicates: list[float] | None
    spread: SpreadOut | None
    score: float | None


class AssayOut(TypedDict):
    """A version of an assay as it is held; `panel` is the one that it names."""

    id: UUID
    lab_label: str
    version: int
    status: Status
    reason: str | None
    laboratory: str
    method: Method
    analysed_at: datetime
    rock_weight_mg: float | None
    results: list[ResultOut]
    panel: UUID | None
    confirmed: list[str]
    received_at: datetime


def assay_out(version: AssayVersion) -> AssayOut:
    """A version as its body; what a name was explained to mean stands beside what was written."""
    assay = version.assay
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
        "results": [_result_out(result) for result in assay.results],
        "panel": assay.panel,
        "confirmed": list(assay.confirmed),
        "received_at": version.received_at,
    }


def _result_out(result: Result) -> ResultOut:
    told = spread(result.replicates)
    return {
        "substance": result.substance,
        "outcome": result.outcome,
        "content_percent": result.content_percent,
        "expressed_as": result.expressed_as,
        "uncertainty_percent": result.uncertainty_percent,
        "lod_percent": result.lod_percent,
        "loq_percent": result.loq_percent,
        "as_written": result.as_written,
        "replicates": list(result.replicates) or None,
        "spread": _spread_out(told) if told else None,
        "score": result.score,
    }


def _spread_out(told: Spread) -> SpreadOut:
    return {"n": told.n, "mean": told.mean, "standard_deviation": told.standard_deviation}


# --- One sample -----------------------------------------------------------------------------------


class BenchAssay(AssayOut):
    """A version of an assay, and whether no later one has replaced it.

    `counting_panel` is the panel that counts for it, named or not. Of a version in force,
    `questions` are those that nobody has answered.
    """

    in_force: bool
    counting_panel: UUID | None
    questions: list[QuestionOut]


BENCH_ASSAY_EXAMPLE = {
    "id": "0192f3b0-1d2e-7000-8000-6a7b8c9d0e01",
    "lab_label": "Q7K3-M9XK",
    "version": 1,
    "status": "final",
    "reason": None,
    "laboratory": "chu-lille-toxicology",
    "method": "gc_ms",
    "analysed_at": "2026-11-22T08:00:00Z",
    "rock_weight_mg": 138.4,
    "results": [
        {
            "substance": "cocaine",
            "outcome": "quantified",
            "content_percent": 57.0,
            "expressed_as": "base",
            "uncertainty_percent": 5.0,
            "lod_percent": 0.1,
            "loq_percent": 0.5,
            "as_written": None,
            "replicates": [56.4, 57.6],
            "spread": {"n": 2, "mean": 57.0, "standard_deviation": 0.8485},
            "score": None,
        },
        {
            "substance": "caffeine",
            "outcome": "detected",
            "content_percent": None,
            "expressed_as": None,
            "uncertainty_percent": None,
            "lod_percent": None,
            "loq_percent": None,
            "as_written": "Substance X-17",
            "replicates": None,
            "spread": None,
            "score": None,
        },
    ],
    "panel": None,
    "confirmed": [],
    "received_at": "2026-11-22T10:12:00Z",
    "in_force": True,
    "counting_panel": "0192f3c0-1d2e-7000-8000-6a7b8c9d0e01",
    "questions": [QUESTION_EXAMPLE],
}


class BenchSample(WaitingSample):
    """One sample as the bench needs it, with every version of every assay of it."""

    closed: Closing | None
    """Why no laboratory will answer any more."""
    custody: list[CustodyEntry]
    analyses: list[BenchAssay]


BENCH_SAMPLE_EXAMPLE = {
    **WAITING_EXAMPLE,
    "state": "answered",
    "closed": None,
    **CUSTODY_EXAMPLE,
    "analyses": [BENCH_ASSAY_EXAMPLE],
}


def bench_sample_out(
    facts: Mapping[str, Any],
    versions: Sequence[AssayVersion],
    custody: Iterable[Custody],
    handed_in: HandedIn,
) -> BenchSample:
    """One sample at the bench as its body."""
    taken_back = {
        version.assay.lab_label: version.assay.reason
        for version in versions
        if version.in_force and version.assay.status is Status.WITHDRAWN
    }
    reasons = taken_back if facts["state"] == State.WITHDRAWN else {}
    asked = questions_of_each(versions, handed_in)
    analyses: list[BenchAssay] = [
        {
            **assay_out(version),
            "in_force": version.in_force,
            "counting_panel": version.panel.id if version.panel else None,
            "questions": questions_out(asked.get(version.assay.id, ()) if version.in_force else ()),
        }
        for version in versions
    ]
    return {
        **waiting_out(facts, reasons),
        "closed": facts["closed"],
        "custody": custody_out(custody),
        "analyses": analyses,
    }
