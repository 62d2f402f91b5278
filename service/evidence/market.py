"""What content rocks have now, learnt from what was measured; and how well that went so far.

**A mixture of three histories**, each counted in rocks. What is known from elsewhere counts as
`KNOWN_ELSEWHERE` rocks: the published crack survey of 2018-2019, and what the market may have
become since (cocaine of 2023: median 85.5 %, form not stated, spread as the survey's); the older
the survey, the more of them are of 2023. Part of a rock that may hold anything stands for what
nobody has seen yet: it widens the interval while few are known and is nothing beside many. And
the rocks that this network has measured, by steps of 2 %, fading. A mixture of shares and not a
fitted normal, because a market may be two markets, and rocks that hold almost none are a part of
it. Own rocks count from five on that speak alike, so that one absurd assay is one among several.

**How fast they fade** is chosen by the network's own past, again at every estimate: each month's
rocks are predicted from the months before, once for each half-life, and the half-life that came
nearest lately is taken. Few rocks a year call for a long one, a market that moves for a short one.

**How near** is the continuous ranked probability score: the squared distance between the expected
shares and those of the one rock, over all contents (Gneiting and Raftery 2007,
doi 10.1198/016214506000001437).

**How far ahead**: answers come late. A past month is predicted from what is at least as old as the
newest known rock is now, so that a laboratory two months behind is judged two months ahead.

All of it is made anew from one small table of counts (month, step, rocks), of `WINDOW_MONTHS`
months at most. Source of the published figures: reference.py.
"""

from collections.abc import Iterable, Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from service.evidence.dose import BINS, LEVEL, Market, Past, normal_steps, shares_of, tails
from service.evidence.reference import LATER_CONTENT, MEAN_CONTENT, SD_CONTENT, SURVEY

KNOWN_ELSEWHERE = 3.0
"""Rocks. Of more, a market unlike both is told wrongly for longer. Ours, to be signed."""
SURVEY_MONTH = SURVEY.ends * 12 + 11
SURVEY_HALF_LIFE_MONTHS = 108.0
"""After nine years the market is as likely to have moved as not. Ours, to be signed."""
ANYTHING = 0.75
"""Rocks, as likely at any content: the next may be unlike all others. Ours, to be signed."""
LEAST_ROCKS = 5.0
"""Own rocks count from here: one is no market, and nobody's to be read off an estimate. Ours."""
HALF_LIVES_MONTHS = (12.0, 3.0, 0.75)
"""From a few rocks a year to a market that turns in weeks, in fourths. Ours, to be signed.

The first stands where nothing was predicted yet.
"""
LATELY_MONTHS = 4.0
"""After how long a past prediction counts half in the choice of a half-life. Ours, to be signed."""
FARTHEST_AHEAD_MONTHS = 6
"""However long nothing came: farther ahead a window holds too little past. Ours, to be signed."""
WINDOW_MONTHS = 36
"""Older rocks are left out: they would count as an eighth at the most. Ours, to be signed."""
LAST_ROCKS = 40
"""The last predictions are as many, and their months whole: of fewer, chance alone would often
say that too many missed. Ours, to be signed."""

Numbers = NDArray[np.float64]
_NOW = WINDOW_MONTHS - 1
_FADING: Numbers = np.array(
    [
        0.5 ** (np.arange(WINDOW_MONTHS) / half_life)
        for half_life in (*HALF_LIVES_MONTHS, LATELY_MONTHS)
    ]
)
"""How much a rock of each age in months counts, by half-life; then, how much a prediction does."""


# --- What is known from elsewhere ---------------------------------------------------------------


def survey_rocks(month: int) -> float:
    """How many rocks the survey counts as, in this month (years x 12 + months since year 0)."""
    age = max(0, month - SURVEY_MONTH)
    return KNOWN_ELSEWHERE * float(0.5 ** (age / SURVEY_HALF_LIFE_MONTHS))


@cache
def _elsewhere(month: int) -> Numbers:
    """What is known without a rock of our own, in rocks by steps of 2 %."""
    survey = survey_rocks(month)
    later = KNOWN_ELSEWHERE - survey

    of_survey = np.array(normal_steps(MEAN_CONTENT, SD_CONTENT))
    of_later = np.array(normal_steps(LATER_CONTENT, SD_CONTENT))
    known: Numbers = survey * of_survey + later * of_later + ANYTHING / BINS
    return known


# --- What is learnt -----------------------------------------------------------------------------


