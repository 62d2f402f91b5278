"""A quantification export of a GC-MS workstation: one row a sample and compound, a concentration in percent.

The sample's name is the laboratory label. Every analysis is a first, final version: what is exported again with
other values is refused as a conflict, and corrected at the bench, where it needs a reason.
"""

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
    compound, analysed_at = cells.needed(COMPOUND), cells.time(TIME)
    units = cells.text(UNITS)
    if units and units.casefold() not in PERCENT:
        cells.refuse(UNITS, "not-percent")
    if not cells.text(CONCENTRATION):
        cells.refuse(CONCENTRATION, "missing")
    found = cells.result(CONCENTRATION, compound, cell.basis_in(compound)) if compound else None
    head = (
        Head(version=1, status=Status.FINAL, method=Method.GC_MS, analysed_at=analysed_at)
        if analysed_at
        else None
    )
    return Line(cells.text(SAMPLE), head, (found,) if found else (), (COMPOUND,) if found else ())


LAYOUT = Layout(
    "gcms-quantification",
    "GC-MS: quantification results",
    (SAMPLE, TIME, COMPOUND, CONCENTRATION),
    read,
    known=(UNITS,),
    ignores_others=True,
)
