"""What crosses HTTP when a sample is taken in: strict JSON in, receipts out."""

from datetime import date, datetime
from typing import Annotated, Any, NotRequired, Self, TypeVar
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from typing_extensions import TypedDict

from service.foundation.problems import Flaw, Problem, Unfit
from service.foundation.strict import Instant, Strict, Text
from service.intake import pickup
from service.intake.held import Held, Taken
from service.intake.merge import MergeOutcome
from service.intake.sample import (
    AREA,
    MAX_CARD_LANGUAGES,
    MAX_CODES,
    MAX_NOTE,
    MAX_PRICE_EUR,
    MAX_REVISION,
    MAX_SOLD_AS,
    MAX_WEIGHT_MG,
    OWN_FACTS,
    Beliefs,
    Person,
    Sample,
    Transaction,
    Use,
)
from service.vocabulary import codes
from service.vocabulary.languages import Language

T = TypeVar("T")
MAX_PAD = 500

SAMPLE_ID = "0192f3a1-7c3e-7000-8000-3d1f5a2b9c01"
SAMPLE_EXAMPLE: dict[str, Any] = {
    "revision": 1,
    "taken_at": "2026-11-20T23:10:00+01:00",
    "pickup_code": "7K3M-9QXT-4HBW2",
    "reason": "wants_to_know",
    "sold_as": "crack",
    "sold_as_name": None,
    "form": "rock",
    "colour": "off_white",
    "smell": "none",
    "weight_mg": 138,
    "weighed": "whole_rock",
    "size": None,
    "already_used": False,
    "transaction": {
        "price_eur": 20,
        "no_price_because": None,
        "bought_on": "2026-11-20",
        "place_type": "street",
        "area": "75118",
        "seller_type": "street_seller",
    },
    "beliefs": {
        "guess_percent": 40,
        "quality": "average",
        "believed_cuts": ["amphetamine", "buprenorphine"],
        "effects_blamed_on_cuts": ["tight_jaw"],
        "basing_cleans": True,
        "ammonia_left": False,
    },
    "use": {
        "route": "smoked",
        "effects_sought": [],
        "effects_felt": ["tight_jaw"],
        "unexpected_effects": False,
        "also_uses": ["alcohol"],
    },
    "person": {"age_band": "35-44", "gender": "woman"},
    "card_languages": ["ru", "fr"],
    "note_to_lab": None,
}


def once(values: object) -> object:
    """The list without repetitions, as it was ordered.

    Anything else is left for the field to refuse.
    """
    if not isinstance(values, list):
        return values

    listed: list[object] = values
    if all(isinstance(value, str) for value in listed):
        return tuple(dict.fromkeys(listed))
    return values


Listed = Annotated[
    Annotated[tuple[T, ...], Field(max_length=MAX_CODES)] | None, BeforeValidator(once)
]


class TransactionIn(Strict):
    price_eur: Annotated[float, Field(ge=0, le=MAX_PRICE_EUR)] | None = None
    no_price_because: codes.NoPrice | None = None
    bought_on: date | None = None
    place_type: codes.PlaceType | None = None
    area: Annotated[Text, Field(pattern=AREA)] | None = None
    seller_type: codes.SellerType | None = None


class BeliefsIn(Strict):
    guess_percent: Annotated[float, Field(ge=0, le=100)] | None = None
    quality: codes.Quality | None = None
    believed_cuts: Listed[Text] = None
    effects_blamed_on_cuts: Listed[codes.BlamedEffect] = None
    basing_cleans: bool | None = None
    ammonia_left: bool | None = None


class UseIn(Strict):
    route: codes.Route | None = None
    effects_sought: Listed[codes.Effect] = None
    effects_felt: Listed[codes.Effect] = None
    unexpected_effects: bool | None = None
    also_uses: Listed[codes.AlsoUses] = None


class PersonIn(Strict):
    age_band: codes.AgeBand | None = None
    gender: codes.Gender | None = None


