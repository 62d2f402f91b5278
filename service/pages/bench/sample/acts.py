"""Keep what was typed at the bench, if it is what was read back."""

from typing import NamedTuple

from sqlalchemy import Connection

from service.access.acts import Acting
from service.intake.merge import REFUSED, MergeOutcome
from service.lab import acts
from service.lab.assay import Assay, AssayVersion
from service.pages.bench.sample.sheet import fingerprint


class Judged(NamedTuple):
    """What became of an assay that was typed, or would become of it if it were kept."""

    outcome: MergeOutcome
    version: AssayVersion
    kept: bool


def keep_as_read_back(
    connection: Connection, by: Acting, assay: Assay, read_back: str | None
) -> Judged:
    """Report the assay if `read_back` is its fingerprint, else say what would become of it.

    Raises Problem and Unfit as `report` does.
    """
    rehearsed = acts.rehearse(connection, by, assay)
    refused = rehearsed.outcome in REFUSED

    if refused or read_back != fingerprint(rehearsed.version.assay):
        return Judged(rehearsed.outcome, rehearsed.version, kept=False)

    reported = acts.report(connection, by, assay)
    return Judged(reported.outcome, reported.version, kept=True)
