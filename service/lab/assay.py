"""What a laboratory states: one analysis, in versions, with a result for each substance.

Whatever breaks a rule is refused with the field named, when it comes in (`checked`). Contents and limits are
percent by weight, the rock's weight is mg, an uncertainty is percent of the value at k = 2.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Self
from uuid import UUID

from service.foundation.problems import Flaw, Unfit, out_of
from service.foundation.strict import is_visible
from service.vocabulary.codes import Basis, Method, Outcome, State, Status
from service.vocabulary.substances import SUBSTANCES

MAX_VERSION = 1_000_000
MAX_WEIGHT_MG = 10_000
MAX_RESULTS = 300
MAX_NAME = 120
MAX_REASON = 500
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
A_DAY = timedelta(days=1)

PUBLISHED = frozenset({Status.FINAL, Status.CORRECTED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One substance in one assay; `substance` is a code of the vocabulary or a raw name nobody knows."""

    substance: str
    outcome: Outcome
    content_percent: float | None = None
    expressed_as: Basis | None = None
    uncertainty_percent: float | None = None
    lod_percent: float | None = None
    loq_percent: float | None = None
    as_written: str | None = None
    """The name that stood there, where a laboratory has explained that it means this substance."""

    @property
    def found(self) -> bool:
        """Found, however little. A measured content of zero is how some instruments write 'not there'."""
        if self.outcome is Outcome.QUANTIFIED:
            return bool(self.content_percent)
        return self.outcome is Outcome.DETECTED

    @property
    def absent(self) -> bool:
        """Looked for, and not there."""
        return self.outcome is Outcome.NOT_DETECTED or (
            self.outcome is Outcome.QUANTIFIED and not self.content_percent
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Assay:
    """One version of one analysis. The id names the analysis, the version the statement."""

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

    @property
    def unknown(self) -> tuple[str, ...]:
        """What was found under names that the vocabulary does not know."""
        return tuple(
            one.substance for one in self.results if one.found and one.substance not in SUBSTANCES
        )

    def checked(self, now: datetime) -> Self:
        """This assay, if it breaks no rule; Unfit otherwise. What is already stored is not asked again."""
        if flaws := tuple(_flaws(self, now)):
            raise Unfit(*flaws)
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """An assay and when it came in; `in_force` until a later version of it came."""

    assay: Assay
    received_at: datetime
    in_force: bool


def succession(assay: Assay, before: Status | None) -> None:
    """Refuse a version that would hide a correction; `before` is the status of the version it replaces."""
    needs_reason = assay.status in (Status.CORRECTED, Status.WITHDRAWN)
    if needs_reason and before is None:
        raise Unfit(Flaw("/status", "nothing-to-correct"))
    if not needs_reason and before in PUBLISHED:
        raise Unfit(Flaw("/status", "hides-a-correction"))


def state(statements: Sequence[Statement]) -> State:
    """Where a sample's answer stands, from every version of every analysis of it."""
    in_force = [s.assay.status for s in statements if s.in_force]
    if any(status in PUBLISHED for status in in_force):
        return State.CORRECTED if replaced(statements) else State.ANSWERED
    if Status.PRELIMINARY in in_force:
        return State.IN_ANALYSIS
    return State.WITHDRAWN if replaced(statements) else State.WAITING


def replaced(statements: Sequence[Statement]) -> datetime | None:
    """When the latest answer that people may hold and that no longer stands was given; None if none was."""
    given = [s.received_at for s in statements if not s.in_force and s.assay.status in PUBLISHED]
    return max(given, default=None)


def as_sent(assay: Assay) -> Assay:
    """The assay with the names that were sent, whatever they have been said to mean since."""
    results = (
        replace(one, substance=one.as_written or one.substance, as_written=None)
        for one in assay.results
    )
    return replace(assay, results=tuple(results))


def called(result: Result, code: str) -> Result:
    """The result under this code; it remembers what was written."""
    written = result.as_written or result.substance
    return replace(result, substance=code, as_written=None if code == written else written)


def greatest(results: Iterable[Result]) -> tuple[Result, ...]:
    """One result a substance: where one stands twice, since a name was explained, the greater finding stays.

    Found wins over not found, measured over found, more over less: a name never makes a finding smaller.
    """
    merged: dict[str, Result] = {}
    for one in results:
        merged[one.substance] = max(merged.get(one.substance, one), one, key=_greatness)
    return tuple(merged.values())


def _greatness(result: Result) -> tuple[bool, float, bool]:
    return result.found, (result.content_percent or 0.0) if result.found else 0.0, result.absent


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
    seen: set[str] = set()
    for place, result in enumerate(assay.results):
        pointer = f"/results/{place}"
        yield from flaws_of_text(f"{pointer}/substance", result.substance, MAX_NAME)
        if result.substance in seen:
            yield Flaw(f"{pointer}/substance", "twice")
        seen.add(result.substance)
        yield from _flaws_of_result(pointer, result)
    yield from _too_much(assay.results)


def _flaws_of_result(pointer: str, result: Result) -> Iterator[Flaw]:
    quantified = result.outcome is Outcome.QUANTIFIED
    if quantified and result.content_percent is None:
        yield Flaw(f"{pointer}/content_percent", "quantified-without-content")
    if not quantified and result.content_percent is not None:
        yield Flaw(f"{pointer}/content_percent", "content-without-quantified")
    for name in ("content_percent", "uncertainty_percent", "lod_percent", "loq_percent"):
        yield from out_of(f"{pointer}/{name}", getattr(result, name), 0, 100)
    lod, loq = result.lod_percent, result.loq_percent
    if lod is not None and loq is not None and loq < lod:
        yield Flaw(f"{pointer}/loq_percent", "limits-crossed")


def flaws_of_text(pointer: str, text: str, limit: int) -> Iterator[Flaw]:
    """What keeps a text from being stored and printed: too long, or something in it that nobody sees."""
    if len(text) > limit:
        yield Flaw(pointer, "too-long", {"limit": limit})
    if not is_visible(text):
        yield Flaw(pointer, "control-character")


def _too_much(results: Sequence[Result]) -> Iterator[Flaw]:
    contents = [
        (r.content_percent, r.uncertainty_percent or 0.0) for r in results if r.content_percent
    ]
    if sum(content for content, _ in contents) > 100 + sum(c * u / 100 for c, u in contents) + 1e-9:
        yield Flaw("/results", "over-a-hundred")
