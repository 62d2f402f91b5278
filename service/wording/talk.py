"""A finding -> talking points for the professional beside the person: what was heard, what is
known, what to ask.

The survey asks that its knowledge reach professionals, and that it be a way into conversation; what
to ask back is teach-back, which shows whether the card was understood. Same rules, same catalogue,
other reader.
"""

from service.evidence.finding import Finding
from service.vocabulary.codes import AgeBand, BlamedEffect, Effect, Reason
from service.vocabulary.substances import SEDATIVES, Family
from service.wording.catalogue import Names, whole
from service.wording.predicates.alerts import (
    any_alert,
    any_warning,
    opioid_expected,
    opioid_recent_here,
    opioid_there,
    recent_opioids,
    stimulant_recent_here,
    strong_warning,
    warning_gone,
)
from service.wording.predicates.answer import no_final_answer, result_in
from service.wording.predicates.lessons import (
    COCAINES_OWN_EFFECTS,
    a_crack_rock,
    always,
    breaks_the_rule_of_size,
    caffeine_found,
    cut_found,
)
from service.wording.predicates.result import (
    basis_unknown,
    hardly_any_cocaine,
    measurements_disagree,
    much_cocaine,
    not_crack,
)
from service.wording.predicates.state import (
    closed,
    failed,
    first_test_known,
    first_test_settled,
    in_analysis_with_alert,
    replaces_an_answer,
    settled,
    waits,
)
from service.wording.rules import Rule
from service.wording.values import amounts, bounds, names

RED_FLAGS = frozenset(
    {
        Effect.CHEST_PAIN,
        Effect.FIT,
        Effect.FAINTING,
        Effect.TROUBLE_BREATHING,
        Effect.SEEING_THINGS,
    }
)
"""Effects after which somebody may need a doctor at once. Ours: a clinician has to sign them."""
_NOT_AN_EFFECT = frozenset({BlamedEffect.UNKNOWN, BlamedEffect.NOT_SAID})


def beliefs_not_asked(f: Finding) -> bool:
    """Nothing is recorded of what the person believed."""
    answers = (
        f.beliefs.guess_percent,
        f.beliefs.quality,
        f.beliefs.believed_cuts,
        f.beliefs.effects_blamed_on_cuts,
        f.beliefs.basing_cleans,
        f.beliefs.ammonia_left,
    )
    return all(answer is None for answer in answers)


def guess_given(f: Finding) -> bool:
    """The person guessed how much cocaine is in the rock."""
    return f.beliefs.guess_percent is not None


def believed_cuts(f: Finding) -> bool:
    """The person named what they thought was mixed in."""
    return bool(f.beliefs.believed_cuts)


def blames_cuts(f: Finding) -> bool:
    """The person blames effects on what was mixed in."""
    return bool(set(f.beliefs.effects_blamed_on_cuts or ()) - _NOT_AN_EFFECT)


def blames_cuts_for_cocaines_own_effects(f: Finding) -> bool:
    """The person blames tight jaw, fast heart or worry on what was mixed in."""
    return bool(COCAINES_OWN_EFFECTS.intersection(f.beliefs.effects_blamed_on_cuts or ()))


def thinks_basing_cleans(f: Finding) -> bool:
    """The person thinks that making crack takes out the cuts."""
    return f.beliefs.basing_cleans is True


def thinks_ammonia_is_left(f: Finding) -> bool:
    """The person thinks that ammonia is left in the rock."""
    return f.beliefs.ammonia_left is True


def unexpected_effects(f: Finding) -> bool:
    """The person told of effects that they did not expect."""
    return f.use.unexpected_effects is True


def amount_measured(f: Finding) -> bool:
    """The whole rock was weighed and its cocaine measured, however little."""
    return result_in(f) and f.amount is not None


def amount_measured_with_its_uncertainty(f: Finding) -> bool:
    """The amount is known with its interval."""
    return amount_measured(f) and f.amount is not None and f.amount.low_mg is not None


def content_measured_without_weight(f: Finding) -> bool:
    """Cocaine was measured, but the whole rock was not weighed."""
    return result_in(f) and f.content is not None and f.amount is None


def content_measured(f: Finding) -> bool:
    """Cocaine was measured."""
    return result_in(f) and f.content is not None


def content_of_unknown_basis(f: Finding) -> bool:
    """Cocaine was measured, and the laboratory did not say base or hydrochloride."""
    return content_measured(f) and basis_unknown(f)


def amphetamine_not_ruled_out(f: Finding) -> bool:
    """Amphetamine was not looked for in vain by a final analysis."""
    return not result_in(f) or "amphetamine" not in f.not_found


def believed_and_found(f: Finding) -> tuple[str, ...]:
    return tuple(name for name in f.beliefs.believed_cuts or () if name in f.found)


def believed_and_not_found(f: Finding) -> tuple[str, ...]:
    return tuple(name for name in f.beliefs.believed_cuts or () if name in f.not_found)


def not_thought_of(f: Finding) -> tuple[str, ...]:
    if f.beliefs.believed_cuts is None:
        return ()

    expected = f.found_in(Family.COCAINE, Family.NOTHING_TO_SAY)
    known = (*expected, *f.beliefs.believed_cuts)
    return tuple(name for name in f.found if name not in known)


def a_belief_was_right(f: Finding) -> bool:
    """Something the person thought of was found."""
    return bool(believed_and_found(f))


