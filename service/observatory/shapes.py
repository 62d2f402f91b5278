"""The shapes of a survey as it is told: exact for those who run it, blunted for everyone.

They stand apart from wire.py because the survey page makes files of the same.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Literal

from typing_extensions import TypedDict

from service.observatory.survey.asked import ComputedAs

# --- Exact ---------------------------------------------------------------------------------------


SurveyPeriod = TypedDict(
    "SurveyPeriod",
    {"from": date | None, "to": date | None, "first": date | None, "last": date | None},
)
"""From when to when was asked, and when the first and the last of the rocks were taken in."""


class SurveyBasis(TypedDict):
    """What contents are computed as, and how many rocks were reported as what."""

    asked: ComputedAs
    expressed_as: Mapping[str, int]


class CharacteristicOut(TypedDict):
    """One column of the table; null where no rock has it."""

    n: int
    mean: float | None
    median: float | None
    min: float | None
    max: float | None


class CorrelationOut(TypedDict):
    """Pearson's r with its 95 % interval and two-sided p; null of too few."""

    n: int
    r: float | None
    low: float | None
    high: float | None
    p: float | None


class ShareOut(TypedDict):
    """So many of so many, with the exact 95 % interval, in percent; null of none."""

    count: int
    n: int
    percent: float | None
    low: float | None
    high: float | None


class BeliefBesideFound(TypedDict):
    """How many believed in a substance, how many rocks held it, and how many of theirs did."""

    believed: ShareOut
    found: ShareOut
    found_where_believed: ShareOut


class GuessOut(TypedDict):
    """What people guessed, beside what was measured in the same rocks, in percent."""

    guessed: CharacteristicOut
    measured: CharacteristicOut
    too_low: ShareOut


class GroupOut(TypedDict):
    """The rocks of one answer."""

    n: int
    median: float | None


class DifferenceOut(TypedDict):
    """Kruskal-Wallis between the groups with rocks enough; null where it says nothing.

    `epsilon2` is how much of the ranks the group explains, from 0 to 1.
    """

    n: int
    groups: Sequence[str]
    h: float | None
    epsilon2: float | None
    p: float | None


class ComparisonOut(TypedDict):
    """One column between the groups of one question."""

    groups: Mapping[str, GroupOut]
    difference: DifferenceOut


class DistributionOut(TypedDict):
    """How many rocks lie in each step from 0 on; the last step holds what is beyond, too."""

    n: int
    step: float
    counts: Sequence[int]


class SpanOut(TypedDict):
    """The rocks of one month, quarter or area."""

    name: str
    rocks: int
    characteristics: Mapping[str, CharacteristicOut]
    prevalence: Mapping[str, ShareOut]


class SourceOut(TypedDict):
    """A published source, as whoever compares names it. `basis`: what its contents are."""

    reference: str
    source: str
    years: str
    population: str
    basis: str


class PublishedSurvey(SourceOut):
    """The published survey's figures under our own names; a qualifier may stand for the figure."""

    characteristics: Mapping[str, Mapping[str, float]]
    correlations: Mapping[str, Mapping[str, float]]
    shares: Mapping[str, Mapping[str, float]]
    prevalence: Mapping[str, float]
    beliefs: Mapping[str, float]
    beliefs_people: Mapping[str, float]
    guess_percent: Mapping[str, float]
    effects_blamed_on_cuts: Mapping[str, float]


class PublishedFigure(TypedDict):
    """One number of a source, and its place there."""

    of: str
    figure: str
    value: float
    place: str


class ComparedSource(SourceOut):
    """Another source, with its figures."""

    figures: Sequence[PublishedFigure]


class SurveyOut(TypedDict):
    """Every figure with its number of rocks, and the published ones.

    `counted` are the rocks above 6 %; `hardly_any` hold less or none, of the rest nobody knows.
    Contents are percent by weight, weights and amounts mg, prices EUR.
    """

    n: int
    counted: int
    hardly_any: int
    period: SurveyPeriod
    area: str | None
    site: str | None
    synthetic: bool
    basis: SurveyBasis
    characteristics: Mapping[str, CharacteristicOut]
    correlations: Mapping[str, CorrelationOut]
    shares: Mapping[str, ShareOut]
    prevalence: Mapping[str, ShareOut]
    beliefs: Mapping[str, BeliefBesideFound]
    guess_percent: GuessOut
    effects_blamed_on_cuts: Mapping[str, ShareOut]
    comparisons: Mapping[str, ComparisonOut]
    distributions: Mapping[str, DistributionOut]
    by_quarter: Sequence[SpanOut]
    by_month: Sequence[SpanOut]
    by_area: Sequence[SpanOut]
    published: PublishedSurvey
    compared_with: Sequence[ComparedSource]


# --- Blunted -------------------------------------------------------------------------------------


class BluntShareOut(TypedDict):
    """A count of a total, both multiples of the threshold; null where it is hidden."""

    count: int | None
    n: int | None
    percent: int | None
    low: int | None
    high: int | None


class BluntMiddleOut(TypedDict):
    """A mean and a median to the nearest `step`; null of too few."""

    n: int | None
    mean: float | None
    median: float | None
    step: int | None


class BluntCorrelationOut(TypedDict):
    """r to a tenth; null of too few."""

    n: int | None
    r: float | None


class OpenQuarter(TypedDict):
    """What everyone may know of one quarter."""

    period: str
    n: int
    characteristics: Mapping[str, BluntMiddleOut]
    correlations: Mapping[str, BluntCorrelationOut]
    shares: Mapping[str, BluntShareOut]
    prevalence: Mapping[str, BluntShareOut]
    believed: Mapping[str, BluntShareOut]
    effects_blamed_on_cuts: Mapping[str, BluntShareOut]
    guess_percent: BluntMiddleOut


class NewestQuarter(TypedDict):
    """The newest open quarter; null where none is open yet."""

    period: str | None
    n: int | None
    characteristics: Mapping[str, BluntMiddleOut] | None
    correlations: Mapping[str, BluntCorrelationOut] | None
    shares: Mapping[str, BluntShareOut] | None
    prevalence: Mapping[str, BluntShareOut] | None
    believed: Mapping[str, BluntShareOut] | None
    effects_blamed_on_cuts: Mapping[str, BluntShareOut] | None
    guess_percent: BluntMiddleOut | None


class OpenSurvey(NewestQuarter):
    """The newest open quarter, those before it, and by which threshold they were blunted."""

    threshold: int
    basis: Literal["base"]
    earlier: Sequence[OpenQuarter]
    published: PublishedSurvey
