"""Everything we know of one sample, and how surely.

Where several analyses speak of one substance: found by any is found (an alert is never voted down), and a
content is taken from the best method that measured one, never averaged. A preliminary analysis counts for
what it found and for nothing else.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from service.evidence import dose
from service.evidence.reference import LOWEST_CONTENT_PERCENT
from service.intake.sample import Beliefs, Sample
from service.lab.assay import PUBLISHED, Result, Statement, replaced, state
from service.vocabulary.codes import Basis, Method, Outcome, State, Status, Weighed
from service.vocabulary.substances import COCAINE_BASE_PER_HYDROCHLORIDE, Family, family_of

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


@dataclass(frozen=True, slots=True)
class Content:
    """Cocaine in percent by weight. `basis` is base where it was base or could be converted."""

    percent: float
    basis: Basis
    uncertainty_percent: float | None
    method: Method


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What the messages, the card and the survey are made from."""

    state: State
    beliefs: Beliefs = field(default_factory=Beliefs)
    weight_mg: float | None = None
    """Of the whole rock; None where only a piece was weighed or some was used."""
    content: Content | None = None
    amount: dose.Amount | None = None
    expected: dose.Amount | None = None
    found: tuple[str, ...] = ()
    not_found: frozenset[str] = frozenset()
    not_tested: frozenset[str] = frozenset()
    inconclusive: bool = False
    answered_at: datetime | None = None
    replaced_at: datetime | None = None
    recent: frozenset[str] = frozenset()
    """Alarming substances found in other rocks of this network lately."""
    has_naloxone: bool = True

    @property
    def answered(self) -> bool:
        """Whether a final answer is in force."""
        return self.state in (State.ANSWERED, State.CORRECTED)

    def found_in(self, *families: Family) -> tuple[str, ...]:
        """What was found of these families, in the order the laboratory gave."""
        return tuple(name for name in self.found if family_of(name) in families)

    @property
    def found_unknown(self) -> tuple[str, ...]:
        """What was found that the vocabulary does not know."""
        return tuple(name for name in self.found if family_of(name) is None)

    @property
    def hardly_any_cocaine(self) -> bool:
        """Looked for, and not there or at most 6 %: outside the published survey."""
        if not self.answered or self.inconclusive:
            return False
        if self.content is not None:
            return self.content.percent <= LOWEST_CONTENT_PERCENT
        return "cocaine" in self.not_found


def find(
    sample: Sample | None,
    statements: Sequence[Statement],
    *,
    recent: frozenset[str] = frozenset(),
    has_naloxone: bool = True,
) -> Finding:
    """Join what was told, what was measured and what is recent; `sample` is None before the tablet sent it."""
    where = state(statements)
    final = [s for s in statements if s.in_force and s.assay.status in PUBLISHED]
    early = [s for s in statements if s.in_force and s.assay.status is Status.PRELIMINARY]
    found, not_found, not_tested = _sorted(final, early)
    weight = _whole_rock(sample, final)
    content = _content(final)
    return Finding(
        state=where,
        beliefs=sample.beliefs if sample else Beliefs(),
        weight_mg=weight,
        content=content,
        amount=(
            dose.measured(weight, content.percent, content.uncertainty_percent)
            if weight is not None and content is not None
            else None
        ),
        expected=dose.expected(weight) if weight is not None and not final else None,
        found=found,
        not_found=not_found,
        not_tested=not_tested,
        inconclusive=bool(final) and not found and not not_found,
        answered_at=max((s.received_at for s in final), default=None),
        replaced_at=replaced(statements),
        recent=recent,
        has_naloxone=has_naloxone,
    )


def _sorted(
    final: Sequence[Statement], early: Sequence[Statement]
) -> tuple[tuple[str, ...], frozenset[str], frozenset[str]]:
    """Found by any, else not found by any final one, else not tested."""
    results = [r for s in final for r in s.assay.results]
    found = dict.fromkeys(r.substance for s in (*final, *early) for r in s.assay.results if r.found)
    absent = {r.substance for r in results if r.outcome is Outcome.NOT_DETECTED} - set(found)
    untested = {r.substance for r in results if r.outcome is Outcome.NOT_TESTED} - set(found) - absent
    return tuple(found), frozenset(absent), frozenset(untested)


def _whole_rock(sample: Sample | None, final: Sequence[Statement]) -> float | None:
    """The laboratory's weight, else the field scale's; none where it would not be the whole rock's."""
    if sample is None or sample.already_used or sample.weighed is Weighed.PIECE:
        return None
    weighed = [s.assay for s in final if s.assay.rock_weight_mg is not None]
    if weighed:
        return min(weighed, key=lambda assay: BEST_METHODS.index(assay.method)).rock_weight_mg
    return sample.weight_mg if sample.weighed is Weighed.WHOLE_ROCK else None


def _content(final: Sequence[Statement]) -> Content | None:
    """Cocaine's content by the best method that measured it, as base where that can be known."""
    measured = [
        (BEST_METHODS.index(s.assay.method), s.assay.method, r)
        for s in final
        for r in s.assay.results
        if r.substance == "cocaine" and r.content_percent is not None
    ]
    if not measured:
        return None
    _, method, result = min(measured, key=lambda one: one[0])
    percent, basis = as_base(result)
    return Content(percent, basis, result.uncertainty_percent, method)


def as_base(result: Result) -> tuple[float, Basis]:
    """A content of cocaine as base; as reported, with its basis unknown, where the laboratory did not say."""
    percent = result.content_percent or 0.0
    if result.expressed_as is Basis.HYDROCHLORIDE:
        return percent * COCAINE_BASE_PER_HYDROCHLORIDE, Basis.BASE
    return percent, result.expressed_as or Basis.UNKNOWN


def families(finding: Finding) -> Mapping[str, str]:
    """What is known of each family that was looked for: found, not_found or not_tested."""
    known: dict[str, str] = {}
    for names, verdict in (
        (finding.not_tested, "not_tested"),
        (finding.not_found, "not_found"),
        (finding.found, "found"),
    ):
        for name in names:
            family = family_of(name)
            known[family.value if family else "unknown"] = verdict
    return known
