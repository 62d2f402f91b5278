"""The card on a roll of thermal paper: black dots or none, 8 to a mm (203 dpi), as wide as the printer's head."""

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
    out = io.BytesIO()
    dots = (
        coloured.convert("L")
        .point(lambda light: 255 if light > _INK else 0)
        .convert("1", dither=Image.Dither.NONE)
    )
    dots.save(out, "png", compress_level=3, dpi=(DOTS_PER_MM * 25.4,) * 2)
    return out.getvalue()
