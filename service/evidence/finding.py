"""Everything we know of one sample, and how surely.

Where several analyses speak of one substance: found by any is found (an alert is never voted down), and a
content is taken from the best method that measured one, never averaged. A preliminary analysis counts for
what it found and for nothing else.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from service.access.site import USUAL, Offers
from service.evidence import dose
from service.evidence.reference import LOWEST_CONTENT_PERCENT
from service.intake.sample import Beliefs, Sample, Use
from service.lab.assay import PUBLISHED, Result, Statement, replaced, state
from service.vocabulary.codes import Basis, Form, Method, Outcome, SoldAs, State, Status, Weighed
from service.vocabulary.substances import (
    COCAINE_BASE_PER_HYDROCHLORIDE,
    Family,
    family_of,
    is_alarming,
)

# Best first, for a content: separation and reference standards before spectra and strips.
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

# What shows that something is there, and not how much of it.
NO_NUMBERS = frozenset({Method.TEST_STRIP, Method.TLC})
# What would have measured cocaine, had there been some: its "not detected" is a content of 0.
MEASURING = frozenset({Method.GC_MS, Method.LC_MS, Method.LC_HRMS, Method.HPLC_UV})
# Ours: a laboratory's weight below this part of the field's is of a piece.
WHOLE_ROCK_AT_LEAST = 0.8
NO_ROCKS = frozenset({Form.POWDER, Form.PASTE, Form.LIQUID, Form.RESIDUE})


@dataclass(frozen=True, slots=True)
class Content:
    """Cocaine in percent by weight. `basis` is base where it was base or could be converted."""

    percent: float
    basis: Basis
    uncertainty_percent: float | None
    method: Method
    assay: UUID | None = None
    """The analysis it was taken from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What the messages, the card and the survey are made from."""

    state: State
    beliefs: Beliefs = field(default_factory=Beliefs)
    use: Use = field(default_factory=Use)
    weight_mg: float | None = None
    """Of the whole rock; None where only a piece was weighed or some was used."""
    content: Content | None = None
    measured: tuple[Content, ...] = ()
    """Every final measurement of cocaine, the one that counts first: none is averaged."""
    amount: dose.Amount | None = None
    expected: dose.Amount | None = None
    market: dose.Market = dose.PUBLISHED
    """What content rocks have, as the expected amount takes it."""
    found: tuple[str, ...] = ()
    """By a final analysis, in the order the laboratory gave."""
    found_early: tuple[str, ...] = ()
    """By a preliminary one alone: it raises alerts and says nothing else."""
    contents: Mapping[str, float] = field(default_factory=dict)
    """Percent by weight of what a final analysis measured, by the best method, as reported."""
    below: Mapping[str, float] = field(default_factory=dict)
    """Found, but under what the method can measure: the limit in percent, the lowest of several."""
    not_found: frozenset[str] = frozenset()
    not_tested: frozenset[str] = frozenset()
    warned: frozenset[str] = frozenset()
    """What a version that no longer stands warned of, and none in force finds."""
    inconclusive: bool = False
    answered_at: datetime | None = None
    replaced_at: datetime | None = None
    recent: frozenset[str] = frozenset()
    """Alarming substances found in other rocks of this network lately."""
    recent_here: frozenset[str] = frozenset()
    """Those of them that were found in rocks of this site."""
    offers: Offers = USUAL
    """What the site has for the person."""

    @property
    def answered(self) -> bool:
        """Whether a final answer is in force."""
        return self.state in (State.ANSWERED, State.CORRECTED)

    @property
    def known_amount(self) -> dose.Amount | None:
        """What was measured, or while waiting what is expected."""
        return self.amount or (None if self.answered else self.expected)

    def found_in(self, *families: Family) -> tuple[str, ...]:
        """What a final analysis found of these families."""
        return tuple(name for name in self.found if family_of(name) in families)

    def seen_in(self, *families: Family) -> tuple[str, ...]:
        """What any analysis found of these families, preliminary ones too: for alerts."""
        return tuple(
            name for name in (*self.found, *self.found_early) if family_of(name) in families
        )

    @property
    def seen_unknown(self) -> tuple[str, ...]:
        """What any analysis found that the vocabulary does not know."""
        return tuple(name for name in (*self.found, *self.found_early) if family_of(name) is None)

    @property
    def hardly_any_cocaine(self) -> bool:
        """Looked for, and not there or at most 6 %: outside the published survey."""
        if not self.answered or self.inconclusive:
            return False
        if self.content is not None:
            return self.content.percent <= LOWEST_CONTENT_PERCENT
        if "cocaine" in self.below:
            return self.below["cocaine"] <= LOWEST_CONTENT_PERCENT
        return "cocaine" in self.not_found


def find(
    sample: Sample | None,
    statements: Sequence[Statement],
    *,
    market: dose.Market = dose.PUBLISHED,
    recent: frozenset[str] = frozenset(),
    recent_here: frozenset[str] = frozenset(),
    offers: Offers = USUAL,
) -> Finding:
    """Join what was told, what was measured and what is recent; `sample` is None before the tablet sent it.

    `market` is what content rocks have, for as long as this one's was not measured.
    """
    where = state(statements)
    final = _final(statements)
    early = [s for s in statements if s.in_force and s.assay.status is Status.PRELIMINARY]
    found, found_early, not_found, not_tested = _sorted(final, early)
    weight, on_a_field_scale = _whole_rock(sample, final)
    measured = _measured(final)
    content = _that_counts(measured, found)
    return Finding(
        state=where,
        beliefs=sample.beliefs if sample else Beliefs(),
        use=sample.use if sample else Use(),
        weight_mg=weight,
        content=content,
        measured=measured,
        amount=(
            dose.measured(
                weight, content.percent, content.uncertainty_percent, field=on_a_field_scale
            )
            if weight is not None and content is not None
            else None
        ),
        expected=_expected(sample, final, weight, on_a_field_scale, content, market),
        market=market,
        found=found,
        found_early=found_early,
        contents=_contents(final),
        below=_below(final),
        not_found=not_found,
        not_tested=not_tested,
        warned=_warned(statements, {*found, *found_early}),
        inconclusive=bool(final)
        and all(r.outcome is Outcome.NOT_TESTED for s in final for r in s.assay.results),
        answered_at=max((s.received_at for s in final), default=None),
        replaced_at=replaced(statements),
        recent=recent,
        recent_here=recent_here,
        offers=offers,
    )


def is_rock(sample: Sample) -> bool:
    """Whether it may be one of those that the survey and the estimate speak of: no powder, paste or liquid."""
    return sample.sold_as is not SoldAs.POWDER_COCAINE and sample.form not in NO_ROCKS


def taught(finding: Finding, sample: Sample, statements: Sequence[Statement]) -> float | None:
    """The content in percent that the rock of this finding teaches about others; None where it teaches none.

    Under what the method can measure it is that limit, and 0 only by a method that would have measured it. A
    content whose basis nobody stated counts as it stands, like the survey's own.
    """
    if not finding.answered or not is_rock(sample):
        return None
    if finding.content is not None:
        return finding.content.percent
    if "cocaine" in finding.below:
        return finding.below["cocaine"]
    absent = (
        s.assay.method in MEASURING
        and any(r.substance == "cocaine" and r.absent for r in s.assay.results)
        for s in _final(statements)
    )
    return 0.0 if "cocaine" in finding.not_found and any(absent) else None


def is_measured(statements: Sequence[Statement]) -> bool:
    """Whether a final analysis in force measured how much cocaine there is."""
    return bool(_measured(_final(statements)))


def _final(statements: Sequence[Statement]) -> list[Statement]:
    """What stands of the answer that was published."""
    return [s for s in statements if s.in_force and s.assay.status in PUBLISHED]


def _expected(
    sample: Sample | None,
    final: Sequence[Statement],
    mg: float | None,
    on_a_field_scale: bool,
    content: Content | None,
    market: dose.Market,
) -> dose.Amount | None:
    """The amount as far as it is known: by the weight or the size, and by the content or what rocks have.

    None where both were measured, where cocaine was looked for in vain, and where the whole rock is unknown.
    """
    if sample is None or sample.already_used or not is_rock(sample):
        return None
    if mg is not None:
        weight: dose.Weight | None = (
            dose.field_weighed(mg) if on_a_field_scale else dose.weighed(mg)
        )
    else:
        weight = dose.weight_from_size(sample.size) if sample.weight_mg is None else None
    if weight is None:
        return None
    if content is not None:
        known = dose.known_content(content.percent, content.uncertainty_percent)
        return None if mg is not None else dose.expected(weight, known)
    looked_for = any(
        r.substance == "cocaine" and not _unmeasured(r) for s in final for r in s.assay.results
    )
    return None if looked_for else dose.expected(weight, market.share)


def _unmeasured(result: Result) -> bool:
    """Not looked for, or found with nothing said of how much."""
    return result.outcome is Outcome.NOT_TESTED or (
        result.outcome is Outcome.DETECTED and result.loq_percent is None
    )


def _sorted(
    final: Sequence[Statement], early: Sequence[Statement]
) -> tuple[tuple[str, ...], tuple[str, ...], frozenset[str], frozenset[str]]:
    """Found by any final analysis, by a preliminary one alone, not found by any, not tested by any."""
    results = [r for s in final for r in s.assay.results]
    found = dict.fromkeys(r.substance for r in results if r.found)
    found_early = dict.fromkeys(r.substance for s in early for r in s.assay.results if r.found)
    seen = {*found, *found_early}
    absent = {r.substance for r in results if r.absent} - seen
    untested = {r.substance for r in results if r.outcome is Outcome.NOT_TESTED} - seen - absent
    return (
        tuple(found),
        tuple(name for name in found_early if name not in found),
        frozenset(absent),
        frozenset(untested),
    )


def _contents(final: Sequence[Statement]) -> dict[str, float]:
    best_last = sorted(final, key=lambda s: -BEST_METHODS.index(s.assay.method))
    return {
        r.substance: r.content_percent
        for s in best_last
        for r in s.assay.results
        if r.content_percent is not None
    }


def _warned(statements: Sequence[Statement], seen: set[str]) -> frozenset[str]:
    """What versions that no longer stand found, is alarming, and no version in force finds."""
    gone = [r for s in statements if not s.in_force for r in s.assay.results if r.found]
    return frozenset(
        r.substance for r in gone if is_alarming(r.substance) and r.substance not in seen
    )


def _below(final: Sequence[Statement]) -> dict[str, float]:
    """What was found and nowhere measured, with the lowest limit of quantification that was stated."""
    results = [r for s in final for r in s.assay.results if r.found]
    measured = {r.substance for r in results if r.outcome is Outcome.QUANTIFIED}
    limits: dict[str, float] = {}
    for r in results:
        if r.substance not in measured and r.loq_percent is not None:
            limits[r.substance] = min(r.loq_percent, limits.get(r.substance, r.loq_percent))
    return limits


def _whole_rock(sample: Sample | None, final: Sequence[Statement]) -> tuple[float | None, bool]:
    """The laboratory's weight, else the field scale's, and whether it is that; none where not the whole rock's.

    Where a whole rock weighed much more in the field, the laboratory had a piece of it.
    """
    if sample is None or sample.already_used or sample.weighed is Weighed.PIECE:
        return None, False
    field = sample.weight_mg if sample.weighed is Weighed.WHOLE_ROCK else None
    weighed = [s.assay for s in final if s.assay.rock_weight_mg is not None]
    if not weighed:
        return field, field is not None
    mg = min(weighed, key=lambda assay: BEST_METHODS.index(assay.method)).rock_weight_mg or 0.0
    if field is not None and mg < field * WHOLE_ROCK_AT_LEAST - dose.SCALE_ERROR_MG:
        return field, True
    return mg, False


def _measured(final: Sequence[Statement]) -> tuple[Content, ...]:
    """Cocaine's content by every method that measured it, as base where that can be known; the best first.

    A measured nothing stands last. Of two by the same method the greater stands first. A strip or a plate shows
    that it is there, not how much.
    """
    contents = [
        Content(*as_base(r), r.uncertainty_percent, s.assay.method, s.assay.id)
        for s in final
        for r in s.assay.results
        if r.substance == "cocaine"
        and r.content_percent is not None
        and s.assay.method not in NO_NUMBERS
    ]
    return tuple(
        sorted(
            contents,
            key=lambda one: (not one.percent, BEST_METHODS.index(one.method), -one.percent),
        )
    )


def _that_counts(measured: Sequence[Content], found: Collection[str]) -> Content | None:
    """The best measurement. Where any method found cocaine, a measured nothing is none: found wins."""
    best = measured[0] if measured else None
    return best if best and (best.percent or "cocaine" not in found) else None


def as_base(result: Result) -> tuple[float, Basis]:
    """A content of cocaine as base; as reported, with its basis unknown, where the laboratory did not say."""
    percent = result.content_percent or 0.0
    if result.expressed_as is Basis.HYDROCHLORIDE:
        return percent * COCAINE_BASE_PER_HYDROCHLORIDE, Basis.BASE
    return percent, result.expressed_as or Basis.UNKNOWN


def families(finding: Finding) -> Mapping[str, str]:
    """What is known of each family: found, found_too_little, not_tested or not_found.

    Found too little is found, but under what the method can measure. Where one member was looked for in vain and
    another is said not to have been looked for, the family is not tested; so is one that nobody spoke of.
    """
    known: dict[str, str] = dict.fromkeys((family.value for family in Family), "not_tested")
    for name, verdict in verdicts(finding).items():
        family = family_of(name)
        known[family.value if family else "unknown"] = verdict
    return known


def verdicts(finding: Finding) -> Mapping[str, str]:
    """What is known of each substance that was spoken of, the weightiest last; see `families`."""
    known = dict.fromkeys(sorted(finding.not_found), "not_found")
    known.update(dict.fromkeys(sorted(finding.not_tested), "not_tested"))
    known.update(dict.fromkeys(finding.below, "found_too_little"))
    known.update(
        {
            name: "found"
            for name in (*finding.found, *finding.found_early)
            if name not in finding.below
        }
    )
    return known


@dataclass(frozen=True, slots=True)
class Belief:
    """What the person believed, beside what the laboratory says of it; None where it says nothing."""

    belief: str
    told: float | str
    measured: float | str | None


def beliefs(finding: Finding) -> tuple[Belief, ...]:
    """The guess in percent beside the content, and each cut that was believed in beside its verdict."""
    told, known = finding.beliefs, verdicts(finding)
    guess = told.guess_percent
    content = finding.content.percent if finding.content else None
    return (
        *((Belief("guess_percent", guess, content),) if guess is not None else ()),
        *(Belief("believed_cut", cut, known.get(cut)) for cut in told.believed_cuts or ()),
        *((Belief("ammonia_left", "ammonia", known.get("ammonia")),) if told.ammonia_left else ()),
    )
