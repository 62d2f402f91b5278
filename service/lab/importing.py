"""A sheet read in a layout -> the assays of each label, and what is wrong with every row that is.

A sample enters whole or not at all: a row that cannot be read holds back its own sample, because a report that
lost its fentanyl row would be a false all-clear. A row without a label may be the row above's, and holds it.
"""

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from service.foundation.problems import Flaw, Unfit
from service.intake.pickup import read_label
from service.lab.assay import Assay, Result
from service.lab.formats.layout import Cells, Head, Layout, Line
from service.lab.formats.sheet import Row, Sheet, Unreadable

# One analysis is one laboratory's, of one label, by one method: sent again it has the same id.
NAMESPACE = uuid.UUID("6b2f6a3e-9c0f-5d0e-9a39-2f4b8f0c1d77")


@dataclass(frozen=True, slots=True)
class Complaint:
    """What is wrong with one row: its number, its label, the column and the cell, what stands there, and why."""

    row: int
    label: str
    column: str
    cell: str
    value: str
    flaw: Flaw


@dataclass
class Analysis:
    """One analysis as its rows add up; `rows` names, for each result, its row and column."""

    head: Head
    first: Row
    results: list[Result] = field(default_factory=list)
    rows: list[tuple[Row, str]] = field(default_factory=list)


@dataclass
class Gathered:
    """Everything a file says: analyses by label, the labels that are held back, the complaints."""

    sheet: Sheet
    layout: Layout
    analyses: dict[str, dict[tuple[str, int], Analysis]] = field(default_factory=dict)
    held: dict[str, None] = field(default_factory=dict)
    complaints: list[Complaint] = field(default_factory=list)
    count: int = 0

    def complain(self, row: Row, label: str, column: str, flaw: Flaw) -> None:
        place = self.sheet.place(column, row.number)
        self.complaints.append(
            Complaint(row.number, label, column, place, row.cells.get(column, ""), flaw)
        )
        if label:
            self.held[label] = None

    def first_row(self, label: str) -> Row:
        """The first row that speaks of a label."""
        return next(iter(self.analyses[label].values())).first

    def ready(self, laboratory: str, now: datetime) -> Iterator[tuple[str, list[Assay]]]:
        """The assays of each label that is not held back, checked; what breaks a rule is held too."""
        for label, analyses in self.analyses.items():
            if label in self.held:
                continue
            assays = []
            for (method, _), analysis in analyses.items():
                try:
                    assays.append(_assay(label, method, analysis, laboratory).checked(now))
                except Unfit as error:
                    for flaw in error.flaws:
                        self.complain(*_where(analysis, flaw, label))
            if label not in self.held:
                yield label, assays


def gather(sheet: Sheet, layout: Layout, zone: ZoneInfo) -> Gathered:
    """Read every row. Raises Unreadable where the file lacks a column or breaks off."""
    _check_columns(sheet.columns, layout)
    gathered = Gathered(sheet, layout)
    above = ""
    for row in sheet.rows:
        gathered.count += 1
        cells = Cells(row, zone)
        line = layout.read(cells)
        label = read_label(line.label) if line.label else ""
        if row.overlong:
            cells.refuse("", "more-cells-than-columns")
        if not label:
            cells.refuse(layout.needed[0], "missing")
            if above and not layout.names_substances:
                gathered.held[above] = None
        for refusal in cells.refusals:
            gathered.complain(row, label, refusal.column, refusal.flaw)
        if label and line.head and not cells.refusals:
            _add(gathered, row, label, line, line.head)
        above = label or above
    return gathered


def _check_columns(columns: Iterable[str], layout: Layout) -> None:
    present = tuple(columns)
    if missing := [name for name in layout.needed if name not in present]:
        raise Unreadable("column-missing", columns=", ".join(missing))
    odd = [name for name in present if name not in (*layout.needed, *layout.known)]
    if odd and not layout.names_substances and not layout.ignores_others:
        raise Unreadable("column-unknown", columns=", ".join(odd))


def _add(gathered: Gathered, row: Row, label: str, line: Line, head: Head) -> None:
    of_label = gathered.analyses.setdefault(label, {})
    analysis = of_label.setdefault((head.method.value, head.version), Analysis(head, row))
    if analysis.head != head:
        column = _difference(gathered.layout, analysis.first, row)
        gathered.complain(
            row, label, column, Flaw("", "other-than-above", {"row": analysis.first.number})
        )
        return
    for result, column in zip(line.results, line.columns, strict=True):
        if result in analysis.results and gathered.layout.repeats:
            continue
        if any(result.substance == one.substance for one in analysis.results):
            gathered.complain(row, label, column, Flaw("", "twice"))
        else:
            analysis.results.append(result)
            analysis.rows.append((row, column))


def _difference(layout: Layout, first: Row, row: Row) -> str:
    """The first column in which two rows of one analysis disagree about the analysis."""
    names = (*layout.needed[1:6], "reason")
    return next(
        (name for name in names if first.cells.get(name) != row.cells.get(name)), layout.needed[0]
    )


def _assay(label: str, method: str, analysis: Analysis, laboratory: str) -> Assay:
    head = analysis.head
    return Assay(
        id=uuid.uuid5(NAMESPACE, f"{laboratory}\n{label}\n{method}"),
        lab_label=label,
        version=head.version,
        status=head.status,
        laboratory=laboratory,
        method=head.method,
        analysed_at=head.analysed_at,
        reason=head.reason,
        rock_weight_mg=head.rock_weight_mg,
        results=tuple(analysis.results),
    )


def _where(analysis: Analysis, flaw: Flaw, label: str) -> tuple[Row, str, str, Flaw]:
    """The row and column that a rule of the assay speaks of."""
    _, field_name, *rest = flaw.pointer.split("/")
    if field_name == "results" and rest and rest[0].isdigit():
        row, column = analysis.rows[int(rest[0])]
        own = rest[1] if len(rest) > 1 else ""
        return row, label, own if own in row.cells else column, flaw
    row = analysis.rows[-1][0] if analysis.rows else analysis.first
    return row, label, field_name if field_name in row.cells else "", flaw
