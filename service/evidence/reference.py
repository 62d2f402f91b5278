"""Published figures to compare with: each with its place in its source, years and population.

A reference is one small file; others are loaded beside ours, and whoever compares says with
which. The published survey is also the prior of the dose (see dose.py), which needs two figures
more than it prints.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite, log, sqrt
from pathlib import Path

FOLDER = Path(__file__).parent / "references"
PUBLISHED_SURVEY = "sintes-crack-2018-2019"
LATER_COCAINE = "ofdt-2023"


class UnreadableReference(Exception):
    """A file of figures that cannot be read; the text names it."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One published number and where it stands in its source."""

    value: float
    place: str


@dataclass(frozen=True, slots=True)
class Reference:
    """One source.

    `figures` are by what they speak of and which number it is: `figures["weight_mg", "mean"]`.
    """

    key: str
    title: str
    source: str
    years: str
    population: str
    basis: str
    """What contents are expressed as."""
    ends: int
    """Its last year."""
    figures: Mapping[tuple[str, str], Figure]

    @property
    def named(self) -> dict[str, str]:
        """How whoever compares names it."""
        return {
            "reference": self.key,
            "source": self.source,
            "years": self.years,
            "population": self.population,
            "basis": self.basis,
        }

    def numbers(self, subject: str) -> dict[str, float]:
        """Every number of one subject, as in {"mean": 148, ...}."""
        return {name: figure.value for (of, name), figure in self.figures.items() if of == subject}


def read(path: Path) -> Reference:
    """One file.

    Raises UnreadableReference for what is no such file, and for a figure that stands twice.
    """
    try:
        told = tomllib.loads(path.read_text("utf-8"))
        figures: dict[tuple[str, str], Figure] = {}
        for group in told.pop("figures"):
            place = group.pop("place")
            for subject, numbers in group.items():
                for name, value in numbers.items():
                    if (subject, name) in figures:
                        raise ValueError(f"{subject} {name} stands twice")
                    if not isfinite(float(value)):
                        raise ValueError(f"{subject} {name} is no number")
                    figures[subject, name] = Figure(float(value), place)
        return Reference(key=path.stem, figures=figures, **told)
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise UnreadableReference(f"{path.name}: {error}") from error


def references(*folders: Path) -> dict[str, Reference]:
    """Every reference of these folders, by its file's name; a folder that is not there holds none.

    Raises UnreadableReference where two have the same name: neither replaces the other unseen.
    """
    found: dict[str, Reference] = {}
    for path in (path for folder in folders for path in sorted(folder.glob("*.toml"))):
        if path.stem in found:
            raise UnreadableReference(f"{path.name}: there is one of this name already")
        found[path.stem] = read(path)
    return dict(sorted(found.items(), key=lambda item: (item[0] != PUBLISHED_SURVEY, item[0])))


SURVEY = read(FOLDER / f"{PUBLISHED_SURVEY}.toml")
LATER = read(FOLDER / f"{LATER_COCAINE}.toml")
LOWEST_CONTENT_PERCENT = SURVEY.figures["lowest_content_percent", "limit"].value
MEAN_WEIGHT_MG = SURVEY.figures["weight_mg", "mean"].value
MEDIAN_WEIGHT_MG = SURVEY.figures["weight_mg", "median"].value
MEDIAN_COCAINE_MG = SURVEY.figures["cocaine_mg", "median"].value
MAX_COCAINE_MG = SURVEY.figures["cocaine_mg", "max"].value

# Ours, from its figures: the standard deviation of the content that puts half of the rocks
# between 50 and 70 %, and the sigma of a log-normal weight: ln(mean / median) = sigma**2 / 2, so
# 0.374.
MEAN_CONTENT = SURVEY.figures["content_percent", "mean"].value / 100
SD_CONTENT = 0.145
LATER_CONTENT = LATER.figures["content_percent", "median"].value / 100
SIGMA_LOG_WEIGHT = sqrt(2 * log(MEAN_WEIGHT_MG / MEDIAN_WEIGHT_MG))
