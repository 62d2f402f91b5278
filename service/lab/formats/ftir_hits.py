"""A hit list of an infrared spectrometer's library search: one row a hit, with its score.

A spectrum suggests, it does not decide: the assay is preliminary, so its alerts are announced and
nothing else, until a person reports a final one. A weak hit keeps a question mark and is
unexpected, like a name nobody knows.
"""

from datetime import datetime

from service.lab.assay import Result
from service.lab.formats.layout import Cells, Head, Layout, Line
from service.vocabulary.codes import Method, Outcome, Status
from service.vocabulary.substances import resolve

SAMPLE, TIME, COMPOUND, SCORE = "Sample", "Date", "Compound", "Score"
WEAKEST = 0.7  # of 1; ours, provisional: a laboratory's own limit replaces it


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

    weak = score is not None and score < WEAKEST
    name = f"{compound.rstrip('? ')}?" if weak else compound
    result = Result(substance=resolve(name), outcome=Outcome.DETECTED)
    return Line(label, head, (result,), (COMPOUND,))


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
