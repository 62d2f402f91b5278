"""Bodies as a tablet and a laboratory send them."""

from copy import deepcopy
from typing import Any

from service.intake.wire import SAMPLE_EXAMPLE
from service.lab.wire import ASSAY_EXAMPLE


def rock_body(code: str, **facts: Any) -> dict[str, Any]:
    """The documented example of a sample, with this code; `facts` replace top-level fields."""
    return {**deepcopy(SAMPLE_EXAMPLE), "pickup_code": code, **facts}


def result(substance: str, outcome: str = "detected", **more: Any) -> dict[str, Any]:
    return {"substance": substance, "outcome": outcome, **more}


def cocaine(percent: float, expressed_as: str = "base") -> dict[str, Any]:
    return result("cocaine", "quantified", content_percent=percent, expressed_as=expressed_as)


def assay_body(label: str, *results: dict[str, Any], **facts: Any) -> dict[str, Any]:
    """The documented example of an assay, of this label; `facts` replace top-level fields."""
    usual = deepcopy(ASSAY_EXAMPLE)
    return {**usual, "lab_label": label, "results": list(results or usual["results"]), **facts}
