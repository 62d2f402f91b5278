"""What was found in the rocks, and what people believed was in them."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from service.observatory.arrays import Mask
from service.observatory.survey.rocks import Rocks
from service.observatory.survey.shares import Share, share, shares_of_those_asked

PUBLISHED_SUBSTANCES = (
    "levamisole",
    "phenacetin",
    "amphetamine",
    "buprenorphine",
    "ammonia",
    "bicarbonate",
)
"""Those of the published survey, which are told of even where nobody looked or believed."""
PUBLISHED_AND_WATCHED = PUBLISHED_SUBSTANCES[:4]
"""Those of them that are followed over time and by area."""
MOST_WATCHED = 6


@dataclass(frozen=True, slots=True)
class Belief:
    """How many believed in a substance, how many rocks held it, and how many of theirs did."""

    believed: Share
    found: Share
    found_where_believed: Share


def prevalence_of(rocks: Rocks) -> dict[str, Share]:
    """Each substance that was looked for, the one found most first.

    A share is of the rocks tested for it.
    """
    found = Counter(rocks.found.lines())
    absent = Counter(rocks.absent.lines())
    tested = found + absent
    del tested["cocaine"]

    in_order = sorted(tested, key=lambda code: (-found[code], -tested[code], code))
    return {code: share(found[code], tested[code]) for code in in_order}


def watched_of(prevalence: Mapping[str, Share]) -> tuple[str, ...]:
    """What is followed over time and by area.

    It is what is found most, and what the published survey tells of.
    """
    found = [code for code, of_code in prevalence.items() if of_code.count]
    published = [code for code in PUBLISHED_AND_WATCHED if code in prevalence]
    return tuple(dict.fromkeys([*found[:MOST_WATCHED], *published]))


def beliefs_of(rocks: Rocks, prevalence: Mapping[str, Share]) -> dict[str, Belief]:
    """Each substance that was believed in, beside what was found.

    The substances of the published survey are always among them.
    """
    shares = shares_of_those_asked(rocks.believed, PUBLISHED_SUBSTANCES)
    untested = share(0, 0)

    beliefs = {}
    for code, believed in shares.items():
        believers = rocks.believed.holds(code)
        found = _number(believers & rocks.found.holds(code))
        absent = _number(believers & rocks.absent.holds(code))

        beliefs[code] = Belief(
            believed,
            found=prevalence.get(code, untested),
            found_where_believed=share(found, found + absent),
        )
    return beliefs


def _number(rocks: Mask) -> int:
    return int(rocks.sum())
