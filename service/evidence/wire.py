"""What crosses HTTP of what is known: the shape of each answer, with an example of it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal, NotRequired
from uuid import UUID

from typing_extensions import TypedDict

from service.evidence.calibration import Calibration, written_month
from service.evidence.correction import Changed
from service.evidence.dose import Amount, Market, implied
from service.evidence.finding import Content, Finding, Verdict, beliefs, families
from service.evidence.reference import LATER_COCAINE, PUBLISHED_SURVEY, SURVEY, Reference
from service.vocabulary.codes import Basis, Effect, Method, State
from service.vocabulary.languages import Language


class AmountOut(TypedDict):
    """Cocaine in mg, with the interval that holds it at `level`, where an uncertainty is known."""

    low_mg: float | None
    middle_mg: float
    high_mg: float | None
    level: float | None
    basis: Basis


class RestsOnRocks(TypedDict):
    """The rocks that an estimate rests on: the published survey's, and this network's own."""

    reference: str
    source: str
    years: str
    population: str
    basis: str
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


class RestsOnAssay(TypedDict):
    """The assay that measured this rock's content, while its weight is only estimated."""

    assay: UUID | None
    method: Method


class EstimateOut(AmountOut):
    """How much cocaine such rocks hold, and what says so."""

    rests_on: RestsOnRocks


class EstimateByContent(AmountOut):
    """How much cocaine this rock holds, by its measured content and its size."""

    rests_on: RestsOnAssay


class ContentOut(TypedDict):
    """Cocaine in percent by weight, as one assay measured it."""

    percent: float
    basis: Basis
    uncertainty_percent: float | None
    method: Method
    assay: UUID | None


class BeliefOut(TypedDict):
    """What the person believed, beside what the laboratory says of it, if anything."""

    belief: str
    told: float | str
    measured: float | str | None


class SymptomsOut(TypedDict):
    """What the person felt; null where nobody asked."""

    effects_felt: Sequence[Effect] | None
    unexpected_effects: bool | None


class ReferenceName(TypedDict):
    """A published source, as whoever compares names it."""

    reference: str
    source: str
    years: str
    population: str
    basis: str


class ComparedOut(ReferenceName):
    """This rock (`this`) beside a source's figures, of those subjects that both have."""

    weight_mg: NotRequired[Mapping[str, float]]
    content_percent: NotRequired[Mapping[str, float]]
    cocaine_mg: NotRequired[Mapping[str, float]]


class FindingOut(TypedDict):
    """What is known of one sample. Amounts are mg, contents percent by weight."""

    sample_id: UUID
    state: State
    weight_mg: float | None
    content: ContentOut | None
    also_measured: Sequence[ContentOut]
    amount: AmountOut | None
    estimate: EstimateOut | EstimateByContent | None
    found: Sequence[str]
    below_loq: Mapping[str, float]
    not_found: Sequence[str]
    not_tested: Sequence[str]
    found_early: Sequence[str]
    unexpected: Sequence[str]
    families: Mapping[str, Verdict]
    warned: Sequence[str]
    inconclusive: bool
    answered_at: datetime | None
    replaced_at: datetime | None
    recent: Sequence[str]
    recent_here: Sequence[str]
    beliefs: Sequence[BeliefOut]
    symptoms: SymptomsOut
    compared: Sequence[ComparedOut]


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


class PersonToReach(TypedDict):
    """A person whose answer was replaced since they were told, by the code that they hold."""

    pickup_code: str
    sample_id: UUID
    lab_label: str
    state: State
    grave: bool
    """A warning came or went."""
    changed_at: datetime
    card_languages: Sequence[Language]


class PeopleToReach(TypedDict):
    """Whom to reach again: the grave ones first, then the oldest."""

    people: Sequence[PersonToReach]


