"""When this week is news: what calls for a warning.

Each rule is a small predicate; a person decides. Found means by any assay in force, a preliminary
one too. A share is of the rocks that were tested for it.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from math import exp, lgamma

from service.evidence.finding import Finding
from service.evidence.notice import EXPECTED, Kind
from service.vocabulary.codes import Reason
from service.vocabulary.substances import Family, codes_in, is_alarming
from service.wording.predicates.result import basis_unknown, beyond_the_survey

NETWORK = ""
"""The scope that is no site: all of them."""
ANSWERED = ""
"""What is counted of every answered rock, whatever was found in it."""

RECENT_WEEKS = 4
BEFORE_WEEKS = 26
"""What recent weeks are compared with."""
NEW_WEEKS = 52
"""For how long nobody has seen what is called new."""
CLUSTER_DAYS = 14
FEWEST_IN_CLUSTER = 3
"""Fewer are no cluster. Our own choice."""
FEWEST_BEFORE = 30
"""A site that has answered fewer rocks knows no "new", nor a share to compare with. Ours too."""
FALSE_A_YEAR = 1.0
"""How many rises and clusters may be proposed in a year where nothing changed.

All subjects and sites together.
"""
LOOKS_A_YEAR = 104
"""Each rock is a look, but looks at the same four weeks are alike: they count as two a week.

