"""What heads a card and a page."""

from service.evidence.finding import Finding
from service.vocabulary.codes import State


def title_of(finding: Finding | None) -> str:
    """The key of the frame text: a first test is never headed as an answer."""
    if finding is None:
        return "card-title"
    if finding.state is State.FIRST_RESULT:
        return "card-title-first"
    return "card-title" if finding.crack_rock else "card-title-product"
