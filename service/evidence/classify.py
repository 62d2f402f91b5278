"""From assays to a finding.

How surely each substance is there is in standing.py. A content is taken from the best method that
measured one, never averaged. A preliminary analysis counts for what it found and for nothing else.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from service.access.site import USUAL, Offers
from service.evidence import dose
from service.evidence.finding import NOTHING_NEARBY, Content, Finding, Nearby, Told, is_crack_rock
from service.evidence.standing import Standing, standings
from service.intake.sample import Beliefs, Sample, Use
from service.lab.assay import FIRST_TESTS, Assay, AssayVersion, Result, replaced, state
from service.vocabulary.codes import Basis, Closing, Method, Outcome, Weighed
from service.vocabulary.products import WATCHED_CLASSES
from service.vocabulary.stems import class_by_stem
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

RANKS = (
    frozenset({Method.GC_MS, Method.LC_MS, Method.LC_HRMS}),
    frozenset({Method.HPLC_UV}),
    frozenset({Method.DIRECT_MS}),
    frozenset({Method.OTHER}),
)
"""Methods whose contents weigh the same: where two of them disagree, neither is believed more."""

ASSUMED_UNCERTAINTY_PERCENT = 10.0
"""Of a content whose laboratory stated none, in percent of the value. Ours, to be signed."""

MEASURING = frozenset({Method.GC_MS, Method.LC_MS, Method.LC_HRMS, Method.HPLC_UV})
"""What would have measured cocaine, had there been some: its "not detected" is a content of 0."""

WHOLE_ROCK_AT_LEAST = 0.8
"""Ours: a laboratory's weight below this part of the field's is of a piece."""


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
    weight = _whole_rock(sample, final)
    groups = group(versions)
    measured = _measured(final)
    content = best_measurement(measured, groups.present)
    rivals = _rivals(measured, content)

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
        disagree=len(rivals) > 1,
        amount=_amount(weight, rivals),
        expected=_expected(sample, final, weight, content, market),
        market=market,
        standings=groups.standings,
        found=groups.found,
        found_early=groups.found_early,
        indicated=groups.indicated,
        ruled_out=groups.ruled_out,
        contents=_contents(answering),
        below=_below(answering),
        not_found=groups.not_found,
        first_not_found=groups.first_not_found,
        not_tested=groups.not_tested,
        not_looked_for=_not_looked_for(groups.standings),
        warned=_warned(versions, groups),
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
    return any(result.absent for result in _results(measuring) if result.substance == "cocaine")


def is_measured(versions: Sequence[AssayVersion]) -> bool:
    """Whether a final analysis in force measured how much cocaine there is."""
    return bool(_measured([version for version in versions if version.published]))


def disagreement(versions: Sequence[AssayVersion]) -> tuple[Content, Content] | None:
    """Cocaine's content that counts, and the one of its rank that contradicts it the most.

    None where all agree.
    """
    measured = _measured([version for version in versions if version.published])
    best = best_measurement(measured, group(versions).present)
    others = _rivals(measured, best)[1:]
    if best is None or not others:
        return None

    return best, max(others, key=lambda other: abs(other.percent - best.percent))


def _results(versions: Sequence[AssayVersion]) -> Iterator[Result]:
    """Every result of these assays, in their order."""
    for version in versions:
        yield from version.assay.results


def _inconclusive(answering: Sequence[AssayVersion]) -> bool:
    """Whether there is an answer that looked for nothing."""
    results = list(_results(answering))
    has_panel = any(version.panel for version in answering)
    return bool(results) and not has_panel and all(map(_says_nothing, results))


def _says_nothing(result: Result) -> bool:
    return result.outcome in (Outcome.NOT_TESTED, Outcome.IN_DOUBT)


# --- Which substances are there -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Groups:
    """Every substance that was spoken of, in the one group that it belongs to."""

    standings: Mapping[str, Standing]
    found: tuple[str, ...]
    """Confirmed by an analysis that is signed."""
    found_early: tuple[str, ...]
    """Confirmed by a preliminary one alone."""
    indicated: tuple[str, ...]
    """A method that can be wrong reacted, and nothing has settled it."""
    ruled_out: frozenset[str]
    """It was indicated, and is settled."""
    not_found: frozenset[str]
    """Looked for by a signed analysis, and found by none at all."""
    first_not_found: frozenset[str]
    """Looked for by an unsigned first test alone, in vain."""
    not_tested: frozenset[str]
    """Said not to have been looked for, and found or looked for by none."""

    @property
    def present(self) -> frozenset[str]:
        """What any analysis says is there, surely or not."""
        return frozenset((*self.found, *self.found_early, *self.indicated))


def group(versions: Sequence[AssayVersion]) -> Groups:
    """Put each substance that an assay in force speaks of into one group, by its standing."""
    reached = standings(versions)
    signed = standings([version for version in versions if version.published])
    confirmed = _with(reached, Standing.CONFIRMED)
    denied = _with(reached, Standing.NOT_FOUND)

    return Groups(
        standings=reached,
        found=tuple(name for name in confirmed if signed.get(name) is Standing.CONFIRMED),
        found_early=tuple(name for name in confirmed if signed.get(name) is not Standing.CONFIRMED),
        indicated=_with(reached, Standing.INDICATED),
        ruled_out=frozenset(_with(reached, Standing.RULED_OUT)),
        not_found=frozenset(name for name in denied if signed.get(name) is Standing.NOT_FOUND),
        first_not_found=frozenset(
            name for name in denied if signed.get(name) is not Standing.NOT_FOUND
        ),
        not_tested=frozenset(_with(signed, Standing.NOT_LOOKED_FOR)).intersection(
            _with(reached, Standing.NOT_LOOKED_FOR)
        ),
    )


def _with(reached: Mapping[str, Standing], wanted: Standing) -> tuple[str, ...]:
    return tuple(name for name, standing in reached.items() if standing is wanted)


def _not_looked_for(reached: Mapping[str, Standing]) -> tuple[str, ...]:
    """The watched classes that no row and no panel looked for, each by the code of its entry.

    A class counts as looked for once one member was, and none is said not to have been. A name
    that nobody knows belongs to the class that its end tells of.
    """
    return tuple(name for name in WATCHED_CLASSES if not _looked_for(reached, name))


def _looked_for(reached: Mapping[str, Standing], watched: str) -> bool:
    members = WATCHED_CLASSES[watched]
    spoken = {
        standing
        for name, standing in reached.items()
        if name in members or class_by_stem(name) == watched
    }
    present = {Standing.CONFIRMED, Standing.INDICATED} & spoken
    denied = {Standing.NOT_FOUND, Standing.RULED_OUT} & spoken
    return bool(present) or (bool(denied) and Standing.NOT_LOOKED_FOR not in spoken)


def present_in(versions: Sequence[AssayVersion], *, in_force: bool) -> set[str]:
    """What the versions that stand say is there, or what those said that stand no longer."""
    chosen = [
        replace(version, in_force=True) for version in versions if version.in_force is in_force
    ]
    return {
        name
        for name, standing in standings(chosen).items()
        if standing in (Standing.CONFIRMED, Standing.INDICATED)
    }


def _warned(versions: Sequence[AssayVersion], groups: Groups) -> frozenset[str]:
    """Alarming substances that a version named that no longer stands, and none in force names.

    What was ruled out is told in its own words.
    """
    gone = present_in(versions, in_force=False) - groups.present - groups.ruled_out
    return frozenset(substance for substance in gone if is_alarming(substance))


# --- How much of them ---------------------------------------------------------------------------


def _contents(answering: Sequence[AssayVersion]) -> dict[str, float]:
    """Percent by weight of each measured substance, by the best method that measured it.

    A first test measures nothing.
    """
    best_last = sorted(answering, key=lambda version: -BEST_METHODS.index(version.assay.method))
    return {
        result.substance: result.content_percent
        for result in _results(best_last)
        if result.content_percent is not None
    }


def _below(answering: Sequence[AssayVersion]) -> dict[str, float]:
    """Substances found but never quantified, each with its lowest stated limit in percent."""
    results = [result for result in _results(answering) if result.found]
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
    answers = [content for content in measured if content.method not in FIRST_TESTS]
    if not answers:
        return None

    best = answers[0]
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


def _rivals(measured: Sequence[Content], best: Content | None) -> tuple[Content, ...]:
    """The content that counts, and those of its rank that differ from it by more than both can be
    wrong. None of them is averaged.
    """
    if best is None:
        return ()

    rank = next(rank for rank in (*RANKS, {best.method}) if best.method in rank)
    others = (
        content
        for content in measured
        if content is not best and content.percent and content.method in rank
    )
    return (best, *(other for other in others if _differ(best, other)))


def _differ(one: Content, other: Content) -> bool:
    if one.basis is not other.basis:
        return False
    return abs(one.percent - other.percent) > _margin(one) + _margin(other)


def _margin(content: Content) -> float:
    uncertainty = content.uncertainty_percent
    if uncertainty is None:
        uncertainty = ASSUMED_UNCERTAINTY_PERCENT
    return content.percent * uncertainty / 100


def _amount(weight: WholeRock | None, contents: Sequence[Content]) -> dose.Amount | None:
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
        not _unmeasured(result) for result in _results(final) if result.substance == "cocaine"
    )


def _unmeasured(result: Result) -> bool:
    """Not looked for, or found with nothing said of how much."""
    if result.outcome is Outcome.DETECTED:
        return result.loq_percent is None

    return result.outcome is Outcome.NOT_TESTED
