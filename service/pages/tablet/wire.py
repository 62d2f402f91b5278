"""What crosses HTTP between a tablet and the service, beside rocks and results."""

from collections.abc import Mapping, Sequence
from typing import Annotated

from pydantic import ConfigDict, Field
from typing_extensions import TypedDict

from service.foundation.strict import Strict, Text

_DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
Digest = Annotated[Text, Field(pattern=r"^[0-9a-f]{64}$")]


class EnrolIn(Strict):
    """The code that was shown, and the SHA-256 of the token that the tablet has drawn."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"code": "Q7K3-M9XK", "token_sha256": _DIGEST}}
    )

    code: Annotated[Text, Field(max_length=40)]
    token_sha256: Digest


class StandingIn(Strict):
    """The SHA-256 of a token: it opens nothing."""

    model_config = ConfigDict(json_schema_extra={"example": {"token_sha256": _DIGEST}})

    token_sha256: Digest


class PagesIn(Strict):
    """How many codes to take along."""

    model_config = ConfigDict(json_schema_extra={"example": {"count": 50}})

    count: Annotated[int, Field(ge=1, le=100)]


class Enrolment(TypedDict):
    """A tablet that was let in: its name and its site."""

    label: str
    site: str | None


class TabletStanding(TypedDict):
    """Whether the token of this SHA-256 still opens anything."""

    token_sha256: str
    stands: bool


class PadPage(TypedDict):
    """A pickup code, and its square code drawn: an SVG path, and how wide that is in modules."""

    code: str
    width: str
    path: str


class DrawnPad(TypedDict):
    """Pickup codes to hand out, each drawn."""

    codes: Sequence[PadPage]


ENROLLED_EXAMPLE: Enrolment = {"label": "red tablet", "site": "lyon-1"}
STANDING_EXAMPLE: TabletStanding = {"token_sha256": _DIGEST, "stands": True}
PAD_EXAMPLE: DrawnPad = {"codes": [{"code": "7K3M-9QXT-4HBW2", "width": "33", "path": "M2 2.5h7…"}]}


# --- The kit ------------------------------------------------------------------------------------


class KitLanguage(TypedDict):
    """A language in which a person can be told something; `direction` is ltr or rtl."""

    code: str
    name: str
    direction: str


class KitLimits(TypedDict):
    """The most that can be entered: mg, euros, characters of a note and of a product's name."""

    weight_mg: float
    price_eur: float
    note: int
    sold_as: int


class KitNoRock(TypedDict):
    """Answers after which there is no rock to weigh."""

    form: Sequence[str]
    sold_as: Sequence[str]


class KitCoarse(TypedDict):
    """Estimates from `from_mg` on, a row every `step_mg`."""

    from_mg: int
    step_mg: int
    rows: Sequence[Sequence[float]]


class KitEstimates(TypedDict):
    """What rocks hold, in rows of low, middle and high, in mg, to a tenth.

    `fine` has a row for each whole mg from 1 on. `sizes` has one for a rock that was not weighed.
    """

    fine: Sequence[Sequence[float]]
    coarse: KitCoarse
    sizes: Mapping[str, Sequence[float]]


class KitEstimate(KitEstimates):
    """The estimates, and the most cocaine that is ever said, in mg."""

    most_mg: float


class KitFacts(TypedDict):
    """What is told apart of a rock that waits; `route` is empty where nobody said."""

    crack_rock: bool
    weighed: bool
    route: str
    also_uses: Sequence[str]


class KitCase(KitFacts):
    """What is said while a rock waits, by what the tablet knows: keys of messages, in order."""

    keys: Sequence[str]


class KitMessage(TypedDict):
    """A message in every language; `{weight}`, `{low}` and `{high}` are the tablet's to fill in."""

    slot: str
    text: Mapping[str, str]
    pictogram: str | None


class TabletKit(TypedDict):
    """Everything a tablet needs for a day without a network.

    `labels` are by language, field and code, `frames` by language and key, `marks` and
    `interpreter` by those languages that have one. `pictograms` are SVG.
    """

    site: str
    words: str
    public_key: str
    languages: Sequence[KitLanguage]
    lists: Mapping[str, Sequence[str]]
    labels: Mapping[str, Mapping[str, Mapping[str, str]]]
    substances: Sequence[str]
    limits: KitLimits
    no_rock: KitNoRock
    estimate: KitEstimate
    waiting: Sequence[KitCase]
    messages: Mapping[str, KitMessage]
    pictograms: Mapping[str, str]
    frames: Mapping[str, Mapping[str, str]]
    marks: Mapping[str, str]
    interpreter: Mapping[str, str]


KIT_EXAMPLE: TabletKit = {
    "site": "lyon-1",
    "words": "a7e62875",
    "public_key": "BPs0…",
    "languages": [{"code": "fr", "name": "Français", "direction": "ltr"}],
    "lists": {"smell": ["none", "ammonia", "solvent", "vinegar", "other"]},
    "labels": {
        "en": {"smell": {"ammonia": "ammonia"}, "substance": {"levamisole": "levamisole"}},
    },
    "substances": ["amphetamine", "buprenorphine", "levamisole"],
    "limits": {"weight_mg": 10000, "price_eur": 10000, "note": 200, "sold_as": 40},
    "no_rock": {"form": ["liquid", "paste"], "sold_as": ["powder_cocaine"]},
    "estimate": {
        "most_mg": 209.0,
        "fine": [[0.0, 0.6, 0.9], [0.1, 1.1, 1.8]],
        "coarse": {"from_mg": 600, "step_mg": 50, "rows": [[230.3, 341.8, 480.1]]},
        "sizes": {"small": [27.0, 42.6, 59.7]},
    },
    "waiting": [
        {
            "crack_rock": True,
            "weighed": False,
            "route": "smoked",
            "also_uses": ["alcohol"],
            "keys": ["alert-recent"],
        }
    ],
    "messages": {
        "alert-recent": {
            "slot": "alert",
            "text": {"en": "Warning: fentanyl was found in another rock here."},
            "pictogram": "warning",
        },
        "helpline": {"slot": "care", "text": {"en": "…"}, "pictogram": None},
    },
    "pictograms": {"warning": "<svg…"},
    "frames": {"en": {"card-title": "What is in your rock"}},
    "marks": {"en": "Draft: no native speaker and no doctor has checked this text."},
    "interpreter": {},
}
