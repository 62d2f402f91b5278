"""What crosses HTTP when a laboratory reports: strict JSON in, receipts out."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import ConfigDict, Field
from typing_extensions import TypedDict

from service.foundation.strict import Instant, Name, Strict, Text
from service.intake import merge
from service.intake.pickup import read_label
from service.lab.assay import (
    MAX_NAME,
    MAX_REASON,
    MAX_RESULTS,
    MAX_VERSION,
    MAX_WEIGHT_MG,
    Assay,
    AssayVersion,
    Result,
)
from service.lab.bench.wire import WAITING_EXAMPLE, WaitingSample, waiting_out
from service.lab.custody.events import Custody
from service.lab.custody.wire import CUSTODY_EXAMPLE, CustodyEntry, custody_out
from service.lab.questions import HandedIn, Question, QuestionCode, questions_of_each
from service.lab.replicates import FEWEST_REPLICATES, MOST_REPLICATES, Spread, spread
from service.vocabulary.codes import Basis, Closing, Method, Outcome, State, Status
from service.vocabulary.substances import resolve

ASSAY_EXAMPLE: dict[str, Any] = {
    "lab_label": "Q7K3-M9XK",
    "version": 1,
    "status": "final",
    "reason": None,
    "laboratory": "chu-lille-toxicology",
    "method": "gc_ms",
    "analysed_at": "2026-11-22T09:00:00+01:00",
    "rock_weight_mg": 138.4,
    "results": [
        {
            "substance": "cocaine",
            "outcome": "quantified",
            "content_percent": 57.0,
            "expressed_as": "base",
            "uncertainty_percent": 5,
            "lod_percent": 0.1,
            "loq_percent": 0.5,
        },
        {"substance": "levamisole", "outcome": "detected"},
        {"substance": "amphetamine", "outcome": "not_detected", "lod_percent": 0.1},
        {"substance": "buprenorphine", "outcome": "not_tested"},
    ],
}
Percent = Annotated[float, Field(ge=0, le=100)]


class ResultIn(Strict):
    """One substance: a code of the vocabulary, or the name as the instrument wrote it."""

    substance: Annotated[Name, Field(min_length=1, max_length=MAX_NAME)]
    outcome: Outcome
    content_percent: Percent | None = None
    expressed_as: Basis | None = None
    uncertainty_percent: Percent | None = None
    lod_percent: Percent | None = None
    loq_percent: Percent | None = None
    replicates: (
        Annotated[
            tuple[Percent, ...],
            Field(min_length=FEWEST_REPLICATES, max_length=MOST_REPLICATES),
        ]
        | None
    ) = None
    score: Annotated[float, Field(ge=0, le=1)] | None = None

    def result(self) -> Result:
        """As it is kept: with the mean and the spread of its replicates."""
        result = Result(
            substance=resolve(self.substance),
            outcome=self.outcome,
            content_percent=self.content_percent,
            expressed_as=self.expressed_as,
            uncertainty_percent=self.uncertainty_percent,
            lod_percent=self.lod_percent,
            loq_percent=self.loq_percent,
            replicates=self.replicates or (),
            score=self.score,
        )
        return result.summed_up


class WithdrawalIn(Strict):
    """Why an assay is taken back."""

    model_config = ConfigDict(json_schema_extra={"example": {"reason": "wrong vial"}})

    reason: Annotated[Name, Field(min_length=1, max_length=MAX_REASON)]


class AssayIn(Strict):
    """One version of one assay; a higher version replaces a lower one, and both are kept."""

    model_config = ConfigDict(json_schema_extra={"example": ASSAY_EXAMPLE})

    lab_label: Annotated[Text, Field(min_length=1, max_length=40)]
    version: Annotated[int, Field(ge=1, le=MAX_VERSION)]
    status: Status
    reason: Annotated[Text, Field(max_length=MAX_REASON)] | None = None
    laboratory: Annotated[Name, Field(min_length=1, max_length=MAX_NAME)]
    method: Method
    analysed_at: Instant
    rock_weight_mg: Annotated[float, Field(gt=0, le=MAX_WEIGHT_MG)] | None = None
    results: Annotated[tuple[ResultIn, ...], Field(max_length=MAX_RESULTS)]
    panel: UUID | None = None
    confirm: Annotated[tuple[QuestionCode, ...], Field(max_length=len(QuestionCode))] = ()

    def assay(self, id: UUID) -> Assay:
        """The assay, not yet checked."""
        return Assay(
            id=id,
            lab_label=read_label(self.lab_label),
            version=self.version,
            status=self.status,
            laboratory=self.laboratory,
            method=self.method,
            analysed_at=self.analysed_at,
            reason=(self.reason or "").strip() or None,
            rock_weight_mg=self.rock_weight_mg,
            results=tuple(result.result() for result in self.results),
            panel=self.panel,
            confirmed=tuple(dict.fromkeys(self.confirm)),
        )


# --- Assays out -----------------------------------------------------------------------------------


class QuestionOut(TypedDict):
    """What may be a slip in an assay that was kept all the same: what is known, and what was sent.

    `field` points into the assay. `known` is null where nothing stands against it but experience.
    """

    code: QuestionCode
    field: str
    known: float | datetime | None
    sent: float | datetime


class AssayReceipt(TypedDict):
    """What became of a version that was sent, and which one is in force.

    `questions` wait for an answer: the same body with `confirm`, or a correction.
    """

    id: UUID
    outcome: merge.MergeOutcome
    version: int
    status: Status
    lab_label: str
    received_at: datetime
    questions: list[QuestionOut]


QUESTION_EXAMPLE = {
    "code": "weight-far-from-field",
    "field": "/rock_weight_mg",
    "known": 117.0,
    "sent": 1170.0,
}
ASSAY_RECEIPT_EXAMPLE = {
    "id": "0192f3b0-1d2e-7000-8000-6a7b8c9d0e01",
    "outcome": "new",
    "version": 1,
    "status": "final",
    "lab_label": "Q7K3-M9XK",
    "received_at": "2026-11-22T10:12:00Z",
    "questions": [QUESTION_EXAMPLE],
}


def receipt_out(
    outcome: merge.MergeOutcome, version: AssayVersion, open_questions: Iterable[Question]
) -> AssayReceipt:
    """The receipt for a version that was sent, with the one that is in force."""
    return {
        "id": version.assay.id,
        "outcome": outcome,
        "version": version.assay.version,
        "status": version.assay.status,
        "lab_label": version.assay.lab_label,
        "received_at": version.received_at,
        "questions": questions_out(open_questions),
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


# --- The bench ------------------------------------------------------------------------------------


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
