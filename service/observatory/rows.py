"""A survey as a file of rows: a figure a row, the published one beside it."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import orjson

from service.observatory.csv import Cell
from service.observatory.shapes import OpenSurvey, SurveyOut

HEAD = ("table", "row", "figure", "value", "published", "published_years")
NOT_TABLES = ("published", "compared_with")
_MAIN_FIGURE = {
    "prevalence": "percent",
    "beliefs": "believed.percent",
    "believed": "percent",
    "shares": "percent",
}
"""The figure of a table that the published survey gives where it gives one number a row."""

Json = bool | int | float | str | None | list["Json"] | dict[str, "Json"]
"""What JSON can hold."""


class FigureRow(NamedTuple):
    """One figure; `published_years` is empty where nothing is published of it."""

    table: str
    row: str
    figure: str
    value: Cell
    published: Cell
    published_years: str


def figure_rows(survey: SurveyOut | OpenSurvey) -> Iterator[FigureRow]:
    """Every figure that the survey tells as JSON."""
    tables: dict[str, Json] = orjson.loads(orjson.dumps(survey))
    published = _mapping(tables["published"])
    years = str(published["years"])

    for table, content in tables.items():
        if table in NOT_TABLES:
            continue

        rows = _rows(content)
        if rows is None:
            yield FigureRow("survey", table, "", _cell(content), None, "")
            continue

        published_rows = _mapping(published.get(table))
        for row, figures in rows.items():
            published_row = published_rows.get(row)
            for figure, value in _flat(figures):
                known = _published(table, figure, published_row)
                yield FigureRow(
                    table, row, figure, value, known, years if known is not None else ""
                )


def _rows(content: Json) -> dict[str, Json] | None:
    """The rows of a table by their names; None of a fact that is no table."""
    if isinstance(content, dict):
        return content
    if not isinstance(content, list):
        return None

    spans = [_mapping(span) for span in content]
    return {str(span.get("name", span.get("period"))): span for span in spans}


def _published(table: str, figure: str, published_row: Json) -> Cell:
    """What the published survey says of this figure, if anything."""
    known = _mapping(published_row).get(figure)
    if known is not None or figure != _MAIN_FIGURE.get(table):
        return _cell(known)

    if isinstance(published_row, dict):
        return _qualified(published_row)
    return _cell(published_row)


def _qualified(numbers: Mapping[str, Json]) -> str | None:
    """As in "almost 50"."""
    told = [f"{name} {value:g}" for name, value in numbers.items() if isinstance(value, float)]
    return ", ".join(told) or None


def _flat(figures: Json, under: str = "") -> Iterator[tuple[str, Cell]]:
    """Figures within figures, as in "believed.percent"."""
    if not isinstance(figures, dict):
        yield under, _cell(figures)
        return

    for name, value in figures.items():
        yield from _flat(value, f"{under}.{name}" if under else name)


def _cell(value: Json) -> Cell:
    if isinstance(value, list):
        return "; ".join(map(str, value))
    return None if isinstance(value, dict) else value


def _mapping(value: Json) -> dict[str, Json]:
    return value if isinstance(value, dict) else {}
