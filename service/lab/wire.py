"""What crosses HTTP when a laboratory reports: strict JSON in, receipts out."""

from collections.abc import Iterable
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
from service.lab.bench.wire import QUESTION_EXAMPLE, QuestionOut, questions_out
from service.lab.questions import Question, QuestionCode
from service.lab.replicates import FEWEST_REPLICATES, MOST_REPLICATES
from service.vocabulary.codes import Basis, Method, Outcome, Status
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
