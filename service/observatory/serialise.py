"""A survey as it is told to programs: names and numbers, the published ones beside them; and as rows of a file."""

from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any

import orjson

from service.access.site import SYNTHETIC
from service.evidence.reference import SURVEY, Reference
from service.observatory.disclosure import Opened, Quarter
from service.observatory.survey.asked import Asked
from service.observatory.survey.columns import BOUGHT_AT_HOME, COLUMNS, PAIRS, SHARES
from service.observatory.survey.whole import Survey


def survey_out(survey: Survey, asked: Asked, references: Mapping[str, Reference]) -> dict[str, Any]:
    """Every figure with its number of rocks, what was asked, and the published figures with their years."""
    return {
        "n": survey.n,
        "counted": survey.counted,
        "hardly_any": survey.hardly_any,
        "period": {
            "from": asked.since,
            "to": asked.until,
            "first": survey.first,
            "last": survey.last,
        },
        "area": asked.area,
        "site": asked.site,
        "synthetic": asked.site == SYNTHETIC,
        "basis": {"asked": asked.basis, "expressed_as": survey.bases},
        "characteristics": survey.characteristics,
        "correlations": survey.correlations,
        "shares": survey.shares,
        "prevalence": survey.prevalence,
        "beliefs": survey.beliefs,
        "guess_percent": survey.guess,
        "effects_blamed_on_cuts": survey.blamed,
        "comparisons": survey.comparisons,
        "distributions": survey.distributions,
        "by_quarter": survey.by_quarter,
        "by_month": survey.by_month,
        "by_area": survey.by_area,
        "published": published(),
        "compared_with": [
            one.named | _figures(one) for one in references.values() if one.key != SURVEY.key
        ],
    }


def open_out(told: Opened) -> dict[str, Any]:
    """The newest open quarter, those before it, and by which threshold they were blunted."""
    newest: Any = told.quarters[0] if told.quarters else None
    return {
        **{one.name: getattr(newest, one.name, None) for one in fields(Quarter)},
        "threshold": told.threshold,
        "basis": "base",
        "earlier": told.quarters[1:],
        "published": published(),
    }


def published() -> dict[str, Any]:
    """The published survey under the names of our own, with its years."""
    return {
        **SURVEY.named,
        "characteristics": {name: SURVEY.numbers(name) for name in COLUMNS},
        "correlations": {f"{x}~{y}": SURVEY.numbers(f"{x}~{y}") for x, y in PAIRS},
        "shares": {name: SURVEY.numbers(f"{name}_percent") for name in (*SHARES, BOUGHT_AT_HOME)},
        "prevalence": SURVEY.numbers("found_percent"),
        "beliefs": SURVEY.numbers("believed_percent"),
        "beliefs_people": SURVEY.numbers("believed_people"),
        "guess_percent": SURVEY.numbers("guess_percent"),
        "effects_blamed_on_cuts": SURVEY.numbers("blamed_percent"),
    }


def _figures(reference: Reference) -> dict[str, Any]:
    return {
        "figures": [
            {"of": of, "figure": name, "value": one.value, "place": one.place}
            for (of, name), one in reference.figures.items()
        ]
    }


# --- As a file of rows --------------------------------------------------------------------------------

HEAD = ("table", "row", "figure", "value", "published", "published_years")
Line = tuple[str, str, str, Any, Any, str]


def lines(told: Mapping[str, Any]) -> Iterator[Line]:
    """What a survey tells as JSON, a figure a row, the published one beside it."""
    plain = orjson.loads(orjson.dumps(told))
    beside = plain["published"]
    for name, content in plain.items():
        if name in ("published", "compared_with"):
            continue
        published_here = beside.get(name, {})
        if not isinstance(content, Mapping | list):
            yield ("survey", name, "", content, None, "")
        else:
            yield from _of_table(name, content, published_here, beside["years"])


def _of_table(table: str, content: Any, beside: Any, years: str) -> Iterator[Line]:
    if isinstance(content, list):
        content = {str(one.get("name", one.get("period"))): one for one in content}
    for row, figures in content.items():
        of_row = beside.get(row, {}) if isinstance(beside, Mapping) else {}
        for figure, value in _flat(figures):
            known = of_row.get(figure) if isinstance(of_row, Mapping) else None
            if known is None and figure == _HEADLINE.get(table):
                known = of_row if not isinstance(of_row, Mapping) else _qualified(of_row)
            yield (table, row, figure, value, known, years if known is not None else "")


_HEADLINE = {
    "prevalence": "percent",
    "beliefs": "believed.percent",
    "believed": "percent",
    "shares": "percent",
}


def _qualified(numbers: Mapping[str, float]) -> str | None:
    """As in "almost 50"."""
    return ", ".join(f"{name} {value:g}" for name, value in numbers.items()) or None


def _flat(figures: Any, under: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(figures, Mapping):
        for name, value in figures.items():
            yield from _flat(value, f"{under}.{name}" if under else name)
    else:
        yield under, "; ".join(map(str, figures)) if isinstance(figures, list) else figures
