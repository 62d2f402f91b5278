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
from service.evidence.standing import Standing
from service.intake.sample import Beliefs, Sample, Use
from service.vocabulary.codes import (
    AgeBand,
    Basis,
    Closing,
    Form,
    Method,
    Reason,
    SoldAs,
    State,
)
from service.vocabulary.products import Product, product
from service.vocabulary.stems import warned_family
from service.vocabulary.substances import Family, family_of

CRACK = frozenset({SoldAs.CRACK, SoldAs.FREE_BASE, SoldAs.UNKNOWN, SoldAs.NOT_SAID})
ROCKS = frozenset({Form.ROCK, Form.UNKNOWN, Form.NOT_SAID})
TRACES_ONLY_HERE = frozenset({"buprenorphine", "methadone", "codeine", "tramadol"})
"""What people here are treated with: a trace of it warns of its own rock alone. Ours, to sign."""
RESIDUE_ALARM_PERCENT = 1.0
"""A solvent or ammonia is an alert from here on, and a cut without alarm under it. Ours."""

Verdict = Literal["found", "indicated", "found_too_little", "not_found", "not_tested"]
"""Found too little is found, but under what the method can measure."""


@dataclass(frozen=True, slots=True)
class Told:
    """What the person said of the sample and of themselves that the answer speaks to."""

    sold_as: SoldAs | None = None
    sold_as_name: str | None = None
    reason: Reason | None = None
    already_used: bool | None = None
    age_band: AgeBand | None = None

    @property
    def product(self) -> Product | None:
        """What it was sold as, where that is known."""
        return product(self.sold_as, self.sold_as_name)


@dataclass(frozen=True, slots=True)
class Nearby:
    """What was found lately in other rocks of this network, and what changes here for it."""

    found: frozenset[str] = frozenset()
    """Confirmed, or named by a notice."""
    found_here: frozenset[str] = frozenset()
    """Those of them that were found in rocks of this site."""
    indicated_here: frozenset[str] = frozenset()
    """Very strong opioids that a test of this site reacted to, and that nothing has settled."""


@dataclass(frozen=True, slots=True)
class Content:
    """Cocaine in percent by weight. `basis` is base where it was base or could be converted."""

    percent: float
    basis: Basis
    uncertainty_percent: float | None
    method: Method
    assay: UUID | None = None
    """The analysis it was taken from."""


