"""The pictures of a survey, each in the reader's words."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from service.access.site import SYNTHETIC
from service.evidence import dose
from service.evidence.reference import SURVEY
from service.observatory import drawing
from service.observatory.survey.asked import Asked
from service.observatory.survey.columns import COLUMNS
from service.observatory.survey.substances import PUBLISHED_SUBSTANCES, watched_of
from service.observatory.survey.whole import Survey
from service.pages.survey.words import Words

MOST_SPANS, MOST_AREAS, MOST_SERIES = 16, 8, 6
WORTH_A_LINE = 5.0
"""Percent: what is found more seldom is in the table, and would lie on the ground of a drawing."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A survey, what was asked, the names of the sites, and the reader's words."""

    survey: Survey
    asked: Asked
    sites: Mapping[str, str]
    words: Words

    def caption(self, n: int) -> str:
        synthetic = self.asked.site == SYNTHETIC
        site = None if synthetic else self.sites.get(self.asked.site or "")
        return self.words.rests_on(self.survey, self.asked, n, site, synthetic=synthetic)


def _distribution(shown: Shown, column: str) -> str:
    words, told = shown.words, shown.survey.distributions[column]
    ours, published = shown.survey.characteristics[column].median, SURVEY.numbers(column)["median"]
    _ = words.say
    marks = [] if ours is None else [(_("median here: {value}", value=words.number(ours)), ours)]
    marks.append((f"{_('median')}, {words.published}: {words.number(published)}", published))
    title = _("How many rocks: {what}", what=words.column(column))
    return drawing.bars(
        title, shown.caption(told.n), words.column(column), told.step, told.counts, marks
    )


def band() -> tuple[float, float, float]:
    """The share of its weight that a rock holds by the published survey: low, middle, high (80 %)."""
    low, middle, high = (
        dose.PUBLISHED.content_at(share)
        for share in ((1 - dose.LEVEL) / 2, 0.5, (1 + dose.LEVEL) / 2)
    )
    return low, middle, high


def _amount_by_weight(shown: Shown) -> str:
    survey, words = shown.survey, shown.words
    _ = words.say
    found = survey.correlations["weight_mg~cocaine_mg"]
    r = f" · r = {words.number(found.r, 2)}" if found.r is not None else ""
    return drawing.cloud(
        _("Cocaine in a rock against its weight"),
        shown.caption(found.n) + r,
        (words.column("weight_mg"), words.column("cocaine_mg")),
        survey.plane.points,
        survey.plane.cells,
        band(),
        _("where 8 of 10 rocks are expected by weight alone ({years} survey)", years=SURVEY.years),
    )


def _beliefs(shown: Shown) -> str:
    survey, words = shown.survey, shown.words
    _ = words.say
    rows = []
    for code in dict.fromkeys((*PUBLISHED_SUBSTANCES, *list(survey.beliefs)[:8])):
        one = survey.beliefs[code]
        if not one.believed.count and not one.found.n:
            continue
        believed, found = one.believed, one.found
        told = (
            _("not tested")
            if not found.n
            else f"{words.percent(found)} ({found.count}/{found.n})"
            + (f", ≤ {words.number(found.high, 1)} %" if not found.count else "")
        )
        rows.append(
            (
                words.called(code),
                [(believed.percent, words.percent(believed)), (found.percent, told)],
            )
        )
    asked = survey.beliefs[PUBLISHED_SUBSTANCES[0]].believed.n
    return drawing.grouped(
        _("What people believe is in it, and what is found"),
        shown.caption(survey.n),
        (_("believed, of {n} people asked", n=asked), _("found, of the rocks tested for it")),
        rows,
    )


def _prevalence_over_time(shown: Shown) -> str:
    survey, words = shown.survey, shown.words
    _ = words.say
    spans = survey.by_quarter[-MOST_SPANS:]
    watched = watched_of(survey.prevalence)
    codes = [code for code in watched if (survey.prevalence[code].percent or 0) >= WORTH_A_LINE][
        :MOST_SERIES
    ]
    return drawing.courses(
        _("Found, of the rocks tested for it, by quarter"),
        shown.caption(sum(one.rocks for one in spans)),
        [(words.span(one.name), _("N = {n}", n=one.rocks)) for one in spans],
        [(words.called(code), [one.prevalence[code].percent for one in spans]) for code in codes],
    )


def _prevalence_by_area(shown: Shown) -> str:
    survey, words = shown.survey, shown.words
    _ = words.say
    spans, codes = survey.by_area[:MOST_AREAS], watched_of(survey.prevalence)[:3]
    return drawing.grouped(
        _("Found, of the rocks tested for it, by area"),
        shown.caption(sum(one.rocks for one in spans)),
        [words.called(code) for code in codes],
        [
            (
                one.name,
                [
                    (share.percent, f"{words.percent(share)} ({share.count}/{share.n})")
                    for share in (one.prevalence[code] for code in codes)
                ],
            )
            for one in spans
        ],
    )


def _drawer(column: str) -> Callable[[Shown], str]:
    return lambda shown: _distribution(shown, column)


PICTURES: dict[str, Callable[[Shown], str]] = {
    **{column: _drawer(column) for column in COLUMNS},
    "amount-by-weight": _amount_by_weight,
    "beliefs": _beliefs,
    "prevalence-over-time": _prevalence_over_time,
    "prevalence-by-area": _prevalence_by_area,
}
