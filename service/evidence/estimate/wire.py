"""What crosses HTTP of what to expect: the shapes of the estimate and of how well it did."""

from collections.abc import Mapping, Sequence
from typing import Literal

from typing_extensions import TypedDict

from service.evidence.calibration import Calibration, written_month
from service.evidence.dose import Amount, Market, implied
from service.evidence.reference import LATER_COCAINE, PUBLISHED_SURVEY, SURVEY, Reference
from service.vocabulary.codes import Basis


class AmountOut(TypedDict):
    """Cocaine in mg, with the interval that holds it at `level`, where an uncertainty is known."""

    low_mg: float | None
    middle_mg: float
    high_mg: float | None
    level: float | None
    basis: Basis


class ReferenceName(TypedDict):
    """A published source, as whoever compares names it."""

    reference: str
    source: str
    years: str
    population: str
    basis: str


class RestsOnRocks(ReferenceName):
    """The rocks that an estimate rests on: the published survey's, and this network's own."""

    published_rocks: float
    """How many rocks the survey counts as."""
    later_reference: str
    later_rocks: float
    """How many rocks count as that reference's, as the market may have moved since the survey."""
    own_rocks: int
    """How many rocks this network's count as, the older ones for less."""
    measured: int
    """How many those are."""
    half_life_months: float | None
    """After how long one of them counts half as much: by what came nearest in the past."""
    may_hold_more: bool
    """Whether the card says so instead of "8 in 10": see the calibration for why."""
    hardly_any_share: float
    """The share of rocks that hold hardly any cocaine."""


class EstimateOut(AmountOut):
    """How much cocaine such rocks hold, and what says so."""

    rests_on: RestsOnRocks


class MonthlyBias(TypedDict):
    """The middle of measured less expected in one month; null where there are too few rocks."""

    month: str
    rocks: int
    median_mg: float | None


class ModelBesidePublished(TypedDict):
    """What the model gives for a figure that it was not made from, and what was published."""

    model: float
    published: float


class ModelBesideSurvey(TypedDict):
    """The model of the published figures, held against two others of the same source."""

    reference: str
    correlation: ModelBesidePublished
    median_mg: ModelBesidePublished


class CardSays(TypedDict):
    """Which sentence a card says of an estimate now, and why."""

    sentence: Literal["eight_in_ten", "may_hold_more"]
    because: Literal["held", "few_known", "often_missed"]
    """Of its last predictions enough held, fewer than ten are known, or under 70 % held."""
    last_predictions: int
    """Of content, by month; the coverage is of amounts, rock by rock, over all that is replayed."""
    held: float | None
    """The share of them whose rock lay in its 80 % interval; None where there are none."""


class CalibrationOut(TypedDict):
    """How well the estimate did. Coverage is by percent, empty where there are too few rocks."""

    rocks: int
    half_life_months: float | None
    """As it is chosen now."""
    card_says: CardSays
    coverage: Mapping[str, float]
    coverage_published_only: Mapping[str, float]
    above: float | None
    """The share of rocks that hold more than their 80 % interval."""
    sharpness: float | None
    hardly_any_share: float | None
    bias: Sequence[MonthlyBias]
    model_beside_survey: ModelBesideSurvey


SURVEY_NAME = {
    "reference": "sintes-crack-2018-2019",
    "source": "OFDT/Inserm 2020",
    "years": "2018–2019",
    "population": "144 rocks with questionnaires, Île-de-France",
    "basis": "not stated",
}
ESTIMATE_EXAMPLE = {
    "low_mg": 53.0,
    "middle_mg": 78.6,
    "high_mg": 104.2,
    "level": 0.8,
    "basis": "base",
    "rests_on": {
        **SURVEY_NAME,
        "published_rocks": 2.1,
        "later_reference": "ofdt-2023",
        "later_rocks": 1.9,
        "own_rocks": 31,
        "measured": 80,
        "half_life_months": 3,
        "may_hold_more": False,
        "hardly_any_share": 0.02,
    },
}
CALIBRATION_EXAMPLE = {
    "rocks": 5000,
    "half_life_months": 3,
    "card_says": {
        "sentence": "eight_in_ten",
        "because": "held",
        "last_predictions": 52,
        "held": 0.79,
    },
    "coverage": {"50": 0.5, "80": 0.8, "95": 0.95},
    "coverage_published_only": {"50": 0.35, "80": 0.64, "95": 0.87},
    "above": 0.11,
    "sharpness": 0.72,
    "hardly_any_share": 0.02,
    "bias": [{"month": "2026-05", "rocks": 210, "median_mg": -1.2}],
    "model_beside_survey": {
        "reference": "sintes-crack-2018-2019",
        "correlation": {"model": 0.82, "published": 0.84},
        "median_mg": {"model": 76.8, "published": 79},
    },
}


def amount_out(amount: Amount, basis: Basis) -> AmountOut:
    return {
        "low_mg": amount.low_mg,
        "middle_mg": amount.middle_mg,
        "high_mg": amount.high_mg,
        "level": amount.level,
        "basis": basis,
    }


def _reference_name(reference: Reference) -> ReferenceName:
    return {
        "reference": reference.key,
        "source": reference.source,
        "years": reference.years,
        "population": reference.population,
        "basis": reference.basis,
    }


def estimate_out(amount: Amount, market: Market) -> EstimateOut:
    """Amounts in mg, and how many rocks the survey and this network's own count as."""
    return {
        **amount_out(amount, Basis.BASE),
        "rests_on": {
            **_reference_name(SURVEY),
            "published_rocks": round(market.published_rocks, 1),
            "later_reference": LATER_COCAINE,
            "later_rocks": round(market.later_rocks, 1),
            "own_rocks": round(market.own_rocks),
            "measured": market.measured,
            "half_life_months": market.half_life_months,
            "may_hold_more": market.may_hold_more,
            "hardly_any_share": round(market.hardly_any, 2),
        },
    }


def calibration_out(report: Calibration, market: Market) -> CalibrationOut:
    """The report, with the model of the published figures beside two it was not made from."""
    model = implied()
    correlation = SURVEY.figures["weight_mg~cocaine_mg", "r"]
    median = SURVEY.figures["cocaine_mg", "median"]

    return {
        "rocks": report.rocks,
        "half_life_months": market.half_life_months,
        "card_says": _card_says(market),
        "coverage": _by_percent(report.coverage),
        "coverage_published_only": _by_percent(report.coverage_published),
        "above": report.above,
        "sharpness": report.sharpness,
        "hardly_any_share": report.hardly_any,
        "bias": [
            {
                "month": written_month(bias.month),
                "rocks": bias.rocks,
                "median_mg": bias.median_mg,
            }
            for bias in report.bias
        ],
        "model_beside_survey": {
            "reference": PUBLISHED_SURVEY,
            "correlation": {"model": model.correlation, "published": correlation.value},
            "median_mg": {"model": model.median_mg, "published": median.value},
        },
    }


def _by_percent(shares: Mapping[float, float]) -> dict[str, float]:
    return {f"{level * 100:.0f}": share for level, share in shares.items()}


def _card_says(market: Market) -> CardSays:
    return {
        "sentence": "may_hold_more" if market.may_hold_more else "eight_in_ten",
        "because": market.doubt or "held",
        "last_predictions": market.past.rocks,
        "held": market.past.held if market.past.rocks else None,
    }