NOTHING_NEARBY = Nearby()


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What the messages, the card and the survey are made from."""

    state: State
    closed: Closing | None = None
    """Why no laboratory will answer any more."""
    told: Told = Told()
    crack_rock: bool = True
    """Whether it is a rock of crack; what is no such rock gets the general answer."""
    beliefs: Beliefs = field(default_factory=Beliefs)
    use: Use = field(default_factory=Use)
    weight_mg: float | None = None
    """Of the whole rock; None where only a piece was weighed or some was used."""
    content: Content | None = None
    measured: tuple[Content, ...] = ()
    """Every final measurement of cocaine, the one that counts first: none is averaged."""
    disagree: bool = False
    """Whether two measurements by methods of one rank differ by more than they can be wrong."""
    amount: dose.Amount | None = None
    expected: dose.Amount | None = None
    market: dose.Market = dose.PUBLISHED
    """What content rocks have, as the expected amount takes it."""
    standings: Mapping[str, Standing] = field(default_factory=dict)
    """How surely each substance that was spoken of is there."""
    found: tuple[str, ...] = ()
    """Confirmed by a signed analysis, in the order the laboratory gave."""
    found_early: tuple[str, ...] = ()
    """Confirmed by a preliminary one alone: it raises alerts and says nothing else."""
    indicated: tuple[str, ...] = ()
    """A method that can be wrong reacted, and nothing has settled it."""
    ruled_out: frozenset[str] = frozenset()
    """It was indicated; then a method that confirms looked for it in vain."""
    contents: Mapping[str, float] = field(default_factory=dict)
    """Percent by weight of what a final analysis measured, by the best method, as reported."""
    below: Mapping[str, float] = field(default_factory=dict)
    """Found, but under what the method can measure: the limit in percent, the lowest of several."""
    not_found: frozenset[str] = frozenset()
    first_not_found: frozenset[str] = frozenset()
    """Looked for in vain by a first test alone."""
    not_tested: frozenset[str] = frozenset()
    not_looked_for: tuple[str, ...] = ()
    """The watched classes (nitazenes, fentanyls …) that nobody looked for."""
    warned: frozenset[str] = frozenset()
    """What a version that no longer stands warned of, and none in force finds."""
    inconclusive: bool = False
    answered_at: datetime | None = None
    replaced_at: datetime | None = None
    nearby: Nearby = NOTHING_NEARBY
    offers: Offers = USUAL
    """What the site has for the person."""

    @property
    def looked_for_in_vain(self) -> frozenset[str]:
        """What a signed analysis looked for and did not find; also where a first test reacted."""
        return self.not_found | self.ruled_out

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
    def sure(self) -> tuple[str, ...]:
        """What is confirmed, by preliminary analyses too."""
        return (*self.found, *self.found_early)

    @property
    def seen(self) -> tuple[str, ...]:
        """What any analysis in force says is there, surely or not."""
        return (*self.sure, *self.indicated)

    def found_in(self, *families: Family) -> tuple[str, ...]:
        """What a signed analysis confirmed of these families."""
        return tuple(name for name in self.found if warned_family(name) in families)

    def sure_in(self, *families: Family) -> tuple[str, ...]:
        """What is confirmed of these families, by preliminary analyses too: for alerts."""
        return tuple(name for name in self.sure if warned_family(name) in families)

    def indicated_in(self, *families: Family) -> tuple[str, ...]:
        """What is only indicated of these families."""
        return tuple(name for name in self.indicated if warned_family(name) in families)

    def seen_in(self, *families: Family) -> tuple[str, ...]:
        """What is there of these families, surely or not: for what to do."""
        return tuple(name for name in self.seen if warned_family(name) in families)

    @property
    def seen_unknown(self) -> tuple[str, ...]:
        """What any analysis found that the vocabulary does not know and no stem tells of."""
        return tuple(name for name in self.seen if warned_family(name) is None)

    def is_expected(self, name: str) -> bool:
        """Whether it is what the product was sold as: no surprise, and no warning to others."""
        sold_as = self.told.product
        return sold_as is not None and name in sold_as.expected

    def is_quiet(self, name: str) -> bool:
        """Whether it warns of its own rock alone: a trace of a treatment, a little solvent."""
        is_trace = name in self.below and name in TRACES_ONLY_HERE
        return is_trace or self.is_residue_without_alarm(name)

    def is_residue_without_alarm(self, name: str) -> bool:
        """A solvent or ammonia in an amount that is known to be small."""
        known = self.contents.get(name, self.below.get(name))
        is_small = known is not None and known < RESIDUE_ALARM_PERCENT
        return family_of(name) is Family.RESIDUE and is_small

    @property
    def warns_others(self) -> tuple[str, ...]:
        """What was found in this rock that other people of the network are told of."""
        if not self.crack_rock:
            return ()

        return tuple(name for name in self.sure if not self.is_quiet(name))

    @property
    def warns_its_site(self) -> tuple[str, ...]:
        """Very strong opioids that are only indicated: the site is told until it is settled."""
        return self.indicated_in(Family.VERY_STRONG_OPIOID) if self.crack_rock else ()

    @property
    def hardly_any_cocaine(self) -> bool:
        """Looked for, and not there or at most 6 %: outside the published survey."""
        if not self.answered or self.inconclusive:
            return False

        if self.content is not None:
            return self.content.percent <= LOWEST_CONTENT_PERCENT
        if "cocaine" in self.below:
            return self.below["cocaine"] <= LOWEST_CONTENT_PERCENT
        return "cocaine" in self.looked_for_in_vain


def is_crack_rock(sample: Sample) -> bool:
    """Sold as crack, as free base or as nobody knows what, and a rock as far as anybody said.

    Nothing else touches the survey, the estimate or what other people are told.
    """
    sold_as_crack = sample.sold_as is None or sample.sold_as in CRACK
    return sold_as_crack and (sample.form is None or sample.form in ROCKS)


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

    for substance in sorted({*finding.not_found, *finding.ruled_out}):
        known[substance] = "not_found"
    for substance in sorted(finding.not_tested):
        known[substance] = "not_tested"
    for substance in finding.below:
        known[substance] = "found_too_little"
    for substance in finding.indicated:
        known[substance] = "indicated"
    for substance in finding.sure:
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
