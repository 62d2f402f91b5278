"""What is a warning: in this sample, in others of late, and in an answer that is gone."""

from service.evidence.finding import Finding
from service.vocabulary.substances import SEDATIVES, STIMULANTS, UNEXPECTED, Family, codes_in
from service.wording.predicates.answer import result_in

F = Family


OPIOIDS = (F.OPIOID, F.VERY_STRONG_OPIOID)
_ACTIVE = tuple(family for family in UNEXPECTED if family not in SEDATIVES)
MARKS_OF_HEROIN = frozenset({"monoacetylmorphine", "acetylcodeine", "noscapine", "papaverine"})
"""Found with heroin, and told as heroin in a warning of other rocks."""
MOST_RECENT = 2
"""A warning of other rocks names no more."""


def surprising(f: Finding, names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in names if not f.is_expected(name))


def sure_of(f: Finding, *families: Family) -> tuple[str, ...]:
    return surprising(f, f.sure_in(*families))


def only_indicated_of(f: Finding, *families: Family) -> tuple[str, ...]:
    return surprising(f, f.indicated_in(*families))


def opioid_found(f: Finding) -> bool:
    """Any opioid that it was not sold as is confirmed: buprenorphine and methadone too, even
    traces, even in a preliminary analysis.
    """
    return bool(sure_of(f, *OPIOIDS))


def opioid_indicated(f: Finding) -> bool:
    """A test that can be wrong reacted to an opioid, or a name that ends like one was found."""
    return bool(only_indicated_of(f, *OPIOIDS))


def opioid_expected(f: Finding) -> bool:
    """It was sold as an opioid, and that is in it."""
    return bool(expected_of(f, *OPIOIDS))


def expected_of(f: Finding, *families: Family) -> tuple[str, ...]:
    return tuple(name for name in f.seen_in(*families) if f.is_expected(name))


def opioid_there(f: Finding) -> bool:
    """Any opioid, confirmed, indicated or expected."""
    return bool(f.seen_in(*OPIOIDS))


def naloxone_here(f: Finding) -> bool:
    """The site gives out naloxone."""
    return f.offers.naloxone


def no_naloxone_here(f: Finding) -> bool:
    """The site has no naloxone to give."""
    return not f.offers.naloxone


def very_strong_opioid_there(f: Finding) -> bool:
    """A nitazene, fentanyl or a relative, confirmed or indicated."""
    return bool(f.seen_in(F.VERY_STRONG_OPIOID))


def synthetic_cannabinoid_found(f: Finding) -> bool:
    """A synthetic cannabinoid that it was not sold as is confirmed."""
    return bool(sure_of(f, F.SYNTHETIC_CANNABINOID))


def synthetic_cannabinoid_indicated(f: Finding) -> bool:
    """A test that can be wrong reacted to a synthetic cannabinoid, or a name ends like one."""
    return bool(only_indicated_of(f, F.SYNTHETIC_CANNABINOID))


def benzodiazepine_found(f: Finding) -> bool:
    """A benzodiazepine that it was not sold as is confirmed."""
    return bool(sure_of(f, F.BENZODIAZEPINE))


def benzodiazepine_indicated(f: Finding) -> bool:
    """A test that can be wrong reacted to a benzodiazepine, or a name ends like one."""
    return bool(only_indicated_of(f, F.BENZODIAZEPINE))


def benzodiazepine_expected(f: Finding) -> bool:
    """It was sold as a benzodiazepine, and that is in it."""
    return bool(expected_of(f, F.BENZODIAZEPINE))


def sedative_found(f: Finding) -> bool:
    """Another sedative (xylazine, medetomidine, GHB) that it was not sold as is confirmed."""
    return bool(sure_of(f, *SEDATIVES))


def sedative_indicated(f: Finding) -> bool:
    """A test that can be wrong reacted to another sedative."""
    return bool(only_indicated_of(f, *SEDATIVES))


def unexpected(f: Finding) -> tuple[str, ...]:
    return sure_of(f, *_ACTIVE, *_cocaine_where_it_was_not_sold(f))


def unexpected_found(f: Finding) -> bool:
    """Another active substance that it was not sold as is confirmed (amphetamine, ketamine and
    the like; cocaine in what was sold as something else).
    """
    return bool(unexpected(f))


def _cocaine_where_it_was_not_sold(f: Finding) -> tuple[Family, ...]:
    sold_otherwise = not f.crack_rock and f.told.product is not None
    return (F.COCAINE,) if sold_otherwise else ()


def unknown(f: Finding) -> tuple[str, ...]:
    return tuple(name for name in f.seen_unknown if name in f.sure)