def a_belief_was_not_borne_out(f: Finding) -> bool:
    """Something the person thought of was looked for and not found."""
    return result_in(f) and bool(believed_and_not_found(f))


def more_than_was_believed(f: Finding) -> bool:
    """Something was found that the person, when asked, did not name."""
    return bool(not_thought_of(f))


def something_not_tested(f: Finding) -> bool:
    """Something was not tested."""
    return result_in(f) and bool(f.not_tested)


def _percent(f: Finding) -> int:
    return whole(f.content.percent) if f.content else 0


def red_flags(f: Finding) -> bool:
    """The person felt chest pain, a fit, fainting, trouble breathing or saw things; or came
    because of serious effects.
    """
    felt = RED_FLAGS.intersection(f.use.effects_felt or ())
    return bool(felt) or f.told.reason is Reason.SERIOUS_ADVERSE


def under_18(f: Finding) -> bool:
    """The person is under 18."""
    return f.told.age_band is AgeBand.UNDER_18


def needs_naloxone(f: Finding) -> bool:
    """An opioid or a name that nobody knows is in it, or a test reacted to one."""
    return opioid_there(f) or unknown_there(f)


def unknown_there(f: Finding) -> bool:
    """A name that nobody knows was found, surely or not, and its ending tells of no kind."""
    return bool(f.seen_unknown)


def sedatives(f: Finding) -> tuple[str, ...]:
    return f.seen_in(Family.BENZODIAZEPINE, *SEDATIVES)


def sedative_there(f: Finding) -> bool:
    """A benzodiazepine or another sedative is in it, or a test reacted to one."""
    return bool(sedatives(f))


TALK = (
    Rule("talk-red-flags", red_flags),
    Rule("talk-under-18", under_18),
    Rule("talk-not-asked", beliefs_not_asked),
    Rule(
        "talk-guess",
        guess_given,
        (),
        lambda f: {"guess": whole((f.beliefs.guess_percent or 0) / 10)},
    ),
    Rule(
        "talk-believed", believed_cuts, (), lambda f: {"name": Names(f.beliefs.believed_cuts or ())}
    ),
    Rule("talk-blames-cuts", blames_cuts),
    Rule("talk-basing", thinks_basing_cleans),
    Rule("talk-ammonia", thinks_ammonia_is_left, (not_crack,)),
    Rule("talk-unexpected-effects", unexpected_effects),
    Rule("talk-warning-first", any_warning),
    Rule("talk-opioid", needs_naloxone),
    Rule("talk-expected-opioid", opioid_expected),
    Rule("talk-sedative", sedative_there, (), names(sedatives)),
    Rule("talk-unknown", unknown_there, (), lambda f: {"name": Names(f.seen_unknown)}),
    Rule("talk-recent", opioid_recent_here, (), lambda f: {"name": Names(recent_opioids(f))}),
    Rule("talk-corrected", replaces_an_answer),
    Rule("talk-waiting", waits, (any_alert,)),
    Rule("talk-early", in_analysis_with_alert),
    Rule("talk-first-test", first_test_known),
    Rule("talk-settled", first_test_settled, (), names(settled)),
    Rule("talk-closed", closed),
    Rule("talk-inconclusive", failed),
    Rule(
        "talk-amount",
        amount_measured,
        (measurements_disagree,),
        lambda f: {**amounts(f), "percent": _percent(f)},
    ),
    Rule("talk-range", amount_measured_with_its_uncertainty, (), lambda f: bounds(f.amount)),
    Rule("talk-disagree", measurements_disagree),
    Rule("talk-content", content_measured_without_weight, (), lambda f: {"percent": _percent(f)}),
    Rule("talk-not-compared", content_of_unknown_basis, (not_crack,)),
    Rule(
        "talk-believed-found",
        a_belief_was_right,
        (),
        lambda f: {"name": Names(believed_and_found(f))},
    ),
    Rule(
        "talk-believed-not-found",
        a_belief_was_not_borne_out,
        (),
        lambda f: {"name": Names(believed_and_not_found(f))},
    ),
    Rule(
        "talk-not-thought-of",
        more_than_was_believed,
        (),
        lambda f: {"name": Names(not_thought_of(f))},
    ),
    Rule(
        "talk-not-tested",
        something_not_tested,
        (),
        lambda f: {"name": Names(tuple(sorted(f.not_tested)))},
    ),
    Rule("talk-levamisole", cut_found(Family.LEVAMISOLE)),
    Rule("talk-phenacetin", cut_found(Family.PHENACETIN)),
    Rule("talk-size", a_crack_rock, (any_alert, hardly_any_cocaine, breaks_the_rule_of_size)),
    Rule("ask-opioid", needs_naloxone),
    Rule("ask-low", hardly_any_cocaine, (not_crack,)),
    Rule("ask-dose", much_cocaine, (strong_warning,)),
    Rule("ask-levamisole", cut_found(Family.LEVAMISOLE)),
    Rule("ask-size", a_crack_rock, (any_alert, hardly_any_cocaine, breaks_the_rule_of_size)),
    Rule("ask-basing", thinks_basing_cleans, (any_alert,)),
    Rule(
        "ask-effects",
        blames_cuts_for_cocaines_own_effects,
        (
            any_alert,
            warning_gone,
            amphetamine_not_ruled_out,
            caffeine_found,
            hardly_any_cocaine,
            stimulant_recent_here,
        ),
    ),
    Rule("ask-waiting", no_final_answer, (closed,)),
    Rule("ask-own-words", always),
)
