"""Where the answer stands, as far as all other predicates ask."""

from collections.abc import Callable

from service.evidence.finding import Finding

Predicate = Callable[[Finding], bool]


def no_final_answer(f: Finding) -> bool:
    """No final analysis is in force."""
    return not f.answered


def result_in(f: Finding) -> bool:
    """A final answer that tells something."""
    return f.answered and not f.inconclusive


def measured_as_cocaine(f: Finding) -> bool:
    """It is a rock of crack, or was sold as cocaine."""
    sold = f.told.product.sold if f.told.product else frozenset()
    return f.crack_rock or "cocaine" in sold


def no_result(f: Finding) -> bool:
    """No final answer tells anything."""
    return not result_in(f)
