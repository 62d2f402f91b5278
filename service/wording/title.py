"""What heads a card and a page."""

from service.evidence.finding import Finding
from service.wording.predicates.state import only_a_first_test


def title_of(finding: Finding | None) -> str:
    """The key of the frame text: a first test is never headed as an answer."""
    if finding is None:
        return "card-title"
    if only_a_first_test(finding):
        return "card-title-first"
    return "card-title" if finding.crack_rock else "card-title-product"
