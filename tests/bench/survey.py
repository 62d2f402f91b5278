"""The survey at 10,000 and 1,000,000 rocks: time and memory, beside plain Python and plain NumPy.

All run together. The measure of both is what peers can do at most and what a script of a few lines
would: six columns of the table and three correlations, from the same SQLite rows. Ours is every
figure of the survey, prevalence, beliefs, groups, months and areas too. Each size has a process of
its own, so that the peak is its own; ratios are of the medians. All of it is work of one processor
on a file in memory, so its own time is counted, and no neighbour's.
"""

import gc
import json
import math
import random
import resource
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np

from service.foundation.database import connect, migrate
from service.observatory import store
from service.observatory.disclosure import opened
from service.observatory.survey.asked import Asked
from service.observatory.survey.rocks import Rocks
from service.observatory.survey.whole import surveyed

SIZES = (10_000, 1_000_000)
ROUNDS = {10_000: 9, 1_000_000: 3}
ZONE = ZoneInfo("Europe/Paris")
YEARS = 10
FIRST = int(time.mktime((2016, 1, 1, 12, 0, 0, 0, 0, 0)))
COLUMNS = (
    *(
        "sample",
        "taken",
        "site",
        "area",
        "hardly_any",
        "percent",
        "reported",
        "basis",
        "weight_mg",
        "price_eur",
    ),
    *(
        "guess_percent",
        "quality",
        "place_type",
        "seller_type",
        "believed",
        "blamed",
        "found",
        "absent",
    ),
)
PANEL = (
    "levamisole",
    "phenacetin",
    "lidocaine",
    "caffeine",
    "hydroxyzine",
    "amphetamine",
    "buprenorphine",
)


def fill(path: Path, rocks: int) -> None:
    """A network of ten years: rocks in the order in which they came."""
    engine = connect(f"sqlite:///{path}")
    with engine.begin() as connection:
        migrate(connection)
    engine.dispose()
    chance = random.Random(1)
    substances = sorted(
        {"\n".join(sorted(chance.sample(PANEL[:5], chance.randrange(4)))) for _ in range(200)}
    )
    told = {found: "\n".join(sorted({*PANEL} - {*found.split("\n")})) for found in substances}

    def rows() -> Any:
        for number in range(rocks):
            percent = min(100.0, max(0.0, chance.gauss(57, 14.5)))
            found = chance.choice(substances)
            yield (
                UUID(int=number).hex,
                FIRST + YEARS * 31_557_600 * number // rocks,
                f"site-{chance.randrange(20)}",
                f"75{chance.randrange(101, 121)}",
                percent <= 6,
                *(percent, percent, "base"),
                math.exp(chance.gauss(4.93, 0.374)),
                chance.choice((None, 10, 15, 20, 25)),
                chance.choice((None, 20, 40, 60)),
                chance.choice(("good", "average", "bad", None)),
                chance.choice(("street", "park", "metro_or_station", "home_or_appointment")),
                chance.choice(("street_seller", "by_appointment", "acquaintance")),
                chance.choice(
                    (None, "", "amphetamine", "amphetamine\nbuprenorphine", "levamisole")
                ),
                chance.choice((None, "tight_jaw", "anxiety\ntight_jaw")),
                *(found, told[found]),
            )

    with sqlite3.connect(path) as raw:
        places = ", ".join("?" for _ in COLUMNS)
        raw.executemany(f"INSERT INTO surveyed ({', '.join(COLUMNS)}) VALUES ({places})", rows())
        raw.execute("INSERT INTO survey_changes VALUES (24192, 1)")
        raw.execute("ANALYZE")
    raw.close()


NUMBERS = "SELECT percent, weight_mg, price_eur, guess_percent FROM surveyed WHERE percent > 6"


def with_python(path: Path) -> object:
    """Six columns and three correlations by the standard library alone."""
    raw = sqlite3.connect(path)
    rocks = raw.execute(NUMBERS).fetchall()
    raw.close()
    columns = [
        [p for p, _, _, _ in rocks],
        [w for _, w, _, _ in rocks],
        [p * w / 100 for p, w, _, _ in rocks],
        [e for _, _, e, _ in rocks if e is not None],
        [1000 * e / w for _, w, e, _ in rocks if e is not None],
        [100_000 * e / (p * w) for p, w, e, _ in rocks if e is not None],
    ]
    priced = [(e, p * w / 100) for p, w, e, _ in rocks if e is not None]
    guessed = [(g, p * w / 100) for p, w, _, g in rocks if g is not None]
    r = [
        statistics.correlation(columns[1], columns[2]),
        *(
            statistics.correlation(*map(list, zip(*pairs, strict=True)))
            for pairs in (priced, guessed)
        ),
    ]
    return [
        (statistics.fmean(one), statistics.median(one), min(one), max(one)) for one in columns
    ], r


