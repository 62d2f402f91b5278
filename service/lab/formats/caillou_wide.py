"""Our wide template: one row an analysis, one column a substance. An empty cell is a substance not tested.

A column for cocaine may say what it is expressed as in its own name: "cocaine base", "cocaine HCl".
"""

from service.lab.formats import caillou_long, cell
from service.lab.formats.layout import Cells, Layout, Line

COLUMNS = caillou_long.COLUMNS[:6]
REASON = "reason"


def read(cells: Cells) -> Line:
    own = (*COLUMNS, REASON)
    read = [
        (column, cells.result(column, column, cell.basis_in(column)))
        for column in cells.row.cells
        if column not in own
    ]
    found = [(column, result) for column, result in read if result]
    return Line(
        cells.text("lab_label"),
        caillou_long.head(cells),
        tuple(result for _, result in found),
        tuple(column for column, _ in found),
    )


LAYOUT = Layout(
    "caillou-wide",
    "Caillou: one column a substance",
    COLUMNS,
    read,
    known=(REASON,),
    names_substances=True,
)
