"""The survey's pictures, as SVG that stands alone: in a report, on a page, on paper without colours.

Each carries its title and, under it, what it is of (period, number of rocks, basis): a picture that has left its
page still says so. 480 wide, on white; series differ by shape and shade, not by hue alone. Every text comes from
the caller in the reader's language, and is escaped here.
"""

from collections.abc import Iterable, Sequence
from html import escape
from math import ceil
from textwrap import wrap

WIDTH = 480
_LEFT, _RIGHT, _LINE = 44.0, 468.0, 17
_INK, _GRID = "#111", "#c4c4c4"
SHADES = ("#0b4f6c", "#f0b37e", "#ffffff", "#6b6b6b")
_DASHES = ("", "7 4", "2 3", "9 3 2 3", "1 5", "12 4")
_SHAPES = (
    "M{x} {y}m-4.5 0a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0 -9 0",
    "M{x} {y}m-4.2 -4.2h8.4v8.4h-8.4Z",
    "M{x} {y}m0 -5.4l5.2 9h-10.4Z",
    "M{x} {y}m0 -5.6l5.6 5.6l-5.6 5.6l-5.6 -5.6Z",
    "M{x} {y}m0 5.4l5.2 -9h-10.4Z",
    "M{x} {y}m-5 -1.6h3.4v-3.4h3.2v3.4h3.4v3.2h-3.4v3.4h-3.2v-3.4h-3.4Z",
)


class _Sheet:
    """Lines of SVG from the top down."""

    def __init__(self, title: str, caption: str) -> None:
        self.title, self.parts, self.y = title, list[str](), 6.0
        for line in wrap(title, 52):
            self.y += 19
            self.text(12, self.y, line, size=16, bold=True)
        for line in wrap(caption, 72):
            self.y += _LINE
            self.text(12, self.y, line, size=12)
        self.y += 12

    def text(
        self,
        x: float,
        y: float,
        told: str,
        *,
        size: int = 12,
        bold: bool = False,
        anchor: str = "start",
    ) -> None:
        weight = ' font-weight="700"' if bold else ""
        place = f'x="{x:.1f}" y="{y:.1f}" font-size="{size}"{weight} text-anchor="{anchor}"'
        self.parts.append(f"<text {place}>{escape(told)}</text>")

    def line(
        self, x1: float, y1: float, x2: float, y2: float, colour: str = _INK, more: str = ""
    ) -> None:
        ends = f'x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
        self.parts.append(f'<line {ends} stroke="{colour}" {more}/>')

    def box(self, x: float, y: float, width: float, height: float, fill: str) -> None:
        size = f'width="{max(width, 0):.1f}" height="{max(height, 0):.1f}"'
        self.parts.append(f'<rect x="{x:.1f}" y="{y:.1f}" {size} fill="{fill}" stroke="{_INK}"/>')

    def shape(self, place: int, x: float, y: float) -> None:
        path = _SHAPES[place % len(_SHAPES)].format(x=f"{x:.1f}", y=f"{y:.1f}")
        self.parts.append(f'<path d="{path}" fill="{SHADES[place % 2]}" stroke="{_INK}"/>')

    def done(self) -> str:
        height = ceil(self.y)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" '
            f'height="{height}" role="img" font-family="Noto Sans, sans-serif" fill="{_INK}">'
            f"<title>{escape(self.title)}</title>"
            f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>{"".join(self.parts)}</svg>'
        )


