"""What crosses HTTP when a sample is taken in: strict JSON in, receipts out."""

from datetime import date, datetime
from typing import Annotated, Any, Literal, NotRequired, Self, TypeVar
from uuid import UUID

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)
from typing_extensions import TypedDict

from service.foundation.strict import Instant, Strict, Text
from service.intake import pickup
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
MAX_BATCH = 500
MAX_PAD = 500

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


def once(values: Any) -> Any:
    """The list without repetitions, as it was ordered; anything else is left for the field to refuse."""
    if isinstance(values, list) and all(isinstance(v, str) for v in values):
        return tuple(dict.fromkeys(values))
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

    def sample(self, id: UUID, keys: pickup.Keys) -> Sample:
        """The sample, with the digest of its code instead of the code; not yet checked."""
        return Sample(
            id=id,
            pickup=keys.digest(pickup.read(self.pickup_code)),
            card_languages=self.card_languages or (),
            transaction=Transaction(**dict(self.transaction or ())),
            beliefs=Beliefs(**dict(self.beliefs or ())),
            use=Use(**dict(self.use or ())),
            person=Person(**dict(self.person or ())),
            **{name: getattr(self, name) for name in OWN_FACTS},
        )


class SampleInBatch(SampleIn):
    """A sample that brings its own id, as it has no address."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"id": "0192f3a1-7c3e-7000-8000-3d1f5a2b9c01", **SAMPLE_EXAMPLE}
        }
    )

    id: UUID


class BatchIn(BaseModel):
    """Up to 500 samples, as `{"samples": […]}` or as a bare list. Each is judged alone."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "samples": [{"id": "0192f3a1-7c3e-7000-8000-3d1f5a2b9c01", **SAMPLE_EXAMPLE}]
            }
        }
    )

    samples: Annotated[list[Any], Field(max_length=MAX_BATCH)]

    @model_validator(mode="before")
    @classmethod
    def _bare(cls, data: Any) -> Any:
        return {"samples": data} if isinstance(data, list) else data


class CarriedIn(Strict):
    """The file that a tablet leaves: its rocks, each sealed for this service."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"caillou": "carried", "version": 1, "rocks": ["BPh4…"]}}
    )

    caillou: Literal["carried"]
    version: Literal[1]
    rocks: Annotated[list[Text], Field(max_length=MAX_BATCH)]


class PadIn(Strict):
    """How many pickup codes to take along."""

    model_config = ConfigDict(json_schema_extra={"example": {"count": 50}})

    count: Annotated[int, Field(ge=1, le=MAX_PAD)]


# --- Out -----------------------------------------------------------------------------------------------


class SampleReceipt(TypedDict):
    """What became of a sample that was sent, and how the laboratory will know it."""

    id: UUID
    outcome: MergeOutcome
    revision: int
    lab_label: str
    received_at: datetime


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
    errors: NotRequired[list[dict[str, str]]]
    held: NotRequired[dict[str, Any]]


class BatchReceipts(TypedDict):
    """A receipt or a problem for each record, in order."""

    receipts: list[BatchLine]


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
    """Samples in the order of their last change; `next` is the cursor of the next page, if there is one."""

    samples: list[SampleSummary]
    next: str | None


class Pad(TypedDict):
    """Pickup codes to take along, each for one sample."""

    codes: list[str]


RECEIPT_EXAMPLE = {
    "id": "0192f3a1-7c3e-7000-8000-3d1f5a2b9c01",
    "outcome": "new",
    "revision": 1,
    "lab_label": "Q7K3-M9XK",
    "received_at": "2026-11-20T22:10:04Z",
}
RECEIPTS_EXAMPLE = {"receipts": [{"status": 201, **RECEIPT_EXAMPLE}]}
SAMPLE_OUT_EXAMPLE = {
    **SAMPLE_EXAMPLE,
    "id": RECEIPT_EXAMPLE["id"],
    "site": "lyon-1",
    "lab_label": "Q7K3-M9XK",
    "state": "waiting",
    "received_at": "2026-11-20T22:10:04Z",
    "updated_at": "2026-11-20T22:10:04Z",
}
SAMPLES_EXAMPLE = {
    "samples": [
        {
            "id": RECEIPT_EXAMPLE["id"],
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
        return f"{self.updated_at.isoformat().replace('+00:00', 'Z')}_{self.id.hex}"
