"""One laboratory's way of laying out a file: which columns it needs, and what one row says.

A layout reads a row through `Cells`, which notes every cell that has no reading; it never raises
for one row.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from service.foundation.problems import Flaw, Unfit
from service.lab.assay import MAX_VERSION, Result
from service.lab.formats import cell
from service.lab.formats.sheet import MAX_CELL, Row
from service.vocabulary.codes import Basis, Method, Status

E = TypeVar("E", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A cell that has no reading: which column, and why."""

    column: str
    flaw: Flaw


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What a row says of the assay as a whole."""

    version: int
    status: Status
    method: Method
    analysed_at: datetime
    rock_weight_mg: float | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """What a row says. `columns` names the column that each result was read from."""

    label: str
    head: Head | None
    results: tuple[Result, ...] = ()
    columns: tuple[str, ...] = ()


@dataclass
class Cells:
    """One row, read cell by cell; `refusals` is what could not be read so far."""

    row: Row
    zone: ZoneInfo
    refusals: list[Refusal] = field(default_factory=list)

    def refuse(self, column: str, reason: str, **values: Any) -> None:
        refusal = Refusal(column, Flaw("", reason, values))
        if refusal not in self.refusals:
            self.refusals.append(refusal)

    def text(self, column: str) -> str:
        """The cell as it is written; empty, and refused, where it is a formula or too long."""
        if column in self.row.formulas:
            self.refuse(column, "formula")
            return ""

        text = self.row.cells.get(column, "")
        if len(text) > MAX_CELL:
            self.refuse(column, "too-long", limit=MAX_CELL)
            return ""

        return text

    def needed(self, column: str) -> str:
        text = self.text(column)
        if not text and column not in self.row.formulas:
            self.refuse(column, "missing")

        return text

    def code(self, column: str, kind: type[E]) -> E | None:
        """A code of this list, however it is capitalised or spaced; refused where it is none."""
        text = self.needed(column)
        word = text.casefold().replace("-", "_").replace(" ", "_")

        try:
            return kind(word)
        except ValueError:
            if text:
                self.refuse(column, "unknown-code", known=", ".join(kind))
            return None

    def version(self, column: str) -> int | None:
        """A whole number from one, or None where the cell is refused."""
        text = self.needed(column)
        if not text:
            return None

        digits = text.isascii() and text.isdigit()
        if not digits or not 1 <= int(text[:9]) <= MAX_VERSION:
            self.refuse(column, "not-a-whole-number")
            return None

        return int(text)

    def number(self, column: str) -> float | None:
        """A number from zero, or None where the cell is empty or refused."""
        text = self.text(column)
        if not text:
            return None

        number = cell.number(text)
        if number is None:
            self.refuse(column, "not-a-number")
        return number

    def time(self, column: str) -> datetime | None:
        """A day or a time, or None where the cell is refused."""
        text = self.needed(column)
        if not text:
            return None

        time = cell.time(text, self.zone)
        if time is None:
            self.refuse(column, "not-a-day-or-time")
        return time

    def result(
        self, column: str, substance: str, basis: Basis | None = None, loq: float | None = None
    ) -> Result | None:
        """One substance's cell; None where it is empty or refused."""
        try:
            return cell.result(substance, self.text(column), basis, loq)
        except Unfit as error:
            self.refusals.append(Refusal(column, error.flaws[0]))
            return None


@dataclass(frozen=True, slots=True)
class Layout:
    """A way of laying out a file; the first of the needed columns holds the laboratory label."""

    name: str
    title: str
    needed: tuple[str, ...]
    read: Callable[[Cells], Line]
    known: tuple[str, ...] = ()
    names_substances: bool = False
    """Further columns are substances."""
    ignores_others: bool = False
    """Further columns are an instrument's own and say nothing of the result; else refused."""
    repeats: bool = False
    """The same substance may stand twice: the better hit counts."""

    @property
    def further(self) -> str:
        """What becomes of a column that is not named here: substances, ignored or refused."""
        if self.names_substances:
            return "substances"

        return "ignored" if self.ignores_others else "refused"

    @property
    def example(self) -> Path:
        """A file in this layout, to fill in."""
        return Path(__file__).parent / "examples" / f"{self.name}.csv"
