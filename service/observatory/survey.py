"""The survey: every published figure (SINTES crack study, 2018-2019), of any rocks, each defined once.

A rock is surveyed when a final answer of it is in force (`evidence/finding.py` decides its content, weight and
substances). The table, what goes with what, the shares and the comparisons between groups are of rocks whose
measured content, on the basis asked for, is above 6 %, as the published ones are; prevalence and beliefs are of
all. Contents are percent by weight, weights and amounts mg, prices EUR; a rock that cost nothing was given, and
has no price. What was never told or measured is missing (NaN), and every figure says of how many rocks it is.
"""

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from service.evidence.calibration import written_month
from service.evidence.reference import LOWEST_CONTENT_PERCENT
from service.foundation.problems import Flaw, Unfit
from service.observatory.probability import (
    Correlation,
    Difference,
    Floats,
    clopper_pearson,
    correlated,
    differing,
)
from service.vocabulary.codes import NO_ANSWER

Codes = NDArray[np.int32]
Mask = NDArray[np.bool_]

OF_OLD = ("levamisole", "phenacetin", "amphetamine", "buprenorphine", "ammonia", "bicarbonate")
"""The substances of the published survey, which are told of even where nobody looked or believed."""
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
FIRST_DAY, LAST_DAY = date(1970, 1, 2), date(9998, 12, 31)
MOST_POINTS = 1_000
"""More rocks than these are drawn as a plane of counts, not one by one."""


class ComputedAs(StrEnum):
    """What contents are computed as."""

    BASE = "base"
    REPORTED = "reported"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which rocks: taken in from the first day to the last, bought in an area or within it, of a site."""

    since: date | None = None
    until: date | None = None
    area: str | None = None
    site: str | None = None
    basis: ComputedAs = ComputedAs.BASE


def checked(
    since: str | None,
    until: str | None,
    area: str | None,
    site: str | None,
    basis: ComputedAs,
    sites: Container[str],
) -> Asked:
    """What was asked for, its days as in 2026-11-20. Raises Unfit that names what cannot be."""
    first, last = (_read_day(pointer, text) for pointer, text in (("/from", since), ("/to", until)))
    check_filters(first, last, site, sites)
    return Asked(since=first, until=last, area=area, site=site, basis=basis)


def check_filters(
    first: date | None, last: date | None, site: str | None, sites: Container[str]
) -> None:
    """Raises Unfit for days in the wrong order, and for a site that there is not."""
    if first and last and last < first:
        raise Unfit(Flaw("/to", "ends-before-it-begins"))
    if site is not None and site not in sites:
        raise Unfit(Flaw("/site", "unknown-site"))


def _read_day(pointer: str, text: str | None) -> date | None:
    if text is None:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise Unfit(Flaw(pointer, "not-a-date")) from None
    if not FIRST_DAY <= day <= LAST_DAY:
        raise Unfit(Flaw(pointer, "not-a-date"))
    return day


# --- The rocks, as columns ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Coded:
    """A column of texts: which of the names each rock has, -1 for none."""

    codes: Codes
    names: tuple[str, ...]

    def where(self, chosen: Mask) -> "Coded":
        return Coded(self.codes[chosen], self.names)

    def answers(self) -> "Coded":
        """The same, where "I do not know" is no answer."""
        silent = [place for place, name in enumerate(self.names) if name in NO_ANSWER]
        return Coded(
            np.where(np.isin(self.codes, silent), -1, self.codes).astype(np.int32), self.names
        )

    def holds(self, code: str) -> Mask:
        """Which rocks have this code among their lines."""
        among = np.array([*(code in name.split("\n") for name in self.names), False], np.bool_)
        return np.asarray(among[self.codes])

    @property
    def told(self) -> Mask:
        return np.asarray(self.codes >= 0)

    def lines(self) -> dict[str, int]:
        """How many rocks have each code among their lines."""
        counted = np.bincount(self.codes[self.codes >= 0], minlength=len(self.names))
        total: dict[str, int] = {}
        for name, count in zip(self.names, counted, strict=True):
            for line in name.split("\n") if name and count else ():
                total[line] = total.get(line, 0) + int(count)
        return total


NUMBERS: Mapping[str, type] = {
    **{"taken": np.int64, "hardly_any": np.bool_},
    **dict.fromkeys(("percent", "weight_mg", "price_eur", "guess_percent"), np.float64),
}
CODED = (
    "basis",
    "area",
    "quality",
    "place_type",
    "seller_type",
    "believed",
    "blamed",
    "found",
    "absent",
)


@dataclass(frozen=True, slots=True)
class Rocks:
    """Surveyed rocks, a column a fact. `taken` is seconds since 1970; found to blamed hold a code a line."""

    taken: NDArray[np.int64]
    hardly_any: Mask
    percent: Floats
    weight_mg: Floats
    price_eur: Floats
    guess_percent: Floats
    basis: Coded
    area: Coded
    quality: Coded
    place_type: Coded
    seller_type: Coded
    believed: Coded
    blamed: Coded
    found: Coded
    absent: Coded

    def __len__(self) -> int:
        return len(self.taken)

    def where(self, chosen: Mask) -> "Rocks":
        return Rocks(
            **{name: getattr(self, name)[chosen] for name in NUMBERS},
            **{name: getattr(self, name).where(chosen) for name in CODED},
        )

    @property
    def over_the_limit(self) -> "Rocks":
        """Those that the published survey's table would have counted."""
        return self.where(self.percent > LOWEST_CONTENT_PERCENT)


