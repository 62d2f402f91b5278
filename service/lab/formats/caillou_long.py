"""Our long template: one row a result.

The rows of an assay repeat what is said of it as a whole.
"""

from dataclasses import replace

from service.lab.assay import Result
from service.lab.formats import cell
from service.lab.formats.layout import Cells, Head, Layout, Line
from service.vocabulary.codes import Basis, Method, Outcome, Status
from service.vocabulary.substances import resolve

COLUMNS = (
    "lab_label",
    "version",
    "status",
    "method",
    "analysed_at",
    "rock_weight_mg",
    "substance",
    "outcome",
    "content_percent",
    "expressed_as",
    "uncertainty_percent",
    "lod_percent",
    "loq_percent",
    "reason",
)


def read(cells: Cells) -> Line:
    label = cells.text("lab_label")
    substance = cells.needed("substance")
    result = _result(cells, substance) if substance else None
    of_assay = head(cells)

    if result is None:
        return Line(label, of_assay)
    return Line(label, of_assay, (result,), ("substance",))


def head(cells: Cells) -> Head | None:
    """The six columns that both our templates begin with, and the reason where there is one."""
    version = cells.version("version")
    status = cells.code("status", Status)
    method = cells.code("method", Method)
    analysed_at = cells.time("analysed_at")
    weight = cells.number("rock_weight_mg")
    reason = cells.text("reason")

    if version is None or status is None or method is None or analysed_at is None:
        return None

    return Head(
        version=version,
        status=status,
        method=method,
        analysed_at=analysed_at,
        rock_weight_mg=weight,
        reason=reason or None,
    )


def _result(cells: Cells, substance: str) -> Result | None:
    """A result by its outcome and its content; either alone is enough.

    None, and refused, where they contradict each other or neither stands there.
    """
    basis = _basis(cells, substance)
    lod = cells.number("lod_percent")
    loq = cells.number("loq_percent")
    uncertainty = cells.number("uncertainty_percent")
    stated = _outcome(cells)

    measured = cells.result("content_percent", substance, basis, loq)
    if cells.refusals:
        return None

    result = _agreed(cells, substance, stated, measured)
    if result is None:
        return None

    return replace(
        result,
        uncertainty_percent=uncertainty,
        lod_percent=lod,
        loq_percent=loq if loq is not None else result.loq_percent,
    ).summed_up


def _basis(cells: Cells, substance: str) -> Basis | None:
    if cells.text("expressed_as"):
        return cells.code("expressed_as", Basis)

    return cell.basis_in(substance)


def _outcome(cells: Cells) -> Outcome | None:
    text = cells.text("outcome")
    outcome = cell.outcome(text)

    if text and outcome is None:
        cells.refuse("outcome", "unknown-code", known=", ".join(Outcome))
    return outcome


def _agreed(
    cells: Cells, substance: str, stated: Outcome | None, measured: Result | None
) -> Result | None:
    """The one result that the outcome and the content state together."""
    if stated and measured and measured.outcome is not stated:
        quantified = Outcome.QUANTIFIED in (stated, measured.outcome)
        reason = "content-without-quantified" if quantified else "not-that-outcome"
        cells.refuse("content_percent", reason)
        return None

    if measured:
        return measured
    if stated is None:
        cells.refuse("outcome", "missing")
        return None
    if stated is Outcome.QUANTIFIED:
        cells.refuse("content_percent", "quantified-without-content")
        return None

    return Result(substance=resolve(substance), outcome=stated)


LAYOUT = Layout("caillou-long", "Caillou: one row a result", COLUMNS, read)
