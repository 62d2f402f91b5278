"""The sheet of one sample: what its form begins with, and how what was typed is read."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from service.foundation.problems import Flaw, Problem
from service.lab.assay import PUBLISHED, Assay, AssayVersion
from service.lab.questions import Question, questions_of_each
from service.lab.store import Seen
from service.lab.typed import (
    FORM,
    OF_A_RESULT,
    OF_THE_ASSAY,
    FieldAt,
    Flaws,
    Typed,
    anew,
    carried_over,
    exact,
    read,
    written,
)
from service.vocabulary.codes import Closing, Status

# What is looked for in crack and what people believe is in it: rows that stand ready.
# Empty means not tested.
PANEL = (
    *("cocaine", "levamisole", "phenacetin", "lidocaine", "caffeine", "hydroxyzine", "diltiazem"),
    *("amphetamine", "buprenorphine", "heroin", "fentanyl"),
)
BLANK_ROWS = 4


@dataclass(frozen=True, slots=True)
class History:
    """An assay: its latest version, and those before it from the latest on."""

    stands: AssayVersion
    earlier: Sequence[AssayVersion]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sample as the bench sees it; `laboratory` is the one at home."""

    seen: Seen
    laboratory: str
    zone: ZoneInfo
    opened_at: datetime

    @property
    def label(self) -> str:
        return str(self.seen.facts["lab_label"])

    def closings(self) -> list[Closing]:
        """Why no answer may come: for want of a confirmation only where a test stands."""
        is_tested = any(version.stands for version in self.seen.versions)
        return [
            because for because in Closing if is_tested or because is not Closing.NO_CONFIRMATION
        ]

    def in_force(self, id: UUID | None) -> Assay | None:
        """The version of this sample's assay that is in force."""
        for version in self.seen.versions:
            if version.in_force and version.assay.id == id:
                return version.assay
        return None

    def histories(self) -> list[History]:
        """Each assay of the sample, in the order in which they were first reported."""
        ids = dict.fromkeys(version.assay.id for version in self.seen.versions)
        return [self._history(id) for id in ids]

    def questions(self) -> Mapping[UUID, tuple[Question, ...]]:
        """What nobody has answered of each assay in force, by its id."""
        return questions_of_each(self.seen.versions, self.seen.handed_in)

    def _history(self, id: UUID) -> History:
        versions = [version for version in self.seen.versions if version.assay.id == id]
        versions.sort(key=lambda version: -version.assay.version)
        return History(versions[0], versions[1:])

    def blank(self, method: str) -> Typed:
        """A form for a first result: the panel's rows, the time now."""
        whole = {
            "status": Status.FINAL.value,
            "method": method,
            "analysed_at": self.opened_at.astimezone(self.zone).strftime("%Y-%m-%dT%H:%M"),
        }
        return Typed(
            label=self.label,
            laboratory=self.laboratory,
            version=1,
            analysis=None,
            whole=_whole(whole),
            rows=_rows([{"substance": name} for name in PANEL]),
        )

    def correction(self, id: UUID) -> Typed:
        """What stands, to be written over: one version on. Raises Problem where nothing does."""
        assay = self.in_force(id)
        if assay is None or assay.status is Status.WITHDRAWN:
            raise Problem("not-found")

        whole = {
            "status": statuses_after(assay)[0].value,
            "method": assay.method.value,
            "analysed_at": self._local(assay.analysed_at),
            "rock_weight_mg": exact(assay.rock_weight_mg),
        }
        return Typed(
            label=self.label,
            laboratory=assay.laboratory,
            version=assay.version + 1,
            analysis=id,
            whole=_whole(whole),
            rows=_rows([written(result) for result in assay.results]),
        )

    def read(self, typed: Typed) -> tuple[Assay | None, Flaws]:
        """The assay that was typed, if nothing is wrong with it; else what is wrong, by field."""
        assay, flaws = read(self._as_it_stood(typed), self.zone, self.opened_at)
        if assay is None:
            return None, flaws

        stands = self.in_force(typed.analysis)
        if typed.analysis is None:
            assay = anew(assay, self._withdrawn())
        elif stands is not None:
            assay = carried_over(assay, stands)
        return assay, flaws

    def _as_it_stood(self, typed: Typed) -> Typed:
        """What was typed, with the time of the assay to the letter where nobody touched it."""
        for version in self.seen.versions:
            assay = version.assay
            untouched = self._local(assay.analysed_at) == typed.whole["analysed_at"]

            if assay.id == typed.analysis and untouched:
                at = assay.analysed_at.isoformat()
                return replace(typed, whole={**typed.whole, "analysed_at": at})

        return typed

    def _withdrawn(self) -> frozenset[UUID]:
        """The assays of this sample that were taken back."""
        in_force = (version.assay for version in self.seen.versions if version.in_force)
        return frozenset(assay.id for assay in in_force if assay.status is Status.WITHDRAWN)

    def _local(self, moment: datetime) -> str:
        return moment.astimezone(self.zone).strftime("%Y-%m-%dT%H:%M:%S")


def overtaken(typed: Typed, stands: Assay) -> tuple[Typed, Flaws]:
    """What was typed where somebody else was faster, and what to say of it.

    It is kept as the version after the one that stands, unless that can have none.
    """
    withdrawn = stands.status is Status.WITHDRAWN
    reason = "replaced-meanwhile"

    if withdrawn:
        reason = "was-withdrawn"
    elif typed.analysis is None:
        reason = "analysis-there"
    else:
        typed = replace(typed, version=stands.version + 1)

    return typed, {FieldAt(FORM, "version"): Flaw("", reason)}


def statuses_after(assay: Assay | None) -> tuple[Status, ...]:
    """What the next version may be called, the usual first.

    What was published is corrected, openly.
    """
    if assay is not None and assay.status in PUBLISHED:
        return (Status.CORRECTED,)
    return (Status.FINAL, Status.PRELIMINARY)


def fingerprint(assay: Assay, asked: Sequence[Question]) -> str:
    """Of what was read back and asked, so that nothing else is kept: 32 hexadecimal digits."""
    in_utc = replace(assay, analysed_at=assay.analysed_at.astimezone(UTC))
    shown = repr((in_utc, tuple(asked)))
    return hashlib.blake2b(shown.encode(), digest_size=16).hexdigest()


def _whole(fields: Mapping[str, str]) -> dict[str, str]:
    return {**dict.fromkeys(OF_THE_ASSAY, ""), **fields}


def _rows(rows: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    """These rows with all their columns, and blank ones after them."""
    blank = dict.fromkeys(OF_A_RESULT, "")
    filled = [{**blank, **row} for row in rows]
    return filled + [dict(blank) for _ in range(BLANK_ROWS)]
