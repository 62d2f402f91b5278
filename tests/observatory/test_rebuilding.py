"""What is derived from answers, made anew by several processes that start at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa

from service.evidence import measured as evidence
from service.foundation import clock
from service.foundation.database import connect
from service.foundation.projections import Projection
from service.foundation.settings import Settings
from service.observatory import projection as observatory
from service.observatory.alerts import watch
from tests.conftest import Rock
from tests.rocks import cocaine, result

DERIVED: dict[str, tuple[Projection, tuple[str, ...]]] = {
    "measured": (evidence.PROJECTION, ("measured", "measured_counts")),
    "surveyed": (observatory.PROJECTION, ("surveyed",)),
    "tallied": (watch.PROJECTION, ("tallied", "tallies")),
}


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize("name", DERIVED)
def test_of_two_that_start_at_once_one_rebuilds(
    take_in: Callable[..., Rock], settings: Settings, name: str
) -> None:
    for percent in (40.0, 60.0):
        take_in().assayed(cocaine(percent), result("levamisole"))
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
