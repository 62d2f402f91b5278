"""What crosses HTTP when a laboratory reports: strict JSON in, receipts out."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import ConfigDict, Field

from service.foundation.strict import Instant, Name, Strict, Text
from service.intake.pickup import read_label
from service.lab.assay import (
    MAX_NAME,
    MAX_REASON,
    MAX_RESULTS,
    MAX_VERSION,
    MAX_WEIGHT_MG,
    Assay,
    Result,
)
from service.vocabulary.codes import Basis, CustodyEvent, Method, Outcome, Status
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

    def result(self) -> Result:
        return Result(**{**dict(self), "substance": resolve(self.substance)})


class WithdrawalIn(Strict):
    """Why an analysis is taken back."""

    model_config = ConfigDict(json_schema_extra={"example": {"reason": "wrong vial"}})

    reason: Annotated[Name, Field(min_length=1, max_length=MAX_REASON)]


class NameIn(Strict):
    """Which substance a name means that laboratories write; none takes an explanation back."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"name": "Substance X-17", "substance": "caffeine"}}
    )

    name: Annotated[Name, Field(min_length=1, max_length=MAX_NAME)]
    substance: Annotated[Text, Field(max_length=40)] | None


class CustodyIn(Strict):
    """What happened to the material, and when."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"event": "received", "at": "2026-11-21T09:00:00+01:00"}}
    )

    event: CustodyEvent
    at: Instant | None = None


class AssayIn(Strict):
    """One version of one analysis; a higher version replaces a lower one, and both are kept."""

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

    def assay(self, id: UUID) -> Assay:
        """The assay, not yet checked."""
        own = dict(self)
        own.update(
            lab_label=read_label(self.lab_label),
            reason=(self.reason or "").strip() or None,
            results=tuple(one.result() for one in self.results),
        )
        return Assay(id=id, **own)
