"""Surveyed rocks as columns, and which of them are counted."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from service.evidence.reference import LOWEST_CONTENT_PERCENT
from service.observatory.arrays import Codes, Floats, Mask, Seconds
from service.vocabulary.codes import NO_ANSWER

NUMBERS = ("percent", "weight_mg", "price_eur", "guess_percent")
"""The columns that hold numbers, NaN where there is none."""
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
"""The columns that hold one of a few texts."""


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
        codes = np.where(np.isin(self.codes, silent), -1, self.codes)
        return Coded(codes.astype(np.int32), self.names)

    def holds(self, code: str) -> Mask:
        """Which rocks have this code among their lines."""
        among_lines = [code in name.split("\n") for name in self.names]
        # A rock without a name, -1, finds the last place.
        by_place = np.array([*among_lines, False], np.bool_)
        return np.asarray(by_place[self.codes])

    @property
    def told(self) -> Mask:
        return np.asarray(self.codes >= 0)

    def counts(self) -> Iterator[tuple[str, int]]:
        """Each name, and how many rocks have it."""
        counted = np.bincount(self.codes[self.told], minlength=len(self.names))
        for name, count in zip(self.names, counted, strict=True):
            yield name, int(count)

    def lines(self) -> dict[str, int]:
        """How many rocks have each code among their lines."""
        total: dict[str, int] = {}
        for name, count in self.counts():
            if not name or not count:
                continue
            for line in name.split("\n"):
                total[line] = total.get(line, 0) + count
        return total


@dataclass(frozen=True, slots=True)
class Rocks:
    """Surveyed rocks, a column a fact; `found` to `blamed` hold a code a line."""

    taken: Seconds
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
            taken=self.taken[chosen],
            hardly_any=self.hardly_any[chosen],
            percent=self.percent[chosen],
            weight_mg=self.weight_mg[chosen],
            price_eur=self.price_eur[chosen],
            guess_percent=self.guess_percent[chosen],
            basis=self.basis.where(chosen),
            area=self.area.where(chosen),
            quality=self.quality.where(chosen),
            place_type=self.place_type.where(chosen),
            seller_type=self.seller_type.where(chosen),
            believed=self.believed.where(chosen),
            blamed=self.blamed.where(chosen),
            found=self.found.where(chosen),
            absent=self.absent.where(chosen),
        )

    @property
    def is_counted(self) -> Mask:
        """Which of them the published survey's table would have counted."""
        return np.asarray(self.percent > LOWEST_CONTENT_PERCENT)

    @property
    def counted(self) -> "Rocks":
        """Those that the published survey's table would have counted."""
        return self.where(self.is_counted)