# --- The columns of the table -------------------------------------------------------------------------


def _cocaine_mg(rocks: Rocks) -> Floats:
    return rocks.weight_mg * rocks.percent / 100


def _price_eur(rocks: Rocks) -> Floats:
    return np.where(rocks.price_eur > 0, rocks.price_eur, np.nan)


def _eur_per_g(rocks: Rocks) -> Floats:
    return _price_eur(rocks) / rocks.weight_mg * 1000


def _eur_per_g_pure(rocks: Rocks) -> Floats:
    return _price_eur(rocks) / _cocaine_mg(rocks) * 1000


# Rock by rock; the names are the wire's.
COLUMNS: Mapping[str, Callable[[Rocks], Floats]] = {
    "content_percent": lambda rocks: rocks.percent,
    "weight_mg": lambda rocks: rocks.weight_mg,
    "cocaine_mg": _cocaine_mg,
    "price_eur": _price_eur,
    "eur_per_g": _eur_per_g,
    "eur_per_g_pure": _eur_per_g_pure,
}
PAIRS = (("weight_mg", "cocaine_mg"), ("price_eur", "cocaine_mg"), ("guess_percent", "cocaine_mg"))
# What is counted as a share: the column and its bounds, both within.
SHARES: Mapping[str, tuple[str, float, float]] = {
    "price_15_20_eur": ("price_eur", 15, 20),
    "weight_100_150_mg": ("weight_mg", 100, 150),
    "content_50_70_percent": ("content_percent", 50, 70),
}
AT_HOME = "home_or_appointment"
# Steps of the distributions: the last one holds what lies beyond as well.
STEPS: Mapping[str, tuple[float, int]] = {
    "content_percent": (5, 20),
    "weight_mg": (25, 16),
    "cocaine_mg": (15, 14),
    "price_eur": (5, 10),
    "eur_per_g": (25, 14),
    "eur_per_g_pure": (50, 13),
}


