"""A finding -> talking points for the professional beside the person: what was heard, what is
known, what to ask.

The survey asks that its knowledge reach professionals, and that it be a way into conversation; what
to ask back is teach-back, which shows whether the card was understood. Same rules, same catalogue,
other reader.
"""

from service.evidence.finding import Finding
from service.vocabulary.codes import BlamedEffect
from service.vocabulary.substances import Family
from service.wording.catalogue import Names, whole
from service.wording.rules import (
    COCAINES_OWN_EFFECTS,
    Rule,
    always,
    amounts,
    any_alert,
    basis_unknown,
    bounds,
    breaks_the_rule_of_size,
    caffeine_found,
    cut_found,
    failed,
    hardly_any_cocaine,
    in_analysis_with_alert,
    much_cocaine,
    no_final_answer,
    opioid_recent_here,
    recent_opioids,
    replaces_an_answer,
    result_in,
    stimulant_recent_here,
    strong_warning,
    warning_gone,
)

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


TALK = (
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
    Rule("talk-ammonia", thinks_ammonia_is_left),
    Rule("talk-unexpected-effects", unexpected_effects),
    Rule("talk-warning-first", any_alert),
    Rule("talk-opioid", strong_warning),
    Rule("talk-recent", opioid_recent_here, (), lambda f: {"name": Names(recent_opioids(f))}),
    Rule("talk-corrected", replaces_an_answer),
    Rule("talk-waiting", no_final_answer, (any_alert,)),
    Rule("talk-early", in_analysis_with_alert),
    Rule("talk-inconclusive", failed),
    Rule("talk-amount", amount_measured, (), lambda f: {**amounts(f), "percent": _percent(f)}),
    Rule("talk-range", amount_measured_with_its_uncertainty, (), lambda f: bounds(f.amount)),
    Rule("talk-content", content_measured_without_weight, (), lambda f: {"percent": _percent(f)}),
    Rule("talk-not-compared", content_of_unknown_basis),
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
    Rule("talk-size", always, (any_alert, hardly_any_cocaine, breaks_the_rule_of_size)),
    Rule("ask-opioid", strong_warning),
    Rule("ask-low", hardly_any_cocaine),
    Rule("ask-dose", much_cocaine, (strong_warning,)),
    Rule("ask-levamisole", cut_found(Family.LEVAMISOLE)),
    Rule("ask-size", always, (any_alert, hardly_any_cocaine, breaks_the_rule_of_size)),
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
            opioid_recent_here,
        ),
    ),
    Rule("ask-waiting", no_final_answer),
    Rule("ask-own-words", always),
)