def with_numpy(path: Path) -> object:
    """The same with NumPy."""
    raw = sqlite3.connect(path)
    percent, weight, price, guess = np.array(raw.execute(NUMBERS).fetchall(), np.float64).T
    raw.close()
    amount = percent * weight / 100
    columns = [percent, weight, amount, price, 1000 * price / weight, 1000 * price / amount]
    pairs = [(weight, amount), (price, amount), (guess, amount)]
    r = []
    for x, y in pairs:
        both = ~(np.isnan(x) | np.isnan(y))
        r.append(np.corrcoef(x[both], y[both])[0, 1])
    return [
        (np.nanmean(one), np.nanmedian(one), np.nanmin(one), np.nanmax(one)) for one in columns
    ], r


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(path: Path, rocks: int) -> dict[str, float]:
    """CPU milliseconds (median) of each act at this size.

    And what the survey added to the peak, in MB.
    """
    engine = connect(f"sqlite:///{path}")
    held: list[Rocks] = []

    def read(asked: Asked = Asked()) -> Rocks:  # noqa: B008
        with engine.connect() as connection:
            return store.rocks(connection, asked, ZONE)

    def compute() -> object:
        return surveyed(held[0], ZONE)

    def version() -> object:
        with engine.connect() as connection:
            return store.version(connection)

    quarter = Asked(since=date(2020, 1, 1), until=date(2020, 3, 31))
    site = Asked(site="site-3")
    surveyed(read(quarter), ZONE)  # what is loaded at the first survey is measured elsewhere
    gc.collect()
    before = peak_mb()
    held.append(read())
    after_reading = peak_mb()
    compute()
    told = {
        "peak, reading, MB": after_reading - before,
        "peak, reading and computing, MB": peak_mb() - before,
    }
    acts: dict[str, Callable[[], object]] = {
        "standard library, the table alone": lambda: with_python(path),
        "NumPy, the table alone": lambda: with_numpy(path),
        "ours: reading": read,
        "ours: computing": compute,
        "ours: whole survey": lambda: surveyed(read(), ZONE),
        "ours: one quarter": lambda: surveyed(read(quarter), ZONE),
        "ours: one site of twenty": lambda: surveyed(read(site), ZONE),
        "ours: asked again": version,
        "open survey": lambda: opened(held[0], ZONE, date(2026, 11, 23), 5),
    }
    for name, act in acts.items():
        taken = []
        for _ in range(ROUNDS[rocks]):
            started = time.process_time()
            act()
            taken.append(time.process_time() - started)
        told[name] = statistics.median(taken) * 1000
    engine.dispose()
    return told


LOADING = """
import time
import psutil
import service.app
me = psutil.Process()
before, started = me.memory_info().rss, time.perf_counter()
from scipy.special import betaincinv
print((time.perf_counter() - started) * 1000, (me.memory_info().rss - before) / 1e6)
"""


def main() -> None:
    if len(sys.argv) == 3:
        sys.stdout.write(json.dumps(measure(Path(sys.argv[1]), int(sys.argv[2]))))
        return
    loading = subprocess.run(
        [sys.executable, "-c", LOADING], capture_output=True, text=True, check=True
    )
    milliseconds, megabytes = map(float, loading.stdout.split())
    sys.stdout.write(
        "the first survey loads SciPy's special functions: "
        f"{milliseconds:.0f} ms, {megabytes:+.0f} MB\n"
    )
    with tempfile.TemporaryDirectory() as folder:
        for rocks in SIZES:
            path = Path(folder) / f"{rocks}.db"
            fill(path, rocks)
            done = subprocess.run(
                [sys.executable, "-m", "tests.bench.survey", str(path), str(rocks)],
                capture_output=True,
                text=True,
                check=True,
            )
            got: dict[str, float] = json.loads(done.stdout)
            python, numpy = got["standard library, the table alone"], got["NumPy, the table alone"]
            for name, value in got.items():
                beside = (
                    ""
                    if name.endswith("MB")
                    else f"{value / python:6.2f} x Python {value / numpy:6.2f} x NumPy"
                )
                sys.stdout.write(f"{rocks:>9,} rocks  {name:36s} {value:10.1f}  {beside}\n")


if __name__ == "__main__":
    main()
