"""Cards on paper, as a tagged PDF: each on A6, or four sides on a sheet of A4 to cut.

Raises DoesNotFit rather than print without an alert.
"""

import dataclasses
import re
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, Literal

import orjson

from service.cards.card import Card
from service.foundation import paper
from service.foundation.paper import NotDrawn, square_code

LAYOUT = Path(__file__).parent / "templates" / "card.typ"
Sheet = Literal["a6", "a4"]
_LONG_WORD = re.compile(r"[^\s\u00a0-]{16}(?=[^\s\u00a0-]{4})")


class DoesNotFit(Exception):
    """What must be on a card is longer than the paper."""


async def render(cards: Sequence[Card], sheet: Sheet = "a6") -> bytes:
    """PDF bytes, drawn off the event loop."""
    return await paper.in_a_thread(partial(draw, sheet=sheet), cards)


def draw(cards: Sequence[Card], sheet: Sheet = "a6") -> bytes:
    """A tagged PDF; an untagged one where a name has a letter that our fonts lack.

    PDF/UA would refuse that. Raises DoesNotFit.
    """
    inputs = {"cards": orjson.dumps([data(card) for card in cards]).decode(), "sheet": sheet}

    try:
        return paper.draw(LAYOUT, inputs)
    except NotDrawn as error:  # the layout is asked before the tags are
        if "does-not-fit" in str(error):
            raise DoesNotFit from error

    return paper.draw(LAYOUT, inputs, tagged=False)


def data(card: Card) -> dict[str, Any]:
    """The card as a layout reads it, with its square code."""
    return {**dataclasses.asdict(_breakable(card)), "qr": square_code(card.url)}


def _breakable(card: Card) -> Card:
    """The card, with places where a word longer than a column may break.

    A raw name can be any length.
    """
    rows = []
    for row in card.rows:
        texts = tuple(text and _LONG_WORD.sub("\\g<0>\u200b", text) for text in row.texts)
        rows.append(dataclasses.replace(row, texts=texts))
    return dataclasses.replace(card, rows=tuple(rows))