# --- What the survey says -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Characteristic:
    """One column of the table. None where no rock has it."""

    n: int
    mean: float | None = None
    median: float | None = None
    min: float | None = None
    max: float | None = None


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many, with the exact 95 % interval, all in percent; None of none."""

    count: int
    n: int
    percent: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Belief:
    """One substance: by how many it was believed in, in how many rocks it was found, and in how many of theirs."""

    believed: Share
    found: Share
    found_where_believed: Share


@dataclass(frozen=True, slots=True)
class Guess:
    """What people guessed, beside what was measured in the same rocks."""

    guessed: Characteristic
    measured: Characteristic
    too_low: Share


@dataclass(frozen=True, slots=True)
class Group:
    """The rocks of one answer."""

    n: int
    median: float | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """One column between the groups of one question."""

    groups: Mapping[str, Group]
    difference: Difference


@dataclass(frozen=True, slots=True)
class Distribution:
    """How many rocks lie in each step from 0 on; the last step holds what is beyond, too."""

    n: int
    step: float
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Span:
    """The rocks of one month, quarter or area."""

    name: str
    rocks: int
    characteristics: Mapping[str, Characteristic]
    prevalence: Mapping[str, Share]


@dataclass(frozen=True, slots=True)
class Plane:
    """Amount against weight: each rock, or of many how many lie in each cell of 20 mg by 10 mg."""

    points: tuple[tuple[float, float], ...] = ()
    cells: tuple[tuple[float, float, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Survey:
    """All of it. `counted` are the rocks above 6 %; `hardly_any` hold less or none, of the rest nobody knows."""

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
    counted = rocks.over_the_limit
    columns = {name: column(counted) for name, column in COLUMNS.items()}
    spans = partial(_spans, rocks, columns)
    measured = {**columns, "guess_percent": counted.guess_percent}
    prevalence = prevalence_of(rocks)
    watched = watched_of(prevalence)
    return Survey(
        n=len(rocks),
        counted=len(counted),
        hardly_any=int(
            np.count_nonzero(rocks.hardly_any & ~(rocks.percent > LOWEST_CONTENT_PERCENT))
        ),
        bases={
            name: int((counted.basis.codes == place).sum())
            for place, name in enumerate(counted.basis.names)
        },
        first=_day(rocks.taken.min(), zone) if len(rocks) else None,
        last=_day(rocks.taken.max(), zone) if len(rocks) else None,
        characteristics={name: _characteristic(values) for name, values in columns.items()},
        correlations={f"{x}~{y}": correlated(measured[x], measured[y]) for x, y in PAIRS},
        shares=shares_of(counted, columns),
        prevalence=prevalence,
        beliefs=beliefs_of(rocks, prevalence),
        guess=_guess(counted),
        blamed=blamed_of(rocks),
        comparisons=_comparisons(counted, columns),
        distributions={
            name: _distribution(values, *STEPS[name]) for name, values in columns.items()
        },
        by_month=spans(*_over_time(rocks, zone, 1), watched),
        by_quarter=spans(*_over_time(rocks, zone, 3), watched),
        by_area=_by_size(spans(rocks.area.codes, rocks.area.names, watched)),
        plane=_plane(columns["weight_mg"], columns["cocaine_mg"]),
    )


def _day(seconds: Any, zone: ZoneInfo) -> date:
    return (_BEGINNING + timedelta(seconds=int(seconds))).astimezone(zone).date()


def _characteristic(values: Floats) -> Characteristic:
    """Of the values that are there."""
    values = values[~np.isnan(values)]
    n = len(values)
    if not n:
        return Characteristic(0)
    low, high = (n - 1) // 2, n // 2
    parted = np.partition(values, (low, high))
    middle = (parted[low] + parted[high]) / 2
    return Characteristic(
        n, float(values.mean()), float(middle), float(values.min()), float(values.max())
    )


def share(count: int, n: int) -> Share:
    """So many of so many."""
    if not n:
        return Share(count, n)
    low, high = clopper_pearson(count, n)
    return Share(count, n, 100 * count / n, 100 * low, 100 * high)


def shares_of(counted: Rocks, columns: Mapping[str, Floats]) -> dict[str, Share]:
    """How many of these rocks lie within published bounds, and were bought at home."""
    shares = {}
    for name, (column, low, high) in SHARES.items():
        values = columns[column][~np.isnan(columns[column])]
        shares[name] = share(int(((values >= low) & (values <= high)).sum()), len(values))
    places = counted.place_type.answers()
    shares["bought_at_home_or_by_appointment"] = share(
        int(places.holds(AT_HOME).sum()), int(places.told.sum())
    )
    return shares


def prevalence_of(rocks: Rocks) -> dict[str, Share]:
    """Each substance that was looked for: in how many of the rocks tested for it it was found, the most first."""
    found, absent = rocks.found.lines(), rocks.absent.lines()
    tested = {code: found.get(code, 0) + absent.get(code, 0) for code in {*found, *absent}}
    in_order = sorted(tested, key=lambda code: (-found.get(code, 0), -tested[code], code))
    return {code: share(found.get(code, 0), tested[code]) for code in in_order if code != "cocaine"}


def watched_of(prevalence: Mapping[str, Share], most: int = 6) -> tuple[str, ...]:
    """What is followed over time and by area: what is found most, and what the published survey tells of."""
    found = [code for code, one in prevalence.items() if one.count][:most]
    return tuple(dict.fromkeys((*found, *(code for code in OF_OLD[:4] if code in prevalence))))


def _of_those_asked(column: Coded, always: Iterable[str] = ()) -> dict[str, Share]:
    """How many of those who were asked gave each code."""
    asked = int(column.told.sum())
    counts = {**dict.fromkeys(always, 0), **column.lines()}
    in_order = sorted(counts, key=lambda code: (-counts[code], code))
    return {code: share(counts[code], asked) for code in in_order if code not in NO_ANSWER}


def blamed_of(rocks: Rocks) -> dict[str, Share]:
    """How many people put each effect down to the cuts."""
    return _of_those_asked(rocks.blamed, ("fast_heart", "anxiety", "tight_jaw"))


def beliefs_of(rocks: Rocks, prevalence: Mapping[str, Share]) -> dict[str, Belief]:
    """Each substance that was believed in, and those of the published survey, beside what was found."""
    believed = _of_those_asked(rocks.believed, OF_OLD)
    beliefs = {}
    for code, one in believed.items():
        theirs = rocks.believed.holds(code)
        found, absent = (
            int((theirs & part.holds(code)).sum()) for part in (rocks.found, rocks.absent)
        )
        beliefs[code] = Belief(one, prevalence.get(code, share(0, 0)), share(found, found + absent))
    return beliefs


def _guess(counted: Rocks) -> Guess:
    both = ~np.isnan(counted.guess_percent)
    guessed, measured = counted.guess_percent[both], counted.percent[both]
    return Guess(
        _characteristic(guessed),
        _characteristic(measured),
        share(int((guessed < measured).sum()), len(guessed)),
    )


def _comparisons(counted: Rocks, columns: Mapping[str, Floats]) -> dict[str, Comparison]:
    """Quality, seller and place against content and amount; price by seller and place."""
    asked = {
        "quality": counted.quality.answers(),
        "seller_type": counted.seller_type.answers(),
        "place_type": counted.place_type.answers(),
    }
    wanted = [(group, column) for group in asked for column in ("content_percent", "cocaine_mg")]
    wanted += [("seller_type", "price_eur"), ("place_type", "price_eur")]
    return {
        f"{column}~{group}": _comparison(columns[column], asked[group]) for group, column in wanted
    }


def _comparison(values: Floats, answers: Coded) -> Comparison:
    order = sorted(range(len(answers.names)), key=lambda place: answers.names[place])
    groups = {}
    for place in order:
        one = _characteristic(values[answers.codes == place])
        if one.n:
            groups[answers.names[place]] = Group(one.n, one.median)
    renumbered = np.array([*np.argsort(order), -1], np.int32)[answers.codes]
    return Comparison(
        groups, differing(values, renumbered, [answers.names[place] for place in order])
    )


def _distribution(values: Floats, step: float, steps: int) -> Distribution:
    """A value on a bound belongs to the step that begins there."""
    values = values[~np.isnan(values)]
    places = np.minimum(np.floor(values / step + 1e-9).astype(np.int64), steps - 1)
    return Distribution(len(values), step, tuple(map(int, np.bincount(places, minlength=steps))))


def _over_time(rocks: Rocks, zone: ZoneInfo, months: int) -> tuple[Codes, list[str]]:
    """Each rock's month or quarter, and what those are called."""
    starts, place = _places_in_time(rocks, zone, months)
    return place, [_named(one, months) for one in starts[:-1]]


