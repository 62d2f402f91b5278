"""Laboratory labels on paper: the label in large letters beside its square code, for bags and vials.

Sizes are those of label sheets and rolls that any stationer has; nothing but the label stands on them.
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
    left = (210 - (columns - 1) * across - width) / 2
    return Paper(
        title, 210, 297, columns, rows, width, height, left, (297 - rows * height) / 2, across
    )


PAPERS = {
    "roll-50x25": Paper("50 × 25 mm", 50, 25, 1, 1, 50, 25, 0, 0, 50),
    "a4-24": _sheet("A4, 24 × (70 × 37 mm)", 3, 8, 70, 37, 70),
    "a4-65": _sheet("A4, 65 × (38.1 × 21.2 mm)", 5, 13, 38.1, 21.2, 40.6),
}


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is printed: the labels in order, after the places of the first sheet that are used up."""

    paper: Paper
    labels: Sequence[str]
    skip: int = 0


async def render(sheet: Sheet) -> bytes:
    """PDF bytes, drawn off the event loop."""
    return await paper.in_a_thread(draw, sheet)


def draw(sheet: Sheet) -> bytes:
    """One page a sheet, or one a label of a roll."""
    codes = {label: square_code(label) for label in dict.fromkeys(sheet.labels)}
    labels = [{"text": label, "code": codes[label]} for label in sheet.labels]
    told = {"paper": asdict(sheet.paper), "labels": labels, "skip": sheet.skip}
    return paper.draw(LAYOUT, {"sheet": orjson.dumps(told).decode()})
