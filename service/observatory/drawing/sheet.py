"""The sheet that a picture is drawn on, from the top down. Texts are escaped here."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from math import ceil
from textwrap import wrap

WIDTH = 480
LEFT = 44.0
RIGHT = 468.0
"""Where a picture's ground begins and ends."""
LINE_HEIGHT = 17
INK = "#111"
GRID = "#c4c4c4"
SHADES = ("#0b4f6c", "#f0b37e", "#ffffff", "#6b6b6b")
DASHES = ("", "7 4", "2 3", "9 3 2 3", "1 5", "12 4")
_SHAPES = (
    "M{x} {y}m-4.5 0a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0 -9 0",
    "M{x} {y}m-4.2 -4.2h8.4v8.4h-8.4Z",
    "M{x} {y}m0 -5.4l5.2 9h-10.4Z",
    "M{x} {y}m0 -5.6l5.6 5.6l-5.6 5.6l-5.6 -5.6Z",
    "M{x} {y}m0 5.4l5.2 -9h-10.4Z",
    "M{x} {y}m-5 -1.6h3.4v-3.4h3.2v3.4h3.4v3.2h-3.4v3.4h-3.2v-3.4h-3.4Z",
)

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Heading:
    """A picture's title, and what stands under it."""

    title: str
    caption: str


class Sheet:
    """Lines of SVG. `y` is how far down it is written."""

    def __init__(self, heading: Heading) -> None:
        self.title = heading.title
        self.parts: list[str] = []
        self.y = 6.0

        for line in wrap(heading.title, 52):
            self.y += 19
            self.text(12, self.y, line, size=16, bold=True)
        for line in wrap(heading.caption, 72):
            self.y += LINE_HEIGHT
            self.text(12, self.y, line)
        self.y += 12

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: int = 12,
        bold: bool = False,
        anchor: str = "start",
    ) -> None:
        weight = ""
        if bold:
            weight = ' font-weight="700"'

        style = f'font-size="{size}"{weight} text-anchor="{anchor}"'
        self.parts.append(f'<text x="{x:.1f}" y="{y:.1f}" {style}>{escape(text)}</text>')

    def line(self, start: Point, end: Point, colour: str = INK, style: str = "") -> None:
        x1, y1 = start
        x2, y2 = end
        ends = f'x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
        self.parts.append(f'<line {ends} stroke="{colour}" {style}/>')

    def level(
        self,
        left: float,
        right: float,
        y: float,
        colour: str = INK,
        style: str = "",
    ) -> None:
        """A level line."""
        self.line((left, y), (right, y), colour, style)

    def rung(self, y: float, text: str, size: int = 12) -> None:
        """A line of the grid across the ground, and what it stands for."""
        self.level(LEFT, RIGHT, y, GRID)
        self.text(LEFT - 5, y + 4, text, anchor="end", size=size)

    def axis(self, ground: float, text: str) -> None:
        """The line that a picture stands on, and what it shows from left to right."""
        middle = (LEFT + RIGHT) / 2
        self.level(LEFT, RIGHT, ground)
        self.text(middle, ground + 35, text, anchor="middle")
        self.y = ground + 46

    def box(self, x: float, y: float, width: float, height: float, fill: str) -> None:
        width = max(width, 0)
        height = max(height, 0)
        size = f'width="{width:.1f}" height="{height:.1f}"'
        style = f'fill="{fill}" stroke="{INK}"'
        self.parts.append(f'<rect x="{x:.1f}" y="{y:.1f}" {size} {style}/>')

    def shape(self, place: int, x: float, y: float) -> None:
        """The sign of a series, by its place among them."""
        shape = _SHAPES[place % len(_SHAPES)]
        path = shape.format(x=f"{x:.1f}", y=f"{y:.1f}")
        fill = SHADES[place % 2]
        self.parts.append(f'<path d="{path}" fill="{fill}" stroke="{INK}"/>')

    def key(self, texts: Iterable[str]) -> None:
        """What each series is, beside its sign, a line each."""
        for place, text in enumerate(texts):
            self.y += LINE_HEIGHT
            y = self.y - 4
            self.level(12, 36, y, INK, dashed(place, 2))
            self.shape(place, 24, y)
            self.text(44, self.y, text)

    def legend(self, texts: Sequence[str]) -> None:
        """What each shade is, a line each."""
        for place, text in enumerate(texts):
            self.y += LINE_HEIGHT
            self.box(14, self.y - 10, 18, 11, SHADES[place])
            self.text(40, self.y, text)

    def finished(self) -> str:
        """The picture."""
        height = ceil(self.y)
        size = f'viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"'
        font = f'font-family="Noto Sans, sans-serif" fill="{INK}"'
        title = escape(self.title)
        drawing = "".join(self.parts)

        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" {font}>'
            f"<title>{title}</title>"
            f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>{drawing}</svg>'
        )


def dashed(place: int, width: float) -> str:
    """The style of a series' line, by its place among them."""
    dashes = DASHES[place % len(DASHES)]
    return f'stroke-width="{width:g}" stroke-dasharray="{dashes}"'


def unit(most: float) -> int:
    """A round step that cuts up to this into at most six."""
    scale = 1
    while True:
        for factor in (1, 2, 5):
            if most <= 6 * factor * scale:
                return factor * scale
        scale *= 10
