"""Everything we know of one sample, and how surely: its shape, and what can be asked of it.

How it is made from assays is in classify.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from uuid import UUID

from service.access.site import USUAL, Offers
from service.evidence import dose
from service.evidence.reference import LOWEST_CONTENT_PERCENT
from service.intake.sample import Beliefs, Sample, Use
from service.vocabulary.codes import Basis, Form, Method, SoldAs, State
from service.vocabulary.substances import Family, family_of

NO_ROCKS = frozenset({Form.POWDER, Form.PASTE, Form.LIQUID, Form.RESIDUE})

Verdict = Literal["found", "found_too_little", "not_found", "not_tested"]
"""Found too little is found, but under what the method can measure."""


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
        if self.amount is None and not self.answered:
            return self.expected

        return self.amount

    @property
    def seen(self) -> tuple[str, ...]:
        """What any analysis found, preliminary ones too."""
        return (*self.found, *self.found_early)

    def found_in(self, *families: Family) -> tuple[str, ...]:
        """What a final analysis found of these families."""
        return tuple(name for name in self.found if family_of(name) in families)

    def seen_in(self, *families: Family) -> tuple[str, ...]:
        """What any analysis found of these families, preliminary ones too: for alerts."""
        return tuple(name for name in self.seen if family_of(name) in families)

    @property
    def seen_unknown(self) -> tuple[str, ...]:
        """What any analysis found that the vocabulary does not know."""
        return tuple(name for name in self.seen if family_of(name) is None)

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


def is_rock(sample: Sample) -> bool:
    """Whether the survey and the estimate may speak of it: no powder, paste or liquid."""
    return sample.sold_as is not SoldAs.POWDER_COCAINE and sample.form not in NO_ROCKS


def families(finding: Finding) -> Mapping[str, Verdict]:
    """What is known of each family of substances.

    Where one member was looked for in vain and another is said not to have been looked for, the
    family is not tested; so is one that nobody spoke of.
    """
    known: dict[str, Verdict] = {family.value: "not_tested" for family in Family}

    for substance, verdict in verdicts(finding).items():
        family = family_of(substance)
        known[family.value if family else "unknown"] = verdict

    return known


def verdicts(finding: Finding) -> Mapping[str, Verdict]:
    """What is known of each substance that was spoken of, the weightiest last."""
    known: dict[str, Verdict] = {}

    for substance in sorted(finding.not_found):
        known[substance] = "not_found"
    for substance in sorted(finding.not_tested):
        known[substance] = "not_tested"
    for substance in finding.below:
        known[substance] = "found_too_little"
    for substance in finding.seen:
        if substance not in finding.below:
            known[substance] = "found"

    return known


@dataclass(frozen=True, slots=True)
class Belief:
    """What the person believed, beside what the laboratory says of it, if anything."""

    belief: str
    told: float | str
    measured: float | str | None


def beliefs(finding: Finding) -> tuple[Belief, ...]:
    """The guess in percent beside the content, and each suspected cut beside its verdict."""
    believed = finding.beliefs
    known = verdicts(finding)
    compared: list[Belief] = []

    if believed.guess_percent is not None:
        measured = finding.content.percent if finding.content else None
        compared.append(Belief("guess_percent", believed.guess_percent, measured))

    cuts = believed.believed_cuts or ()
    compared.extend(Belief("believed_cut", cut, known.get(cut)) for cut in cuts)

    if believed.ammonia_left:
        compared.append(Belief("ammonia_left", "ammonia", known.get("ammonia")))

    return tuple(compared)
