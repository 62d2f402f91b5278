"""What one rock counts as, and what changes when it counts as something else."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from service.evidence.finding import Finding
from service.lab.assay import FIRST_TESTS, AssayVersion
from service.observatory.alerts.rules import ANSWERED, NETWORK, week_of


class Count(NamedTuple):
    """What rocks are counted by. `site` may be NETWORK, `subject` ANSWERED."""

    subject: str
    site: str
    week: int


@dataclass(frozen=True, slots=True)
class Change:
    """By how many rocks a count grows; negative where it shrinks."""

    count: Count
    tested: int
    found: int


@dataclass(frozen=True, slots=True)
class CountedRock:
    """One answered rock, in the week of its first answer.

    `seen`: each subject that it was tested for, and whether it was found.
    """

    sample: UUID
    site: str
    week: int
    seen: Mapping[str, bool]

    def counts(self) -> Iterator[tuple[Count, bool]]:
        """Every count that this rock is part of, and whether the subject was found in it."""
        for subject, was_found in self.seen.items():
            yield Count(subject, NETWORK, self.week), was_found
            yield Count(subject, self.site, self.week), was_found

    def found(self) -> set[str]:
        """The subjects that were found in it."""
        return {subject for subject, was_found in self.seen.items() if was_found} - {ANSWERED}


def count_of(
    sample: UUID, site: str, finding: Finding, versions: Sequence[AssayVersion]
) -> CountedRock | None:
    """What a rock counts as; None where nothing sure is said of it, and for what is not crack.

    What is only indicated counts neither as found nor as absent, and a rock of which first tests
    alone say that something is not there counts nothing.
    """
    absent = finding.not_found | finding.ruled_out if finding.answered else frozenset()
    found = sorted(finding.sure)
    if not finding.crack_rock or not (absent or found):
        return None

    seen = {ANSWERED: True}
    seen.update(dict.fromkeys(sorted(absent), False))
    seen.update(dict.fromkeys(found, True))
    return CountedRock(sample, site, _week_of_answer(versions), seen)


def _week_of_answer(versions: Sequence[AssayVersion]) -> int:
    """When the first analysis came in that is more than a first test."""
    surer = (version for version in versions if version.assay.method not in FIRST_TESTS)
    return week_of(min(version.received_at for version in surer))


def changes(before: CountedRock | None, after: CountedRock | None) -> list[Change]:
    """What differs between two ways to count a rock, in the order of the counts."""
    tested: dict[Count, int] = {}
    found: dict[Count, int] = {}
    for rock, sign in ((before, -1), (after, 1)):
        if rock is None:
            continue
        for count, was_found in rock.counts():
            tested[count] = tested.get(count, 0) + sign
            found[count] = found.get(count, 0) + sign * was_found

    return [
        Change(count, tested[count], found[count])
        for count in sorted(tested)
        if tested[count] or found[count]
    ]
