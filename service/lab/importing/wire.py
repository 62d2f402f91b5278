"""What crosses HTTP about files: the layouts, how far an import is, what it did."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field
from typing_extensions import TypedDict

from service.lab.assay import MAX_NAME
from service.lab.formats.layout import Layout
from service.lab.questions import QuestionCode


class LayoutOut(TypedDict):
    """A layout of files: its columns, and what becomes of further ones.

    They are substances, or are ignored, or refused.
    """

    name: str
    title: str
    columns: Sequence[str]
    further_columns: str


class LabLayouts(TypedDict):
    """The layouts of files that can be imported."""

    layouts: list[LayoutOut]


LAB_LAYOUTS_EXAMPLE = {
    "layouts": [
        {
            "name": "ftir-hits",
            "title": "FTIR: library hits",
            "columns": ["Sample", "Date", "Compound", "Score"],
            "further_columns": "ignored",
        }
    ]
}


def layout_out(layout: Layout) -> LayoutOut:
    """A layout as it is listed."""
    return {
        "name": layout.name,
        "title": layout.title,
        "columns": layout.needed,
        "further_columns": layout.further,
    }


class ImportQuery(BaseModel):
    """How a file is to be read, and whether only to see what would happen."""

    layout: Annotated[str, Field(max_length=40)]
    dry_run: bool = False
    encoding: Annotated[str, Field(max_length=20)] = "utf-8"
    laboratory: Annotated[str | None, Field(min_length=1, max_length=MAX_NAME)] = None


class ImportProgress(TypedDict):
    """How far an import is: rows read, samples that can enter, and those that have been tried."""

    rows_read: int
    samples: int
    done: int


class RefusedRow(TypedDict):
    """What is wrong with one row: its number, its label, the cell, what stands there, and why."""

    row: int
    label: str
    cell: str
    value: str
    detail: str


class AskedRow(RefusedRow):
    """What may be a slip in a row that enters all the same: what is known, and what it says."""

    code: QuestionCode
    known: float | datetime | None
    sent: float | datetime


class ImportReport(TypedDict):
    """What a file did, or would do.

    `accepted` and `held` are labels; `outcomes` counts assays by what became of them. `questions`
    hold nothing back: they wait at the bench for an answer.
    """

    dry_run: bool
    layout: str
    rows_read: int
    accepted: list[str]
    outcomes: dict[str, int]
    held: list[str]
    rows: list[RefusedRow]
    questions: list[AskedRow]
    unknown_names: list[str]


IMPORT_EXAMPLE = {
    "dry_run": False,
    "layout": "caillou-long",
    "rows_read": 4,
    "accepted": ["Q7K3-M9XK"],
    "outcomes": {"new": 1},
    "held": ["H2PD-7WNC"],
    "rows": [
        {
            "row": 4,
            "label": "H2PD-7WNC",
            "cell": "I4",
            "value": "57?",
            "detail": "This is no result: a number, '< x', traces, detected, nd, or nothing.",
        }
    ],
    "questions": [
        {
            "row": 2,
            "label": "Q7K3-M9XK",
            "cell": "F2",
            "value": "1170",
            "detail": "The field scale said 117 mg, this says 1170 mg. Is it right?",
            "code": "weight-far-from-field",
            "known": 117.0,
            "sent": 1170.0,
        }
    ],
    "unknown_names": ["Substance X-17"],
}
