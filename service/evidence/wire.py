"""What crosses HTTP of what is known: the shape of each answer, with an example of it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NotRequired
from uuid import UUID

from typing_extensions import TypedDict

from service.evidence.correction import Changed
from service.evidence.estimate.wire import (
    SURVEY_NAME,
    AmountOut,
    EstimateOut,
    ReferenceName,
    amount_out,
    estimate_out,
)
from service.evidence.finding import Content, Finding, Verdict, beliefs, families
from service.evidence.reference import Reference
from service.evidence.standing import Standing
from service.vocabulary.codes import Basis, Closing, Effect, Method, State
from service.vocabulary.languages import Language


class RestsOnAssay(TypedDict):
    """The assay that measured this rock's content, while its weight is only estimated."""

    assay: UUID | None
    method: Method


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
    disagree: bool
    """Whether two measurements differ by more than they can be wrong."""
    closed: Closing | None
    """Why no laboratory will answer any more."""
    crack_rock: bool
    standings: Mapping[str, Standing]
    """How surely each substance that was spoken of is there."""
    found: Sequence[str]
    indicated: Sequence[str]
    """A method that can be wrong reacted, and nothing has settled it."""
    ruled_out: Sequence[str]
    not_looked_for: Sequence[str]
    """The watched classes that no row and no panel names."""
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
    "disagree": False,
    "closed": None,
    "crack_rock": True,
    "standings": {
        "cocaine": "confirmed",
        "levamisole": "confirmed",
        "amphetamine": "not_found",
        "buprenorphine": "not_looked_for",
    },
    "found": ["cocaine", "levamisole"],
    "found_early": [],
    "indicated": [],
    "ruled_out": [],
    "not_looked_for": ["nitazenes", "opioids"],
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
            **SURVEY_NAME,
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
        "disagree": finding.disagree,
        "closed": finding.closed,
        "crack_rock": finding.crack_rock,
        "standings": finding.standings,
        "found": finding.found,
        "indicated": finding.indicated,
        "ruled_out": sorted(finding.ruled_out),
        "not_looked_for": finding.not_looked_for,
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
        "recent": sorted(finding.nearby.found),
        "recent_here": sorted(finding.nearby.found_here),
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
    return amount_out(finding.amount, basis)


def _estimate(finding: Finding) -> EstimateOut | EstimateByContent | None:
    """The amount as far as it is known: by what rocks have, or by this one's measured content."""
    if finding.expected is None:
        return None

    content = finding.content
    if content is None:
        return estimate_out(finding.expected, finding.market)

    return {
        **amount_out(finding.expected, content.basis),
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
