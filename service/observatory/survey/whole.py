"""A whole survey: every figure of any rocks.

A rock is surveyed when a final answer of it is in force (`evidence/finding.py` decides its content,
weight and substances). The table, what goes with what, the shares and the comparisons between
groups are of rocks whose measured content, on the basis asked for, is above 6 %, as the published
ones are; prevalence and beliefs are of all. Contents are percent by weight, weights and amounts mg,
prices EUR; a rock that cost nothing was given, and has no price. What was never told or measured is
missing (NaN), and every figure says of how many rocks it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

import numpy as np

from service.observatory.arrays import Floats
from service.observatory.probability import Correlation, correlated
from service.observatory.survey.columns import PAIRS, STEPS, measured, pair_name
from service.observatory.survey.groups import Comparison, Guess, comparisons, guess_of
from service.observatory.survey.rocks import Rocks
from service.observatory.survey.shares import Share, blamed_of, shares_of
from service.observatory.survey.spans import (
    MONTH,
    QUARTER,
    Span,
    by_size,
    first_and_last_day,
    in_time,
    spans,
)
from service.observatory.survey.substances import (
    Belief,
    beliefs_of,
    prevalence_of,
    watched_of,
)
from service.observatory.survey.summary import (
    Characteristic,
    Distribution,
    Plane,
    characteristic,
    distribution,
    plane,
)


@dataclass(frozen=True, slots=True)
class Survey:
    """All of it.

    `counted` are the rocks above 6 %; `hardly_any` hold less or none, of the rest nobody knows.
    """

    n: int
    counted: int
    hardly_any: int
    bases: Mapping[str, int]
    first: date | None
    last: date | None
    characteristics: Mapping[str, Characteristic]
    correlations: Mapping[str, Correlation]
    shares: Mapping[str, Share]
    prevalence: Mapping[str, Share]
    beliefs: Mapping[str, Belief]
    guess: Guess
    blamed: Mapping[str, Share]
    comparisons: Mapping[str, Comparison]
    distributions: Mapping[str, Distribution]
    by_month: tuple[Span, ...]
    by_quarter: tuple[Span, ...]
    by_area: tuple[Span, ...]
    plane: Plane


def surveyed(rocks: Rocks, zone: ZoneInfo) -> Survey:
    """Every figure of these rocks; their order changes none by more than its last digits."""
    counted = rocks.counted
    columns = measured(counted)
    prevalence = prevalence_of(rocks)
    watched = watched_of(prevalence)
    first, last = first_and_last_day(rocks, zone)

    return Survey(
        n=len(rocks),
        counted=len(counted),
        hardly_any=int(np.count_nonzero(rocks.hardly_any & ~rocks.is_counted)),
        bases=dict(counted.basis.counts()),
        first=first,
        last=last,
        characteristics={name: characteristic(values) for name, values in columns.items()},
        correlations=correlations({**columns, "guess_percent": counted.guess_percent}),
        shares=shares_of(counted, columns),
        prevalence=prevalence,
        beliefs=beliefs_of(rocks, prevalence),
        guess=guess_of(counted),
        blamed=blamed_of(rocks),
        comparisons=comparisons(counted, columns),
        distributions={name: distribution(columns[name], STEPS[name]) for name in columns},
        by_month=spans(rocks, columns, in_time(rocks, zone, MONTH), watched),
        by_quarter=spans(rocks, columns, in_time(rocks, zone, QUARTER), watched),
        by_area=by_size(spans(rocks, columns, rocks.area, watched)),
        plane=plane(columns["weight_mg"], columns["cocaine_mg"]),
    )


def correlations(columns: Mapping[str, Floats]) -> dict[str, Correlation]:
    """What goes with what, as in "weight_mg~cocaine_mg"."""
    return {pair_name(x, y): correlated(columns[x], columns[y]) for x, y in PAIRS}
