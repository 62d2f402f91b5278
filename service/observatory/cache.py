"""Surveys that were made, kept for as long as no rock changes; and made one at a time.

What is kept holds figures, never rocks. Before anything is given out the database is asked whether
a rock has come, changed or gone since, by an erasure too: then all of it is thrown away.
"""

import asyncio
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from service.foundation.database import Database
from service.observatory import store
from service.observatory.disclosure import Opened, open_until, opened
from service.observatory.survey.asked import Asked
from service.observatory.survey.rocks import Rocks
from service.observatory.survey.whole import Survey, surveyed

MOST_KEPT = 32


@dataclass(frozen=True, slots=True)
class _OpenKey:
    """What the open survey depends on."""

    until: date
    threshold: int
    version: int


class SurveyCache:
    """The surveys of one process."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._version = -1
        self._kept: dict[Asked, Survey] = {}
        self._open: tuple[_OpenKey, Opened] | None = None

    async def survey(self, database: Database, asked: Asked, zone: ZoneInfo) -> Survey:
        """Every figure of the rocks asked for, exact."""
        async with self._lock:
            version = await database.read(store.version)
            if version != self._version:
                self._kept.clear()
                self._version = version
            if asked in self._kept:
                return self._kept[asked]

            self._make_room()
            rocks = await _read(database, asked, zone)
            survey = await asyncio.to_thread(surveyed, rocks, zone)
            self._kept[asked] = survey
            return survey

    def _make_room(self) -> None:
        """The oldest goes first."""
        while len(self._kept) >= MOST_KEPT:
            oldest = next(iter(self._kept))
            del self._kept[oldest]

    async def opened(
        self, database: Database, zone: ZoneInfo, today: date, threshold: int
    ) -> Opened:
        """What everyone may know by today.

        What comes in meanwhile is no work: only open quarters count.
        """
        until = open_until(today)
        async with self._lock:
            version = await database.read(lambda connection: store.version(connection, until))
            key = _OpenKey(until, threshold, version)
            if self._open is not None and self._open[0] == key:
                return self._open[1]

            rocks = await _read(database, Asked(until=until), zone)
            made = await asyncio.to_thread(opened, rocks, zone, today, threshold)
            self._open = (key, made)
            return made


async def _read(database: Database, asked: Asked, zone: ZoneInfo) -> Rocks:
    return await database.read_long(lambda connection: store.rocks(connection, asked, zone))
