"""What is typed at the bench -> one assay, read as rows of our long template are; or what is wrong, and where."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from service.foundation.problems import Flaw
from service.lab.assay import Assay, Result
from service.lab.formats.caillou_long import COLUMNS, LAYOUT
from service.lab.formats.sheet import Row, Sheet
from service.lab.importing import gather
from service.vocabulary.codes import Outcome

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
        told = {row["substance"] for row in self.rows if _says(row)}
        return tuple(row["substance"] for row in self.rows if row["substance"] and row["substance"] not in told)


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
        return None, {(-1, "results"): Flaw("", "too-short", {"limit": 1})}
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


def written(result: Result) -> dict[str, str]:
    """A result as it is typed: the other way round."""
    content = _number(result.content_percent) if result.outcome is Outcome.QUANTIFIED else result.outcome.value
    return {
        "substance": result.substance,
        "content_percent": content,
        "expressed_as": result.expressed_as.value if result.expressed_as else "",
        "uncertainty_percent": _number(result.uncertainty_percent),
        "lod_percent": _number(result.lod_percent),
        "loq_percent": _number(result.loq_percent),
    }


def _number(number: float | None) -> str:
    return "" if number is None else format(Decimal(repr(number)).normalize(), "f")