class SampleIn(Strict):
    """One sample. Only `revision`, `taken_at` and `pickup_code` are required."""

    model_config = ConfigDict(json_schema_extra={"example": SAMPLE_EXAMPLE})

    revision: Annotated[int, Field(ge=1, le=MAX_REVISION)]
    taken_at: Instant
    pickup_code: Annotated[Text, Field(min_length=1, max_length=64)]
    reason: codes.Reason | None = None
    sold_as: codes.SoldAs | None = None
    sold_as_name: Annotated[Text, Field(max_length=MAX_SOLD_AS)] | None = None
    form: codes.Form | None = None
    colour: codes.Colour | None = None
    smell: codes.Smell | None = None
    weight_mg: Annotated[float, Field(gt=0, le=MAX_WEIGHT_MG)] | None = None
    weighed: codes.Weighed | None = None
    size: codes.Size | None = None
    already_used: bool | None = None
    transaction: TransactionIn | None = None
    beliefs: BeliefsIn | None = None
    use: UseIn | None = None
    person: PersonIn | None = None
    card_languages: Annotated[
        Annotated[tuple[Language, ...], Field(max_length=MAX_CARD_LANGUAGES)] | None,
        BeforeValidator(once),
    ] = None
    note_to_lab: Annotated[Text, Field(max_length=MAX_NOTE)] | None = None

    def sample(self, id: UUID, keys: pickup.Keys, now: datetime) -> Sample:
        """The sample, with the digest of its code instead of the code. Raises Unfit."""
        code = pickup.read(self.pickup_code)
        if not pickup.is_valid(code):
            raise Unfit(Flaw("/pickup_code", "unknown-pickup-code"))

        own_facts = {name: getattr(self, name) for name in OWN_FACTS}
        sample = Sample(
            id=id,
            pickup=keys.digest(code),
            card_languages=self.card_languages or (),
            transaction=Transaction(**dict(self.transaction or ())),
            beliefs=Beliefs(**dict(self.beliefs or ())),
            use=Use(**dict(self.use or ())),
            person=Person(**dict(self.person or ())),
            **own_facts,
        )
        return sample.checked(now)


class PadIn(Strict):
    """How many pickup codes to take along."""

    model_config = ConfigDict(json_schema_extra={"example": {"count": 50}})

    count: Annotated[int, Field(ge=1, le=MAX_PAD)]


# --- Out ---


class SampleReceipt(TypedDict):
    """What became of a sample that was sent, and how the laboratory will know it."""

    id: UUID
    outcome: MergeOutcome
    revision: int
    lab_label: str
    received_at: datetime


class SampleOut(TypedDict):
    """A held sample, nested as it was sent. Code and languages are for its own site alone."""

    id: UUID
    revision: int
    taken_at: datetime
    reason: codes.Reason | None
    sold_as: codes.SoldAs | None
    sold_as_name: str | None
    form: codes.Form | None
    colour: codes.Colour | None
    smell: codes.Smell | None
    weight_mg: float | None
    weighed: codes.Weighed | None
    size: codes.Size | None
    already_used: bool | None
    note_to_lab: str | None
    transaction: Transaction
    beliefs: Beliefs
    use: Use
    person: Person
    site: str
    lab_label: str
    state: codes.State
    received_at: datetime
    updated_at: datetime
    pickup_code: NotRequired[str]
    card_languages: NotRequired[tuple[Language, ...]]


class SampleSummary(TypedDict):
    """A line of the list of samples."""

    id: UUID
    revision: int
    state: codes.State
    site: str
    lab_label: str
    taken_at: datetime
    received_at: datetime
    updated_at: datetime


class SamplePage(TypedDict):
    """Samples in the order of their last change.

    `next` is the cursor of the next page, if there is one.
    """

    samples: list[SampleSummary]
    next: str | None


class Pad(TypedDict):
    """Pickup codes to take along, each for one sample."""

    codes: list[str]


