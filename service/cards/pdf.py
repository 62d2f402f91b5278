"""The card on A6 paper, as a tagged PDF. Raises DoesNotFit rather than print without an alert."""

import dataclasses
import re
from pathlib import Path

import orjson

from service.cards.card import Card
from service.foundation import paper
from service.foundation.paper import NotDrawn, square_code

LAYOUT = Path(__file__).parent / "templates" / "card.typ"
_LONG_WORD = re.compile(r"[^\s\u00a0-]{16}(?=[^\s\u00a0-]{4})")


class DoesNotFit(Exception):
    """What must be on the card is longer than the paper."""


async def render(card: Card) -> bytes:
    """PDF bytes, drawn off the event loop."""
    return await paper.in_a_thread(draw, card)


def draw(card: Card) -> bytes:
    """A tagged PDF; an untagged one where a name has a letter that our fonts lack, which PDF/UA would refuse."""
    inputs = {
        "card": orjson.dumps(dataclasses.asdict(_breakable(card))).decode(),
        "qr": square_code(card.url),
    }
    try:
        try:
            return paper.draw(LAYOUT, inputs)
        except NotDrawn as error:
            if "does-not-fit" in str(error):
                raise
            return paper.draw(LAYOUT, inputs, tagged=False)
    except NotDrawn as error:
        if "does-not-fit" in str(error):
            raise DoesNotFit from error
        raise


def _breakable(card: Card) -> Card:
    """The card, with places where a word longer than a column may break: a raw name can be any length."""
    rows = tuple(
        dataclasses.replace(row, texts=tuple(text and _LONG_WORD.sub("\\g<0>\u200b", text) for text in row.texts))
        for row in card.rows
    )
    return dataclasses.replace(card, rows=rows)
