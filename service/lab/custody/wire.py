"""What crosses HTTP about the material: what happened to it, in and out."""

from collections.abc import Iterable
from datetime import datetime

from pydantic import ConfigDict
from typing_extensions import TypedDict

from service.foundation.strict import Instant, Strict
from service.lab.custody.events import Custody
from service.vocabulary.codes import CustodyEvent


class CustodyIn(Strict):
    """What happened to the material, and when."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"event": "received", "at": "2026-11-21T09:00:00+01:00"}}
    )

    event: CustodyEvent
    at: Instant | None = None


class CustodyEntry(TypedDict):
    """One thing that happened to the material, and when."""

    event: CustodyEvent
    at: datetime


class CustodyOut(TypedDict):
    """Everything that happened to the material, in order."""

    custody: list[CustodyEntry]


CUSTODY_EXAMPLE = {"custody": [{"event": "received", "at": "2026-11-21T08:00:00Z"}]}


def custody_out(custody: Iterable[Custody]) -> list[CustodyEntry]:
    """What happened to the material, as a list of entries."""
    return [{"event": entry.event, "at": entry.at} for entry in custody]
