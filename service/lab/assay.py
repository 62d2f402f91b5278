"""What a laboratory states: one assay, in versions, with a result for each substance.

Whatever breaks a rule is refused with the field named, when it comes in (`checked`). Contents and
limits are percent by weight, the rock's weight is mg, an uncertainty is percent of the value at
k = 2.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Self
from uuid import UUID

from service.foundation.problems import Flaw, Unfit, out_of
from service.foundation.strict import is_visible
from service.lab.panel import Panel
from service.lab.replicates import (
    FEWEST_REPLICATES,
    MOST_REPLICATES,
    is_mean,
    mean,
    uncertainty_percent,
)
from service.vocabulary.codes import Basis, Closing, Method, Outcome, State, Status
from service.vocabulary.substances import SUBSTANCES

MAX_VERSION = 1_000_000
MAX_WEIGHT_MG = 10_000
MAX_RESULTS = 300
MAX_NAME = 120
MAX_REASON = 500
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
A_DAY = timedelta(days=1)

PUBLISHED = frozenset({Status.FINAL, Status.CORRECTED})

SPECTRA = frozenset({Method.FTIR, Method.RAMAN})
"""Whose library proposes names: a hit under its threshold is in doubt."""

FIRST_TESTS = frozenset({Method.TEST_STRIP, Method.TLC, Method.FTIR, Method.RAMAN})
"""A strip, a plate or a spectrum: quick, on the spot, and never an answer by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One substance in one assay.

    `substance` is a code of the vocabulary, or the name as it was written where nobody knows it.
    """

    substance: str
    outcome: Outcome
    content_percent: float | None = None
    expressed_as: Basis | None = None
    uncertainty_percent: float | None = None
    lod_percent: float | None = None
    loq_percent: float | None = None
    as_written: str | None = None
    """The name that stood there, where a laboratory has explained that it means this substance."""
    replicates: tuple[float, ...] = ()
    """Contents in percent of the same rock by the same method, of which the content is the mean."""
    score: float | None = None
    """How well a spectrum fits the library's, 0 to 1."""

    @property
    def found(self) -> bool:
        """Whether it was found, however little.

        A measured content of zero is how some instruments write that it is not there.
        """
        if self.outcome is Outcome.QUANTIFIED:
            return bool(self.content_percent)

        return self.outcome is Outcome.DETECTED

    @property
    def absent(self) -> bool:
        """Whether it was looked for and is not there."""
        if self.outcome is Outcome.QUANTIFIED:
            return not self.content_percent

        return self.outcome is Outcome.NOT_DETECTED

    @property
    def summed_up(self) -> Self:
        """This result with what its replicates tell, where it does not say so itself.

        Their mean is the content. Their spread is the uncertainty (k = 2 of the standard error, in
        percent of the value), which tells how well the method repeats itself and no more.
        """
        if not self.replicates or self.outcome is not Outcome.QUANTIFIED:
            return self

        content, uncertainty = self.content_percent, self.uncertainty_percent
        if content is None:
            content = mean(self.replicates)
        if uncertainty is None:
            uncertainty = uncertainty_percent(self.replicates)

        return replace(self, content_percent=content, uncertainty_percent=uncertainty)


@dataclass(frozen=True, slots=True, kw_only=True)
class Assay:
    """One version of one assay: the id stays the same from version to version."""

    id: UUID
    lab_label: str
    version: int
    status: Status
    laboratory: str
    method: Method
    analysed_at: datetime
    reason: str | None = None
    rock_weight_mg: float | None = None
    results: tuple[Result, ...] = ()
    panel: UUID | None = None
    """The panel that it names; None leaves it to the one in force."""
    confirmed: tuple[str, ...] = field(default=(), compare=False)
    """The questions that somebody has answered: what is stated stays the same."""

    @property
    def unknown(self) -> tuple[str, ...]:
        """Names that something was found under and that the vocabulary does not know."""
        found = (result.substance for result in self.results if result.found)
        return tuple(substance for substance in found if substance not in SUBSTANCES)

    def checked(self, now: datetime) -> Self:
        """This assay, if it breaks no rule. Raises Unfit.

        What is stored already is not checked again: rules may have changed since.
        """
        flaws = tuple(_flaws(self, now))
        if flaws:
            raise Unfit(*flaws)

        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class AssayVersion:
    """An assay as it is kept: when it came in, and whether no later version has replaced it.

    `panel` is what its method looks for beyond the rows, where the laboratory has declared it.
    """

    assay: Assay
    received_at: datetime
    in_force: bool
    panel: Panel | None = None

    @property
    def stands(self) -> bool:
        """Whether it is in force and says something: it was not taken back."""
        return self.in_force and self.assay.status is not Status.WITHDRAWN

    @property
    def published(self) -> bool:
        """Whether it stands, and the laboratory has signed it."""
        return self.in_force and self.assay.status in PUBLISHED

    @property
    def outdated(self) -> bool:
        """Whether it was signed, so that people may hold it, and no longer stands."""
        return not self.in_force and self.assay.status in PUBLISHED

    @property
    def answers(self) -> bool:
        """Whether it stands and answers its sample: signed, and more than a first test."""
        return self.published and self.assay.method not in FIRST_TESTS


def check_succession(assay: Assay, before: Status | None) -> None:
    """Raise Unfit for a version that would hide a correction.

    `before` is the status of the version that it replaces; None where there is none.
    """
    needs_reason = assay.status in (Status.CORRECTED, Status.WITHDRAWN)

    if needs_reason and before is None:
        raise Unfit(Flaw("/status", "nothing-to-correct"))
    if not needs_reason and before in PUBLISHED:
        raise Unfit(Flaw("/status", "hides-a-correction"))


