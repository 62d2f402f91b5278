"""What crosses HTTP where a sample gets no answer any more."""

from pydantic import ConfigDict
from typing_extensions import TypedDict

from service.foundation.strict import Strict
from service.vocabulary.codes import Closing, State


class ClosingIn(Strict):
    """Why no answer will come; null takes that back."""

    model_config = ConfigDict(json_schema_extra={"example": {"because": "too_little"}})

    because: Closing | None


class ClosingOut(TypedDict):
    """Where the sample's answer stands now, and why none will come."""

    lab_label: str
    state: State
    closed: Closing | None


CLOSING_EXAMPLE: ClosingOut = {
    "lab_label": "Q7K3-M9XK",
    "state": State.CLOSED,
    "closed": Closing.TOO_LITTLE,
}