def bars(
    title: str,
    caption: str,
    axis: str,
    step: float,
    counts: Sequence[int],
    marks: Iterable[tuple[str, float]],
) -> str:
    """How many rocks lie in each step, from 0; the last bar holds what is beyond. `marks` point at values."""
    sheet = _Sheet(title, caption)
    marks = list(marks)
    for place, (told, _) in enumerate(marks):
        sheet.y += _LINE
        _key(sheet, place, told)
    top = sheet.y + 14
    ground, wide = top + 190, (_RIGHT - _LEFT) / len(counts)
    unit = _unit(max(counts, default=0))
    most = max(unit * ceil(max(counts, default=0) / unit), unit)
    for level in range(0, most + 1, unit):
        y = ground - 190 * level / most
        sheet.line(_LEFT, y, _RIGHT, y, _GRID)
        sheet.text(_LEFT - 5, y + 4, str(level), anchor="end")
    for place, count in enumerate(counts):
        height = 190 * count / most
        if count:
            sheet.box(_LEFT + wide * place + 1, ground - height, wide - 2, height, "#9cc3d5")
    for place, (_, value) in enumerate(marks):
        x = _LEFT + wide * min(value / step, len(counts))
        sheet.line(
            x, top - 4, x, ground, _INK, f'stroke-width="2" stroke-dasharray="{_DASHES[place]}"'
        )
        sheet.shape(place, x, top - 5 + 14 * place)
    every = max(1, ceil(len(counts) / 8))
    for place in range(0, len(counts), every):
        last = place == len(counts) - 1
        sheet.text(
            _LEFT + wide * place,
            ground + 16,
            f"{step * place:g}{'+' if last else ''}",
            anchor="middle",
        )
    if (len(counts) - 1) % every:
        sheet.text(_RIGHT, ground + 16, f"{step * (len(counts) - 1):g}+", anchor="end")
    sheet.line(_LEFT, ground, _RIGHT, ground)
    sheet.text((_LEFT + _RIGHT) / 2, ground + 35, axis, anchor="middle")
    sheet.y = ground + 46
    return sheet.done()


def cloud(
    title: str,
    caption: str,
    axes: tuple[str, str],
    points: Sequence[tuple[float, float]],
    cells: Sequence[tuple[float, float, int]],
    band: tuple[float, float, float],
    band_says: str,
) -> str:
    """Amount against weight: a dot a rock, or of many a square as large as its cell's; the band behind."""
    sheet = _Sheet(title, caption)
    for place, line in enumerate(wrap(band_says, 62)):
        sheet.y += _LINE
        if not place:
            sheet.box(14, sheet.y - 11, 18, 12, "#e4e0d6")
            sheet.line(14, sheet.y - 5, 32, sheet.y - 5, _INK, 'stroke-width="2"')
        sheet.text(40, sheet.y, line)
    most_x = max([400.0, *(100 * ceil(x / 100) for x, _ in points), *(x + 20 for x, _, _ in cells)])
    most_y = max([200.0, *(50 * ceil(y / 50) for _, y in points), *(y + 10 for _, y, _ in cells)])
    sheet.y += _LINE + 8
    sheet.text(12, sheet.y, axes[1])
    top = sheet.y + 12
    ground, tall, wide = top + 260, 260, _RIGHT - _LEFT - 12
    low, middle, high = band

    def at(x: float, y: float) -> tuple[float, float]:
        return _LEFT + wide * x / most_x, ground - tall * y / most_y

    def ray(share: float) -> tuple[float, float]:
        x = min(most_x, most_y / share)
        return at(x, x * share)

    corners = [
        at(0, 0),
        ray(low),
        *([at(most_x, most_y)] if ray(high)[0] < _RIGHT else []),
        ray(high),
    ]
    told = " ".join(f"{x:.1f},{y:.1f}" for x, y in corners)
    sheet.parts.append(f'<polygon points="{told}" fill="#e4e0d6"/>')
    for level in range(0, int(most_y) + 1, _unit(most_y)):
        sheet.line(_LEFT, at(0, level)[1], _RIGHT, at(0, level)[1], _GRID)
        sheet.text(_LEFT - 5, at(0, level)[1] + 4, str(level), anchor="end")
    for level in range(0, int(most_x) + 1, _unit(most_x)):
        sheet.text(at(level, 0)[0], ground + 16, str(level), anchor="middle")
    sheet.line(*at(0, 0), *ray(middle), _INK, 'stroke-width="2"')
    for x, y in points:
        across, up = at(x, y)
        sheet.parts.append(
            f'<circle cx="{across:.1f}" cy="{up:.1f}" r="3" fill="{SHADES[0]}" stroke="#fff" stroke-width=".7"/>'
        )
    fullest = max((count for _, _, count in cells), default=1)
    for x, y, count in cells:
        across, up = at(x + 10, y + 5)
        half = 1 + 9 * (count / fullest) ** 0.5
        sheet.parts.append(
            f'<rect x="{across - half / 2:.1f}" y="{up - half / 2:.1f}" width="{half:.1f}" height="{half:.1f}" '
            f'fill="{SHADES[0]}"/>'
        )
    sheet.line(_LEFT, ground, _RIGHT, ground)
    sheet.text((_LEFT + _RIGHT) / 2, ground + 35, axes[0], anchor="middle")
    sheet.y = ground + 46
    return sheet.done()


