"""The card on a roll of thermal paper: black dots or none, as wide as the printer's head.

There are 8 dots to a mm (203 dpi).
"""

import io
from functools import partial
from pathlib import Path
from typing import Literal

import orjson
from PIL import Image

from service.cards.card import Card
from service.cards.pdf import data
from service.foundation import paper

LAYOUT = Path(__file__).parent / "templates" / "receipt.typ"
DOTS_PER_MM = 8
MM_PER_INCH = 25.4
Roll = Literal["80mm", "58mm"]
# The head is narrower than its paper: 576 and 384 dots.
HEAD_MM: dict[Roll, int] = {"80mm": 72, "58mm": 48}
# A dot is black where ink covers more than this much of it: thin strokes stay whole.
_INK = 150


async def render(card: Card, roll: Roll) -> bytes:
    """A PNG of one bit a dot, drawn off the event loop."""
    return await paper.in_a_thread(partial(draw, roll=roll), card)


def draw(card: Card, roll: Roll) -> bytes:
    """PNG bytes."""
    inputs = {"card": orjson.dumps(data(card)).decode(), "width": str(HEAD_MM[roll])}
    coloured = Image.open(io.BytesIO(paper.picture(LAYOUT, inputs, DOTS_PER_MM)))

    black_or_white = coloured.convert("L").point(lambda light: 255 if light > _INK else 0)
    dots = black_or_white.convert("1", dither=Image.Dither.NONE)

    out = io.BytesIO()
    dots_per_inch = DOTS_PER_MM * MM_PER_INCH
    dots.save(out, "png", compress_level=3, dpi=(dots_per_inch, dots_per_inch))
    return out.getvalue()
