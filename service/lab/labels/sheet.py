"""Laboratory labels on paper: in large letters beside a square code, for bags and vials.

Sizes are those of label sheets and rolls that any stationer has; nothing but the label stands on
them.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson

from service.foundation import paper
from service.foundation.paper import square_code

LAYOUT = Path(__file__).parent / "labels.typ"


@dataclass(frozen=True, slots=True)
class Paper:
    """A sheet of labels, or one label of a roll; everything in mm."""

    title: str
    width: float
    height: float
    columns: int
    rows: int
    label_width: float
    label_height: float
    left: float
    top: float
    across: float
    """From the left edge of one label to the next one's."""

    @property
    def places(self) -> int:
        return self.columns * self.rows


def _sheet(
    title: str, columns: int, rows: int, width: float, height: float, across: float
) -> Paper:
    """An A4 sheet whose labels stand in the middle, without gaps from top to bottom."""
    return Paper(
        title=title,
        width=210,
        height=297,
        columns=columns,
        rows=rows,
        label_width=width,
        label_height=height,
        left=(210 - (columns - 1) * across - width) / 2,
        top=(297 - rows * height) / 2,
        across=across,
    )


PAPERS = {
    "roll-50x25": Paper("50 × 25 mm", 50, 25, 1, 1, 50, 25, 0, 0, 50),
    "a4-24": _sheet("A4, 24 × (70 × 37 mm)", 3, 8, 70, 37, 70),
    "a4-65": _sheet("A4, 65 × (38.1 × 21.2 mm)", 5, 13, 38.1, 21.2, 40.6),
}


@dataclass(frozen=True, slots=True)
class LabelSheet:
    """What is printed: the labels in order, after the places of the first sheet already used."""

    paper: Paper
    labels: Sequence[str]
    skip: int = 0


async def render(sheet: LabelSheet) -> bytes:
    """PDF bytes, drawn off the event loop."""
    return await paper.in_a_thread(draw, sheet)


def draw(sheet: LabelSheet) -> bytes:
    """PDF bytes: one page a sheet, or one a label of a roll."""
    codes = {label: square_code(label) for label in dict.fromkeys(sheet.labels)}
    labels = [{"text": label, "code": codes[label]} for label in sheet.labels]

    drawn = {"paper": asdict(sheet.paper), "labels": labels, "skip": sheet.skip}
    return paper.draw(LAYOUT, {"sheet": orjson.dumps(drawn).decode()})
