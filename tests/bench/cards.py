"""Rendering a card: cold and warm, one and eight at once, beside the bare renderer on a fixed card.

Each card has a code of its own, so no cache helps. The bare renderer is Typst with the same layout
and inputs that stand still: what it takes is the floor of everything drawn here.
"""

import asyncio
import dataclasses
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from itertools import count

import orjson

from service.cards import audio, html, pdf, text, thermal
from service.cards.card import Card
from service.foundation import paper
from tests.cards.gallery import COMPOSER, card

ROUNDS = 40
AT_ONCE = 8
STATE, LANGUAGE = "answered", "ar"


def cards() -> Iterator[Card]:
    """The same answer, every time with another code."""
    one = card(STATE, LANGUAGE)
    for number in count():
        code = f"7K3M-9QXT-{number:05}"
        yield dataclasses.replace(one, code=code, url=f"https://caillou.example/r/{code}")


def median_ms(act: Callable[[], object], rounds: int = ROUNDS) -> float:
    act()
    taken = []
    for _ in range(rounds):
        started = time.perf_counter()
        act()
        taken.append(time.perf_counter() - started)
    return statistics.median(taken) * 1000


async def each_of_eight_ms(render: Callable[[], Awaitable[object]]) -> float:
    """Milliseconds a card, where eight are asked for at once."""
    await render()
    started = time.perf_counter()
    for _ in range(ROUNDS // AT_ONCE):
        await asyncio.gather(*(render() for _ in range(AT_ONCE)))
    return (time.perf_counter() - started) / (ROUNDS // AT_ONCE * AT_ONCE) * 1000


def main() -> None:
    if sys.argv[1:] == ["cold"]:
        started = time.perf_counter()
        pdf.draw([next(cards())])
        sys.stdout.write(f"{(time.perf_counter() - started) * 1000}")
        return
    new = cards()
    fixed = {"cards": orjson.dumps([pdf.data(next(new))]).decode(), "sheet": "a6"}
    floor = median_ms(lambda: paper.draw(pdf.LAYOUT, fixed))
    cold = float(
        subprocess.run(
            [sys.executable, "-m", "tests.bench.cards", "cold"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    )
    told: dict[str, float] = {
        "bare renderer, A6 PDF": floor,
        "A6 PDF": median_ms(lambda: pdf.draw([next(new)])),
        "A6 PDF, first of a process": cold,
        "A4 PDF, four cards": median_ms(lambda: pdf.draw([next(new) for _ in range(4)], "a4")),
        "80 mm PNG": median_ms(lambda: thermal.draw(next(new), "80mm")),
        "58 mm PNG": median_ms(lambda: thermal.draw(next(new), "58mm")),
        "page": median_ms(lambda: html.render(next(new))),
        "plain text": median_ms(lambda: text.render(next(new))),
        "read aloud": median_ms(
            lambda: audio.read_aloud.__wrapped__(audio.script(next(new), COMPOSER, {}), "mp3"), 3
        ),
        "A6 PDF, each of eight at once": asyncio.run(
            each_of_eight_ms(lambda: pdf.render([next(new)]))
        ),
        "80 mm PNG, each of eight at once": asyncio.run(
            each_of_eight_ms(lambda: thermal.render(next(new), "80mm"))
        ),
    }
    for name, ms in told.items():
        sys.stdout.write(f"card {name:34s} {ms:8.1f} ms  {ms / floor:5.2f} x the bare renderer\n")


if __name__ == "__main__":
    main()
