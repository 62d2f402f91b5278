"""What is derived from answers: rebuilt it is what was kept up, by several processes too."""

import random
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import orjson
import pytest
import sqlalchemy as sa

from service.app import PROJECTED
from service.evidence import announced
from service.evidence import measured as evidence
from service.foundation import clock
from service.foundation.database import connect
from service.foundation.projections import Projection
from service.foundation.settings import Settings
from service.lab.wire import ASSAY_EXAMPLE
from service.observatory import projection as observatory
from service.observatory.alerts import watch
from tests.conftest import Rock
from tests.rocks import cocaine, result

DERIVED: dict[str, tuple[Projection, tuple[str, ...]]] = {
    "measured": (evidence.PROJECTION, ("measured", "measured_counts")),
    "announced": (announced.PROJECTION, ("announced",)),
    "surveyed": (observatory.PROJECTION, ("surveyed",)),
    "tallied": (watch.PROJECTION, ("tallied", "tallies")),
}


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize("name", DERIVED)
def test_of_two_that_start_at_once_one_rebuilds(
    take_in: Callable[..., Rock], settings: Settings, name: str
) -> None:
    for percent in (40.0, 60.0):
        take_in().assayed(cocaine(percent), result("heroin"))
    projection, tables = DERIVED[name]
    engine = connect(settings.database)

    def held(connection: sa.Connection) -> list[list[Any]]:
        queries = (sa.text(f"SELECT {table}::text FROM {table} ORDER BY 1") for table in tables)
        return [list(connection.execute(query).scalars()) for query in queries]

    def start() -> None:
        with engine.begin() as connection:
            projection.fill(connection, clock.now())

    with engine.begin() as connection:
        before = held(connection)
        for table in tables:
            connection.execute(sa.text(f"DELETE FROM {table}"))
    with ThreadPoolExecutor(1) as another:
        with engine.begin() as connection:
            projection.fill(connection, clock.now())
            late = another.submit(start)
            with pytest.raises(TimeoutError):
                late.result(0.3)
        late.result(30)
    with engine.begin() as connection:
        assert held(connection) == before and all(before)
    engine.dispose()


# --- Kept up, or rebuilt -------------------------------------------------------------------------

FIGURES = (*(table for _, tables in DERIVED.values() for table in tables),)
SOLD_AS = ("crack", "crack", "crack", "free_base", "unknown", None, "heroin", "mdma", "other")
FORMS = ("rock", "rock", "rock", "unknown", "powder", "pill")
FIRST = ("test_strip", "tlc", "ftir", "raman")
OTHERS = ("gc_ms", "gc_ms", "lc_hrms", "hplc_uv", "direct_ms", "other")
SPOKEN = ("detected", "detected", "not_detected", "not_tested")
NAMED = (
    *("levamisole", "fentanyl", "fentanyls", "isotonitazene", "heroin", "buprenorphine"),
    *("acetone", "caffeine", "amphetamine", "fentanyl?", "N-foo nitazene", "nobody knows it"),
)


def an_assay(chance: random.Random) -> tuple[str, list[dict[str, Any]]]:
    """A method, and what it says of some substances."""
    method = chance.choice(chance.choice((FIRST, OTHERS)))
    spoken = (*SPOKEN, "in_doubt") if method in ("ftir", "raman") else SPOKEN
    results = [result("cocaine", chance.choice(spoken))]
    if method not in ("test_strip", "tlc") and chance.random() < 0.6:
        results = [cocaine(chance.choice((0.0, 3.0, 57.0, 84.0)))]
    for name in chance.sample(NAMED, chance.randrange(5)):
        outcome = chance.choice(spoken)
        results.append(
            result(
                name,
                outcome,
                lod_percent=chance.choice((None, 0.01)),
                loq_percent=chance.choice((None, 0.1)),
            )
        )
    return method, results