def unknown_found(f: Finding) -> bool:
    """A name that nobody knows, and whose ending tells of no kind, is confirmed."""
    return bool(unknown(f))


def unexpected_indicated(f: Finding) -> tuple[str, ...]:
    unknown_names = tuple(name for name in f.seen_unknown if name in f.indicated)
    left_over = tuple(
        name for name in f.indicated_in(F.RESIDUE) if not f.is_residue_without_alarm(name)
    )
    return (*only_indicated_of(f, *_ACTIVE), *left_over, *unknown_names)


def anything_else_indicated(f: Finding) -> bool:
    """A test that can be wrong reacted to another active substance, to ammonia or a solvent, or
    to a name nobody knows.
    """
    return bool(unexpected_indicated(f))


def residues(f: Finding) -> tuple[str, ...]:
    return tuple(name for name in f.sure_in(F.RESIDUE) if not f.is_residue_without_alarm(name))


def residue_found(f: Finding) -> bool:
    """Ammonia or a solvent is confirmed, 1 % or more of it, or nobody knows how much."""
    return bool(residues(f))


def small_residues(f: Finding) -> tuple[str, ...]:
    return tuple(name for name in f.found_in(F.RESIDUE) if f.is_residue_without_alarm(name))


def little_residue_found(f: Finding) -> bool:
    """A final analysis found ammonia or a solvent, less than 1 % of it."""
    return f.answered and bool(small_residues(f))


def strong_warning(f: Finding) -> bool:
    """An opioid, a synthetic cannabinoid, a benzodiazepine or another sedative is in this sample,
    or a test reacted to one; not what it was sold as.
    """
    strong = (*OPIOIDS, F.SYNTHETIC_CANNABINOID, F.BENZODIAZEPINE, *SEDATIVES)
    return bool(surprising(f, f.seen_in(*strong)))


def any_alert(f: Finding) -> bool:
    """Any of the alerts above, in this sample."""
    others = unexpected_found(f) or unknown_found(f) or anything_else_indicated(f)
    return strong_warning(f) or others or residue_found(f)


def any_warning(f: Finding) -> bool:
    """The card begins with a warning: of this sample, expected or not, of others, or of an answer
    that is gone.
    """
    of_this = any_alert(f) or opioid_expected(f) or benzodiazepine_expected(f)
    of_others = opioid_recent_here(f) and not result_in(f)
    return of_this or of_others or opioid_indicated_at_this_site(f) or warning_gone(f)


def recent_opioids(f: Finding) -> tuple[str, ...]:
    """At most two of them, the strongest first; what only shows heroin is told as heroin."""
    if not f.crack_rock:
        return ()

    strongest = sorted(f.nearby.found & codes_in(F.VERY_STRONG_OPIOID))
    others = {
        "heroin" if name in MARKS_OF_HEROIN else name
        for name in f.nearby.found & codes_in(F.OPIOID)
    }
    return (*strongest, *sorted(others))[:MOST_RECENT]


def opioid_recent_here(f: Finding) -> bool:
    """An opioid was confirmed in another rock of this network within 90 days (a setting)."""
    return bool(recent_opioids(f))


def recent_indicated(f: Finding) -> tuple[str, ...]:
    known = f.nearby.indicated_here - f.nearby.found
    return tuple(sorted(known))[:MOST_RECENT] if f.crack_rock else ()


def opioid_indicated_at_this_site(f: Finding) -> bool:
    """A test of this site lately reacted to a very strong opioid in another rock, and no
    laboratory has settled it.
    """
    return bool(recent_indicated(f))


def stimulant_recent_here(f: Finding) -> bool:
    """Another stimulant in another rock of this network within 90 days (a setting)."""
    return bool(f.nearby.found & codes_in(*STIMULANTS))


def residue_recent_here(f: Finding) -> bool:
    """Ammonia or a solvent in another rock of this network within 90 days (a setting)."""
    return bool(f.nearby.found & codes_in(F.RESIDUE))


def warning_gone(f: Finding) -> bool:
    """An earlier version held a warning that no version in force holds."""
    return bool(f.warned)


def warning_looked_for_again(f: Finding) -> bool:
    """All that an earlier version warned of was looked for again by a final analysis,
    and not found.
    """
    return result_in(f) and bool(f.warned) and f.warned <= f.not_found and not any_alert(f)


def warning_taken_back(f: Finding) -> bool:
    """An earlier version held a warning; it no longer stands,
    and nobody has looked for it again.
    """
    return bool(f.warned) and not warning_looked_for_again(f)
