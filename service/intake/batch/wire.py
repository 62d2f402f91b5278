"""What crosses HTTP when many rocks are taken in: each is judged alone, answered in its place."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal, NotRequired
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator
from typing_extensions import TypedDict

from service.foundation.problems import FlawBody
from service.foundation.strict import Strict, Text
from service.intake.merge import MergeOutcome
from service.intake.wire import RECEIPT_EXAMPLE, SAMPLE_EXAMPLE, SAMPLE_ID, SampleIn

MAX_BATCH = 500


class SampleInBatch(SampleIn):
    """A sample that brings its own id, as it has no address."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"id": SAMPLE_ID, **SAMPLE_EXAMPLE},
        }
    )

    id: UUID


class BatchIn(BaseModel):
    """Up to 500 samples, as `{"samples": […]}` or as a bare list. Each is judged alone."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"samples": [{"id": SAMPLE_ID, **SAMPLE_EXAMPLE}]},
        }
    )

    samples: Annotated[list[object], Field(max_length=MAX_BATCH)]

    @model_validator(mode="before")
    @classmethod
    def _bare(cls, data: object) -> object:
        return {"samples": data} if isinstance(data, list) else data


class CarriedIn(Strict):
    """The file that a tablet leaves: its rocks, each sealed for this service."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"caillou": "carried", "version": 1, "rocks": ["BPh4…"]}}
    )

    caillou: Literal["carried"]
    version: Literal[1]
    rocks: Annotated[list[Text], Field(max_length=MAX_BATCH)]


class BatchLine(TypedDict):
    """One of many: a receipt, or the problem (RFC 9457) that it is refused with.

    `id` is null where the record gave none to read.
    """

    id: UUID | str | None
    status: int
    outcome: NotRequired[MergeOutcome]
    revision: NotRequired[int]
    lab_label: NotRequired[str]
    received_at: NotRequired[datetime]
    type: NotRequired[str]
    title: NotRequired[str]
    errors: NotRequired[list[FlawBody]]
    held: NotRequired[Mapping[str, object]]


class BatchReceipts(TypedDict):
    """A receipt or a problem for each record, in order."""

    receipts: list[BatchLine]


RECEIPTS_EXAMPLE = {"receipts": [{"status": 201, **RECEIPT_EXAMPLE}]}
