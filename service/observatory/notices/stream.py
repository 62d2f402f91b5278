"""Who listens for warnings: one look at the database a second for all of them, whoever wrote.

Several processes on one PostgreSQL need nothing else to hear of each other. Every event carries all
that is in force: a listener who missed some has missed nothing. Its id is that of its content:
whoever comes back with it is sent only what differs.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from fastapi.sse import format_sse_event

from service.access import store as access
from service.foundation import clock, log
from service.foundation.database import Database
from service.observatory.notices import store

LOOK_SECONDS = 1.0
LOOKS_A_CHECK = 5
"""After so many looks, whether each listener's credential still opens the door."""
HEARTBEAT_SECONDS = 15.0
RETRY_MS = 3_000
STREAMS_A_CREDENTIAL = 20
"""A tablet opens one a tab; somebody who opens thousands would leave none to the others."""

Body = tuple[str, str]
"""An event's id and its data."""


@dataclass(eq=False)
class Listener:
    """One open stream. `over`: its credential was revoked or has ended."""

    digest: str
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    over: bool = False


class Listeners:
    """All open streams of this process."""

    def __init__(self) -> None:
        self._all: set[Listener] = set()
        self._looking: asyncio.Task[None] | None = None
        self._edition: tuple[int, int] | None = None
        self._bodies: dict[Hashable, asyncio.Future[Body]] = {}

    def __len__(self) -> int:
        return len(self._all)

    def exceeded(self, digest: str) -> bool:
        """Whether the holder of this credential listens often enough."""
        return sum(one.digest == digest for one in self._all) >= STREAMS_A_CREDENTIAL

    async def events(
        self,
        database: Database,
        digest: str,
        last: str | None,
        key: Hashable,
        body_of: Callable[[], Awaitable[Body]],
    ) -> AsyncIterator[bytes]:
        """The stream: what is in force, unless `last` is that already; again whenever it differs.

        `body_of` makes what everybody with the same `key` is told.
        """
        with self._joined(database, digest) as listener:
            yield format_sse_event(retry=RETRY_MS, comment="listening")
            while not listener.over:
                listener.woken.clear()
                tag, data = await self._body(key, body_of)
                if tag != last:
                    yield format_sse_event(event="notices", id=tag, data_str=data)
                    last = tag
                while not listener.woken.is_set():
                    try:
                        await asyncio.wait_for(listener.woken.wait(), HEARTBEAT_SECONDS)
                    except TimeoutError:
                        yield format_sse_event(comment="")

    @contextmanager
    def _joined(self, database: Database, digest: str) -> Iterator[Listener]:
        listener = Listener(digest)
        self._all.add(listener)
        if self._looking is None or self._looking.done():
            self._edition = None
            self._bodies.clear()
            self._looking = asyncio.create_task(self._look(database))
        try:
            yield listener
        finally:
            self._all.discard(listener)

    async def _look(self, database: Database) -> None:
        looks = 0
        while self._all:
            looks += 1
            try:
                edition = await database.read(
                    lambda connection: store.edition(connection, clock.now())
                )
                if edition != self._edition:
                    self._edition = edition
                    self._bodies.clear()
                    self._wake(self._all)
                if looks % LOOKS_A_CHECK == 0:
                    await self._check(database)
            except (
                Exception
            ) as error:  # whatever was written meanwhile is told when the database is back
                log.events.error("notices were not looked at: %s", type(error).__name__)
                self._edition = None
            await asyncio.sleep(LOOK_SECONDS)

    async def _check(self, database: Database) -> None:
        asked_about = set(self._all)  # on PostgreSQL others join while the database is asked
        digests = sorted({one.digest for one in asked_about})

        alive = await database.read(
            lambda connection: access.still_open(connection, digests, clock.now())
        )
        shut = {one for one in asked_about if one.digest not in alive}

        for one in shut:
            one.over = True
        self._wake(shut)

    def _wake(self, listeners: set[Listener]) -> None:
        for one in listeners:
            one.woken.set()

    async def _body(self, key: Hashable, body_of: Callable[[], Awaitable[Body]]) -> Body:
        """Made once for all who are told the same."""
        made = self._bodies.get(key)
        if made is None or made.cancelled() or (made.done() and made.exception()):
            made = self._bodies[key] = asyncio.ensure_future(body_of())
        return await asyncio.shield(made)