RECEIPT_EXAMPLE = {
    "id": SAMPLE_ID,
    "outcome": "new",
    "revision": 1,
    "lab_label": "Q7K3-M9XK",
    "received_at": "2026-11-20T22:10:04Z",
}
SAMPLE_OUT_EXAMPLE = {
    **SAMPLE_EXAMPLE,
    "id": SAMPLE_ID,
    "site": "lyon-1",
    "lab_label": "Q7K3-M9XK",
    "state": "waiting",
    "received_at": "2026-11-20T22:10:04Z",
    "updated_at": "2026-11-20T22:10:04Z",
}
SAMPLES_EXAMPLE = {
    "samples": [
        {
            "id": SAMPLE_ID,
            "revision": 1,
            "state": "waiting",
            "site": "lyon-1",
            "lab_label": "Q7K3-M9XK",
            "taken_at": "2026-11-20T22:10:00Z",
            "received_at": "2026-11-20T22:10:04Z",
            "updated_at": "2026-11-20T22:10:04Z",
        }
    ],
    "next": None,
}
PAD_EXAMPLE = {"codes": ["7K3M-9QXT-4HBW2"]}


def receipt(outcome: MergeOutcome, held: Held) -> SampleReceipt:
    """The receipt of a sample that is held."""
    return {
        "id": held.sample.id,
        "outcome": outcome,
        "revision": held.sample.revision,
        "lab_label": held.lab_label,
        "received_at": held.received_at,
    }


def sample_out(held: Held, keys: pickup.Keys | None) -> SampleOut:
    """The sample as it is held; with its code and languages only where the keys are given."""
    sample = held.sample
    body: SampleOut = {
        "id": sample.id,
        "revision": sample.revision,
        "taken_at": sample.taken_at,
        "reason": sample.reason,
        "sold_as": sample.sold_as,
        "sold_as_name": sample.sold_as_name,
        "form": sample.form,
        "colour": sample.colour,
        "smell": sample.smell,
        "weight_mg": sample.weight_mg,
        "weighed": sample.weighed,
        "size": sample.size,
        "already_used": sample.already_used,
        "note_to_lab": sample.note_to_lab,
        "transaction": sample.transaction,
        "beliefs": sample.beliefs,
        "use": sample.use,
        "person": sample.person,
        "site": held.site,
        "lab_label": held.lab_label,
        "state": held.state,
        "received_at": held.received_at,
        "updated_at": held.updated_at,
    }

    if keys is not None:
        body["pickup_code"] = pickup.spelled(keys.unseal(held.sealed_code))
        body["card_languages"] = sample.card_languages
    return body


def summary(held: Held) -> SampleSummary:
    """The sample's line in the list."""
    return {
        "id": held.sample.id,
        "revision": held.sample.revision,
        "state": held.state,
        "site": held.site,
        "lab_label": held.lab_label,
        "taken_at": held.sample.taken_at,
        "received_at": held.received_at,
        "updated_at": held.updated_at,
    }


def refused(taken: Taken, site: str | None, keys: pickup.Keys) -> Problem:
    """The refusal of what was sent, with what is held where it is that site's."""
    held = taken.held
    if held is None or held.site != site:
        return Problem(taken.outcome)
    return Problem(taken.outcome, held=sample_out(held, keys))


def status_of(outcome: MergeOutcome) -> int:
    """The status that a sample which is held is answered with."""
    return 201 if outcome is MergeOutcome.NEW else 200


class Cursor(BaseModel):
    """A place in the list of samples: the last one seen."""

    model_config = ConfigDict(frozen=True)

    updated_at: Instant
    id: UUID

    @classmethod
    def read(cls, text: str) -> Self:
        """Raises ValueError for what is no cursor of ours."""
        updated_at, _, id = text.partition("_")
        return cls.model_validate({"updated_at": updated_at, "id": id})

    def __str__(self) -> str:
        updated_at = self.updated_at.isoformat().replace("+00:00", "Z")
        return f"{updated_at}_{self.id.hex}"
