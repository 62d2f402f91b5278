"""A finding -> which messages, in reading order.

Each rule is small named predicates that a clinician can read. The order is: alerts, state, result,
cuts, what all rocks teach, care. `Finding` says what is known; nothing here looks anywhere else, so
the same finding always calls for the same messages. The first paragraph of each predicate is
printed, for clinicians, in docs/what-we-say.md.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from service.evidence.dose import Amount
from service.evidence.finding import Finding
from service.evidence.reference import (
    LOWEST_CONTENT_PERCENT,
    MAX_COCAINE_MG,
    MEAN_WEIGHT_MG,
    MEDIAN_COCAINE_MG,
)
from service.vocabulary.codes import AlsoUses, Basis, BlamedEffect
from service.vocabulary.substances import (
    STIMULANTS,
    UNEXPECTED,
    Family,
    codes_in,
    family_of,
    is_alarming,
)
from service.wording.catalogue import Mg, Names, Value, whole

F = Family
OPIOIDS = (F.OPIOID, F.VERY_STRONG_OPIOID)
# Thresholds of ours: a clinician has to sign them.
MUCH_PHENACETIN_PERCENT = 20.0
MUCH_COCAINE_MG = 160.0
HIGH_SHARE_PERCENT = 70.0
LOW_SHARE_PERCENT = 30.0
COCAINES_OWN_EFFECTS = frozenset(
    {BlamedEffect.FAST_HEART, BlamedEffect.ANXIETY, BlamedEffect.TIGHT_JAW}
)
DOUBTED = ("amphetamine", "buprenorphine")

Predicate = Callable[[Finding], bool]
Values = Callable[[Finding], Mapping[str, Value]]


@dataclass(frozen=True, slots=True)
class Rule:
    """`key` is said when `when` holds and none of `unless` does, with `values` in its braces.

    Values raise ValueError where a number would be impossible: such a message is not said.
    """

    key: str
    when: Predicate
    unless: tuple[Predicate, ...] = ()
    values: Values = lambda f: {}

    def applies(self, finding: Finding) -> bool:
        return self.when(finding) and not any(suppressed(finding) for suppressed in self.unless)

    @property
    def name(self) -> str:
        return self.when.__name__


# --- Alerts ---------------------------------------------------------------------------------------


def opioid_found(f: Finding) -> bool:
    """Any opioid, buprenorphine and methadone too, even traces, even in a preliminary analysis."""
    return bool(f.seen_in(*OPIOIDS))


def naloxone_here(f: Finding) -> bool:
    """The site gives out naloxone."""
    return f.offers.naloxone


def no_naloxone_here(f: Finding) -> bool:
    """The site has no naloxone to give."""
    return not f.offers.naloxone


def very_strong_opioid_found(f: Finding) -> bool:
    """A nitazene, fentanyl or a relative."""
    return bool(f.seen_in(F.VERY_STRONG_OPIOID))


def synthetic_cannabinoid_found(f: Finding) -> bool:
    """A synthetic cannabinoid, even in a preliminary analysis."""
    return bool(f.seen_in(F.SYNTHETIC_CANNABINOID))


def benzodiazepine_found(f: Finding) -> bool:
    """A benzodiazepine, even in a preliminary analysis."""
    return bool(f.seen_in(F.BENZODIAZEPINE))


def unexpected(f: Finding) -> tuple[str, ...]:
    return (*f.seen_in(*UNEXPECTED), *f.seen_unknown)


def unexpected_found(f: Finding) -> bool:
    """Another active substance (amphetamine, ketamine and the like),
    or a name that nobody knows.
    """
    return bool(unexpected(f))


def residue_found(f: Finding) -> bool:
    """Ammonia or a solvent."""
    return bool(f.seen_in(F.RESIDUE))


def strong_warning(f: Finding) -> bool:
    """An opioid, a synthetic cannabinoid or a benzodiazepine was found in this rock."""
    return opioid_found(f) or synthetic_cannabinoid_found(f) or benzodiazepine_found(f)


def any_alert(f: Finding) -> bool:
    """Any of the alerts above, in this rock."""
    return strong_warning(f) or unexpected_found(f) or residue_found(f)


def recent_opioids(f: Finding) -> tuple[str, ...]:
    return tuple(sorted(f.recent & codes_in(*OPIOIDS)))


def opioid_recent_here(f: Finding) -> bool:
    """An opioid in another rock of this network within 90 days (a setting)."""
    return bool(recent_opioids(f))


def stimulant_recent_here(f: Finding) -> bool:
    """Another stimulant in another rock of this network within 90 days (a setting)."""
    return bool(f.recent & codes_in(*STIMULANTS))


def residue_recent_here(f: Finding) -> bool:
    """Ammonia or a solvent in another rock of this network within 90 days (a setting)."""
    return bool(f.recent & codes_in(F.RESIDUE))


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


# --- State ----------------------------------------------------------------------------------------


def replaces_an_answer(f: Finding) -> bool:
    """An answer that was given no longer stands: corrected, or taken back."""
    return f.replaced_at is not None


def no_final_answer(f: Finding) -> bool:
    """No final analysis is in force."""
    return not f.answered


def in_analysis_with_alert(f: Finding) -> bool:
    """No final answer, but a first alert is known:
    'we do not know what is in it' would be untrue.
    """
    return not f.answered and any_alert(f)


def failed(f: Finding) -> bool:
    """A final answer in which nothing was found and nothing was looked for in vain:
    it tells nothing.
    """
    return f.inconclusive


def weight_tells_while_waiting(f: Finding) -> bool:
    """No final answer, and the whole rock was weighed."""
    return not f.answered and f.weight_mg is not None and f.expected is not None


# --- Result ---------------------------------------------------------------------------------------


def result_in(f: Finding) -> bool:
    """A final answer that tells something."""
    return f.answered and not f.inconclusive


def cocaine_measured(f: Finding) -> bool:
    """Cocaine was measured, and is more than 6 %: at or under it we say
    'almost none', without a number.
    """
    return result_in(f) and f.content is not None and f.content.percent > LOWEST_CONTENT_PERCENT


def amount_known(f: Finding) -> bool:
    """The whole rock was weighed and its cocaine measured, more than 6 %."""
    return cocaine_measured(f) and f.amount is not None


def share_of_ten_known(f: Finding) -> bool:
    """Cocaine was measured, 10 % or more."""
    return cocaine_measured(f) and not share_under_one(f)


def share_under_one(f: Finding) -> bool:
    """Cocaine was measured, between 6 and 10 %."""
    return cocaine_measured(f) and f.content is not None and f.content.percent < 10


def too_little_to_measure(f: Finding) -> tuple[str, ...]:
    return tuple(name for name in f.found if name in f.below and not is_alarming(name))


def found_too_little_to_measure(f: Finding) -> bool:
    """Something other than an alert was found, under what the method can measure."""
    return bool(too_little_to_measure(f))


def cocaine_found_not_measured(f: Finding) -> bool:
    """Cocaine was found by a method that does not measure."""
    return f.answered and "cocaine" in f.found and f.content is None and "cocaine" not in f.below


def hardly_any_cocaine(f: Finding) -> bool:
    """Cocaine was looked for and not there, or is at most 6 %."""
    return f.hardly_any_cocaine


def much_cocaine(f: Finding) -> bool:
    """The whole rock holds 160 mg of cocaine or more."""
    return amount_known(f) and f.amount is not None and f.amount.middle_mg >= MUCH_COCAINE_MG


def beyond_the_survey(f: Finding) -> bool:
    """The whole rock holds more cocaine than any of the published survey, 209 mg."""
    return amount_known(f) and f.amount is not None and f.amount.middle_mg > MAX_COCAINE_MG


def high_share(f: Finding) -> bool:
    """Cocaine was measured, more than 70 %."""
    return cocaine_measured(f) and f.content is not None and f.content.percent > HIGH_SHARE_PERCENT


def low_share(f: Finding) -> bool:
    """Cocaine is more than 6 % and less than 30 %, or under a limit of the method in between."""
    if f.content is None:
        limit = f.below.get("cocaine", 0.0)
        return result_in(f) and LOWEST_CONTENT_PERCENT < limit <= LOW_SHARE_PERCENT

    return cocaine_measured(f) and f.content.percent < LOW_SHARE_PERCENT


def basis_unknown(f: Finding) -> bool:
    """The laboratory did not say base or hydrochloride: nothing can be compared."""
    return f.content is None or f.content.basis is Basis.UNKNOWN


def warnings_not_tested(f: Finding) -> tuple[str, ...]:
    return tuple(sorted(name for name in f.not_tested if family_of(name) and is_alarming(name)))


def a_warning_not_tested(f: Finding) -> bool:
    """The laboratory says that it did not look for something that would be a warning."""
    return result_in(f) and bool(warnings_not_tested(f))


# --- Cuts -----------------------------------------------------------------------------------------


def cut_found(family: Family) -> Predicate:
    def found(f: Finding) -> bool:
        return f.answered and bool(f.found_in(family))

    found.__name__ = f"{family}_found"
    found.__doc__ = f"A final analysis found {_CALLED.get(family, family.replace('_', ' '))}."
    return found


_CALLED = {
    F.LOCAL_ANAESTHETIC: "a local anaesthetic (lidocaine, procaine and the like)",
    F.HEART_SLEEP_MEDICINE: "hydroxyzine or diltiazem",
    F.FILLER: "a filler (creatine, a sugar, bicarbonate)",
}

caffeine_found = cut_found(F.CAFFEINE)
phenacetin_found = cut_found(F.PHENACETIN)


def much_phenacetin(f: Finding) -> bool:
    """More than 20 % of the rock is phenacetin."""
    return f.contents.get("phenacetin", 0.0) > MUCH_PHENACETIN_PERCENT


PHENACETIN_IS_NO_REASSURANCE = (any_alert, warning_gone, opioid_recent_here, much_phenacetin)


def phenacetin_found_where_nothing_may_reassure(f: Finding) -> bool:
    """Phenacetin beside an alert, here, recent or no longer standing, or more than 20 % of it."""
    return phenacetin_found(f) and any(forbids(f) for forbids in PHENACETIN_IS_NO_REASSURANCE)


# --- What all rocks together teach ----------------------------------------------------------------


def always(f: Finding) -> bool:
    """Always."""
    return True


def breaks_the_rule_of_size(f: Finding) -> bool:
    """A big rock (over 148 mg) with little cocaine (under 79 mg), or a small one with much."""
    if f.weight_mg is None or f.amount is None:
        return False

    big = f.weight_mg > MEAN_WEIGHT_MG
    small = f.weight_mg < MEAN_WEIGHT_MG
    little = f.amount.middle_mg < MEDIAN_COCAINE_MG
    much = f.amount.middle_mg > MEDIAN_COCAINE_MG
    return (big and little) or (small and much)


def guessed_too_low(f: Finding) -> bool:
    """The person guessed fewer parts of ten than were measured."""
    return guess_and_measurement(f) and _guess(f) < _parts(f)


def guess_and_measurement(f: Finding) -> bool:
    """The person guessed, and cocaine was measured, 10 % or more."""
    return share_of_ten_known(f) and f.beliefs.guess_percent is not None


def thinks_basing_cleans_or_was_not_asked(f: Finding) -> bool:
    """An answer is in; the person thinks that making crack takes out the cuts, or was not asked."""
    return f.answered and f.beliefs.basing_cleans is not False


def blames_cuts_or_was_not_asked(f: Finding) -> bool:
    """The person blames the cuts for tight jaw, fast heart or worry, or was not asked;
    no amphetamine there.
    """
    blamed = f.beliefs.effects_blamed_on_cuts
    held_or_not_asked = blamed is None or bool(COCAINES_OWN_EFFECTS.intersection(blamed))
    return result_in(f) and held_or_not_asked and "amphetamine" in f.not_found


def doubted(f: Finding) -> tuple[str, ...]:
    believed = f.beliefs.believed_cuts or ()
    return tuple(name for name in DOUBTED if name in believed and name in f.not_found)


def believed_in_what_was_not_found(f: Finding) -> bool:
    """The person thought of amphetamine or Subutex, and a final analysis looked for it in vain."""
    return result_in(f) and bool(doubted(f))


def believed_in_ammonia_that_was_not_found(f: Finding) -> bool:
    """The person thinks that ammonia is left, and a final analysis looked for it in vain."""
    return result_in(f) and f.beliefs.ammonia_left is True and "ammonia" in f.not_found


# --- Care -----------------------------------------------------------------------------------------


def uses_alcohol(f: Finding) -> bool:
    """The person said that they also use alcohol."""
    return AlsoUses.ALCOHOL in (f.use.also_uses or ())


def uses_opioids(f: Finding) -> bool:
    """The person said that they also use opioids."""
    return AlsoUses.OPIOIDS in (f.use.also_uses or ())


def rest_here(f: Finding) -> bool:
    """The site has a place to rest."""
    return f.offers.rest


def no_rest_here(f: Finding) -> bool:
    """The site has no place to rest."""
    return not f.offers.rest


def told_to_the_worker(f: Finding) -> bool:
    """The person speaks of it: never recorded, never on paper;
    the worker shows it or reads it out.
    """
    return True


def on_paper(f: Finding) -> bool:
    """A card is printed."""
    return True


# --- Values ---------------------------------------------------------------------------------------


def _names_found(*families: Family) -> Values:
    return lambda f: {"name": Names(f.found_in(*families))}


def _names_seen(*families: Family) -> Values:
    return lambda f: {"name": Names(f.seen_in(*families))}


def _parts(f: Finding) -> int:
    """Whole parts of ten. Raises ValueError for a content that cannot be."""
    if f.content is None or not 0 <= f.content.percent <= 100:
        raise ValueError("no content from 0 to 100 %")
    return whole(f.content.percent / 10)


def _guess(f: Finding) -> int:
    return whole((f.beliefs.guess_percent or 0.0) / 10)


def _guess_and_parts(f: Finding) -> Mapping[str, Value]:
    return {"guess": _guess(f), "parts": _parts(f)}


def amounts(f: Finding) -> Mapping[str, Value]:
    """The rock's weight and its cocaine.

    Raises ValueError where they cannot be said in whole mg.
    """
    if f.weight_mg is None or f.amount is None or f.amount.middle_mg > f.weight_mg * (1 + 1e-9):
        raise ValueError("an amount needs a weight, and is no larger")

    if f.weight_mg < 1:
        raise ValueError("'0 mg' says nothing")
    return {"weight": Mg(f.weight_mg), "amount": Mg(f.amount.middle_mg)}


def bounds(amount: Amount | None) -> Mapping[str, Value]:
    """The ends of an interval. Raises ValueError where there is none."""
    if amount is None or amount.low_mg is None or amount.high_mg is None:
        raise ValueError("no interval")
    return {"low": Mg(amount.low_mg), "high": Mg(amount.high_mg)}


def _expected(f: Finding) -> Mapping[str, Value]:
    if f.weight_mg is None or f.weight_mg < 1:
        raise ValueError("an estimate needs a weight in whole mg")
    return {"weight": Mg(f.weight_mg), **bounds(f.expected)}


def _replaced_on(zone: ZoneInfo) -> Values:
    def values(f: Finding) -> Mapping[str, Value]:
        if f.replaced_at is None:
            raise ValueError("nothing was replaced")
        return {"date": f.replaced_at.astimezone(zone).date()}

    return values


# --- The table ------------------------------------------------------------------------------------


def rules(zone: ZoneInfo) -> tuple[Rule, ...]:
    """Every rule, in reading order; dates are days in this time zone."""
    return (
        Rule("alert-opioid", opioid_found, (), _names_seen(*OPIOIDS)),
        Rule("do-opioid", opioid_found, (no_naloxone_here,)),
        Rule("do-opioid-no-stock", opioid_found, (naloxone_here,)),
        Rule("alert-very-strong", very_strong_opioid_found),
        Rule(
            "alert-synthetic-cannabinoid",
            synthetic_cannabinoid_found,
            (),
            _names_seen(F.SYNTHETIC_CANNABINOID),
        ),
        Rule("alert-benzodiazepine", benzodiazepine_found, (), _names_seen(F.BENZODIAZEPINE)),
        Rule("alert-unexpected", unexpected_found, (), lambda f: {"name": Names(unexpected(f))}),
        Rule("alert-residue", residue_found, (), _names_seen(F.RESIDUE)),
        Rule("alert-recent", opioid_recent_here, (), lambda f: {"name": Names(recent_opioids(f))}),
        Rule("warning-taken-back", warning_taken_back),
        Rule("warning-not-found-again", warning_looked_for_again),
        Rule("state-corrected", replaces_an_answer, (), _replaced_on(zone)),
        Rule("state-waiting", no_final_answer, (any_alert,)),
        Rule("state-in-analysis", in_analysis_with_alert),
        Rule("state-inconclusive", failed),
        Rule(
            "estimate-by-weight", weight_tells_while_waiting, (any_alert, warning_gone), _expected
        ),
        Rule("result-amount", amount_known, (), amounts),
        Rule("result-share", share_of_ten_known, (), lambda f: {"parts": _parts(f)}),
        Rule("result-share-under-one", share_under_one),
        Rule(
            "found-too-little-to-measure",
            found_too_little_to_measure,
            (),
            lambda f: {"name": Names(too_little_to_measure(f))},
        ),
        Rule("cocaine-found-not-measured", cocaine_found_not_measured),
        Rule("very-little-cocaine", hardly_any_cocaine),
        Rule("share-low", low_share, (much_cocaine,)),
        Rule(
            "dose-high", much_cocaine, (strong_warning,), lambda f: {"amount": amounts(f)["amount"]}
        ),
        Rule("dose-beyond-survey", beyond_the_survey, (any_alert, basis_unknown)),
        Rule("share-high", high_share, (any_alert, basis_unknown)),
        Rule("compare-reference", cocaine_measured, (any_alert, basis_unknown)),
        Rule("limits-one-piece", result_in),
        Rule("limits-not-detected", result_in),
        Rule(
            "limits-not-tested",
            a_warning_not_tested,
            (),
            lambda f: {"name": Names(warnings_not_tested(f))},
        ),
        Rule("never-harmless", result_in, (any_alert,)),
        Rule("cut-levamisole", cut_found(F.LEVAMISOLE)),
        Rule("cut-phenacetin", phenacetin_found, PHENACETIN_IS_NO_REASSURANCE),
        Rule("cut-phenacetin-plain", phenacetin_found_where_nothing_may_reassure),
        Rule(
            "cut-local-anaesthetic",
            cut_found(F.LOCAL_ANAESTHETIC),
            (),
            _names_found(F.LOCAL_ANAESTHETIC),
        ),
        Rule("cut-caffeine", caffeine_found),
        Rule("cut-paracetamol", cut_found(F.PARACETAMOL)),
        Rule(
            "cut-heart-sleep-medicine",
            cut_found(F.HEART_SLEEP_MEDICINE),
            (),
            _names_found(F.HEART_SLEEP_MEDICINE),
        ),
        Rule("cut-filler", cut_found(F.FILLER), (any_alert,), _names_found(F.FILLER)),
        Rule("dose-follows-size", always, (any_alert, hardly_any_cocaine, breaks_the_rule_of_size)),
        Rule("guess-vs-measured", guess_and_measurement, (any_alert,), _guess_and_parts),
        Rule("guess-too-low", guessed_too_low, (any_alert,)),
        Rule("basing-keeps-cuts", thinks_basing_cleans_or_was_not_asked, (any_alert,)),
        Rule(
            "effects-from-cocaine",
            blames_cuts_or_was_not_asked,
            (
                any_alert,
                warning_gone,
                caffeine_found,
                hardly_any_cocaine,
                stimulant_recent_here,
                opioid_recent_here,
            ),
        ),
        Rule(
            "no-amphetamine-subutex",
            believed_in_what_was_not_found,
            (any_alert, warning_gone, stimulant_recent_here, opioid_recent_here),
            lambda f: {"name": Names(doubted(f))},
        ),
        Rule(
            "residues-not-seen",
            believed_in_ammonia_that_was_not_found,
            (any_alert, warning_gone, residue_recent_here, opioid_recent_here),
        ),
        Rule("price-look-tell-nothing", always, (any_alert,)),
        Rule("emergency-signs", always),
        Rule("mix-alcohol", uses_alcohol),
        Rule("mix-opioid", uses_opioids),
        Rule("pipe-own", always),
        Rule("body-care", rest_here),
        Rule("body-care-no-rest", no_rest_here),
        Rule("support-your-choice", always),
        Rule("helpline", always),
    )


# No finding calls for these: the first waits until the person speaks of it, the second until a card
# is printed.
WHEN_TOLD = (Rule("pregnancy", told_to_the_worker),)
ON_PAPER = (Rule("card-no-name", on_paper),)
