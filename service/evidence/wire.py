"""What crosses HTTP of what is known."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NotRequired, cast
from uuid import UUID

from typing_extensions import TypedDict

from service.evidence.calibration import Calibration, written_month
from service.evidence.dose import Amount, Market, implied
from service.evidence.finding import Belief, Content, Finding, beliefs, families
from service.evidence.reference import PUBLISHED_SURVEY, SURVEY, Reference
from service.vocabulary.codes import Basis, Effect, Method, State


class AmountOut(TypedDict):
    """How much cocaine a whole rock holds, in mg, with its interval at `level`, if it has one."""

    low_mg: float | None
    middle_mg: float
    high_mg: float | None
    level: float | None
    basis: Basis


class RestsOn(TypedDict):
    """What an estimate rests on: the published survey and this network's own rocks, or one assay of this rock."""

    reference: NotRequired[str]
    source: NotRequired[str]
    years: NotRequired[str]
    population: NotRequired[str]
    basis: NotRequired[str]
    published_rocks: NotRequired[float]
    own_rocks: NotRequired[int]
    measured: NotRequired[int]
    half_life_months: NotRequired[float]
    hardly_any_share: NotRequired[float]
    assay: NotRequired[UUID | None]
    method: NotRequired[Method]


class EstimateOut(AmountOut):
    """What a rock is expected to hold, and what that rests on."""

    rests_on: RestsOn


class SymptomsOut(TypedDict):
    """What the person felt, as they told it; null where it was not asked."""

    effects_felt: Sequence[Effect] | None
    unexpected_effects: bool | None


class ComparedOut(TypedDict):
    """This rock beside a published population: for each measure this value and theirs."""

    reference: str
    source: str
    years: str
    population: str
    basis: str
    weight_mg: NotRequired[Mapping[str, float]]
    content_percent: NotRequired[Mapping[str, float]]
    cocaine_mg: NotRequired[Mapping[str, float]]


class FindingOut(TypedDict):
    """What is known of one sample, and how surely. Amounts in mg, contents and limits in percent by weight."""

    sample_id: UUID
    state: State
    weight_mg: float | None
    content: Content | None
    also_measured: Sequence[Content]
    amount: AmountOut | None
    estimate: EstimateOut | None
    found: Sequence[str]
    found_early: Sequence[str]
    below_loq: Mapping[str, float]
    not_found: Sequence[str]
    not_tested: Sequence[str]
    unexpected: Sequence[str]
    families: Mapping[str, str]
    warned: Sequence[str]
    inconclusive: bool
    answered_at: datetime | None
    replaced_at: datetime | None
    recent: Sequence[str]
    recent_here: Sequence[str]
    beliefs: Sequence[Belief]
    symptoms: SymptomsOut
    compared: Sequence[ComparedOut]


class MonthlyBias(TypedDict):
    """Measured less expected, in the middle of a month's rocks; null where they are too few to tell."""

    month: str
    rocks: int
    median_mg: float | None


class ModelBesideSurvey(TypedDict):
    """What the model implies, beside published figures that it was not made from."""

    reference: str
    correlation: Mapping[str, float]
    median_mg: Mapping[str, float]


class CalibrationOut(TypedDict):
    """How well the estimate did on the network's own past; shares from 0 to 1, by level in percent."""

    rocks: int
    half_life_months: float
    coverage: Mapping[str, float]
    coverage_published_only: Mapping[str, float]
    sharpness: float | None
    hardly_any_share: float | None
    bias: Sequence[MonthlyBias]
    model_beside_survey: ModelBesideSurvey


class PersonToReach(TypedDict):
    """Whose answer was replaced since they were told, by the code they hold. `grave`: a warning came or went."""

    pickup_code: str
    sample_id: UUID
    lab_label: str
    state: State
    grave: bool
    changed_at: datetime
    card_languages: Sequence[str]


class PeopleToReach(TypedDict):
    """Whom to reach again, the grave ones first."""

    people: Sequence[PersonToReach]


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

ESTIMATE_EXAMPLE = {
    **{"low_mg": 53.0, "middle_mg": 78.6, "high_mg": 104.2, "level": 0.8, "basis": "base"},
    "rests_on": {
        "reference": "sintes-crack-2018-2019",
        "source": "OFDT/Inserm 2020",
        "years": "2018–2019",
        "population": "144 rocks with questionnaires, Île-de-France",
        "basis": "not stated",
        "published_rocks": 7.6,
        "own_rocks": 31,
        "measured": 80,
        "half_life_months": 3,
        "hardly_any_share": 0.02,
    },
}
CALIBRATION_EXAMPLE = {
    "rocks": 5000,
    "half_life_months": 3,
    "coverage": {"50": 0.5, "80": 0.8, "95": 0.95},
    "coverage_published_only": {"50": 0.35, "80": 0.64, "95": 0.87},
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
            "reference": "sintes-crack-2018-2019",
            "source": "OFDT/Inserm 2020",
            "years": "2018–2019",
            "population": "144 rocks with questionnaires, Île-de-France",
            "basis": "not stated",
            "cocaine_mg": {"this": 78.9, "mean": 84, "median": 79, "min": 11, "max": 209},
        }
    ],
}


