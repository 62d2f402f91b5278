"""What crosses HTTP about panels: one is declared, and shown as it was declared."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import ConfigDict, Field
from typing_extensions import TypedDict

from service.foundation.strict import Instant, Name, Strict
from service.intake.merge import MergeOutcome
from service.lab.assay import MAX_NAME, MAX_RESULTS
from service.lab.panel import Declaration, Panel, looked_for
from service.vocabulary.codes import Method

PANEL_EXAMPLE: dict[str, Any] = {
    "laboratory": "chu-lille-toxicology",
    "method": "gc_ms",
    "valid_from": "2026-11-01T00:00:00+01:00",
    "substances": [
        {"substance": "cocaine", "lod_percent": 0.1},
        {"substance": "fentanyl", "lod_percent": 0.05},
        {"substance": "nitazenes", "lod_percent": None},
    ],
}


class PanelSubstanceIn(Strict):
    """A substance that is looked for, and down to how much in percent by weight, where known."""

    substance: Annotated[Name, Field(min_length=1, max_length=MAX_NAME)]
    lod_percent: Annotated[float, Field(ge=0, le=100)] | None = None


class PanelIn(Strict):
    """What a laboratory looks for by one method, from a time on."""

    model_config = ConfigDict(json_schema_extra={"example": PANEL_EXAMPLE})

    laboratory: Annotated[Name, Field(min_length=1, max_length=MAX_NAME)]
    method: Method
    valid_from: Instant
    substances: Annotated[tuple[PanelSubstanceIn, ...], Field(min_length=1, max_length=MAX_RESULTS)]

    def panel(self, id: UUID) -> Panel:
        """The panel. Raises Unfit for a substance that nobody knows, or that stands twice."""
        rows = [(row.substance, row.lod_percent) for row in self.substances]
        return Panel(
            id=id,
            laboratory=self.laboratory,
            method=self.method,
            valid_from=self.valid_from,
            looks_for=looked_for(rows),
        )


class PanelSubstance(TypedDict):
    """A substance that is looked for; the limit is null where the laboratory states none."""

    substance: str
    lod_percent: float | None


class PanelOut(TypedDict):
    """A panel as it was declared."""

    id: UUID
    laboratory: str
    method: Method
    valid_from: datetime
    declared_at: datetime
    substances: list[PanelSubstance]


class PanelReceipt(PanelOut):
    """What became of a panel that was sent, and what is held under its id."""

    outcome: MergeOutcome


class LabPanels(TypedDict):
    """Every panel, by laboratory and method, from the oldest on."""

    panels: list[PanelOut]


PANEL_OUT_EXAMPLE = {
    **PANEL_EXAMPLE,
    "id": "0192f3c0-1d2e-7000-8000-6a7b8c9d0e01",
    "valid_from": "2026-10-31T23:00:00Z",
    "declared_at": "2026-11-02T08:15:00Z",
}
PANEL_RECEIPT_EXAMPLE = {**PANEL_OUT_EXAMPLE, "outcome": "new"}
LAB_PANELS_EXAMPLE = {"panels": [PANEL_OUT_EXAMPLE]}


def panel_out(panel: Panel, declaration: Declaration) -> PanelOut:
    """A panel as its body."""
    return {
        "id": panel.id,
        "laboratory": panel.laboratory,
        "method": panel.method,
        "valid_from": panel.valid_from,
        "declared_at": declaration.declared_at,
        "substances": [
            {"substance": substance, "lod_percent": lod_percent}
            for substance, lod_percent in panel.looks_for.items()
        ],
    }
