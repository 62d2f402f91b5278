"""What is derived from answers, made anew by several processes that start at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa

from service.evidence import store as evidence
from service.foundation.database import connect
from service.foundation.settings import Settings
from service.observatory import store as observatory
from service.observatory.alerts import store as alerts
from tests.conftest import Rock
from tests.rocks import cocaine, result

Begin = Callable[[sa.Connection], None]
DERIVED: dict[Begin, tuple[str, ...]] = {
    evidence.begin: ("measured", "measured_counts"),
    observatory.begin: ("surveyed",),
    alerts.begin: ("tallied", "tallies"),
}


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize("begin", DERIVED, ids=lambda begin: begin.__module__)
def test_of_two_that_start_at_once_one_rebuilds(
    take_in: Callable[..., Rock], settings: Settings, begin: Begin
) -> None:
    for percent in (40.0, 60.0):
        take_in().assayed(cocaine(percent), result("levamisole"))
    engine = connect(settings.database)

    def held(connection: sa.Connection) -> list[list[Any]]:
        queries = (sa.text(f"SELECT {name}::text FROM {name} ORDER BY 1") for name in DERIVED[begin])
        return [list(connection.execute(query).scalars()) for query in queries]

    def start() -> None:
        with engine.begin() as connection:
            begin(connection)

    with engine.begin() as connection:
        before = held(connection)
        for name in DERIVED[begin]:
            connection.execute(sa.text(f"DELETE FROM {name}"))
    with ThreadPoolExecutor(1) as another:
        with engine.begin() as connection:
            begin(connection)
            late = another.submit(start)
            with pytest.raises(TimeoutError):
                late.result(0.3)
        late.result(30)
    with engine.begin() as connection:
        assert held(connection) == before and all(before)
    engine.dispose()