def market(counts: Iterable[Sequence[int]], month: int) -> Market:
    """What content rocks have in this month; `counts` are months, steps of 2 % and rocks.

    A rock of a month that is yet to come counts as one of this month.
    """
    listed = np.array([tuple(each) for each in counts], int)
    then, steps, rocks = listed.reshape(-1, 3).T
    rows = np.minimum(then - month, 0) + _NOW
    kept = rows >= 0

    window = np.zeros((WINDOW_MONTHS, BINS))
    places = (rows[kept], steps[kept])
    np.add.at(window, places, np.maximum(rocks[kept], 0))
    return learnt(window, month)


def learnt(window: Numbers, month: int) -> Market:
    """As `market`, from rocks by month (rows, this one last) and step (columns)."""
    months = np.flatnonzero(window.any(axis=1))
    by_month = window[months]
    rocks = by_month.sum(axis=1)
    elsewhere = _elsewhere(month)

    # Every month with rocks is predicted as it might have been, and this one as it is.
    counting = _counting(months)
    fading = counting[:-1]
    lately = counting[-1]
    own = fading @ by_month
    too_few = _alike(fading, rocks) < LEAST_ROCKS
    own[too_few] = 0.0

    shares = np.cumsum(own + elsewhere, axis=2)
    shares /= shares[..., -1:]

    distances = _distances(shares[:, :-1], by_month)
    chosen = (distances @ lately.T).argmin(axis=0)
    before = chosen[:-1]
    best = chosen[-1]
    predicted = shares[before, np.arange(len(months))]
    now = own[best, -1]

    survey = survey_rocks(month)
    measured = 0
    if now.any():
        measured = int(rocks.sum())

    return Market(
        shares_of((now + elsewhere).tolist()),
        published_rocks=survey,
        later_rocks=KNOWN_ELSEWHERE - survey,
        own_rocks=float(now.sum()),
        measured=measured,
        half_life_months=HALF_LIVES_MONTHS[best],
        past=_past(predicted, by_month),
    )


def _counting(months: NDArray[np.intp]) -> Numbers:
    """How much each month's rocks count in each month's prediction, and in this one's, the last.

    By half-life; then, how much the predictions of those months do. What is not known yet counts
    nothing.
    """
    newest = _NOW
    if len(months):
        newest = int(months[-1])
    since = _NOW - newest
    ahead = min(max(since, 1), FARTHEST_AHEAD_MONTHS)

    ages = np.append(months, _NOW)[:, None] - months
    least = np.full((len(months) + 1, 1), ahead)
    least[-1] = 0
    is_known = ages >= least
    counting: Numbers = _FADING[:, np.maximum(ages, 0)] * is_known
    return counting


def _alike(fading: Numbers, rocks: Numbers) -> Numbers:
    """As how many rocks that count alike those speak that count each for its own (Kish 1965)."""
    counted = fading @ rocks
    squares = fading**2 @ rocks
    alike: Numbers = counted**2 / np.maximum(squares, np.finfo(float).tiny)
    return alike


def _distances(shares: Numbers, rocks: Numbers) -> Numbers:
    """How far the expected shares (half-life, month, step) lie from each month's rocks."""
    up_to = np.cumsum(rocks, axis=1)
    all_of = up_to[:, -1:]
    apart: Numbers = all_of * shares**2 - 2 * shares * up_to + up_to
    total: Numbers = apart.sum(axis=2)
    return total


def _past(shares: Numbers, rocks: Numbers) -> Past:
    """How many of the last months' rocks lay inside their interval, by what was expected.

    Within a step they lie evenly; those of the first hold none and lie all at one place.
    """
    low, high = tails(LEVEL)
    nothing = np.zeros((len(shares), 1))
    under = np.hstack([nothing, shares[:, :-1]])

    from_low = np.maximum(under, low)
    up_to_high = np.minimum(shares, high)
    inside = np.clip(up_to_high - from_low, 0.0, None)
    inside /= shares - under
    inside[:, 0] = shares[:, 0] >= low

    held = rocks * inside
    last_first = rocks.sum(axis=1)[::-1]
    held_last_first = held.sum(axis=1)[::-1]

    up_to_month = np.cumsum(last_first)
    last = int(np.searchsorted(up_to_month, LAST_ROCKS)) + 1
    count = float(last_first[:last].sum())
    if not count:
        return Past()

    held_lately = float(held_last_first[:last].sum())
    return Past(int(count), held_lately / count)