def quarters_of(rocks: Rocks, zone: ZoneInfo) -> Iterator[tuple[str, date, Rocks]]:
    """Each quarter in which rocks were taken in, the day after it and its rocks."""
    starts, place = _places_in_time(rocks, zone, 3)
    for one in np.unique(place):
        after = starts[one + 1]
        yield (
            _named(starts[one], 3),
            date(after // 12, after % 12 + 1, 1),
            rocks.where(place == one),
        )


def _places_in_time(rocks: Rocks, zone: ZoneInfo, months: int) -> tuple[list[int], Codes]:
    """From the span in which the first rock was taken in to the last's: their first months, and each rock's place.

    Months are years x 12 + months since year 0; the last of them is the one after the last span.
    """
    if not len(rocks):
        return [], np.empty(0, np.int32)
    first, last = (_day(one, zone) for one in (rocks.taken.min(), rocks.taken.max()))
    starts = [first.year * 12 + (first.month - 1) // months * months]
    while starts[-1] <= last.year * 12 + last.month - 1:
        starts.append(starts[-1] + months)
    bounds = [int(datetime(one // 12, one % 12 + 1, 1, tzinfo=zone).timestamp()) for one in starts]
    return starts, (np.searchsorted(np.array(bounds), rocks.taken, side="right") - 1).astype(
        np.int32
    )


def _named(month: int, months: int) -> str:
    """As in 2026-11, or 2026-Q4."""
    return written_month(month) if months == 1 else f"{month // 12:04}-Q{month % 12 // 3 + 1}"


def _by_size(spans: Iterable[Span]) -> tuple[Span, ...]:
    return tuple(
        sorted((one for one in spans if one.rocks), key=lambda one: (-one.rocks, one.name))
    )


def _spans(
    rocks: Rocks,
    columns: Mapping[str, Floats],
    place: Codes,
    names: Sequence[str],
    watched: Sequence[str],
) -> tuple[Span, ...]:
    """The rocks by their place among the names, sorted once, however many names there are.

    The columns are of those above 6 %.
    """
    if not len(names):
        return ()
    counts = {
        code: tuple(
            np.bincount(place[one.holds(code) & (place >= 0)], minlength=len(names))
            for one in (rocks.found, rocks.absent)
        )
        for code in watched
    }
    total = np.bincount(place[place >= 0], minlength=len(names))
    over = rocks.percent > LOWEST_CONTENT_PERCENT
    places = place[over].astype(
        np.int16 if len(names) < 2**15 else np.int32
    )  # short ones sort by counting
    order = np.argsort(places, kind="stable")
    ends = np.searchsorted(places[order], np.arange(len(names) + 1))
    ordered = {name: values[order] for name, values in columns.items()}
    return tuple(
        Span(
            name,
            int(total[one]),
            {
                key: _characteristic(values[ends[one] : ends[one + 1]])
                for key, values in ordered.items()
            },
            {
                code: share(int(found[one]), int(found[one] + absent[one]))
                for code, (found, absent) in counts.items()
            },
        )
        for one, name in enumerate(names)
    )


def _plane(weight: Floats, amount: Floats) -> Plane:
    both = ~(np.isnan(weight) | np.isnan(amount))
    weight, amount = weight[both], amount[both]
    if len(weight) <= MOST_POINTS:
        return Plane(points=tuple(sorted(zip(map(float, weight), map(float, amount), strict=True))))
    across, up = np.minimum(weight // 20, 30), np.minimum(amount // 10, 60)
    counts = np.bincount((across * 61 + up).astype(np.int32))
    told = ((*divmod(int(cell), 61), int(counts[cell])) for cell in np.flatnonzero(counts))
    return Plane(cells=tuple((x * 20.0, y * 10.0, count) for x, y, count in told))
