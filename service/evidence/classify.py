"""From assays to a finding: what was told, what is there and how surely, how much of it.

How surely each substance is there is in standing.py. A preliminary analysis counts for what it
found and for nothing else.
"""

from collections.abc import Sequence

from service.access.site import USUAL, Offers
from service.evidence import dose
from service.evidence.amounts import amount_of, expected_amount, whole_rock
from service.evidence.contents import (
    MEASURING,
    best_measurement,
    contents_of,
    limits_of,
    measured_by,
    results_of,
    rivals,
)
from service.evidence.finding import NOTHING_NEARBY, Content, Finding, Nearby, Told, is_crack_rock
from service.evidence.groups import classes_not_looked_for, group, no_longer_warned_of
from service.intake.sample import Beliefs, Sample, Use
from service.lab.assay import AssayVersion, Result, replaced, state
from service.vocabulary.codes import Closing, Outcome


def find(
    sample: Sample | None,
    versions: Sequence[AssayVersion],
    *,
    closed: Closing | None = None,
    market: dose.Market = dose.PUBLISHED,
    nearby: Nearby = NOTHING_NEARBY,
    offers: Offers = USUAL,
) -> Finding:
    """Join what the person said, what was measured and what is recent.

    `sample` is None before the tablet sent it. `versions` are all there are of its assays, `closed`
    is why there will be no more. `market` is what content rocks have, for as long as this one's was
    not measured.
    """
    final = [version for version in versions if version.published]
    answering = [version for version in versions if version.answers]
    weight = whole_rock(sample, final)
    groups = group(versions)
    measured = measured_by(final)
    content = best_measurement(measured, groups.present)
    counted = rivals(measured, content)
    expected = expected_amount(sample, final, weight, content, market)
    if "cocaine" in groups.first_not_found:
        expected = None  # beside "did not react to cocaine", an amount would contradict it

    return Finding(
        state=state(versions, closed),
        closed=closed,
        told=_told(sample),
        crack_rock=sample is None or is_crack_rock(sample),
        beliefs=sample.beliefs if sample else Beliefs(),
        use=sample.use if sample else Use(),
        weight_mg=weight.mg if weight else None,
        content=content,
        measured=measured,
        disagree=len(counted) > 1,
        amount=amount_of(weight, counted),
        expected=expected,
        market=market,
        standings=groups.standings,
        found=groups.found,
        found_early=groups.found_early,
        indicated=groups.indicated,
        ruled_out=groups.ruled_out,
        contents=contents_of(answering),
        below=limits_of(answering),
        not_found=groups.not_found,
        first_not_found=groups.first_not_found,
        not_tested=groups.not_tested,
        not_looked_for=classes_not_looked_for(groups.standings),
        warned=no_longer_warned_of(versions, groups),
        inconclusive=_inconclusive(answering),
        answered_at=max((version.received_at for version in answering), default=None),
        replaced_at=replaced(versions),
        nearby=nearby,
        offers=offers,
    )


def _told(sample: Sample | None) -> Told:
    """What the person said of the sample and of themselves that is answered."""
    if sample is None:
        return Told()

    return Told(
        sold_as=sample.sold_as,
        sold_as_name=sample.sold_as_name,
        reason=sample.reason,
        already_used=sample.already_used,
        age_band=sample.person.age_band,
    )


def taught(finding: Finding, sample: Sample, versions: Sequence[AssayVersion]) -> float | None:
    """The content in percent that this rock teaches about others; None where it teaches none.

    Under what the method can measure it is that limit, and 0 only by a method that would have
    measured it. A content whose basis nobody stated counts as it stands, like the survey's own.
    """
    if not finding.answered or not is_crack_rock(sample):
        return None

    if finding.content is not None:
        measures = finding.content.method in MEASURING
        return finding.content.percent if measures else None
    if "cocaine" in finding.below and "cocaine" in finding.found:
        return finding.below["cocaine"]
    if "cocaine" in finding.not_found and _measured_none(versions):
        return 0.0
    return None


def _measured_none(versions: Sequence[AssayVersion]) -> bool:
    """Whether a method that would have measured cocaine says that there is none."""
    measuring = [
        version for version in versions if version.published and version.assay.method in MEASURING
    ]
    return any(result.absent for result in results_of(measuring) if result.substance == "cocaine")


def is_measured(versions: Sequence[AssayVersion]) -> bool:
    """Whether a final analysis in force measured how much cocaine there is."""
    return bool(measured_by([version for version in versions if version.published]))


def disagreement(versions: Sequence[AssayVersion]) -> tuple[Content, Content] | None:
    """Cocaine's content that counts, and the one of its rank that contradicts it the most.

    None where all agree.
    """
    measured = measured_by([version for version in versions if version.published])
    best = best_measurement(measured, group(versions).present)
    others = rivals(measured, best)[1:]
    if best is None or not others:
        return None

    return best, max(others, key=lambda other: abs(other.percent - best.percent))


def _inconclusive(answering: Sequence[AssayVersion]) -> bool:
    """Whether there is an answer that looked for nothing."""
    results = list(results_of(answering))
    has_panel = any(version.panel for version in answering)
    return bool(results) and not has_panel and all(map(_says_nothing, results))


def _says_nothing(result: Result) -> bool:
    return result.outcome in (Outcome.NOT_TESTED, Outcome.IN_DOUBT)
