"""A hit list of an infrared spectrometer's library search: one row a hit, with its score.

A spectrum suggests, it does not decide: the analysis is preliminary, so its alerts are announced and nothing else,
until a person reports a final one. A weak hit keeps a question mark and is unexpected, like a name nobody knows.
"""

from service.lab.assay import Result
from service.lab.formats.layout import Cells, Head, Layout, Line
from service.vocabulary.codes import Method, Outcome, Status
from service.vocabulary.substances import resolve

SAMPLE, TIME, COMPOUND, SCORE = "Sample", "Date", "Compound", "Score"
WEAKEST = 0.7  # of 1; ours, provisional: a laboratory's own limit replaces it


def read(cells: Cells) -> Line:
    compound, analysed_at, score = cells.needed(COMPOUND), cells.time(TIME), cells.number(SCORE)
    if score is not None and score > 1:
        cells.refuse(SCORE, "too-big", limit=1)
    named = compound if score is None or score >= WEAKEST else f"{compound.rstrip('? ')}?"
    found = Result(substance=resolve(named), outcome=Outcome.DETECTED) if compound else None
    head = (
        Head(version=1, status=Status.PRELIMINARY, method=Method.FTIR, analysed_at=analysed_at)
        if analysed_at
        else None
    )
    return Line(cells.text(SAMPLE), head, (found,) if found else (), (COMPOUND,) if found else ())


LAYOUT = Layout(
    "ftir-hits",
    "FTIR: library hits",
    (SAMPLE, TIME, COMPOUND, SCORE),
    read,
    ignores_others=True,
    repeats=True,
)