def finding_out(
    id: UUID, finding: Finding, references: Mapping[str, Reference], half_life_months: float
) -> FindingOut:
    """Amounts in mg, contents in percent by weight; while waiting the expected amount and what it rests on.

    Each comparison names its reference, with its years and its population.
    """
    content = finding.content
    return {
        "sample_id": id,
        "state": finding.state,
        "weight_mg": finding.weight_mg,
        "content": content,
        "also_measured": [one for one in finding.measured if one is not content],
        "amount": _amount(finding.amount, content.basis if content else Basis.UNKNOWN),
        "estimate": _estimate(finding, half_life_months),
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
        "beliefs": beliefs(finding),
        "symptoms": {
            "effects_felt": finding.use.effects_felt,
            "unexpected_effects": finding.use.unexpected_effects,
        },
        "compared": [
            compared for one in references.values() if (compared := _compared(finding, one))
        ],
    }


def _estimate(finding: Finding, half_life_months: float) -> EstimateOut | None:
    """The amount as far as it is known: by what rocks have, or by this one's measured content."""
    if finding.expected is None:
        return None
    if finding.content is not None:
        return {
            **_amounts(finding.expected, finding.content.basis),
            "rests_on": {"assay": finding.content.assay, "method": finding.content.method},
        }
    return estimate_out(finding.expected, finding.market, half_life_months)


def _compared(finding: Finding, reference: Reference) -> ComparedOut | None:
    """This rock beside a reference's numbers; None where they have nothing in common."""
    this = {
        "weight_mg": finding.weight_mg,
        "content_percent": finding.content.percent if finding.content else None,
        "cocaine_mg": finding.amount.middle_mg if finding.amount else None,
    }
    beside = {
        subject: {"this": value, **numbers}
        for subject, value in this.items()
        if value is not None and (numbers := reference.numbers(subject))
    }
    compared: Any = {**reference.named, **beside}
    return cast(ComparedOut, compared) if beside else None


def estimate_out(amount: Amount, market: Market, half_life_months: float) -> EstimateOut:
    """Amounts in mg, and what they rest on: how many rocks the survey and this network's own count as."""
    rests_on: Any = {
        **SURVEY.named,
        "published_rocks": round(market.published_rocks, 1),
        "own_rocks": round(market.own_rocks),
        "measured": market.measured,
        "half_life_months": half_life_months,
        "hardly_any_share": round(market.hardly_any, 2),
    }
    return {**_amounts(amount, Basis.BASE), "rests_on": cast(RestsOn, rests_on)}


def calibration_out(report: Calibration, half_life_months: float) -> CalibrationOut:
    """The report, with the model of the published figures beside those it was not made from."""
    model = implied()
    return {
        "rocks": report.rocks,
        "half_life_months": half_life_months,
        "coverage": _by_percent(report.coverage),
        "coverage_published_only": _by_percent(report.coverage_published),
        "sharpness": report.sharpness,
        "hardly_any_share": report.hardly_any,
        "bias": [
            {
                "month": written_month(one.month),
                "rocks": one.rocks,
                "median_mg": one.median_mg,
            }
            for one in report.bias
        ],
        "model_beside_survey": {
            "reference": PUBLISHED_SURVEY,
            "correlation": {
                "model": model.correlation,
                "published": SURVEY.figures["weight_mg~cocaine_mg", "r"].value,
            },
            "median_mg": {
                "model": model.median_mg,
                "published": SURVEY.figures["cocaine_mg", "median"].value,
            },
        },
    }


def _by_percent(shares: Mapping[float, float]) -> dict[str, float]:
    return {f"{level * 100:.0f}": share for level, share in shares.items()}


def _amount(amount: Amount | None, basis: Basis) -> AmountOut | None:
    return _amounts(amount, basis) if amount else None


def _amounts(amount: Amount, basis: Basis) -> AmountOut:
    return {
        "low_mg": amount.low_mg,
        "middle_mg": amount.middle_mg,
        "high_mg": amount.high_mg,
        "level": amount.level,
        "basis": basis,
    }
