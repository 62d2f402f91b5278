"""Whether what people answered goes with what was measured, or with what it cost."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from service.observatory.arrays import Floats
from service.observatory.probability import Difference, differing
from service.observatory.survey.rocks import Coded, Rocks
from service.observatory.survey.shares import Share, share
from service.observatory.survey.summary import Characteristic, characteristic

COMPARED = (
    ("quality", "content_percent"),
    ("quality", "cocaine_mg"),
    ("seller_type", "content_percent"),
    ("seller_type", "cocaine_mg"),
    ("place_type", "content_percent"),
    ("place_type", "cocaine_mg"),
    ("seller_type", "price_eur"),
    ("place_type", "price_eur"),
)
"""Each question whose answers are compared, and by which column."""


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
class Guess:
    """What people guessed, beside what was measured in the same rocks."""

    guessed: Characteristic
    measured: Characteristic
    too_low: Share


def comparisons(counted: Rocks, columns: Mapping[str, Floats]) -> dict[str, Comparison]:
    """Quality, seller and place against content and amount; price by seller and place."""
    answers = {
        "quality": counted.quality.answers(),
        "seller_type": counted.seller_type.answers(),
        "place_type": counted.place_type.answers(),
    }
    return {
        f"{column}~{question}": _comparison(columns[column], answers[question])
        for question, column in COMPARED
    }


def _comparison(values: Floats, answers: Coded) -> Comparison:
    """The groups stand in the order of their names."""
    places = range(len(answers.names))
    order = sorted(places, key=lambda place: answers.names[place])
    names = [answers.names[place] for place in order]

    groups = {}
    for place, name in zip(order, names, strict=True):
        gave_it = answers.codes == place
        of_answer = characteristic(values[gave_it])
        if of_answer.n:
            groups[name] = Group(of_answer.n, of_answer.median)

    # A rock without an answer, -1, finds the last place and stays without one.
    new_places = np.array([*np.argsort(order), -1], np.int32)
    codes = new_places[answers.codes]
    return Comparison(groups, differing(values, codes, names))


def guess_of(counted: Rocks) -> Guess:
    """Of the rocks of which somebody guessed the content."""
    both = ~np.isnan(counted.guess_percent)
    guessed = counted.guess_percent[both]
    measured = counted.percent[both]

    under = guessed < measured
    too_low = share(int(under.sum()), len(guessed))
    return Guess(characteristic(guessed), characteristic(measured), too_low)
