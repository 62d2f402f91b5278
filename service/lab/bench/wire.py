"""What crosses HTTP of samples that wait: what the laboratory needs to know of them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from typing_extensions import TypedDict

from service.vocabulary import codes
from service.vocabulary.codes import State


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
}
LAB_QUEUE_EXAMPLE = {"samples": [WAITING_EXAMPLE], "next": None}


def waiting_out(facts: Mapping[str, Any]) -> WaitingSample:
    """A sample as the laboratory sees it, from what intake says of it."""
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
    }
