"""The card on A6 paper, as a tagged PDF. Raises DoesNotFit rather than print without an alert."""

import asyncio
import dataclasses
import io
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import orjson
import segno
import typst

from service.cards.card import Card

HERE = Path(__file__).parent
_FONTS = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[HERE / "fonts"])
# A compiler serves one thread at a time; two threads draw 1.55 times as many cards as one.
_LONG_WORD = re.compile(r"[^\s\u00a0-]{16}(?=[^\s\u00a0-]{4})")
_THREADS = ThreadPoolExecutor(2, thread_name_prefix="cards")
_MINE = threading.local()


class DoesNotFit(Exception):
    """What must be on the card is longer than the paper."""


async def render(card: Card) -> bytes:
    """PDF bytes, drawn off the event loop."""
    return await asyncio.get_running_loop().run_in_executor(_THREADS, draw, card)


def draw(card: Card) -> bytes:
    """A tagged PDF; an untagged one where a name has a letter that our fonts lack, which PDF/UA would refuse."""
    inputs = {
        "card": orjson.dumps(dataclasses.asdict(_breakable(card))).decode(),
        "qr": qr_svg(card.url),
    }
    try:
        try:
            drawn = _compiler().compile(format="pdf", sys_inputs=inputs, pdf_standards=["ua-1"])
        except typst.TypstError as error:
            if "does-not-fit" in str(error):
                raise
            drawn = _compiler().compile(format="pdf", sys_inputs=inputs)
    except typst.TypstError as error:
        if "does-not-fit" in str(error):
            raise DoesNotFit from error
        raise
    if not isinstance(drawn, bytes):
        raise TypeError("a card is one document")
    return drawn


def _breakable(card: Card) -> Card:
    """The card, with places where a word longer than a column may break: a raw name can be any length."""
    rows = tuple(
        dataclasses.replace(row, texts=tuple(text and _LONG_WORD.sub("\\g<0>\u200b", text) for text in row.texts))
        for row in card.rows
    )
    return dataclasses.replace(card, rows=rows)


def qr_svg(url: str) -> str:
    """The square code that a phone reads, as SVG.

    One mask for all: every reader decodes any, and choosing the prettiest of eight takes 4 ms instead of 0.6.
    """
    out = io.BytesIO()
    segno.make(url, error="m", micro=False, mask=2).save(
        out, kind="svg", border=2, xmldecl=False, svgns=True, omitsize=True
    )
    return out.getvalue().decode()


def _compiler() -> typst.Compiler:
    if not hasattr(_MINE, "compiler"):
        templates = HERE / "templates"
        _MINE.compiler = typst.Compiler(templates / "card.typ", root=templates, font_paths=_FONTS)
    compiler: typst.Compiler = _MINE.compiler
    return compiler