class Market:
    """Rocks and what is not crack, and everything that is done to them, by chance."""

    def __init__(self, chance: random.Random, take_in: Callable[..., Rock]) -> None:
        self.chance, self.take_in = chance, take_in
        self.rocks: list[Rock] = []
        self.revisions: dict[str, int] = {}
        self.assays: dict[str, tuple[Rock, int, str]] = {}
        self.days = 0

    def step(self) -> None:
        acts = (self.take, self.take, self.assay, self.assay, self.assay, self.change)
        others = (self.correct, self.withdraw, self.close, self.erase, self.declare)
        self.chance.choice((*acts, *others))()

    def facts(self) -> dict[str, Any]:
        chance = self.chance
        return {
            "sold_as": chance.choice(SOLD_AS),
            "form": chance.choice(FORMS),
            "reason": chance.choice(("wants_to_know", "serious_adverse")),
            "already_used": chance.choice((False, False, True)),
        }

    def take(self) -> None:
        rock = self.take_in(**self.facts())
        self.rocks.append(rock)
        self.revisions[rock.id] = 1

    def change(self) -> None:
        if self.rocks:
            rock = self.chance.choice(self.rocks)
            self.revisions[rock.id] += 1
            body = {**rock.body, **self.facts(), "revision": self.revisions[rock.id]}
            assert rock.worker.put(rock.path, body).status_code == 200

    def assay(self) -> None:
        if self.rocks:
            rock, (method, results) = self.chance.choice(self.rocks), an_assay(self.chance)
            status = self.chance.choice(("final", "final", "preliminary"))
            id = rock.assayed(*results, method=method, status=status)
            self.assays[id] = rock, 1, status

    def correct(self) -> None:
        if self.assays:
            id = self.chance.choice(list(self.assays))
            rock, version, before = self.assays[id]
            status = "final" if before == "preliminary" else "corrected"
            method, results = an_assay(self.chance)
            more: dict[str, Any] = {"version": version + 1, "status": status, "reason": "a slip"}
            rock.assayed(*results, id=id, method=method, **more)
            self.assays[id] = rock, version + 1, status

    def withdraw(self) -> None:
        if self.assays:
            id = self.chance.choice(list(self.assays))
            rock, *_ = self.assays.pop(id)
            answer = rock.lab.post(f"/v1/assays/{id}/withdrawal", {"reason": "wrong vial"})
            assert answer.status_code in (200, 201), answer.text

    def close(self) -> None:
        if self.rocks:
            rock = self.chance.choice(self.rocks)
            because = self.chance.choice(("lost", "too_little", None))
            path = f"/v1/lab/samples/{rock.label}/closing"
            assert rock.lab.post(path, {"because": because}).status_code in (200, 422)

    def declare(self) -> None:
        """A panel: what came in before keeps the answer that it gave."""
        if len(self.rocks) > 8:
            self.days += 1
            path = f"/v1/lab/panels/{uuid.uuid4()}"
            body = {
                "laboratory": ASSAY_EXAMPLE["laboratory"],
                "method": self.chance.choice(("gc_ms", "ftir", "test_strip")),
                "valid_from": f"2026-01-{self.days:02}T00:00:00Z",
                "substances": [
                    {"substance": name, "lod_percent": self.chance.choice((None, 0.05))}
                    for name in self.chance.sample(NAMED[:9], 3)
                ],
            }
            answer = self.rocks[0].lab.put(path, body)
            assert answer.status_code == 201, answer.text

    def erase(self) -> None:
        if len(self.rocks) > 8:
            rock = self.rocks.pop(self.chance.randrange(len(self.rocks)))
            assert rock.worker.delete(rock.path).status_code == 204
            self.assays = {id: held for id, held in self.assays.items() if held[0] is not rock}


def figures(connection: sa.Connection) -> dict[str, list[Any]]:
    """Every row of what is derived, in an order that does not depend on when it was written."""
    return {
        table: sorted(map(repr, map(_plain, connection.execute(sa.text(f"SELECT * FROM {table}")))))
        for table in FIGURES
    }


def _plain(row: sa.Row[Any]) -> tuple[Any, ...]:
    """A row; a JSON object without an order of its own."""
    cells = (
        orjson.loads(one) if str(one).startswith("{") and isinstance(one, str) else one
        for one in row
    )
    return tuple(sorted(one.items()) if isinstance(one, dict) else one for one in cells)


@pytest.mark.parametrize("seed", range(4))
def test_kept_up_or_rebuilt_it_is_the_same(
    take_in: Callable[..., Rock], settings: Settings, seed: int
) -> None:
    market, engine = Market(random.Random(seed), take_in), connect(settings.database)
    met: set[str] = set()
    for step in range(90):
        market.step()
        if step % 6 != 5:
            continue
        with engine.begin() as connection:
            kept = figures(connection)
            wrong = [one.rebuild(connection, clock.now()).wrong for one in PROJECTED.each]
            assert figures(connection) == kept
        assert wrong == [0] * len(PROJECTED.each)
        met |= {table for table, rows in kept.items() if rows}
    assert met == set(FIGURES)
    engine.dispose()
