"""What is known so far, and what is still to come."""

from service.evidence.finding import Finding
from service.vocabulary.codes import Closing, State
from service.vocabulary.stems import warned_family
from service.vocabulary.substances import Family, is_alarming
from service.wording.predicates.alerts import any_alert
from service.wording.predicates.answer import Predicate, measured_as_cocaine, result_in

F = Family


def replaces_an_answer(f: Finding) -> bool:
    """An answer that was given no longer stands: corrected, or taken back."""
    return f.replaced_at is not None


def waits(f: Finding) -> bool:
    """Nothing is known yet, or only what a laboratory has not signed."""
    unanswered = f.state in (State.WAITING, State.IN_ANALYSIS, State.WITHDRAWN)
    return unanswered and not only_a_first_test(f)


def in_analysis_with_alert(f: Finding) -> bool:
    """No final answer, but a laboratory's first alert is known:
    'we do not know what is in it' would be untrue.
    """
    return waits(f) and any_alert(f)


def only_a_first_test(f: Finding) -> bool:
    """Only a strip, a plate or a spectrum has spoken, or is what is left of an answer that was
    taken back.
    """
    left = f.state is State.WITHDRAWN and _first_test_spoke(f)
    return f.state is State.FIRST_RESULT or left


def first_test_known(f: Finding) -> bool:
    """A first test has spoken, and no laboratory has answered, nor will it perhaps."""
    return only_a_first_test(f) or (not f.answered and _first_test_spoke(f))


def _first_test_spoke(f: Finding) -> bool:
    return bool(f.indicated or f.first_not_found or f.not_found)


def reacted(f: Finding) -> tuple[str, ...]:
    return tuple(name for name in f.indicated if _is_no_warning(f, name))


def _is_no_warning(f: Finding, name: str) -> bool:
    family = warned_family(name)
    is_quiet = not is_alarming(name) or f.is_residue_without_alarm(name)
    return family is not None and (is_quiet or f.is_expected(name))


def first_test_reacted(f: Finding) -> bool:
    """A first test reacted to what would be no warning, and no laboratory has answered."""
    return not f.answered and bool(reacted(f))


def also_indicated(f: Finding) -> bool:
    """Beside the answer, a first test alone reacted to what would be no warning."""
    return result_in(f) and bool(reacted(f))


def did_not_react(f: Finding) -> tuple[str, ...]:
    return tuple(sorted(f.first_not_found | f.not_found))


def first_test_did_not_react(f: Finding) -> bool:
    """A first test looked for something in vain, and no laboratory has answered."""
    return not f.answered and bool(did_not_react(f))


def settled(f: Finding) -> tuple[str, ...]:
    return tuple(sorted(name for name in f.ruled_out if is_alarming(name)))


def first_test_settled(f: Finding) -> bool:
    """A first test had reacted to what would be a warning; a final analysis by a method that
    confirms looked for it down to a stated limit, and did not find it.
    """
    return bool(settled(f))


def closed_because(because: Closing) -> Predicate:
    def closed(f: Finding) -> bool:
        return f.state is State.CLOSED and f.closed is because

    closed.__name__ = f"closed_{because}"
    closed.__doc__ = f"No laboratory will answer: {_WHY_CLOSED[because]}."
    return closed


_WHY_CLOSED = {
    Closing.TOO_LITTLE: "there was too little of it",
    Closing.LOST: "it was lost",
    Closing.BROKEN: "it was damaged",
    Closing.NO_CONFIRMATION: "nobody will check the first test",
}


def closed(f: Finding) -> bool:
    """Somebody has said why no laboratory will answer."""
    return f.state is State.CLOSED


def cocaine_not_measured(f: Finding) -> bool:
    """What was sold as cocaine, or a rock of crack: only a first test has spoken, or an answer
    says nothing of how much cocaine there is.
    """
    if not measured_as_cocaine(f):
        return False
    if not f.answered:
        return first_test_known(f)

    spoken = "cocaine" in (*f.found, *f.below, *f.looked_for_in_vain)
    return result_in(f) and f.content is None and not spoken


def failed(f: Finding) -> bool:
    """A final answer in which nothing was found and nothing was looked for in vain:
    it tells nothing.
    """
    return f.inconclusive


def weight_tells_while_waiting(f: Finding) -> bool:
    """No final answer, and the whole rock was weighed."""
    return not f.answered and f.weight_mg is not None and f.expected is not None


def weight_tells_while_its_estimate_is_unproved(f: Finding) -> bool:
    """No final answer, and the whole rock was weighed; but the estimate's own last predictions
    held too seldom, or are too few to say so.
    """
    return weight_tells_while_waiting(f) and estimate_has_not_proved_itself(f)


def estimate_has_not_proved_itself(f: Finding) -> bool:
    """The estimate's own last predictions held too seldom, or are too few to say so."""
    return f.market.may_hold_more
