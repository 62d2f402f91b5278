"""A cloud: the amount in each rock against its weight."""

from dataclasses import dataclass
from math import ceil
from textwrap import wrap

from service.observatory.drawing.sheet import (
    GRID,
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

HEIGHT, WIDTH = 260, RIGHT - LEFT - 12
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


def cloud(heading: Heading, axes: tuple[str, str], plane: Plane, band: Band, band_says: str) -> str:
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
    sheet.line(scale.at(0, 0), scale.ray(band.middle), INK, THICK)
    _draw_points(sheet, scale, plane)
    _draw_cells(sheet, scale, plane)

    sheet.line((LEFT, ground), (RIGHT, ground))
    sheet.text((LEFT + RIGHT) / 2, ground + 35, across, anchor="middle")
    sheet.y = ground + 46
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
            sheet.line((14, sheet.y - 5), (32, sheet.y - 5), INK, THICK)
        sheet.text(40, sheet.y, line)


def _draw_band(sheet: Sheet, scale: _Scale, band: Band) -> None:
    low, high = scale.ray(band.low), scale.ray(band.high)
    corners = [scale.at(0, 0), low]
    if high[0] < RIGHT:
        corners.append(scale.at(scale.most_weight, scale.most_amount))
    corners.append(high)

    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in corners)
    sheet.parts.append(f'<polygon points="{points}" fill="{BAND_FILL}"/>')


def _draw_grid(sheet: Sheet, scale: _Scale) -> None:
    for amount in range(0, int(scale.most_amount) + 1, unit(scale.most_amount)):
        y = scale.at(0, amount)[1]
        sheet.line((LEFT, y), (RIGHT, y), GRID)
        sheet.text(LEFT - 5, y + 4, str(amount), anchor="end")

    for weight in range(0, int(scale.most_weight) + 1, unit(scale.most_weight)):
        x = scale.at(weight, 0)[0]
        sheet.text(x, scale.ground + 16, str(weight), anchor="middle")


def _draw_points(sheet: Sheet, scale: _Scale, plane: Plane) -> None:
    for weight, amount in plane.points:
        x, y = scale.at(weight, amount)
        style = f'fill="{SHADES[0]}" stroke="#fff" stroke-width=".7"'
        sheet.parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" {style}/>')


def _draw_cells(sheet: Sheet, scale: _Scale, plane: Plane) -> None:
    fullest = max((count for _, _, count in plane.cells), default=1)
    for weight, amount, count in plane.cells:
        x, y = scale.at(weight + CELL_WEIGHT_MG / 2, amount + CELL_AMOUNT_MG / 2)
        side = 1 + 9 * (count / fullest) ** 0.5
        corner = f'x="{x - side / 2:.1f}" y="{y - side / 2:.1f}"'
        size = f'width="{side:.1f}" height="{side:.1f}"'
        sheet.parts.append(f'<rect {corner} {size} fill="{SHADES[0]}"/>')
