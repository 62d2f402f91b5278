"""What is typed at the bench -> one assay, read as rows of our long template are; or its flaws."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from service.foundation.problems import Flaw
from service.lab.assay import MAX_RESULTS, Assay, Result
from service.lab.formats.caillou_long import COLUMNS, LAYOUT
from service.lab.formats.sheet import Row, Sheet
from service.lab.importing.gathering import Complaint, gather
from service.vocabulary.codes import Outcome
from service.vocabulary.substances import resolve

OF_A_RESULT = (
    "substance",
    "content_percent",
    "expressed_as",
    "uncertainty_percent",
    "lod_percent",
    "loq_percent",
)
OF_THE_ASSAY = ("status", "method", "analysed_at", "rock_weight_mg", "reason")

FORM, WITHDRAWAL = -1, -2
"""The rows of fields that stand outside the sheet: of the assay as a whole, and of a withdrawal."""


class FieldAt(NamedTuple):
    """A field of the bench's page: its row in the sheet from zero, or FORM or WITHDRAWAL; its name.

    A withdrawal has one field for each assay, named by the assay's id.
    """

    row: int
    field: str


Flaws = dict[FieldAt, Flaw]


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """A form as it was typed. `rows` are cells by column; a row without a result says nothing."""

    label: str
    laboratory: str
    version: int
    analysis: UUID | None
    """Which assay is corrected; none for a new one."""
    whole: Mapping[str, str]
    rows: Sequence[Mapping[str, str]]

    @property
    def left_empty(self) -> tuple[str, ...]:
        """Names that stand there without a result, and nowhere with one."""
        with_result = {resolve(row["substance"]) for row in self.rows if _has_result(row)}
        names = (row["substance"] for row in self.rows if row["substance"])
        return tuple(name for name in names if resolve(name) not in with_result)


def _has_result(row: Mapping[str, str]) -> bool:
    return any(text for column, text in row.items() if column not in ("substance", "expressed_as"))


def read(typed: Typed, zone: ZoneInfo, now: datetime) -> tuple[Assay | None, Flaws]:
    """The assay, if nothing is wrong with it; else what is wrong, by field."""
    rows = list(_sheet_rows(typed))
    if not rows:
        return None, {FieldAt(FORM, "results"): Flaw("", "nothing-typed")}
    if len(rows) > MAX_RESULTS:
        too_long = Flaw("", "too-long", {"limit": MAX_RESULTS})
        return None, {FieldAt(FORM, "results"): too_long}

    gathered = gather(Sheet(COLUMNS, iter(rows)), LAYOUT, zone)
    ready = list(gathered.ready(typed.laboratory, now))
    if gathered.complaints:
        return None, _flaws(gathered.complaints)

    _, (assay,) = ready[0]
    if typed.analysis:
        assay = replace(assay, id=typed.analysis)
    return assay, {}


def _sheet_rows(typed: Typed) -> Iterator[Row]:
    """The rows that hold a result, numbered as they stand in the form."""
    blank = dict.fromkeys(COLUMNS, "")
    common = {"lab_label": typed.label, "version": str(typed.version), **typed.whole}

    for number, row in enumerate(typed.rows):
        if _has_result(row):
            yield Row(number, {**blank, **common, **row}, frozenset(), overlong=False)


def _flaws(complaints: Iterable[Complaint]) -> Flaws:
    """The first flaw of each field."""
    flaws: Flaws = {}

    for complaint in complaints:
        column = "content_percent" if complaint.column == "outcome" else complaint.column
        row = complaint.row if column in OF_A_RESULT else FORM
        flaws.setdefault(FieldAt(row, column), complaint.flaw)

    return flaws


def carried_over(assay: Assay, stands: Assay) -> Assay:
    """A correction with what no form asks: the panel that was named, and the scores of hits."""
    scores = {result.substance: result.score for result in stands.results}
    results = (replace(result, score=scores.get(result.substance)) for result in assay.results)
    return replace(assay, panel=stands.panel, results=tuple(results))


def anew(assay: Assay, withdrawn: Collection[UUID]) -> Assay:
    """A first result, under an id of its own where earlier ones of that id were withdrawn."""
    while assay.id in withdrawn:
        assay = replace(assay, id=uuid5(assay.id, "anew"))

    return assay


def written(result: Result) -> dict[str, str]:
    """A result as it is typed: the other way round."""
    content = result.outcome.value
    if result.outcome is Outcome.QUANTIFIED:
        content = "; ".join(map(exact, result.replicates)) or exact(result.content_percent)

    return {
        "substance": result.as_written or result.substance,
        "content_percent": content,
        "expressed_as": result.expressed_as.value if result.expressed_as else "",
        "uncertainty_percent": exact(result.uncertainty_percent),
        "lod_percent": exact(result.lod_percent),
        "loq_percent": exact(result.loq_percent),
    }


def exact(number: float | None) -> str:
    """A number with all its digits, as it is typed; nothing for none."""
    if number is None:
        return ""

    return format(Decimal(repr(number)).normalize(), "f")
