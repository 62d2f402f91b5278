"""A cloud: the amount in each rock against its weight."""

from dataclasses import dataclass
from math import ceil
from textwrap import wrap

from service.observatory.drawing.sheet import (
    INK,
    LEFT,
    LINE_HEIGHT,
    RIGHT,
    SHADES,
    Heading,
    Point,
    Sheet,
    unit,
)
from service.observatory.survey.summary import CELL_AMOUNT_MG, CELL_WEIGHT_MG, Plane

HEIGHT = 260
WIDTH = RIGHT - LEFT - 12
BAND_FILL = "#e4e0d6"
THICK = 'stroke-width="2"'


@dataclass(frozen=True, slots=True)
class Band:
    """Where most rocks are expected: their amount as a share of their weight."""

    low: float
    middle: float
    high: float


@dataclass(frozen=True, slots=True)
class _Scale:
    """Where an amount and a weight, in mg, lie on the sheet."""

    ground: float
    most_weight: float
    most_amount: float

    def at(self, weight: float, amount: float) -> Point:
        x = LEFT + WIDTH * weight / self.most_weight
        y = self.ground - HEIGHT * amount / self.most_amount
        return x, y

    def ray(self, share: float) -> Point:
        """Where rocks of this content leave the picture."""
        weight = min(self.most_weight, self.most_amount / share)
        return self.at(weight, weight * share)


def cloud(
    heading: Heading,
    axes: tuple[str, str],
    plane: Plane,
    band: Band,
    band_says: str,
) -> str:
    """A dot a rock, or of many a square as large as its cell's; the band behind."""
    sheet = Sheet(heading)
    _explain_band(sheet, band_says)

    across, up = axes
    sheet.y += LINE_HEIGHT + 8
    sheet.text(12, sheet.y, up)
    ground = sheet.y + 12 + HEIGHT
    scale = _Scale(ground, _most_weight(plane), _most_amount(plane))

    _draw_band(sheet, scale, band)
    _draw_grid(sheet, scale)
    middle = scale.ray(band.middle)
    sheet.line(scale.at(0, 0), middle, INK, THICK)
    _draw_points(sheet, scale, plane)
    _draw_cells(sheet, scale, plane)

    sheet.axis(ground, across)
    return sheet.finished()


def _most_weight(plane: Plane) -> float:
    points = [100 * ceil(weight / 100) for weight, _ in plane.points]
    cells = [weight + CELL_WEIGHT_MG for weight, _, _ in plane.cells]
    return max([400.0, *points, *cells])


def _most_amount(plane: Plane) -> float:
    points = [50 * ceil(amount / 50) for _, amount in plane.points]
    cells = [amount + CELL_AMOUNT_MG for _, amount, _ in plane.cells]
    return max([200.0, *points, *cells])


def _explain_band(sheet: Sheet, text: str) -> None:
    for place, line in enumerate(wrap(text, 62)):
        sheet.y += LINE_HEIGHT
        if not place:
            sheet.box(14, sheet.y - 11, 18, 12, BAND_FILL)
            sheet.level(14, 32, sheet.y - 5, INK, THICK)
        sheet.text(40, sheet.y, line)


def _draw_band(sheet: Sheet, scale: _Scale, band: Band) -> None:
    low = scale.ray(band.low)
    high = scale.ray(band.high)

    corners = [scale.at(0, 0), low]
    leaves_above = high[0] < RIGHT
    if leaves_above:
        top_right = scale.at(scale.most_weight, scale.most_amount)
        corners.append(top_right)
    corners.append(high)

    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in corners)
    sheet.parts.append(f'<polygon points="{points}" fill="{BAND_FILL}"/>')


def _draw_grid(sheet: Sheet, scale: _Scale) -> None:
    for amount in _rungs(scale.most_amount):
        _, y = scale.at(0, amount)
        sheet.rung(y, str(amount))

    for weight in _rungs(scale.most_weight):
        x, _ = scale.at(weight, 0)
        sheet.text(x, scale.ground + 16, str(weight), anchor="middle")


def _rungs(most: float) -> range:
    """Round numbers from 0 up to this."""
    after_last = int(most) + 1
    return range(0, after_last, unit(most))


def _draw_points(sheet: Sheet, scale: _Scale, plane: Plane) -> None:
    style = f'fill="{SHADES[0]}" stroke="#fff" stroke-width=".7"'
    for weight, amount in plane.points:
        x, y = scale.at(weight, amount)
        sheet.parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" {style}/>')


def _draw_cells(sheet: Sheet, scale: _Scale, plane: Plane) -> None:
    fullest = max((count for _, _, count in plane.cells), default=1)
    for weight, amount, count in plane.cells:
        middle_weight = weight + CELL_WEIGHT_MG / 2
        middle_amount = amount + CELL_AMOUNT_MG / 2
        x, y = scale.at(middle_weight, middle_amount)

        side = 1 + 9 * (count / fullest) ** 0.5
        left = x - side / 2
        top = y - side / 2
        corner = f'x="{left:.1f}" y="{top:.1f}"'
        size = f'width="{side:.1f}" height="{side:.1f}"'
        sheet.parts.append(f'<rect {corner} {size} fill="{SHADES[0]}"/>')
