"""Surveys that were made, kept for as long as no rock changes; and made one at a time.

What is kept holds figures, never rocks. Before anything is given out the database is asked whether a rock has
come, changed or gone since, by an erasure too: then all of it is thrown away.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from datetime import date
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from service.foundation.database import Database
from service.observatory import store
from service.observatory.disclosure import Opened, opened
from service.observatory.survey import Asked, Survey, surveyed

T = TypeVar("T")
MOST_KEPT = 32


class Shelf:
    """The surveys of one process."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._version = -1
        self._kept: dict[Hashable, Any] = {}

    async def survey(self, database: Database, asked: Asked, zone: ZoneInfo) -> Survey:
        """Every figure of the rocks asked for, exact."""

        async def make() -> Survey:
            rocks = await database.read_long(lambda connection: store.rocks(connection, asked, zone))
            return await asyncio.to_thread(surveyed, rocks, zone)

        return await self._of(database, asked, make)

    async def opened(self, database: Database, zone: ZoneInfo, today: date, threshold: int) -> Opened:
        """What everyone may know: every quarter that is open by today."""

        async def make() -> Opened:
            rocks = await database.read_long(lambda connection: store.rocks(connection, Asked(), zone))
            return await asyncio.to_thread(opened, rocks, zone, today, threshold)

        return await self._of(database, ("open", today, threshold), make)

    async def _of(self, database: Database, key: Hashable, make: Callable[[], Awaitable[T]]) -> T:
        async with self._lock:
            version = await database.read(store.version)
            if version != self._version:
                self._kept.clear()
                self._version = version
            if key not in self._kept:
                while len(self._kept) >= MOST_KEPT:
                    del self._kept[next(iter(self._kept))]
                self._kept[key] = await make()
            made: T = self._kept[key]
            return made
