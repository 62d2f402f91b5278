"""A sheet read in a layout -> the assays of each label, and what is wrong with every row that is.

A sample enters whole or not at all: a row that cannot be read holds back its own sample, because a
report that lost its fentanyl row would be a false all-clear. A row without a label may be the row
above's, and holds it back.
"""

import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from service.foundation.problems import Flaw, Unfit
from service.intake.pickup import read_label
from service.lab.assay import Assay, Result
from service.lab.formats.layout import Cells, Head, Layout, Line
from service.lab.formats.sheet import Row, Sheet, Unreadable

# One assay is one laboratory's, of one label, by one method: sent again it has the same id.
NAMESPACE = uuid.UUID("6b2f6a3e-9c0f-5d0e-9a39-2f4b8f0c1d77")


@dataclass(frozen=True, slots=True)
class Complaint:
    """What is wrong with one row: its number and label, the column and cell, its text, and why."""

    row: int
    label: str
    column: str
    cell: str
    value: str
    flaw: Flaw


@dataclass
class AssayRows:
    """One assay as its rows add up; `rows` names, for each result, its row and column."""

    head: Head
    first: Row
    results: list[Result] = field(default_factory=list)
    rows: list[tuple[Row, str]] = field(default_factory=list)


@dataclass
class Gathered:
    """Everything a file says: assays by label, the labels that are held back, the complaints.

    `assays` are by label, then by method and version.
    """

    sheet: Sheet
    layout: Layout
    assays: dict[str, dict[tuple[str, int], AssayRows]] = field(default_factory=dict)
    held: dict[str, None] = field(default_factory=dict)
    complaints: list[Complaint] = field(default_factory=list)
    count: int = 0

    def complain(self, row: Row, label: str, column: str, flaw: Flaw) -> None:
        """Note what is wrong with a row, and hold its label back."""
        cell = self.sheet.place(column, row.number)
        value = row.cells.get(column, "")
        self.complaints.append(Complaint(row.number, label, column, cell, value, flaw))

        if label:
            self.held[label] = None

    def first_row(self, label: str) -> Row:
        """The first row that speaks of a label."""
        return next(iter(self.assays[label].values())).first

    def place(self, assay: Assay, flaw: Flaw) -> tuple[Row, str]:
        """The row and column of one of these assays that a flaw or a question speaks of."""
        rows = self.assays[assay.lab_label][assay.method.value, assay.version]
        return _where(rows, flaw)

    def ready(self, laboratory: str, now: datetime) -> Iterator[tuple[str, list[Assay]]]:
        """The assays of each label that is not held back, checked.

        What breaks a rule is complained of, and holds its label back too.
        """
        for label, of_label in self.assays.items():
            if label in self.held:
                continue

            assays = []
            for (method, _), rows in of_label.items():
                try:
                    assays.append(_assay(label, method, rows, laboratory).checked(now))
                except Unfit as error:
                    self._complain_of(rows, label, error.flaws)

            if label not in self.held:
                yield label, assays

    def _complain_of(self, rows: AssayRows, label: str, flaws: Iterable[Flaw]) -> None:
        for flaw in flaws:
            row, column = _where(rows, flaw)
            self.complain(row, label, column, flaw)


def gather(sheet: Sheet, layout: Layout, zone: ZoneInfo) -> Gathered:
    """Read every row. Raises Unreadable where the file lacks a column or breaks off."""
    _check_columns(sheet.columns, layout)
    gathered = Gathered(sheet, layout)
    label_above = ""

    for row in sheet.rows:
        gathered.count += 1
        label = _gather_row(gathered, row, zone, label_above)
        label_above = label or label_above

    return gathered


def _gather_row(gathered: Gathered, row: Row, zone: ZoneInfo, label_above: str) -> str:
    """Read one row; its label."""
    layout = gathered.layout
    cells = Cells(row, zone)
    line = layout.read(cells)
    label = read_label(line.label) if line.label else ""

    if row.overlong:
        cells.refuse("", "more-cells-than-columns")
    if not label:
        cells.refuse(layout.needed[0], "missing")
        if label_above and not layout.names_substances:
            gathered.held[label_above] = None

    for refusal in cells.refusals:
        gathered.complain(row, label, refusal.column, refusal.flaw)

    if label and line.head and not cells.refusals:
        _add(gathered, row, label, line, line.head)
    return label


def _check_columns(columns: Iterable[str], layout: Layout) -> None:
    present = tuple(columns)
    missing = [name for name in layout.needed if name not in present]
    if missing:
        raise Unreadable("column-missing", columns=", ".join(missing))

    others = [name for name in present if name not in (*layout.needed, *layout.known)]
    if others and not layout.names_substances and not layout.ignores_others:
        raise Unreadable("column-unknown", columns=", ".join(others))


def _add(gathered: Gathered, row: Row, label: str, line: Line, head: Head) -> None:
    of_label = gathered.assays.setdefault(label, {})
    rows = of_label.setdefault((head.method.value, head.version), AssayRows(head, row))

    if rows.head != head:
        column = _difference(gathered.layout, rows.first, row)
        flaw = Flaw("", "other-than-above", {"row": rows.first.number})
        gathered.complain(row, label, column, flaw)
        return

    for result, column in zip(line.results, line.columns, strict=True):
        earlier = _place_of(result, rows.results)

        if earlier is None:
            rows.results.append(result)
            rows.rows.append((row, column))
        elif not gathered.layout.repeats:
            gathered.complain(row, label, column, Flaw("", "twice"))
        elif _is_better(result, rows.results[earlier]):
            rows.results[earlier] = result
            rows.rows[earlier] = (row, column)


def _place_of(result: Result, results: Sequence[Result]) -> int | None:
    """Where this substance stands already."""
    for place, earlier in enumerate(results):
        if earlier.substance == result.substance:
            return place
    return None


def _is_better(hit: Result, earlier: Result) -> bool:
    """Whether a hit is surer than another of the same substance."""
    return (hit.found, hit.score or 0.0) > (earlier.found, earlier.score or 0.0)


def _difference(layout: Layout, first: Row, row: Row) -> str:
    """The first column in which two rows of one assay disagree about the assay."""
    for name in (*layout.needed[1:6], "reason"):
        if first.cells.get(name) != row.cells.get(name):
            return name

    return layout.needed[0]


def _assay(label: str, method: str, rows: AssayRows, laboratory: str) -> Assay:
    head = rows.head
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
        results=tuple(rows.results),
    )


def _where(rows: AssayRows, flaw: Flaw) -> tuple[Row, str]:
    """The row and column that a rule of the assay speaks of."""
    _, field_name, *rest = flaw.pointer.split("/")

    index = int(rest[0]) if field_name == "results" and rest and rest[0].isdigit() else None
    if index is not None and index < len(rows.rows):
        row, column = rows.rows[index]
        own_column = rest[1] if len(rest) > 1 else ""
        return row, own_column if own_column in row.cells else column

    row = rows.rows[-1][0] if rows.rows else rows.first
    return row, field_name if field_name in row.cells else ""
