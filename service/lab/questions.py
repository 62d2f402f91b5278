"""What may be a slip in an assay: questions that are asked, and never refusals.

An assay is kept all the same. Somebody says that it is right, or corrects it. The limits are ours,
for a chemist to sign.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from service.foundation.problems import Flaw, Unfit
from service.lab.assay import Assay, AssayVersion, total_percent
from service.vocabulary.codes import Status

LEAST_OF_FIELD, MOST_OF_FIELD = 0.8, 1.25
"""A laboratory's weight as a part of the field's; ours, for field scales of a few mg."""
LEAST_CONTENT = 1.0
"""Percent of cocaine; at or under it, a fraction may have been written for a percentage."""
LEAST_WEIGHT_MG = 5.0
TENFOLD = (8.0, 12.5)
"""By what factor a correction looks like a point that slipped."""


class QuestionCode(StrEnum):
    """What is asked."""

    WEIGHT_FAR_FROM_FIELD = "weight-far-from-field"
    WEIGHT_TINY = "weight-tiny"
    CONTENT_TINY = "content-tiny"
    ANALYSED_BEFORE_TAKEN = "analysed-before-taken"
    CHANGED_TENFOLD = "changed-tenfold"
    SUM_OVER_HUNDRED = "sum-over-hundred"


@dataclass(frozen=True, slots=True)
class Question:
    """One question: where it points into the assay, what is known, and what was sent.

    `known` is None where nothing stands against it but experience.
    """

    code: QuestionCode
    field: str
    known: float | datetime | None
    sent: float | datetime

    @property
    def row(self) -> int | None:
        """The result that it is asked of, from 0; None where it is asked of the whole."""
        _, name, *rest = self.field.split("/")
        return int(rest[0]) if name == "results" and rest else None

    def as_flaw(self, zone: ZoneInfo) -> Flaw:
        """The question in the words of the catalogue of flaws, times as in this zone."""
        known = "" if self.known is None else _shown(self.known, zone)
        values = {"known": known, "sent": _shown(self.sent, zone)}
        return Flaw(self.field, self.code, values)


def _shown(value: float | datetime, zone: ZoneInfo) -> str:
    if isinstance(value, datetime):
        return value.astimezone(zone).strftime("%d/%m/%Y %H:%M")

    return f"{value:g}"


@dataclass(frozen=True, slots=True)
class HandedIn:
    """What was seen of a sample in the field: the weight in mg, where a whole rock was weighed."""

    taken_at: datetime
    whole_rock_mg: float | None


def questions(assay: Assay, handed_in: HandedIn, before: Assay | None) -> tuple[Question, ...]:
    """Everything that is asked of an assay; `before` is the version that it replaces, if any."""
    if assay.status is Status.WITHDRAWN:
        return ()

    return (
        *_of_the_weight(assay, handed_in),
        *_of_the_time(assay, handed_in),
        *_of_the_contents(assay),
        *_of_the_change(assay, before),
    )


def unanswered(asked: Sequence[Question], confirmed: Collection[str]) -> tuple[Question, ...]:
    """Those that nobody has answered."""
    return tuple(question for question in asked if question.code not in confirmed)


def check_confirmed(asked: Sequence[Question], confirmed: Sequence[str]) -> None:
    """Raise Unfit for an answer to what nobody asked."""
    codes = {question.code for question in asked}
    flaws = [
        Flaw(f"/confirm/{index}", "not-asked")
        for index, code in enumerate(confirmed)
        if code not in codes
    ]
    if flaws:
        raise Unfit(*flaws)


def still_answered(
    asked: Sequence[Question], held: Assay, handed_in: HandedIn
) -> tuple[QuestionCode, ...]:
    """What was answered of the version that is replaced, and is asked again to the letter."""
    asked_before = questions(held, handed_in, None)
    return tuple(
        question.code
        for question in asked
        if question.code in held.confirmed and question in asked_before
    )


def asked_of(
    version: AssayVersion, versions: Sequence[AssayVersion], handed_in: HandedIn
) -> tuple[Question, ...]:
    """Everything that is asked of one of these versions."""
    return questions(version.assay, handed_in, _before(versions, version.assay))


def questions_of_each(
    versions: Sequence[AssayVersion], handed_in: HandedIn
) -> Mapping[UUID, tuple[Question, ...]]:
    """What nobody has answered of each assay in force, by its id."""
    in_force = [version for version in versions if version.in_force]
    return {
        version.assay.id: unanswered(
            asked_of(version, versions, handed_in), version.assay.confirmed
        )
        for version in in_force
    }


def _before(versions: Sequence[AssayVersion], assay: Assay) -> Assay | None:
    """The version that this one replaced."""
    earlier = [
        version.assay
        for version in versions
        if version.assay.id == assay.id and version.assay.version < assay.version
    ]
    return max(earlier, key=lambda one: one.version, default=None)


def _of_the_weight(assay: Assay, handed_in: HandedIn) -> Iterator[Question]:
    sent, known = assay.rock_weight_mg, handed_in.whole_rock_mg
    if sent is None:
        return

    field = "/rock_weight_mg"
    if known and not LEAST_OF_FIELD <= sent / known <= MOST_OF_FIELD:
        yield Question(QuestionCode.WEIGHT_FAR_FROM_FIELD, field, known, sent)
    if sent < LEAST_WEIGHT_MG:
        yield Question(QuestionCode.WEIGHT_TINY, field, None, sent)


def _of_the_time(assay: Assay, handed_in: HandedIn) -> Iterator[Question]:
    if assay.analysed_at < handed_in.taken_at:
        yield Question(
            QuestionCode.ANALYSED_BEFORE_TAKEN,
            "/analysed_at",
            handed_in.taken_at,
            assay.analysed_at,
        )


def _of_the_contents(assay: Assay) -> Iterator[Question]:
    for index, result in enumerate(assay.results):
        content = result.content_percent
        if result.substance == "cocaine" and content and content <= LEAST_CONTENT:
            field = f"/results/{index}/content_percent"
            yield Question(QuestionCode.CONTENT_TINY, field, None, content)

    total = total_percent(assay.results)
    if total > 100:
        yield Question(QuestionCode.SUM_OVER_HUNDRED, "/results", 100.0, total)


def _of_the_change(assay: Assay, before: Assay | None) -> Iterator[Question]:
    """What a correction made about ten times more or less."""
    if before is None:
        return

    yield from _tenfold("/rock_weight_mg", before.rock_weight_mg, assay.rock_weight_mg)

    contents = {result.substance: result.content_percent for result in before.results}
    for index, result in enumerate(assay.results):
        field = f"/results/{index}/content_percent"
        yield from _tenfold(field, contents.get(result.substance), result.content_percent)


def _tenfold(field: str, known: float | None, sent: float | None) -> Iterator[Question]:
    """Asked where the one is about ten times the other."""
    if not known or not sent:
        return

    least, most = TENFOLD
    if least <= max(known, sent) / min(known, sent) <= most:
        yield Question(QuestionCode.CHANGED_TENFOLD, field, known, sent)
