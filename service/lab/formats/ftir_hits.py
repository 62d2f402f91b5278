"""A hit list of an infrared spectrometer's library search: one row a hit, with its score.

A spectrum suggests, it does not decide: the assay is preliminary, until a person reports a final
one. A hit list names the ten nearest spectra whatever they are, so a weak hit is in doubt: it is
kept with its score for the bench, and said to nobody.
"""

from datetime import datetime

from service.lab.assay import Result
from service.lab.formats.layout import Cells, Head, Layout, Line
from service.vocabulary.codes import Method, Outcome, Status
from service.vocabulary.substances import resolve

SAMPLE, TIME, COMPOUND, SCORE = "Sample", "Date", "Compound", "Score"
WEAKEST = 0.7
"""Of 1: a hit under it is in doubt. Ours, provisional: a laboratory's own limit replaces it."""


def read(cells: Cells) -> Line:
    compound = cells.needed(COMPOUND)
    analysed_at = cells.time(TIME)
    score = cells.number(SCORE)
    if score is not None and score > 1:
        cells.refuse(SCORE, "too-big", limit=1)

    label = cells.text(SAMPLE)
    head = _head(analysed_at) if analysed_at else None
    if not compound:
        return Line(label, head)

    return Line(label, head, (_hit(compound, score),), (COMPOUND,))


def _hit(compound: str, score: float | None) -> Result:
    """A hit by its score; a question mark of the technician's own stays where it is strong."""
    if score is not None and score < WEAKEST:
        name = resolve(compound.rstrip("? "))
        return Result(substance=name, outcome=Outcome.IN_DOUBT, score=score)

    return Result(substance=resolve(compound), outcome=Outcome.DETECTED, score=score)


def _head(analysed_at: datetime) -> Head:
    return Head(version=1, status=Status.PRELIMINARY, method=Method.FTIR, analysed_at=analysed_at)


LAYOUT = Layout(
    "ftir-hits",
    "FTIR: library hits",
    (SAMPLE, TIME, COMPOUND, SCORE),
    read,
    ignores_others=True,
    repeats=True,
)
