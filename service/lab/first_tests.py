"""What a site may report of its own samples: first tests, which never answer."""

from service.foundation.problems import Flaw, Unfit
from service.lab.assay import FIRST_TESTS, Assay
from service.vocabulary.codes import Status


def check(assay: Assay, *, own: bool) -> None:
    """Raise Unfit for what a site may not report, each field named. `own`: the label is its own."""
    flaws = []
    if not own:
        flaws.append(Flaw("/lab_label", "not-your-sample"))
    if assay.method not in FIRST_TESTS:
        flaws.append(Flaw("/method", "not-a-first-test"))
    if assay.status is not Status.PRELIMINARY:
        flaws.append(Flaw("/status", "first-test-is-preliminary"))

    if flaws:
        raise Unfit(*flaws)


def check_succeeds(held: Assay, sent: Assay) -> None:
    """Raise Unfit where a site would replace what another laboratory reported.

    A site makes first tests alone: whatever else is held was reported by somebody else.
    """
    if held.laboratory != sent.laboratory or held.method not in FIRST_TESTS:
        raise Unfit(Flaw("/laboratory", "other-laboratory"))
