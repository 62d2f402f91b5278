"""The pictures of a survey, each in the reader's words."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from service.access.site import SYNTHETIC
from service.evidence import dose
from service.evidence.reference import SURVEY
from service.observatory.drawing import bars
from service.observatory.drawing.bars import Bar, BarRow, Mark
from service.observatory.drawing.cloud import Band, cloud
from service.observatory.drawing.courses import Series, SpanName, courses
from service.observatory.drawing.sheet import Heading
from service.observatory.survey.asked import Asked
from service.observatory.survey.columns import COLUMNS
from service.observatory.survey.shares import Share
from service.observatory.survey.spans import Span
from service.observatory.survey.substances import PUBLISHED_SUBSTANCES, watched_of
from service.observatory.survey.whole import Survey
from service.pages.survey.words import Words

MOST_SPANS, MOST_AREAS, MOST_SERIES, MOST_BARS, MOST_BELIEFS = 16, 8, 6, 3, 8
WORTH_A_LINE = 5.0
"""Percent.

What is found more seldom is in the table, and would lie on the ground of a drawing.
"""


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
    words, distribution = shown.words, shown.survey.distributions[column]
    ours, published = shown.survey.characteristics[column].median, SURVEY.numbers(column)["median"]
    _ = words.say

    marks = []
    if ours is not None:
        marks.append(Mark(_("median here: {value}", value=words.number(ours)), ours))
    published_median = f"{_('median')}, {words.published}: {words.number(published)}"
    marks.append(Mark(published_median, published))

    title = _("How many rocks: {what}", what=words.column(column))
    heading = Heading(title, shown.caption(distribution.n))
    return bars.distribution(heading, words.column(column), distribution, marks)


def band() -> Band:
    """The share of its weight that 8 of 10 rocks hold by the published survey."""
    tail = (1 - dose.LEVEL) / 2
    content_at = dose.PUBLISHED.content_at
    return Band(low=content_at(tail), middle=content_at(0.5), high=content_at(1 - tail))


def _amount_by_weight(shown: Shown) -> str:
    survey, words = shown.survey, shown.words
    _ = words.say

    found = survey.correlations["weight_mg~cocaine_mg"]
    caption = shown.caption(found.n)
    if found.r is not None:
        caption += f" · r = {words.number(found.r, 2)}"

    return cloud(
        Heading(_("Cocaine in a rock against its weight"), caption),
        (words.column("weight_mg"), words.column("cocaine_mg")),
        survey.plane,
        band(),
        _("where 8 of 10 rocks are expected by weight alone ({years} survey)", years=SURVEY.years),
    )


def _beliefs(shown: Shown) -> str:
    survey, words = shown.survey, shown.words
    _ = words.say

    rows = []
    most_believed = list(survey.beliefs)[:MOST_BELIEFS]
    for code in dict.fromkeys([*PUBLISHED_SUBSTANCES, *most_believed]):
        belief = survey.beliefs[code]
        believed, found = belief.believed, belief.found
        if not believed.count and not found.n:
            continue

        believed_bar = Bar(believed.percent, words.percent(believed))
        found_bar = Bar(found.percent, _found(words, found))
        rows.append(BarRow(words.called(code), [believed_bar, found_bar]))

    asked = survey.beliefs[PUBLISHED_SUBSTANCES[0]].believed.n
    title = _("What people believe is in it, and what is found")
    return bars.grouped(
        Heading(title, shown.caption(survey.n)),
        (_("believed, of {n} people asked", n=asked), _("found, of the rocks tested for it")),
        rows,
    )


def _found(words: Words, found: Share) -> str:
    """As in "67 % (96/144)"; of none found, the upper bound as well."""
    _ = words.say
    if not found.n:
        return _("not tested")

    text = _of_tested(words, found)
    if not found.count:
        text += f", ≤ {words.number(found.high, 1)} %"
    return text


def _of_tested(words: Words, found: Share) -> str:
    return f"{words.percent(found)} ({found.count}/{found.n})"


def _prevalence_over_time(shown: Shown) -> str:
    survey, words = shown.survey, shown.words
    _ = words.say

    spans = survey.by_quarter[-MOST_SPANS:]
    often = [
        code
        for code in watched_of(survey.prevalence)
        if (survey.prevalence[code].percent or 0) >= WORTH_A_LINE
    ]
    series = [
        Series(words.called(code), [span.prevalence[code].percent for span in spans])
        for code in often[:MOST_SERIES]
    ]

    title = _("Found, of the rocks tested for it, by quarter")
    return courses(
        Heading(title, shown.caption(_rocks_of(spans))),
        [SpanName(words.span(span.name), _("N = {n}", n=span.rocks)) for span in spans],
        series,
    )


def _prevalence_by_area(shown: Shown) -> str:
    survey, words = shown.survey, shown.words
    _ = words.say

    spans = survey.by_area[:MOST_AREAS]
    codes = watched_of(survey.prevalence)[:MOST_BARS]
    rows = []
    for span in spans:
        shares = [span.prevalence[code] for code in codes]
        rows.append(
            BarRow(span.name, [Bar(share.percent, _of_tested(words, share)) for share in shares])
        )

    title = _("Found, of the rocks tested for it, by area")
    return bars.grouped(
        Heading(title, shown.caption(_rocks_of(spans))),
        [words.called(code) for code in codes],
        rows,
    )


def _rocks_of(spans: Sequence[Span]) -> int:
    return sum(span.rocks for span in spans)


def _drawer(column: str) -> Callable[[Shown], str]:
    return lambda shown: _distribution(shown, column)


PICTURES: dict[str, Callable[[Shown], str]] = {
    **{column: _drawer(column) for column in COLUMNS},
    "amount-by-weight": _amount_by_weight,
    "beliefs": _beliefs,
    "prevalence-over-time": _prevalence_over_time,
    "prevalence-by-area": _prevalence_by_area,
}
