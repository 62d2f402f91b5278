"""What is said of a column of numbers: its middle and bounds, its spread, against another."""

from dataclasses import dataclass

import numpy as np

from service.observatory.arrays import Floats
from service.observatory.survey.columns import Steps

MOST_POINTS = 1_000
"""More rocks than these are drawn as a plane of counts, not one by one."""
CELL_WEIGHT_MG = 20.0
CELL_AMOUNT_MG = 10.0
"""The size of a cell of the plane."""
LAST_ACROSS = 30
LAST_UP = 60
"""The plane's last column and row of cells: they hold what is beyond, too."""


@dataclass(frozen=True, slots=True)
class Characteristic:
    """One column of the table. None where no rock has it."""

    n: int
    mean: float | None = None
    median: float | None = None
    min: float | None = None
    max: float | None = None


@dataclass(frozen=True, slots=True)
class Distribution:
    """How many rocks lie in each step from 0 on; the last step holds what is beyond, too."""

    n: int
    step: float
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Plane:
    """Amount against weight: each rock, or of many how many lie in each cell of 20 mg by 10 mg."""

    points: tuple[tuple[float, float], ...] = ()
    cells: tuple[tuple[float, float, int], ...] = ()


def characteristic(values: Floats) -> Characteristic:
    """Of the values that are there."""
    values = values[~np.isnan(values)]
    n = len(values)
    if not n:
        return Characteristic(0)

    low = (n - 1) // 2
    high = n // 2
    parted = np.partition(values, (low, high))
    median = (parted[low] + parted[high]) / 2

    return Characteristic(
        n,
        mean=float(values.mean()),
        median=float(median),
        min=float(values.min()),
        max=float(values.max()),
    )


def distribution(values: Floats, steps: Steps) -> Distribution:
    """A value on a bound belongs to the step that begins there."""
    values = values[~np.isnan(values)]
    in_steps = values / steps.width
    places = np.floor(in_steps + 1e-9).astype(np.int64)

    last = steps.number - 1
    places = np.minimum(places, last)
    counts = np.bincount(places, minlength=steps.number)
    return Distribution(len(values), steps.width, tuple(map(int, counts)))


def plane(weight: Floats, amount: Floats) -> Plane:
    """Of the rocks that have both, in mg."""
    missing = np.isnan(weight) | np.isnan(amount)
    weight = weight[~missing]
    amount = amount[~missing]
    if len(weight) > MOST_POINTS:
        return _plane_of_cells(weight, amount)

    weights = map(float, weight)
    amounts = map(float, amount)
    points = zip(weights, amounts, strict=True)
    return Plane(points=tuple(sorted(points)))


def _plane_of_cells(weight: Floats, amount: Floats) -> Plane:
    across = np.minimum(weight // CELL_WEIGHT_MG, LAST_ACROSS)
    up = np.minimum(amount // CELL_AMOUNT_MG, LAST_UP)
    rows = LAST_UP + 1
    places = across * rows + up
    counts = np.bincount(places.astype(np.int32))

    cells = []
    for place in np.flatnonzero(counts):
        column, row = divmod(int(place), rows)
        cell = (
            column * CELL_WEIGHT_MG,
            row * CELL_AMOUNT_MG,
            int(counts[place]),
        )
        cells.append(cell)
    return Plane(cells=tuple(cells))
