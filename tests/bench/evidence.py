"""A finding and an estimate at 100, 10,000 and 100,000 past assays: the cost must not grow.

On an embedded SQLite, in one process: the histories stand in turn, so that the ratios are of one
run. The replay (`/v1/estimate/calibration`) is measured for 5,000 rocks.
"""

import random
import statistics
import sys
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from service.access import store as access
from service.access.site import Offers
from service.evidence import dose, known, store
from service.evidence.calibration import calibration, month_of, replay
from service.evidence.tables import MeasuredCountRow, MeasuredRow
from service.foundation import clock
from service.foundation.database import connect, migrate
from service.intake.tables import PickupRow, SampleRow
from service.lab.tables import AssayRow, ResultRow
from tests.conftest import make_settings

HISTORIES = (100, 10_000, 100_000)
ROUNDS = 400
SITE = "bench"
DAYS = 1_460


def table(row: Any) -> Any:
    return row.__table__


def fill(connection: Connection, past: int) -> list[uuid.UUID]:
    """A history of four years, and the ids of two rocks: one waits, one is answered."""
    access.add_site(connection, SITE, "Bench", Offers(naloxone=True, rest=False))
    chance, now = random.Random(1), clock.now()
    rows: dict[Any, list[dict[str, Any]]] = {
        row: [] for row in (SampleRow, PickupRow, AssayRow, ResultRow, MeasuredRow)
    }
    for number in range(past + 1):
        waits = number == past
        id, assay = uuid.UUID(int=chance.getrandbits(128)), uuid.UUID(int=chance.getrandbits(128))
        at = now - timedelta(days=DAYS * (past - number) / past)
        percent = min(100.0, max(0.0, chance.gauss(57, 14.5)))
        label = f"{number:09}"
        rows[SampleRow].append(
            {
                **{
                    "id": id,
                    "site": SITE,
                    "lab_label": label,
                    "state": "waiting" if waits else "answered",
                },
                **{"received_at": at, "updated_at": at, "revision": 1, "taken_at": at},
                **{"weight_mg": 138.0, "weighed": "whole_rock"},
            }
        )
        rows[PickupRow].append(
            {
                **{
                    "digest": f"{number:032}",
                    "sealed": "00",
                    "site": SITE,
                    "sample": id,
                    "card_languages": ["fr"],
                },
                "ends_at": at + timedelta(days=400),
            }
        )
        if waits:
            continue
        rows[AssayRow].append(
            {
                **{
                    "id": assay,
                    "version": 1,
                    "sample": id,
                    "lab_label": label,
                    "in_force": True,
                    "received_at": at,
                },
                **{"status": "final", "laboratory": "bench", "method": "gc_ms", "analysed_at": at},
                "rock_weight_mg": 138.0,
            }
        )
        named = (
            "cocaine",
            "levamisole",
            "amphetamine",
            "heroin" if number % 40 == 0 else "phenacetin",
        )
        rows[ResultRow].extend(
            {
                **{"assay": assay, "version": 1, "place": place, "sample": id, "substance": name},
                **{"found_at": None if name == "amphetamine" else at, "outcome": "detected"},
                **(
                    {"outcome": "quantified", "content_percent": percent}
                    if name == "cocaine"
                    else {}
                ),
                **({"outcome": "not_detected"} if name == "amphetamine" else {}),
            }
            for place, name in enumerate(named)
        )
        rows[MeasuredRow].append(
            {
                **{
                    "sample": id,
                    "taken_at": at,
                    "answered_at": at + timedelta(days=5),
                    "percent": percent,
                },
                **{"whole_mg": 138.0, "field_mg": 138.0},
            }
        )
    counts = Counter(
        (month_of(one["taken_at"]), dose.step_of(one["percent"] / 100)) for one in rows[MeasuredRow]
    )
    for row, told in rows.items():
        columns = {name: None for one in told[:8] for name in one}
        for start in range(0, len(told), 5_000):
            connection.execute(
                table(row).insert(), [{**columns, **one} for one in told[start : start + 5_000]]
            )
    connection.execute(
        table(MeasuredCountRow).insert(),
        [{"month": m, "step": s, "rocks": n} for (m, s), n in counts.items()],
    )
    samples = rows[SampleRow]
    return [samples[-1]["id"], samples[-2]["id"]]


def median_ms(act: Callable[[], object]) -> float:
    taken = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        act()
        taken.append(time.perf_counter() - started)
    return statistics.median(taken) * 1000


def measure(folder: Path, past: int) -> dict[str, float]:
    """Milliseconds (median) and queries of each act at this history."""
    url = f"sqlite:///{folder / f'{past}.db'}"
    settings, engine, asked = make_settings(url, folder), connect(url), Counter[str]()
    with engine.begin() as connection:
        migrate(connection)
    with engine.begin() as connection:
        waiting, answered = fill(connection, past)
        connection.execute(sa.text("ANALYZE"))
    now = clock.now()
    with engine.connect() as connection:

        def estimate() -> object:
            market = store.market(connection, now)
            return dose.expected(dose.field_weighed(138), market.share)

        acts: dict[str, Callable[[], object]] = {
            "finding, waiting": lambda: known.of_site(connection, waiting, SITE, now, settings),
            "finding, answered": lambda: known.of_site(connection, answered, SITE, now, settings),
            "estimate": estimate,
        }
        told: dict[str, float] = {}
        sa.event.listen(connection, "before_cursor_execute", lambda *_: asked.update(["query"]))
        for name, act in acts.items():
            asked.clear()
            act()
            told[f"{name}, queries"] = asked["query"]
            told[name] = median_ms(act)
        rocks = store.past(connection, 5_000)
    started = time.perf_counter()
    calibration(replay(rocks))
    told["replay of the last 5,000"] = (time.perf_counter() - started) * 1000
    engine.dispose()
    return told


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        told = {past: measure(Path(folder), past) for past in HISTORIES}
    for name in told[HISTORIES[0]]:
        first = told[HISTORIES[0]][name]
        cells = "  ".join(
            f"{past:>7,}: {told[past][name]:8.2f} ({told[past][name] / first:4.1f} x)"
            for past in told
        )
        sys.stdout.write(f"{name:28s} {cells}\n")


if __name__ == "__main__":
    main()