_SURVEY_NAME = {
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
        **_SURVEY_NAME,
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

FINDING_EXAMPLE = {
    "sample_id": "0192f3a1-7c3e-7000-8000-3d1f5a2b9c01",
    "state": "answered",
    "weight_mg": 138.4,
    "content": {
        "percent": 57.0,
        "basis": "base",
        "uncertainty_percent": 5,
        "method": "gc_ms",
        "assay": "0192f3b0-1d2e-7000-8000-6a7b8c9d0e01",
    },
    "also_measured": [],
    "amount": {"low_mg": 74.9, "middle_mg": 78.9, "high_mg": 82.8, "level": 0.95, "basis": "base"},
    "estimate": None,
    "found": ["cocaine", "levamisole"],
    "found_early": [],
    "below_loq": {},
    "not_found": ["amphetamine"],
    "not_tested": ["buprenorphine"],
    "unexpected": [],
    "families": {
        "cocaine": "found",
        "levamisole": "found",
        "stimulant": "not_found",
        "opioid": "not_tested",
    },
    "warned": [],
    "inconclusive": False,
    "answered_at": "2026-11-22T10:12:00Z",
    "replaced_at": None,
    "recent": [],
    "recent_here": [],
    "beliefs": [{"belief": "guess_percent", "told": 40, "measured": 57.0}],
    "symptoms": {"effects_felt": ["tight_jaw"], "unexpected_effects": False},
    "compared": [
        {
            **_SURVEY_NAME,
            "cocaine_mg": {"this": 78.9, "mean": 84, "median": 79, "min": 11, "max": 209},
        }
    ],
}
REACH_EXAMPLE = {
    "people": [
        {
            "pickup_code": "7K3M-9QXT-4HBW2",
            "sample_id": "0192f3a1-7c3e-7000-8000-3d1f5a2b9c01",
            "lab_label": "Q7K3-M9XK",
            "state": "corrected",
            "grave": True,
            "changed_at": "2026-11-24T10:12:00Z",
            "card_languages": ["ru", "fr"],
        }
    ]
}


def finding_out(id: UUID, finding: Finding, references: Mapping[str, Reference]) -> FindingOut:
    """Amounts in mg, contents in percent by weight; while waiting, the expected amount.

    Each comparison names its reference, with its years and its population.
    """
    content = finding.content
    others = [other for other in finding.measured if other is not content]
    compared = [_compared(finding, reference) for reference in references.values()]

    return {
        "sample_id": id,
        "state": finding.state,
        "weight_mg": finding.weight_mg,
        "content": _content(content) if content else None,
        "also_measured": [_content(other) for other in others],
        "amount": _amount(finding),
        "estimate": _estimate(finding),
        "found": finding.found,
        "below_loq": finding.below,
        "not_found": sorted(finding.not_found),
        "not_tested": sorted(finding.not_tested),
        "found_early": finding.found_early,
        "unexpected": finding.seen_unknown,
        "families": families(finding),
        "warned": sorted(finding.warned),
        "inconclusive": finding.inconclusive,
        "answered_at": finding.answered_at,
        "replaced_at": finding.replaced_at,
        "recent": sorted(finding.recent),
        "recent_here": sorted(finding.recent_here),
        "beliefs": [
            {"belief": belief.belief, "told": belief.told, "measured": belief.measured}
            for belief in beliefs(finding)
        ],
        "symptoms": {
            "effects_felt": finding.use.effects_felt,
            "unexpected_effects": finding.use.unexpected_effects,
        },
        "compared": [comparison for comparison in compared if comparison is not None],
    }


def _content(content: Content) -> ContentOut:
    return {
        "percent": content.percent,
        "basis": content.basis,
        "uncertainty_percent": content.uncertainty_percent,
        "method": content.method,
        "assay": content.assay,
    }


def _amount(finding: Finding) -> AmountOut | None:
    """The amount that was measured."""
    if finding.amount is None:
        return None

    basis = finding.content.basis if finding.content else Basis.UNKNOWN
    return _amount_out(finding.amount, basis)


def _amount_out(amount: Amount, basis: Basis) -> AmountOut:
    return {
        "low_mg": amount.low_mg,
        "middle_mg": amount.middle_mg,
        "high_mg": amount.high_mg,
        "level": amount.level,
        "basis": basis,
    }


def _estimate(finding: Finding) -> EstimateOut | EstimateByContent | None:
    """The amount as far as it is known: by what rocks have, or by this one's measured content."""
    if finding.expected is None:
        return None

    content = finding.content
    if content is None:
        return estimate_out(finding.expected, finding.market)

    return {
        **_amount_out(finding.expected, content.basis),
        "rests_on": {"assay": content.assay, "method": content.method},
    }


def _compared(finding: Finding, reference: Reference) -> ComparedOut | None:
    """This rock beside a reference's figures; None where they have no subject in common."""
    percent = finding.content.percent if finding.content else None
    amount_mg = finding.amount.middle_mg if finding.amount else None

    weights = _beside("weight_mg", finding.weight_mg, reference)
    contents = _beside("content_percent", percent, reference)
    amounts = _beside("cocaine_mg", amount_mg, reference)
    if not (weights or contents or amounts):
        return None

    compared = ComparedOut(
        reference=reference.key,
        source=reference.source,
        years=reference.years,
        population=reference.population,
        basis=reference.basis,
    )
    if weights:
        compared["weight_mg"] = weights
    if contents:
        compared["content_percent"] = contents
    if amounts:
        compared["cocaine_mg"] = amounts
    return compared


def _beside(subject: str, value: float | None, reference: Reference) -> dict[str, float]:
    """This rock's value beside the reference's figures of the subject; empty where one lacks."""
    figures = reference.numbers(subject)
    if value is None or not figures:
        return {}

    return {"this": value, **figures}


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
        **_amount_out(amount, Basis.BASE),
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


def _card_says(market: Market) -> CardSays:
    return {
        "sentence": "may_hold_more" if market.may_hold_more else "eight_in_ten",
        "because": market.doubt or "held",
        "last_predictions": market.past.rocks,
        "held": market.past.held if market.past.rocks else None,
    }


def _by_percent(shares: Mapping[float, float]) -> dict[str, float]:
    return {f"{level * 100:.0f}": share for level, share in shares.items()}


def person_to_reach(changed: Changed, pickup_code: str) -> PersonToReach:
    """One line of the list; the code as it stands on the card."""
    held = changed.held
    return {
        "pickup_code": pickup_code,
        "sample_id": held.sample.id,
        "lab_label": held.lab_label,
        "state": held.state,
        "grave": changed.grave,
        "changed_at": changed.changed_at,
        "card_languages": held.sample.card_languages,
    }
