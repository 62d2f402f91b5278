"""What was mixed in, and what all rocks together teach."""

from service.evidence.finding import Finding
from service.evidence.reference import MEAN_WEIGHT_MG, MEDIAN_COCAINE_MG
from service.vocabulary.codes import BlamedEffect, Quality
from service.vocabulary.substances import Family
from service.wording.predicates.alerts import any_alert, opioid_recent_here, warning_gone
from service.wording.predicates.answer import Predicate, result_in
from service.wording.predicates.result import guess, parts, share_of_ten_known

F = Family


MUCH_PHENACETIN_PERCENT = 20.0
COCAINES_OWN_EFFECTS = frozenset(
    {BlamedEffect.FAST_HEART, BlamedEffect.ANXIETY, BlamedEffect.TIGHT_JAW}
)
DOUBTED = ("amphetamine", "buprenorphine")


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


def always(f: Finding) -> bool:
    """Always."""
    return True


def a_crack_rock(f: Finding) -> bool:
    """It is a rock of crack."""
    return f.crack_rock


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
    return guess_and_measurement(f) and guess(f) < parts(f)


def guess_and_measurement(f: Finding) -> bool:
    """The person guessed, and cocaine was measured, 10 % or more."""
    return share_of_ten_known(f) and f.crack_rock and f.beliefs.guess_percent is not None


def thinks_basing_cleans_or_was_not_asked(f: Finding) -> bool:
    """An answer is in; the person thinks that making crack takes out the cuts, or was not asked."""
    return f.answered and f.crack_rock and f.beliefs.basing_cleans is not False


def blames_cuts_or_was_not_asked(f: Finding) -> bool:
    """The person blames the cuts for tight jaw, fast heart or worry, or was not asked;
    no amphetamine there.
    """
    blamed = f.beliefs.effects_blamed_on_cuts
    held_or_not_asked = blamed is None or bool(COCAINES_OWN_EFFECTS.intersection(blamed))
    return result_in(f) and f.crack_rock and held_or_not_asked and "amphetamine" in f.not_found


def doubted(f: Finding) -> tuple[str, ...]:
    believed = f.beliefs.believed_cuts or ()
    return tuple(name for name in DOUBTED if name in believed and name in f.not_found)


def believed_in_what_was_not_found(f: Finding) -> bool:
    """The person thought of amphetamine or Subutex, and a final analysis looked for it in vain."""
    return result_in(f) and f.crack_rock and bool(doubted(f))


def believed_in_ammonia_that_was_not_found(f: Finding) -> bool:
    """The person thinks that ammonia is left, and a final analysis looked for it in vain."""
    return (
        result_in(f)
        and f.crack_rock
        and f.beliefs.ammonia_left is True
        and "ammonia" in f.not_found
    )


def judged_its_quality(f: Finding) -> bool:
    """The person judged it before the test, and cocaine was measured, 10 % or more."""
    judged = f.beliefs.quality in (Quality.GOOD, Quality.AVERAGE, Quality.BAD)
    return judged and share_of_ten_known(f)
