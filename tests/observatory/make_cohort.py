"""Makes the synthetic cohort: 144 made-up rocks whose survey table rounds to the published one.

    .venv/bin/python -m tests.observatory.make_cohort

No rock of it ever was: what is published are 24 numbers, three correlations and some shares, and
many cohorts have them. This one is found by a search that begins at the same place each time
(seeded, and in plain Python, whose chance does not change between versions): first weights and
contents, then prices, then guesses, then the rest.
The published figures are read from the reference file, never typed here.
"""

import csv
import io
import math
import random
import sys
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from statistics import NormalDist, fmean, median
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from service.evidence.reference import (
    MEAN_CONTENT,
    MEDIAN_WEIGHT_MG,
    SD_CONTENT,
    SIGMA_LOG_WEIGHT,
    SURVEY,
)
from service.observatory.cohort import FILE, FILE_COLUMNS, SAYS
from service.observatory.probability import differing

SEED = 144
ROCKS, HARDLY_ANY = 144, (0.0, 0.7, 1.9, 3.1, 4.4, 5.6)
COUNTED = ROCKS - len(HARDLY_ANY)
# Ours, within "almost half" and the like: how many of how many.
PRICES = (
    (10,) * 22 + (12,) * 6 + (15,) * 24 + (16,) * 4 + (20,) * 24 + (25,) * 20 + (30,) * 7 + (50,)
)
PRICELESS = ("given",) * 11 + ("traded",) * 9 + ("shared",) * 4 + ("unknown",) * 6
GUESSES = {10: 4, 20: 14, 30: 22, 40: 24, 50: 34, 60: 18, 70: 9, 80: 5, 90: 2}
SHARES_OF_WEIGHT, SHARES_OF_CONTENT = (100, 150, 0.39), (50, 70, 0.50)
QUALITIES = {"good": 44, "average": 52, "bad": 30, "unknown": 12}
PLACES = {
    **{"street": 36, "park": 10, "metro_or_station": 28, "squat_or_camp": 16, "housing_estate": 14},
    **{"home_or_appointment": 35, "not_said": 5},
}
SELLERS = {
    "street_seller": 80,
    "estate_sales_point": 14,
    "by_appointment": 34,
    "acquaintance": 10,
    "unknown": 6,
}
AREAS = {"75118": 52, "75119": 40, "93066": 16, "93001": 18, "75110": 10, "": 8}
FOUND = {"lidocaine": 6, "caffeine": 9, "hydroxyzine": 4, "diltiazem": 3}
TESTED = {"ammonia": 60, "bicarbonate": 60}
ALSO_BELIEVED = {"ammonia": 34, "bicarbonate": 21, "lidocaine": 9}
BLAMED = {"fast_heart": 0.58, "anxiety": 0.42, "tight_jaw": 0.68}
FIRST_DAY, DAYS = datetime(2018, 9, 3, tzinfo=ZoneInfo("Europe/Paris")), 480


def published(subject: str, name: str) -> float:
    return SURVEY.figures[subject, name].value


def off(value: float, target: float, room: float = 0.42) -> float:
    """How far a value is from rounding to its target, a part of the target."""
    return max(0.0, abs(value - target) - room) / target


def off_column(subject: str, values: Sequence[float]) -> float:
    told = {"mean": fmean(values), "median": median(values), "min": min(values), "max": max(values)}
    return sum(off(value, published(subject, name)) for name, value in told.items())


def off_r(x: Sequence[float], y: Sequence[float], target: float, room: float) -> float:
    mean_x, mean_y = fmean(x), fmean(y)
    products = sum((a - mean_x) * (b - mean_y) for a, b in zip(x, y, strict=True))
    squares = sum((a - mean_x) ** 2 for a in x) * sum((b - mean_y) ** 2 for b in y)
    return max(0.0, abs(products / math.sqrt(squares) - target) - room)


def off_share(values: Sequence[float], low: float, high: float, share: float) -> float:
    return max(0.0, abs(sum(low <= one <= high for one in values) / len(values) - share) - 0.004)


def searched(
    chance: random.Random,
    start: list[Any],
    loss: Callable[[list[Any]], float],
    move: Callable[..., list[Any]],
) -> list[Any]:
    """From the start, step by step, to where nothing is off.

    What is no worse is taken, sometimes what is.
    """
    best, best_loss, heat = start, loss(start), 0.01
    for _ in range(60_000):
        if best_loss == 0:
            return best
        tried = move(chance, best)
        tried_loss = loss(tried)
        if tried_loss <= best_loss + heat * chance.random() ** 4:
            best, best_loss = tried, tried_loss
        heat *= 0.9997
    raise SystemExit(f"not found: {best_loss:.4f} off")


# --- Weights and contents ------------------------------------------------------------------------

