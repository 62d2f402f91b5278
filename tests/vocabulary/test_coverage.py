"""How many of the names that laboratories write are read: measured on names of three public lists.

names_seen.csv holds names and how often each was written, two thirds of those of WEDINOS (as
collected by j-555/wedinos-scraper), of the drug-checking list of British Columbia (as collected by
SeunghyunParkk/RAPID) and of the substances of the UNC Street Drug Analysis Lab; no other fact of
theirs. The other third is kept elsewhere, to see whether names that nobody looked at are read too.
"""

import csv
from collections.abc import Iterable
from dataclasses import dataclass

import pytest

from service.foundation.settings import ROOT
from service.vocabulary.outcomes import outcome_of
from service.vocabulary.substances import SUBSTANCES, Family, is_alarming, resolve

PATH = ROOT / "tests" / "vocabulary" / "names_seen.csv"
LEAST_SUBSTANCES, LEAST_READ, LEAST_IN_COCAINE, MOST_RED = 0.90, 0.98, 0.98, 0.02


@dataclass(frozen=True)
class Seen:
    """A name, how often it was written, and how often in a sample that held cocaine."""

    list: str
    name: str
    mentions: int
    in_cocaine: int

    @property
    def is_substance(self) -> bool:
        return resolve(self.name) in SUBSTANCES

    @property
    def is_read(self) -> bool:
        return self.is_substance or outcome_of(self.name) is not None


def seen() -> list[Seen]:
    with PATH.open(newline="", encoding="utf-8") as file:
        return [
            Seen(
                row["list"],
                row["name"],
                int(row["mentions"]),
                int(row["mentions_in_cocaine_samples"]),
            )
            for row in csv.DictReader(file)
        ]


SEEN = seen()


def mentions(names: Iterable[Seen]) -> int:
    return sum(name.mentions for name in names)


def in_cocaine(names: Iterable[Seen]) -> int:
    return sum(name.in_cocaine for name in names)


def test_nine_mentions_in_ten_are_of_a_substance_we_know() -> None:
    known = [name for name in SEEN if name.is_substance]
    assert mentions(known) / mentions(SEEN) >= LEAST_SUBSTANCES


def test_nearly_every_mention_is_read_as_a_substance_or_as_an_outcome() -> None:
    read = [name for name in SEEN if name.is_read]
    assert mentions(read) / mentions(SEEN) >= LEAST_READ


def test_nearly_every_mention_in_a_cocaine_sample_is_read() -> None:
    read = [name for name in SEEN if name.is_read]
    assert in_cocaine(read) / in_cocaine(SEEN) >= LEAST_IN_COCAINE


def test_hardly_any_cocaine_sample_is_red_through_a_name_alone() -> None:
    """A name that is neither known nor an outcome warns: at most one a cocaine sample."""
    samples = sum(name.in_cocaine for name in SEEN if resolve(name.name) == "cocaine")
    red = [name for name in SEEN if not name.is_read and is_alarming(resolve(name.name))]
    assert samples > 200
    assert in_cocaine(red) / samples <= MOST_RED


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("Cocaine, Nor", Family.NOTHING_TO_SAY),
        ("Morphine, 6 Monoacetyl", Family.OPIOID),
        ("4-Methylmethcathinone (Mephedrone; 4-MMC)", Family.CATHINONE),
        ("N-propionitrile chlorphine", Family.VERY_STRONG_OPIOID),
        ("Uncertain carbohydrate", Family.FILLER),
        ("2-fluoro-2-oxo-pce", Family.DISSOCIATIVE),
        ("Ghb (wet)", Family.GHB),
        ("p-fluoro phenethyl 4-ANPP", Family.VERY_STRONG_OPIOID),
        ("nicotine", Family.NOTHING_TO_SAY),
    ],
)
def test_names_as_the_lists_spell_them_have_their_family(name: str, family: Family) -> None:
    assert name in {one.name for one in SEEN}
    assert SUBSTANCES[resolve(name)].family is family
