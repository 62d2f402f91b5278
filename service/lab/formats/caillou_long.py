"""Our long template: one row a result; the rows of an analysis repeat what is said of it as a whole."""

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
    label, substance = cells.text("lab_label"), cells.needed("substance")
    found = _result(cells, substance) if substance else None
    return Line(label, head(cells), (found,) if found else (), ("substance",) if found else ())


def head(cells: Cells) -> Head | None:
    """The six columns that both our templates begin with, and the reason where there is one."""
    version, status = cells.version("version"), cells.code("status", Status)
    method, analysed_at = cells.code("method", Method), cells.time("analysed_at")
    weight, reason = cells.number("rock_weight_mg"), cells.text("reason")
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
    """A result by its outcome and its content, which must not contradict each other; either alone is enough."""
    basis = (
        cells.code("expressed_as", Basis)
        if cells.text("expressed_as")
        else cell.basis_in(substance)
    )
    lod, loq = cells.number("lod_percent"), cells.number("loq_percent")
    uncertainty, told = cells.number("uncertainty_percent"), cells.text("outcome")
    stated = cell.outcome(told)
    if told and stated is None:
        cells.refuse("outcome", "unknown-code", known=", ".join(Outcome))
    measured = cells.result("content_percent", substance, basis, loq)
    if cells.refusals:
        return None
    if stated and measured and measured.outcome is not stated:
        quantified = Outcome.QUANTIFIED in (stated, measured.outcome)
        cells.refuse(
            "content_percent", "content-without-quantified" if quantified else "not-that-outcome"
        )
        return None
    found = measured or (Result(substance=resolve(substance), outcome=stated) if stated else None)
    if found is None:
        cells.refuse("outcome", "missing")
        return None
    if found.outcome is Outcome.QUANTIFIED and found.content_percent is None:
        cells.refuse("content_percent", "quantified-without-content")
        return None
    return replace(
        found,
        uncertainty_percent=uncertainty,
        lod_percent=lod,
        loq_percent=loq if loq is not None else found.loq_percent,
    )


LAYOUT = Layout("caillou-long", "Caillou: one row a result", COLUMNS, read)