# Those that hold an extreme: (mg, percent, EUR) for the smallest and greatest of each column.
EXTREMES: tuple[tuple[float, float, int | None], ...] = (
    (28.0, 61.0, None),
    (387.6, 52.0, 20),
    (79.0, 14.0, None),
    (96.0, 100.0, None),
    (46.0, 24.0, None),
    (330.0, 63.3, None),
    (61.5, 70.0, 20),
    (85.0, 38.3, 20),
    (250.0, 74.0, 15),
)


def rocks_found(chance: random.Random) -> list[tuple[float, float]]:
    free = COUNTED - len(EXTREMES)
    weight, content = (
        NormalDist(math.log(MEDIAN_WEIGHT_MG), SIGMA_LOG_WEIGHT),
        NormalDist(MEAN_CONTENT, SD_CONTENT),
    )
    places = [(place + 0.5) / free for place in range(free)]
    weights = [round(math.exp(weight.inv_cdf(one)), 1) for one in places]
    contents = [round(100 * content.inv_cdf(one), 1) for one in places]
    chance.shuffle(contents)
    fixed = [(mg, percent) for mg, percent, _ in EXTREMES]

    def loss(tried: list[tuple[float, float]]) -> float:
        mg, percent = zip(*fixed, *tried, strict=True)
        amount = [a * b / 100 for a, b in zip(mg, percent, strict=True)]
        return (
            off_column("weight_mg", mg)
            + off_column("content_percent", percent)
            + off_column("cocaine_mg", amount)
            + off_r(mg, amount, published("weight_mg~cocaine_mg", "r"), 0.003)
            + off_share(mg, *SHARES_OF_WEIGHT)
            + off_share(percent, *SHARES_OF_CONTENT)
        )

    def move(chance: random.Random, held: list[tuple[float, float]]) -> list[tuple[float, float]]:
        tried, one, other = list(held), chance.randrange(free), chance.randrange(free)
        (mg, percent), (mg_too, percent_too) = tried[one], tried[other]
        if chance.random() < 0.5:
            tried[one], tried[other] = (mg, percent_too), (mg_too, percent)
        else:
            tried[one] = (
                round(min(max(mg + chance.gauss(0, 6), 29.0), 380.0), 1),
                round(min(max(percent + chance.gauss(0, 2), 15.0), 97.0), 1),
            )
        return tried

    return [*fixed, *searched(chance, list(zip(weights, contents, strict=True)), loss, move)]


# --- Prices and guesses --------------------------------------------------------------------------


def swapped(chance: random.Random, held: list[Any]) -> list[Any]:
    tried, one, other = list(held), chance.randrange(len(held)), chance.randrange(len(held))
    tried[one], tried[other] = tried[other], tried[one]
    return tried


def prices_found(chance: random.Random, rocks: list[tuple[float, float]]) -> list[int | str]:
    fixed: list[int | str] = [price if price is not None else "unknown" for _, _, price in EXTREMES]
    rest: list[int | str] = [*PRICES, *PRICELESS]
    for one in fixed:
        rest.remove(one)
    chance.shuffle(rest)

    def loss(tried: list[int | str]) -> float:
        told = [
            (price, mg, mg * percent / 100)
            for price, (mg, percent) in zip([*fixed, *tried], rocks, strict=True)
            if not isinstance(price, str)
        ]
        prices = [price for price, _, _ in told]
        return (
            off_column("price_eur", prices)
            + off_column("eur_per_g", [1000 * price / mg for price, mg, _ in told])
            + off_column("eur_per_g_pure", [1000 * price / amount for price, _, amount in told])
            + off_r(
                prices,
                [amount for _, _, amount in told],
                published("price_eur~cocaine_mg", "r"),
                0.02,
            )
        )

    return [*fixed, *searched(chance, rest, loss, swapped)]


def guesses_found(chance: random.Random, rocks: list[tuple[float, float]]) -> list[int | None]:
    given = [guess for guess, count in GUESSES.items() for _ in range(count)]
    start: list[int | None] = [*given, *(None for _ in range(COUNTED - len(given)))]
    chance.shuffle(start)
    target = published("guess_percent~cocaine_mg", "r")

    def loss(tried: list[int | None]) -> float:
        told = [
            (guess, mg * percent / 100)
            for guess, (mg, percent) in zip(tried, rocks, strict=True)
            if guess is not None
        ]
        guesses = [guess for guess, _ in told]
        mean = off(fmean(guesses), published("guess_percent", "mean"))
        return mean + off_r(guesses, [amount for _, amount in told], target, 0.02)

    return searched(chance, start, loss, swapped)


# --- The rest ------------------------------------------------------------------------------------


def spread(chance: random.Random, counts: dict[str, int], count: int = ROCKS) -> list[str]:
    """Each name so many times, filled up with its last, in any order."""
    names = [name for name, times in counts.items() for _ in range(times)]
    names = [*names, *([names[-1]] * (count - len(names)))][:count]
    chance.shuffle(names)
    return names