def grouped(
    title: str,
    caption: str,
    legend: Sequence[str],
    rows: Sequence[tuple[str, Sequence[tuple[float | None, str]]]],
) -> str:
    """For each row a bar a series, in percent, with what is written beside it; None has no bar."""
    sheet = _Sheet(title, caption)
    left, right = 138.0, 372.0
    for place, told in enumerate(legend):
        sheet.y += _LINE
        sheet.box(14, sheet.y - 10, 18, 11, SHADES[place])
        sheet.text(40, sheet.y, told)
    sheet.y += 12
    top = sheet.y
    thick = 15
    ground = top + sum(len(values) * thick + 9 for _, values in rows)
    for level in range(0, 101, 25):
        x = left + (right - left) * level / 100
        sheet.line(x, top, x, ground, _GRID)
        sheet.text(x, ground + 15, f"{level} %", anchor="middle")
    for name, values in rows:
        for place, line in enumerate(wrap(name, 20)[:2]):
            sheet.text(left - 8, sheet.y + 12 + 13 * place, line, anchor="end")
        for place, (percent, written) in enumerate(values):
            end = left
            if percent is not None:
                end += (right - left) * percent / 100
                sheet.box(left, sheet.y + 1, end - left, thick - 3, SHADES[place])
            sheet.text(end + 5, sheet.y + 11, written, size=11)
            sheet.y += thick
        sheet.y += 9
    sheet.line(left, top, left, ground)
    sheet.y = ground + 26
    return sheet.done()


def courses(
    title: str,
    caption: str,
    spans: Sequence[tuple[str, str]],
    series: Sequence[tuple[str, Sequence[float | None]]],
) -> str:
    """Percent over time: a line a series, a gap where nothing is known; each span has its name and its number."""
    sheet = _Sheet(title, caption)
    for place, (told, _) in enumerate(series):
        sheet.y += _LINE
        _key(sheet, place, told)
    top = sheet.y + 14
    ground, wide = top + 200, (_RIGHT - _LEFT) / max(len(spans), 1)
    for level in range(0, 101, 25):
        y = ground - 2 * level
        sheet.line(_LEFT, y, _RIGHT, y, _GRID)
        sheet.text(_LEFT - 5, y + 4, f"{level} %", anchor="end", size=11)
    every = max(1, ceil(len(spans) / 7))
    for place, names in enumerate(spans):
        for row, name in enumerate(names if not place % every else ()):
            sheet.text(
                _LEFT + wide * (place + 0.5), ground + 16 + 14 * row, name, anchor="middle", size=11
            )
    for place, (_, values) in enumerate(series):
        before: tuple[float, float] | None = None
        for column, percent in enumerate(values):
            here = (
                None if percent is None else (_LEFT + wide * (column + 0.5), ground - 2 * percent)
            )
            if before and here:
                dash = f'stroke-width="1.8" stroke-dasharray="{_DASHES[place % len(_DASHES)]}"'
                sheet.line(*before, *here, _INK, dash)
            before = here
        for column, percent in enumerate(values):
            if percent is not None:
                sheet.shape(place, _LEFT + wide * (column + 0.5), ground - 2 * percent)
    sheet.line(_LEFT, ground, _RIGHT, ground)
    sheet.y = ground + 42
    return sheet.done()


def _key(sheet: _Sheet, place: int, told: str) -> None:
    dash = f'stroke-width="2" stroke-dasharray="{_DASHES[place % len(_DASHES)]}"'
    sheet.line(12, sheet.y - 4, 36, sheet.y - 4, _INK, dash)
    sheet.shape(place, 24, sheet.y - 4)
    sheet.text(44, sheet.y, told)


def _unit(most: float) -> int:
    """A round step that cuts up to this into at most six."""
    scale = 1
    while True:
        for one in (1, 2, 5):
            if most <= 6 * one * scale:
                return one * scale
        scale *= 10
