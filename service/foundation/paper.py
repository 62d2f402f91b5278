"""Paper: a layout and its data -> a PDF in our own fonts; and the square code.

A layout is a Typst file that reads its data from `sys.inputs`. A compiler serves one thread at a
time; two threads draw 1.55 times as many pages as one, as measured.
"""

import asyncio
import io
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Literal, TypeVar

import segno
import typst

T = TypeVar("T")
MM_AN_INCH = 25.4
FONTS = Path(__file__).parent / "fonts"
_FONTS = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[FONTS])
_THREADS = ThreadPoolExecutor(2, thread_name_prefix="paper")
_MINE = threading.local()


class NotDrawn(Exception):
    """The layout refused; the text is its own."""


async def in_a_thread(render: Callable[[T], bytes], what: T) -> bytes:
    """What a renderer makes of something, from a thread that draws."""
    return await asyncio.get_running_loop().run_in_executor(_THREADS, render, what)


def draw(layout: Path, inputs: Mapping[str, str], *, tagged: bool = True) -> bytes:
    """The PDF; with tags for screen readers it is PDF/UA-1 as Typst asserts it. Raises NotDrawn."""
    return _drawn(layout, inputs, "pdf", tagged=tagged)


def picture(layout: Path, inputs: Mapping[str, str], dots_per_mm: float) -> bytes:
    """One page as a PNG in colours. Raises NotDrawn."""
    return _drawn(layout, inputs, "png", ppi=dots_per_mm * MM_AN_INCH)


def _drawn(
    layout: Path,
    inputs: Mapping[str, str],
    kind: Literal["pdf", "png"],
    *,
    tagged: bool = False,
    ppi: float | None = None,
) -> bytes:
    try:
        drawn = _compiler(layout).compile(
            format=kind,
            ppi=ppi,
            sys_inputs=dict(inputs),
            pdf_standards=["ua-1"] if tagged else [],
        )
    except typst.TypstError as error:
        raise NotDrawn(str(error)) from error

    if not isinstance(drawn, bytes):
        raise TypeError("one document is drawn at a time")
    return drawn


def square_code(text: str) -> str:
    """The square code that a phone or a scanner reads, as SVG.

    One mask for all: every reader decodes any, and choosing the prettiest of eight takes 4 ms
    instead of 0.6.
    """
    out = io.BytesIO()
    code = segno.make(text, error="m", micro=False, mask=2)
    code.save(out, kind="svg", border=2, xmldecl=False, svgns=True, omitsize=True)
    return out.getvalue().decode()


def _compiler(layout: Path) -> typst.Compiler:
    """This thread's compiler of a layout."""
    mine: dict[Path, typst.Compiler] = _MINE.__dict__.setdefault("compilers", {})
    if layout not in mine:
        mine[layout] = typst.Compiler(layout, root=layout.parent, font_paths=_FONTS)
    return mine[layout]
