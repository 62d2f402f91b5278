"""What the whole rock weighs, and how much cocaine it holds or is expected to hold."""

from collections.abc import Sequence
from dataclasses import dataclass

from service.evidence import dose
from service.evidence.contents import BEST_METHODS, results_of
from service.evidence.finding import Content, is_crack_rock
from service.intake.sample import Sample
from service.lab.assay import Assay, AssayVersion, Result
from service.vocabulary.codes import Outcome, Weighed

WHOLE_ROCK_AT_LEAST = 0.8
"""Ours: a laboratory's weight below this part of the field's is of a piece."""


@dataclass(frozen=True, slots=True)
class WholeRock:
    """What the whole rock weighs in mg, and whether a field scale says so."""

    mg: float
    on_a_field_scale: bool


def whole_rock(sample: Sample | None, final: Sequence[AssayVersion]) -> WholeRock | None:
    """The laboratory's weight, else the field scale's; None where neither is the whole rock's.

    Where a whole rock weighed much more in the field, the laboratory had a piece of it.
    """
    if sample is None or sample.already_used or sample.weighed is Weighed.PIECE:
        return None

    field_mg = sample.weight_mg if sample.weighed is Weighed.WHOLE_ROCK else None
    lab_mg = _laboratory_weight(final)

    if lab_mg is None:
        return None if field_mg is None else WholeRock(field_mg, on_a_field_scale=True)
    if field_mg is not None and lab_mg < field_mg * WHOLE_ROCK_AT_LEAST - dose.SCALE_ERROR_MG:
        return WholeRock(field_mg, on_a_field_scale=True)
    return WholeRock(lab_mg, on_a_field_scale=False)


def _laboratory_weight(final: Sequence[AssayVersion]) -> float | None:
    """The rock's weight in mg by the best method that states one."""
    weighed = [version.assay for version in final if version.assay.rock_weight_mg is not None]
    if not weighed:
        return None

    return min(weighed, key=_rank).rock_weight_mg


def _rank(assay: Assay) -> int:
    return BEST_METHODS.index(assay.method)


def amount_of(weight: WholeRock | None, contents: Sequence[Content]) -> dose.Amount | None:
    """What the whole rock holds, where both its weight and its content were measured.

    Where measurements disagree, its interval is the hull of theirs.
    """
    if weight is None or not contents:
        return None

    amounts = [
        dose.measured(
            weight.mg,
            content.percent,
            content.uncertainty_percent,
            field=weight.on_a_field_scale,
        )
        for content in contents
    ]
    return amounts[0] if len(amounts) == 1 else dose.hull(amounts)


def expected_amount(
    sample: Sample | None,
    final: Sequence[AssayVersion],
    whole: WholeRock | None,
    content: Content | None,
    market: dose.Market,
) -> dose.Amount | None:
    """The amount as far as it is known: weight or size, by content or by what rocks have.

    None where both were measured, where cocaine was looked for in vain, and where the whole rock
    is unknown.
    """
    if sample is None or sample.already_used or not is_crack_rock(sample):
        return None

    weight = _possible_weight(sample, whole)
    if weight is None:
        return None

    if content is not None:
        if whole is not None:
            return None
        known = dose.known_content(content.percent, content.uncertainty_percent)
        return dose.expected(weight, known)

    return None if _looked_for_cocaine(final) else dose.expected(weight, market.share)


def _possible_weight(sample: Sample, whole: WholeRock | None) -> dose.Weight | None:
    """What the rock may weigh: as it was weighed, or by its class of size where it never was."""
    if whole is not None and whole.on_a_field_scale:
        return dose.field_weighed(whole.mg)
    if whole is not None:
        return dose.weighed(whole.mg)
    if sample.weight_mg is None:
        return dose.weight_from_size(sample.size)
    return None


def _looked_for_cocaine(final: Sequence[AssayVersion]) -> bool:
    """Whether a final analysis says something of how much cocaine there is, be it none."""
    return any(
        not _unmeasured(result) for result in results_of(final) if result.substance == "cocaine"
    )


def _unmeasured(result: Result) -> bool:
    """Not looked for, or found with nothing said of how much."""
    if result.outcome is Outcome.DETECTED:
        return result.loq_percent is None

    return result.outcome is Outcome.NOT_TESTED
