"""What is typed at the bench -> one assay, read as rows of our long template are; or what is wrong, and where."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from service.foundation.problems import Flaw
from service.lab.assay import MAX_RESULTS, Assay, Result
from service.lab.formats.caillou_long import COLUMNS, LAYOUT
from service.lab.formats.sheet import Row, Sheet
from service.lab.importing import gather
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
OF_THE_ANALYSIS = ("status", "method", "analysed_at", "rock_weight_mg", "reason")
Flaws = dict[tuple[int, str], Flaw]
"""By row, from zero, and column; what concerns the analysis as a whole stands at row -1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """A form as it was typed. `rows` are cells by column; a row without a result says nothing."""

    label: str
    laboratory: str
    version: int
    analysis: UUID | None
    """Which analysis is corrected; none for a new one."""
    whole: Mapping[str, str]
    rows: Sequence[Mapping[str, str]]

    @property
    def left_empty(self) -> tuple[str, ...]:
        """Names that stand there without a result, and nowhere with one."""
        told = {resolve(row["substance"]) for row in self.rows if _says(row)}
        names = (row["substance"] for row in self.rows if row["substance"])
        return tuple(name for name in names if resolve(name) not in told)


def _says(row: Mapping[str, str]) -> bool:
    return any(text for column, text in row.items() if column not in ("substance", "expressed_as"))


def read(typed: Typed, zone: ZoneInfo, now: datetime) -> tuple[Assay | None, Flaws]:
    """The assay, if nothing is wrong with it."""
    common = {"lab_label": typed.label, "version": str(typed.version), **typed.whole}
    rows = [
        Row(place, {**dict.fromkeys(COLUMNS, ""), **common, **row}, frozenset(), overlong=False)
        for place, row in enumerate(typed.rows)
        if _says(row)
    ]
    if not rows:
        return None, {(-1, "results"): Flaw("", "nothing-typed")}
    if len(rows) > MAX_RESULTS:
        return None, {(-1, "results"): Flaw("", "too-long", {"limit": MAX_RESULTS})}
    gathered = gather(Sheet(COLUMNS, iter(rows)), LAYOUT, zone)
    ready = [assay for _, assays in gathered.ready(typed.laboratory, now) for assay in assays]
    flaws: Flaws = {}
    for complaint in gathered.complaints:
        column = "content_percent" if complaint.column == "outcome" else complaint.column
        flaws.setdefault((complaint.row if column in OF_A_RESULT else -1, column), complaint.flaw)
    if flaws:
        return None, flaws
    (assay,) = ready
    return (replace(assay, id=typed.analysis) if typed.analysis else assay), flaws


def anew(assay: Assay, taken_back: Collection[UUID]) -> Assay:
    """A first result, as an analysis of its own where earlier ones by the same hands were taken back."""
    while assay.id in taken_back:
        assay = replace(assay, id=uuid5(assay.id, "anew"))
    return assay


def written(result: Result) -> dict[str, str]:
    """A result as it is typed: the other way round."""
    content = (
        exact(result.content_percent)
        if result.outcome is Outcome.QUANTIFIED
        else result.outcome.value
    )
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
    return "" if number is None else format(Decimal(repr(number)).normalize(), "f")
