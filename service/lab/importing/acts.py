"""What is done with a file of assays: report them, all of a label's or none."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection

from service.access.acts import Acting
from service.foundation.problems import Flaw, Problem, Unfit
from service.intake.merge import REFUSED, MergeOutcome
from service.lab import store
from service.lab.acts import Reported, report
from service.lab.assay import Assay
from service.lab.names.meaning import as_sent

# Why all of a sample's assays in a file are held back: a problem's kind or an outcome -> a flaw.
_HELD_BACK: dict[str, str] = {
    "unknown-label": "no-such-label",
    "mistyped-label": "mistyped-label",
    MergeOutcome.CONFLICT: "held-otherwise",
    MergeOutcome.STALE: "newer-held",
    MergeOutcome.WITHDRAWN: "was-withdrawn",
}


@dataclass(frozen=True, slots=True)
class LabelAssays:
    """All assays of one label that a file holds."""

    label: str
    assays: Sequence[Assay]


@dataclass(frozen=True, slots=True)
class Entered:
    """What became of one label's assays: each one's outcome, or why all of them are held back."""

    label: str
    reported: Sequence[Reported] = ()
    flaw: Flaw | None = None
    refused: Assay | None = None
    """The assay that the flaw points into, where it points anywhere."""


def enter(
    connection: Connection, by: Acting, batch: Sequence[LabelAssays], *, dry_run: bool
) -> list[Entered]:
    """Report the assays of each label, all of a label's or none; nothing stays of a dry run."""
    return [_enter_label(connection, by, of_label, dry_run) for of_label in batch]


def _enter_label(
    connection: Connection, by: Acting, of_label: LabelAssays, dry_run: bool
) -> Entered:
    assay: Assay | None = None
    reported: list[Reported] = []

    try:
        with _undone_if(connection, dry_run):
            for assay in of_label.assays:
                reported.append(_report_again(connection, by, assay))
            _check_none_refused(reported)
    except Unfit as error:
        return Entered(of_label.label, flaw=error.flaws[0], refused=assay)
    except Problem as problem:
        if problem.kind not in _HELD_BACK:
            raise
        return Entered(of_label.label, flaw=Flaw("", _HELD_BACK[problem.kind]))

    return Entered(of_label.label, reported)


@contextmanager
def _undone_if(connection: Connection, undone: bool) -> Iterator[None]:
    """A savepoint that is rolled back at its end, or at an error whatever was asked."""
    with connection.begin_nested() as savepoint:
        yield
        if undone:
            savepoint.rollback()


def _check_none_refused(reported: Sequence[Reported]) -> None:
    """Raise Problem with the first outcome that is a refusal."""
    for became in reported:
        if became.outcome in REFUSED:
            raise Problem(became.outcome)


def _report_again(connection: Connection, by: Acting, assay: Assay) -> Reported:
    """Report one assay of a file.

    A file that comes again after a correction changes nothing, and is no mistake.
    """
    reported = report(connection, by, assay)

    if reported.outcome is MergeOutcome.STALE and _was_held(connection, assay):
        return Reported(MergeOutcome.IDENTICAL, reported.version)

    return reported


def _was_held(connection: Connection, assay: Assay) -> bool:
    """Whether this very version was once reported just so, and has been replaced since."""
    before = store.version(connection, assay.id, assay.version)
    return before is not None and as_sent(before.assay) == as_sent(assay)
