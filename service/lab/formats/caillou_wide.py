"""Our wide template: one row an assay, one column a substance.

An empty cell is a substance not tested. A column for cocaine may say what it is expressed as in its
own name: "cocaine base", "cocaine HCl".
"""

from service.lab.assay import Result
from service.lab.formats import caillou_long, cell
from service.lab.formats.layout import Cells, Layout, Line

COLUMNS = caillou_long.COLUMNS[:6]
REASON = "reason"


def read(cells: Cells) -> Line:
    results: list[Result] = []
    columns: list[str] = []

    for column in cells.row.cells:
        if column in COLUMNS or column == REASON:
            continue

        result = cells.result(column, column, cell.basis_in(column))
        if result:
            results.append(result)
            columns.append(column)

    label = cells.text("lab_label")
    return Line(label, caillou_long.head(cells), tuple(results), tuple(columns))


LAYOUT = Layout(
    "caillou-wide",
    "Caillou: one column a substance",
    COLUMNS,
    read,
    known=(REASON,),
    names_substances=True,
)