def p_of(values: Sequence[float | None], names: Sequence[str]) -> float:
    known = sorted({*names} - {"unknown", "not_said", ""})
    codes = np.array([known.index(one) if one in known else -1 for one in names], np.int32)
    found = differing(np.array(values, np.float64), codes, known).p
    return 1.0 if found is None else found


def told_apart(
    chance: random.Random, counts: dict[str, int], rows: list[dict[str, Any]], *, by_price: bool
) -> list[str]:
    """An answer for each rock that says nothing of content or amount.

    It says something of the price only where it should.
    """
    content, amount, price = (
        [row[key] if row["counted"] else None for row in rows]
        for key in ("content_percent", "amount", "paid")
    )
    for _ in range(5_000):
        names = spread(chance, counts)
        if by_price:
            # The dearer ones go to whoever comes first in the list, more often than not.
            order = sorted(
                range(ROCKS),
                key=lambda place: -(rows[place]["paid"] or 18) + 14 * chance.gauss(0, 1),
            )
            ranked = sorted(
                names, key=lambda one: one not in ("home_or_appointment", "by_appointment")
            )
            for place, name in zip(order, ranked, strict=True):
                names[place] = name
        told = p_of(content, names) > 0.3 and p_of(amount, names) > 0.3
        if told and (not by_price or p_of(price, names) < 0.01):
            return names
    raise SystemExit("no such answers were found")


def having(chance: random.Random, count: int, among: Sequence[int] = range(ROCKS)) -> set[int]:
    """The places of so many rocks."""
    return set(chance.sample(list(among), count))


def made() -> list[dict[str, Any]]:
    """The rows of the file, in the order in which they were taken in."""
    chance = random.Random(SEED)
    pairs = rocks_found(chance)
    prices, guesses = prices_found(chance, pairs), guesses_found(chance, pairs)
    rows: list[dict[str, Any]] = [
        {
            "weight_mg": mg,
            "content_percent": percent,
            "price": price,
            "guess": guess,
            "counted": True,
        }
        for (mg, percent), price, guess in zip(pairs, prices, guesses, strict=True)
    ]
    rows += [
        {
            "weight_mg": round(chance.uniform(60, 220), 1),
            "content_percent": percent,
            "price": chance.choice(("given", 15, 20, "unknown")),
            "guess": chance.choice((20, 40, 50)),
            "counted": False,
        }
        for percent in HARDLY_ANY
    ]
    chance.shuffle(rows)
    for row in rows:
        row["amount"] = row["weight_mg"] * row["content_percent"] / 100
        row["paid"] = None if isinstance(row["price"], str) else row["price"]
    quality = told_apart(chance, QUALITIES, rows, by_price=False)
    place = told_apart(chance, PLACES, rows, by_price=True)
    seller = told_apart(chance, SELLERS, rows, by_price=True)
    area = spread(chance, AREAS)
    found = {
        **{
            name: round(ROCKS * published("found_percent", name) / 100)
            for name in ("levamisole", "phenacetin")
        },
        **FOUND,
    }
    believed = {
        **{
            name: round(ROCKS * published("believed_percent", name) / 100)
            for name in ("levamisole", "amphetamine", "buprenorphine")
        },
        "phenacetin": round(published("believed_people", "phenacetin")),
        **ALSO_BELIEVED,
    }
    whom = {name: having(chance, count) for name, count in believed.items()}
    with_room = [place for place, row in enumerate(rows) if row["content_percent"] < 95]
    what = {name: having(chance, count, with_room) for name, count in found.items()}
    looked = {name: having(chance, count) for name, count in TESTED.items()}
    blamed = {name: having(chance, round(ROCKS * share)) for name, share in BLAMED.items()}
    for place_in_file, row in enumerate(rows):
        at = FIRST_DAY + timedelta(
            days=DAYS * place_in_file // ROCKS, hours=chance.randrange(10, 22)
        )
        row.update(
            number=place_in_file + 1,
            taken_at=at.isoformat(),
            field_mg=max(1, round(row["weight_mg"] + chance.uniform(-2, 2))),
            price_eur=row["paid"] or "",
            no_price_because="" if row["paid"] else row["price"],
            guess_percent="" if row["guess"] is None else row["guess"],
            quality=quality[place_in_file],
            place_type=place[place_in_file],
            seller_type=seller[place_in_file],
            area=area[place_in_file],
            believed=" ".join(name for name, those in whom.items() if place_in_file in those),
            blamed=" ".join(name for name, those in blamed.items() if place_in_file in those),
            found=" ".join(name for name, those in what.items() if place_in_file in those),
            also_tested=" ".join(name for name, those in looked.items() if place_in_file in those),
        )
    return rows


def written() -> str:
    """The whole file."""
    out = io.StringIO()
    out.write(f"# {SAYS}\n")
    writer = csv.DictWriter(out, FILE_COLUMNS, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(made())
    return out.getvalue()


if __name__ == "__main__":
    FILE.write_text(written(), "utf-8")
    sys.stdout.write(f"{FILE}\n")
