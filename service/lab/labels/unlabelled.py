"""A label that no sample has."""

from service.foundation.problems import Problem
from service.intake.pickup import is_label


def unlabelled(label: str) -> Problem:
    """The refusal of a label that no sample has; a slip of the pen is told from another's label."""
    return Problem("unknown-label" if is_label(label) else "mistyped-label")
