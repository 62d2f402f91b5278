"""Keep what was typed at the bench, if it is what was read back."""

from dataclasses import replace
from typing import NamedTuple

from sqlalchemy import Connection

from service.access.acts import Acting
from service.intake.merge import REFUSED, MergeOutcome
from service.lab import acts
from service.lab.assay import Assay, AssayVersion
from service.lab.questions import Question
from service.pages.bench.sample.sheet import fingerprint


class Judged(NamedTuple):
    """What became of an assay that was typed, or would become of it if it were kept."""

    outcome: MergeOutcome
    version: AssayVersion
    kept: bool
    questions: tuple[Question, ...] = ()


def keep_as_read_back(
    connection: Connection, by: Acting, assay: Assay, read_back: str | None
) -> Judged:
    """Report the assay if `read_back` is its fingerprint, else say what would become of it.

    What was asked when it was read back is answered by keeping it. Raises Problem and Unfit as
    `report` does.
    """
    rehearsed = acts.rehearse(connection, by, assay)
    refused = rehearsed.outcome in REFUSED

    asked = rehearsed.questions
    if refused or read_back != fingerprint(rehearsed.version.assay, asked):
        return Judged(rehearsed.outcome, rehearsed.version, kept=False, questions=asked)

    codes = dict.fromkeys(question.code for question in asked)
    reported = acts.report(connection, by, replace(assay, confirmed=tuple(codes)))
    return Judged(reported.outcome, reported.version, kept=True)