def state(versions: Sequence[AssayVersion], closed: Closing | None = None) -> State:
    """Where a sample's answer stands, from every version of every assay of it.

    `closed` is why no laboratory will answer; an answer that came all the same wins. Where an
    answer was taken back, a first test that still stands is no other answer.
    """
    standing = [version for version in versions if version.stands]
    changed = replaced(versions) is not None

    if any(version.answers for version in standing):
        return State.CORRECTED if changed else State.ANSWERED
    if closed is not None:
        return State.CLOSED
    if any(version.assay.method not in FIRST_TESTS for version in standing):
        return State.IN_ANALYSIS
    if any(version.outdated and version.assay.method not in FIRST_TESTS for version in versions):
        return State.WITHDRAWN
    if standing:
        return State.FIRST_RESULT
    return State.WITHDRAWN if changed else State.WAITING


def replaced(versions: Sequence[AssayVersion]) -> datetime | None:
    """When the latest answer came in that people may hold and that no longer stands; else None."""
    return max((version.received_at for version in versions if version.outdated), default=None)


def _flaws(assay: Assay, now: datetime) -> Iterator[Flaw]:
    yield from out_of("/version", assay.version, 1, MAX_VERSION)

    if not assay.laboratory.strip():
        yield Flaw("/laboratory", "missing")
    yield from flaws_of_text("/laboratory", assay.laboratory, MAX_NAME)
    yield from flaws_of_text("/reason", assay.reason or "", MAX_REASON)

    if assay.analysed_at < EARLIEST:
        yield Flaw("/analysed_at", "too-long-ago")
    if assay.analysed_at > now + A_DAY:
        yield Flaw("/analysed_at", "in-the-future")

    if assay.status in (Status.CORRECTED, Status.WITHDRAWN) and not assay.reason:
        yield Flaw("/reason", "reason-missing")

    yield from out_of("/rock_weight_mg", assay.rock_weight_mg, 0, MAX_WEIGHT_MG, above=True)

    if not assay.results and assay.status is not Status.WITHDRAWN:
        yield Flaw("/results", "too-short", {"limit": 1})
    yield from _flaws_of_results(assay)
    yield from _too_much(assay.results)


def _flaws_of_results(assay: Assay) -> Iterator[Flaw]:
    seen: set[str] = set()

    for index, result in enumerate(assay.results):
        pointer = f"/results/{index}"
        if result.outcome is Outcome.IN_DOUBT and assay.method not in SPECTRA:
            yield Flaw(f"{pointer}/outcome", "doubt-without-library")
        yield from flaws_of_text(f"{pointer}/substance", result.substance, MAX_NAME)
        if result.substance in seen:
            yield Flaw(f"{pointer}/substance", "twice")
        seen.add(result.substance)
        yield from _flaws_of_result(pointer, result)


def _flaws_of_result(pointer: str, result: Result) -> Iterator[Flaw]:
    quantified = result.outcome is Outcome.QUANTIFIED

    if quantified and result.content_percent is None:
        yield Flaw(f"{pointer}/content_percent", "quantified-without-content")
    if not quantified and result.content_percent is not None:
        yield Flaw(f"{pointer}/content_percent", "content-without-quantified")

    yield from _flaws_of_replicates(pointer, result)
    yield from out_of(f"{pointer}/content_percent", result.content_percent, 0, 100)
    yield from out_of(f"{pointer}/uncertainty_percent", result.uncertainty_percent, 0, 100)
    yield from out_of(f"{pointer}/lod_percent", result.lod_percent, 0, 100)
    yield from out_of(f"{pointer}/loq_percent", result.loq_percent, 0, 100)
    yield from out_of(f"{pointer}/score", result.score, 0, 1)

    lod, loq = result.lod_percent, result.loq_percent
    if lod is not None and loq is not None and loq < lod:
        yield Flaw(f"{pointer}/loq_percent", "limits-crossed")


def _flaws_of_replicates(pointer: str, result: Result) -> Iterator[Flaw]:
    """Too few or too many, one out of range, or a content that is not their mean."""
    contents = result.replicates
    if not contents:
        return

    where = f"{pointer}/replicates"
    if len(contents) < FEWEST_REPLICATES:
        yield Flaw(where, "too-short", {"limit": FEWEST_REPLICATES})
    if len(contents) > MOST_REPLICATES:
        yield Flaw(where, "too-long", {"limit": MOST_REPLICATES})

    for index, content in enumerate(contents):
        yield from out_of(f"{where}/{index}", content, 0, 100)

    if result.outcome is not Outcome.QUANTIFIED:
        yield Flaw(where, "content-without-quantified")
    elif result.content_percent is not None and not is_mean(result.content_percent, contents):
        yield Flaw(f"{pointer}/content_percent", "not-the-mean", {"mean": mean(contents)})


def flaws_of_text(pointer: str, text: str, limit: int) -> Iterator[Flaw]:
    """What keeps a text from being stored and printed: its length, or a character nobody sees."""
    if len(text) > limit:
        yield Flaw(pointer, "too-long", {"limit": limit})
    if not is_visible(text):
        yield Flaw(pointer, "control-character")


def _too_much(results: Sequence[Result]) -> Iterator[Flaw]:
    """Contents that add up to more than a hundred percent, however uncertain they are."""
    uncertain = sum(
        (result.content_percent or 0.0) * (result.uncertainty_percent or 0.0) / 100
        for result in results
    )
    if total_percent(results) > 100 + uncertain + 1e-9:
        yield Flaw("/results", "over-a-hundred")


def total_percent(results: Sequence[Result]) -> float:
    """What the contents add up to, to four decimals: sums of decimals are not exact."""
    return round(sum(result.content_percent or 0.0 for result in results), 4)
