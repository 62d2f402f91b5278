"""What a form of the bench says: its fields as they were typed, and as what they are meant."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from service.foundation.problems import Flaw, Unfit
from service.lab.assay import MAX_RESULTS
from service.lab.typed import OF_A_RESULT, OF_THE_ASSAY, Typed

MAX_FIELDS = (MAX_RESULTS + 100) * len(OF_A_RESULT)
VERSION_DIGITS = 7


def form_of(*fields: str) -> dict[str, Any]:
    """OpenAPI's description of a page's form."""
    schema = {"type": "object", "properties": {name: {"type": "string"} for name in fields}}
    content = {"application/x-www-form-urlencoded": {"schema": schema}}
    return {"requestBody": {"required": True, "content": content}}


@dataclass(frozen=True, slots=True)
class SentForm:
    """The fields of a form, each with every value that was sent under its name."""

    fields: Mapping[str, Sequence[str]]

    def raw(self, name: str) -> str | None:
        """The field as it was sent, the last one of its name; None where it is absent."""
        values = self.fields.get(name)
        return values[-1] if values else None

    def text(self, name: str) -> str:
        """The field with single spaces between its words; empty where it is absent."""
        return _tidy(self.raw(name) or "")

    def column(self, name: str) -> list[str]:
        """The same field of every row of the sheet."""
        return [_tidy(value) for value in self.fields.get(name, ())]

    def version(self) -> int:
        """The number of the version that was typed. Raises Unfit."""
        text = self.text("version")
        is_number = text.isascii() and text.isdigit() and len(text) <= VERSION_DIGITS

        if not is_number:
            raise Unfit(Flaw("/version", "not-a-whole-number"))
        return int(text)

    def analysis(self) -> UUID:
        """Which assay the form is about. Raises Unfit."""
        try:
            return UUID(str(self.raw("analysis")))
        except ValueError:
            raise Unfit(Flaw("/analysis", "not-a-uuid")) from None


def typed_in(form: SentForm, label: str) -> Typed:
    """One assay as it was typed. Raises Unfit."""
    return Typed(
        label=label,
        laboratory=form.text("laboratory"),
        version=form.version(),
        analysis=form.analysis() if form.text("analysis") else None,
        whole={name: form.text(name) for name in OF_THE_ASSAY},
        rows=_rows(form),
    )


def _rows(form: SentForm) -> list[dict[str, str]]:
    """The sheet's rows; a column that ends early is empty from there on."""
    columns = {name: form.column(name) for name in OF_A_RESULT}
    count = max(len(column) for column in columns.values())
    rows: list[dict[str, str]] = []

    for index in range(count):
        row = dict.fromkeys(columns, "")
        for name, column in columns.items():
            if index < len(column):
                row[name] = column[index]
        rows.append(row)

    return rows


def _tidy(text: str) -> str:
    return " ".join(text.split())
