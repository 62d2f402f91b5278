"""From assays to a finding.

Where several analyses speak of one substance: found by any is found (an alert is never voted
down), and a content is taken from the best method that measured one, never averaged. A
preliminary analysis counts for what it found and for nothing else.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from service.access.site import USUAL, Offers
from service.evidence import dose
from service.evidence.finding import Content, Finding, is_rock
from service.intake.sample import Beliefs, Sample, Use
from service.lab.assay import PUBLISHED, Assay, AssayVersion, Result, replaced, state
from service.vocabulary.codes import Basis, Method, Outcome, Status, Weighed
from service.vocabulary.substances import COCAINE_BASE_PER_HYDROCHLORIDE, is_alarming

BEST_METHODS = (
    Method.GC_MS,
    Method.LC_MS,
    Method.LC_HRMS,
    Method.HPLC_UV,
    Method.DIRECT_MS,
    Method.FTIR,
    Method.RAMAN,
    Method.TLC,
    Method.TEST_STRIP,
    Method.OTHER,
)
"""Best first, for a content: separation and reference standards before spectra and strips."""

NO_NUMBERS = frozenset({Method.TEST_STRIP, Method.TLC})
"""What shows that something is there, and not how much of it."""

MEASURING = frozenset({Method.GC_MS, Method.LC_MS, Method.LC_HRMS, Method.HPLC_UV})
"""What would have measured cocaine, had there been some: its "not detected" is a content of 0."""

WHOLE_ROCK_AT_LEAST = 0.8
"""Ours: a laboratory's weight below this part of the field's is of a piece."""


def find(
    sample: Sample | None,
    versions: Sequence[AssayVersion],
    *,
    market: dose.Market = dose.PUBLISHED,
    recent: frozenset[str] = frozenset(),
    recent_here: frozenset[str] = frozenset(),
    offers: Offers = USUAL,
) -> Finding:
    """Join what the person said, what was measured and what is recent.

    `sample` is None before the tablet sent it. `versions` are all there are of its assays.
    `market` is what content rocks have, for as long as this one's was not measured.
    """
    final = _final(versions)
    weight = _whole_rock(sample, final)
    classified = classify_results(final, _preliminary(versions))
    measured = _measured(final)
    content = best_measurement(measured, classified.found)

    return Finding(
        state=state(versions),
        beliefs=sample.beliefs if sample else Beliefs(),
        use=sample.use if sample else Use(),
        weight_mg=weight.mg if weight else None,
        content=content,
        measured=measured,
        amount=_amount(weight, content),
        expected=_expected(sample, final, weight, content, market),
        market=market,
        found=classified.found,
        found_early=classified.found_early,
        contents=_contents(final),
        below=_below(final),
        not_found=classified.not_found,
        not_tested=classified.not_tested,
        warned=_warned(versions, {*classified.found, *classified.found_early}),
        inconclusive=_inconclusive(final),
        answered_at=max((version.received_at for version in final), default=None),
        replaced_at=replaced(versions),
        recent=recent,
        recent_here=recent_here,
        offers=offers,
    )


def taught(finding: Finding, sample: Sample, versions: Sequence[AssayVersion]) -> float | None:
    """The content in percent that this rock teaches about others; None where it teaches none.

    Under what the method can measure it is that limit, and 0 only by a method that would have
    measured it. A content whose basis nobody stated counts as it stands, like the survey's own.
    """
    if not finding.answered or not is_rock(sample):
        return None

    if finding.content is not None:
        return finding.content.percent
    if "cocaine" in finding.below:
        return finding.below["cocaine"]
    if "cocaine" in finding.not_found and _measured_none(versions):
        return 0.0
    return None


def _measured_none(versions: Sequence[AssayVersion]) -> bool:
    """Whether a method that would have measured cocaine says that there is none."""
    measuring = [version for version in _final(versions) if version.assay.method in MEASURING]
    return any(result.absent for result in _results(measuring) if result.substance == "cocaine")


def is_measured(versions: Sequence[AssayVersion]) -> bool:
    """Whether a final analysis in force measured how much cocaine there is."""
    return bool(_measured(_final(versions)))


def _final(versions: Sequence[AssayVersion]) -> list[AssayVersion]:
    """What stands of the answer that was published."""
    return [
        version for version in versions if version.in_force and version.assay.status in PUBLISHED
    ]


def _preliminary(versions: Sequence[AssayVersion]) -> list[AssayVersion]:
    return [
        version
        for version in versions
        if version.in_force and version.assay.status is Status.PRELIMINARY
    ]


def _results(versions: Sequence[AssayVersion]) -> Iterator[Result]:
    """Every result of these assays, in their order."""
    for version in versions:
        yield from version.assay.results


def _inconclusive(final: Sequence[AssayVersion]) -> bool:
    """Whether there is an answer that looked for nothing."""
    return bool(final) and all(result.outcome is Outcome.NOT_TESTED for result in _results(final))


# --- Which substances are there -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Classified:
    """Every substance that was spoken of, in the one group that it belongs to."""

    found: tuple[str, ...]
    """By any final analysis."""
    found_early: tuple[str, ...]
    """By a preliminary one alone."""
    not_found: frozenset[str]
    """Looked for by a final analysis, and found by none at all."""
    not_tested: frozenset[str]
    """Said not to have been looked for, and found or looked for by none."""


def classify_results(final: Sequence[AssayVersion], early: Sequence[AssayVersion]) -> Classified:
    """Put each substance into one group: found wins over not found, and that over not tested."""
    results = list(_results(final))
    found = dict.fromkeys(result.substance for result in results if result.found)
    found_early = dict.fromkeys(result.substance for result in _results(early) if result.found)

    seen = {*found, *found_early}
    absent = {result.substance for result in results if result.absent} - seen
    untested = {result.substance for result in results if result.outcome is Outcome.NOT_TESTED}

    return Classified(
        found=tuple(found),
        found_early=tuple(substance for substance in found_early if substance not in found),
        not_found=frozenset(absent),
        not_tested=frozenset(untested - seen - absent),
    )


def found_in(versions: Sequence[AssayVersion], *, in_force: bool) -> set[str]:
    """What the versions that stand found, or those that stand no longer."""
    chosen = [version for version in versions if version.in_force is in_force]
    return {result.substance for result in _results(chosen) if result.found}


def _warned(versions: Sequence[AssayVersion], seen: set[str]) -> frozenset[str]:
    """Alarming substances that a version found that no longer stands, and none in force finds."""
    gone = found_in(versions, in_force=False) - seen
    return frozenset(substance for substance in gone if is_alarming(substance))


# --- How much of them ---------------------------------------------------------------------------


def _contents(final: Sequence[AssayVersion]) -> dict[str, float]:
    """Percent by weight of each measured substance, by the best method that measured it."""
    best_last = sorted(final, key=lambda version: -BEST_METHODS.index(version.assay.method))
    return {
        result.substance: result.content_percent
        for result in _results(best_last)
        if result.content_percent is not None
    }


def _below(final: Sequence[AssayVersion]) -> dict[str, float]:
    """Substances found but never quantified, each with its lowest stated limit in percent."""
    results = [result for result in _results(final) if result.found]
    measured = {result.substance for result in results if result.outcome is Outcome.QUANTIFIED}
    limits: dict[str, float] = {}

    for result in results:
        limit = result.loq_percent
        if limit is not None and result.substance not in measured:
            limits[result.substance] = min(limit, limits.get(result.substance, limit))

    return limits


def _measured(final: Sequence[AssayVersion]) -> tuple[Content, ...]:
    """Cocaine's content by every method that measured it, as base where that can be known.

    The best stands first, a measured nothing last; of two by the same method the greater stands
    first. A strip or a plate shows that it is there, not how much.
    """
    contents: list[Content] = []

    for version in final:
        assay = version.assay
        if assay.method in NO_NUMBERS:
            continue
        contents.extend(
            _content(result, assay.method, assay.id)
            for result in assay.results
            if result.substance == "cocaine" and result.content_percent is not None
        )

    return tuple(sorted(contents, key=_best_first))


def _content(result: Result, method: Method, assay: UUID) -> Content:
    percent, basis = as_base(result)
    return Content(percent, basis, result.uncertainty_percent, method, assay)


def _best_first(content: Content) -> tuple[bool, int, float]:
    return not content.percent, BEST_METHODS.index(content.method), -content.percent


def best_measurement(measured: Sequence[Content], found: Collection[str]) -> Content | None:
    """The content to go by; None where nothing was measured.

    Where any method found cocaine, a measured nothing does not count: found wins.
    """
    if not measured:
        return None

    best = measured[0]
    contradicted = not best.percent and "cocaine" in found
    return None if contradicted else best


def as_base(result: Result) -> tuple[float, Basis]:
    """A content of cocaine as base.

    As reported, with its basis unknown, where the laboratory did not say.
    """
    percent = result.content_percent or 0.0
    if result.expressed_as is Basis.HYDROCHLORIDE:
        return percent * COCAINE_BASE_PER_HYDROCHLORIDE, Basis.BASE

    return percent, result.expressed_as or Basis.UNKNOWN


# --- What the rock weighs, and holds ------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class WholeRock:
    """What the whole rock weighs in mg, and whether a field scale says so."""

    mg: float
    on_a_field_scale: bool


def _whole_rock(sample: Sample | None, final: Sequence[AssayVersion]) -> WholeRock | None:
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


def _amount(weight: WholeRock | None, content: Content | None) -> dose.Amount | None:
    """What the whole rock holds, where both its weight and its content were measured."""
    if weight is None or content is None:
        return None

    return dose.measured(
        weight.mg,
        content.percent,
        content.uncertainty_percent,
        field=weight.on_a_field_scale,
    )


def _expected(
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
    if sample is None or sample.already_used or not is_rock(sample):
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
        not _unmeasured(result) for result in _results(final) if result.substance == "cocaine"
    )


def _unmeasured(result: Result) -> bool:
    """Not looked for, or found with nothing said of how much."""
    if result.outcome is Outcome.DETECTED:
        return result.loq_percent is None

    return result.outcome is Outcome.NOT_TESTED