On streams that never change that gives 0.2 to 0.4 false proposals a year
(tests/observatory/test_alerts.py prints its own).
"""
OPIOIDS = codes_in(Family.OPIOID, Family.VERY_STRONG_OPIOID)
ADVERSE = frozenset({Reason.UNEXPECTED_EFFECTS, Reason.SERIOUS_ADVERSE})


class Why(StrEnum):
    """What a proposal rests on."""

    OPIOID = "opioid"
    NEW_IN_NETWORK = "new_in_network"
    NEW_AT_SITE = "new_at_site"
    BEYOND_SURVEY = "beyond_survey"
    MORE_OFTEN = "more_often"
    EFFECTS = "effects"


KIND: dict[Why, Kind] = {
    Why.OPIOID: Kind.FOUND,
    Why.NEW_IN_NETWORK: Kind.FOUND,
    Why.NEW_AT_SITE: Kind.FOUND,
    Why.BEYOND_SURVEY: Kind.MUCH_COCAINE,
    Why.MORE_OFTEN: Kind.MORE_OFTEN,
    Why.EFFECTS: Kind.EFFECTS,
}


@dataclass(frozen=True, slots=True, order=True)
class Cause:
    """Why, of what, and where: there is one living proposal of each. `site` may be NETWORK."""

    why: Why
    subject: str | None
    site: str

    def __str__(self) -> str:
        return f"{self.why}|{self.site}|{self.subject or ''}"


def week_of(at: datetime) -> int:
    """The week of an instant, counted from one Monday on."""
    return (at.toordinal() - 1) // 7


@dataclass(frozen=True, slots=True)
class FoundOfTested:
    """How many of how many."""

    found: int = 0
    tested: int = 0


@dataclass(frozen=True, slots=True)
class Tally:
    """What was counted of one subject at one site: lately, in the months and the year before."""

    recent: FoundOfTested = FoundOfTested()
    before: FoundOfTested = FoundOfTested()
    year_found: int = 0
    """Found in the year before the recent weeks."""


Tallies = dict[tuple[str, str], Tally]
"""Tallies by subject and site."""


# --- The rules -----------------------------------------------------------------------------------


def is_opioid(name: str) -> bool:
    """An opioid, a nitazene or a fentanyl: one is enough, however often it was seen."""
    return name in OPIOIDS


def is_new(name: str, tally: Tally, answered: Tally) -> bool:
    """Found lately and not in the year before.

    What is no warning in itself counts as new only where enough rocks were answered before.
    """
    if tally.recent.found == 0 or tally.year_found > 0:
        return False
    return is_alarming(name) or answered.before.tested >= FEWEST_BEFORE


def is_beyond_survey(finding: Finding) -> bool:
    """A crack rock with more cocaine than any of the published survey, its basis known."""
    return finding.crack_rock and beyond_the_survey(finding) and not basis_unknown(finding)


def has_risen(recent: FoundOfTested, before: FoundOfTested, watched: int) -> bool:
    """Found in a greater share of rocks than in the months before, beyond what chance brings.

    `watched` is how many subjects and sites are looked at: each has its part of FALSE_A_YEAR.
    """
    if recent.found < FEWEST_IN_CLUSTER or before.tested < FEWEST_BEFORE:
        return False
    if recent.found * before.tested <= before.found * recent.tested:
        return False

    return chance_of(recent, before) < FALSE_A_YEAR / (LOOKS_A_YEAR * max(1, watched))


def is_adverse(reason: str | None, unexpected_effects: bool | None) -> bool:
    """The person came because of, or told of, effects they did not expect or serious ones."""
    return unexpected_effects is True or reason in ADVERSE


def chance_of(recent: FoundOfTested, before: FoundOfTested) -> float:
    """How likely as many as were found, or more, are among the recent where nothing has changed.

    Fisher's exact test, one side: the upper tail of the hypergeometric distribution.
    """
    tested = recent.tested + before.tested
    found = recent.found + before.found
    others = tested - found
    drawn = recent.tested

    k = max(recent.found, drawn - others)
    term = exp(_log_choose(found, k) + _log_choose(others, drawn - k) - _log_choose(tested, drawn))
    chance = term
    while k < min(found, drawn) and term > chance * 1e-17:
        # From one possible draw to the next, with one more found in it.
        term *= (found - k) * (drawn - k) / ((k + 1) * (others - drawn + k + 1))
        chance += term
        k += 1
    return min(1.0, chance)


def _log_choose(n: int, k: int) -> float:
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)


# --- What one rock calls for ---------------------------------------------------------------------


def causes(
    finding: Finding, site: str, tallies: Tallies, *, beyond_survey: bool
) -> Iterator[Cause]:
    """What this sample by itself calls for. `tallies` are of this site and of the network.

    What it was sold as is no news, and what is only indicated is not certain enough for a warning
    that says "we found".
    """
    for name in proposable(finding):
        if name in EXPECTED:
            continue

        if is_opioid(name):
            yield Cause(Why.OPIOID, name, NETWORK)
        elif _new(name, NETWORK, tallies):
            yield Cause(Why.NEW_IN_NETWORK, name, NETWORK)
        elif _new(name, site, tallies):
            yield Cause(Why.NEW_AT_SITE, name, site)

    if beyond_survey:
        yield Cause(Why.BEYOND_SURVEY, None, NETWORK)


def proposable(finding: Finding) -> tuple[str, ...]:
    """What is confirmed, and neither what it was sold as nor a trace of a treatment."""
    return tuple(
        name
        for name in finding.sure
        if not finding.is_expected(name) and not finding.is_quiet(name)
    )


def still_called_for(cause: Cause, finding: Finding, *, adverse: bool, beyond_survey: bool) -> bool:
    """Whether a rock that a proposal rests on still is what it was."""
    match cause.why:
        case Why.BEYOND_SURVEY:
            return beyond_survey
        case Why.EFFECTS:
            return adverse
        case _:
            return cause.subject in proposable(finding)


def _new(name: str, site: str, tallies: Tallies) -> bool:
    tally = tallies.get((name, site), Tally())
    answered = tallies.get((ANSWERED, site), Tally())
    return is_new(name, tally, answered)


def rising(
    names: Collection[str], site: str, tallies: Tallies, watched: int
) -> Iterator[tuple[Cause, Tally]]:
    """Which of these are found more often than before, in the network or at this site."""
    for name in sorted(set(names) - EXPECTED):
        for scope in (NETWORK, site):
            tally = tallies.get((name, scope), Tally())
            if has_risen(tally.recent, tally.before, watched):
                yield Cause(Why.MORE_OFTEN, name, scope), tally
