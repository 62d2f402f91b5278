"""Where two analyses disagree on cocaine, the bench says so, with both figures."""

import re
from collections.abc import Callable

import pytest

from tests.conftest import Knocker, Rock
from tests.rocks import cocaine

Rocks = Callable[..., Rock]
Reported = tuple[str, float, str]  # method, percent, what it is expressed as


def told(lab: Knocker, rock: Rock, language: str = "en") -> list[str]:
    page = lab.get(f"/bench/samples/{rock.label}?lang={language}").text
    lines: list[str] = re.findall(r'<p class="asked">(.*?)</p>', page)
    return lines


def reported(rock: Rock, *analyses: Reported) -> None:
    for method, percent, expressed_as in analyses:
        rock.assayed(cocaine(percent, expressed_as), method=method, laboratory=f"by {method}")


@pytest.mark.parametrize(
    ("analyses", "figures"),
    [
        ([("gc_ms", 60, "base"), ("lc_ms", 35, "base")], "60\u00a0% (base) and 35\u00a0% (base)"),
        (
            [("gc_ms", 60, "base"), ("lc_ms", 50, "hydrochloride")],
            "60\u00a0% (base) and 44.6\u00a0% (base)",
        ),
        ([("gc_ms", 60, "unknown"), ("lc_ms", 35, "unknown")], "60\u00a0% and 35\u00a0%"),
        (
            [("gc_ms", 60, "base"), ("lc_ms", 35, "base"), ("lc_hrms", 20, "base")],
            "60\u00a0% (base) and 20\u00a0% (base)",
        ),
    ],
)
def test_two_of_one_rank_that_disagree_are_told(
    take_in: Rocks, lab: Knocker, analyses: list[Reported], figures: str
) -> None:
    rock = take_in()
    reported(rock, *analyses)
    assert told(lab, rock) == [
        f"Two analyses disagree on cocaine: {figures}. "
        "Nothing is averaged: look again, or correct one."
    ]
    assert told(lab, rock, "fr")[0].startswith("Deux analyses se contredisent sur la cocaïne")


@pytest.mark.parametrize(
    "analyses",
    [
        [],
        [("gc_ms", 60, "base")],
        [("gc_ms", 60, "base"), ("lc_ms", 58, "base")],
        [("gc_ms", 60, "base"), ("ftir", 35, "base")],
        [("gc_ms", 60, "base"), ("lc_ms", 35, "unknown")],
    ],
)
def test_where_none_disagrees_nothing_is_told(
    take_in: Rocks, lab: Knocker, analyses: list[Reported]
) -> None:
    rock = take_in()
    reported(rock, *analyses)
    assert told(lab, rock) == []


def test_what_was_taken_back_or_is_preliminary_disagrees_no_more(
    take_in: Rocks, lab: Knocker
) -> None:
    rock = take_in()
    rock.assayed(cocaine(60))
    rock.assayed(cocaine(20), method="lc_hrms", laboratory="hasty", status="preliminary")
    wrong = rock.assayed(cocaine(35), method="lc_ms", laboratory="another")
    assert len(told(lab, rock)) == 1

    assert lab.post(f"/v1/assays/{wrong}/withdrawal", {"reason": "wrong vial"}).status_code == 200
    assert told(lab, rock) == []
