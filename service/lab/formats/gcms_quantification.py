"""A quantification export of a GC-MS workstation: a concentration in percent a sample and compound.

The sample's name is the laboratory label. Every assay is a first, final version: what is exported
again with other values is refused as a conflict, and corrected at the bench, where it needs a
reason.
"""

from datetime import datetime

from service.lab.formats import cell
from service.lab.formats.layout import Cells, Head, Layout, Line
from service.vocabulary.codes import Method, Status

SAMPLE, TIME, COMPOUND, CONCENTRATION, UNITS = (
    "Sample Name",
    "Acq. Date-Time",
    "Compound",
    "Final Conc.",
    "Units",
)
PERCENT = ("%", "% w/w", "%w/w", "percent")


def read(cells: Cells) -> Line:
    compound = cells.needed(COMPOUND)
    analysed_at = cells.time(TIME)

    units = cells.text(UNITS)
    if units and units.casefold() not in PERCENT:
        cells.refuse(UNITS, "not-percent")
    if not cells.text(CONCENTRATION):
        cells.refuse(CONCENTRATION, "missing")

    result = None
    if compound:
        result = cells.result(CONCENTRATION, compound, cell.basis_in(compound))

    label = cells.text(SAMPLE)
    head = _head(analysed_at) if analysed_at else None
    if result is None:
        return Line(label, head)
    return Line(label, head, (result,), (COMPOUND,))


def _head(analysed_at: datetime) -> Head:
    return Head(version=1, status=Status.FINAL, method=Method.GC_MS, analysed_at=analysed_at)


LAYOUT = Layout(
    "gcms-quantification",
    "GC-MS: quantification results",
    (SAMPLE, TIME, COMPOUND, CONCENTRATION),
    read,
    known=(UNITS,),
    ignores_others=True,
)
