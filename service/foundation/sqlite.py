"""SQLite: one process, whose one writer thread commits whatever is queued together.

The thread owns the only write connection. It runs each job in its own savepoint and commits once;
answers leave after that commit, so what was acknowledged is on disk (WAL, synchronous=FULL). Reads
are short and run where they are asked, on the event loop.
"""

import asyncio
import fcntl
import queue
import sqlite3
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, Generic, Protocol, TypeVar

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import URL, Connection, Engine

from service.foundation.engine import InUse, Job, NotStored, engine_of, is_full, migrate

T = TypeVar("T")

JOBS_A_COMMIT = 256
BUSY_MS = 5000

PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "secure_delete=ON",  # what a person takes back is overwritten, not only unlinked
)

PURGE_WAL = "purge_wal"
# The reader's snapshots begin and end in SQLite's own words; SQLAlchemy sees one long transaction.
READER = "reader"


def purge_wal(connection: Connection) -> None:
    """Erase what this transaction deletes from SQLite's log too, as soon as it is committed."""
    connection.info[PURGE_WAL] = True


def sqlite_engine(url: URL) -> Engine:
    """An engine on this file, whose folder is made where it is missing."""
    if url.database and url.database != ":memory:":
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)

    engine = engine_of(url, connect_args={"check_same_thread": False, "timeout": BUSY_MS / 1000})

    @event.listens_for(engine, "connect")
    def _prepare(raw: sqlite3.Connection, _record: object) -> None:
        raw.isolation_level = None  # transactions begin where we say, so that savepoints work
        for pragma in PRAGMAS:
            _say(raw, f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        if not connection.get_execution_options().get(READER):
            _say(_raw(connection), "BEGIN IMMEDIATE")

    return engine


class Sqlite:
    """A `Database` on SQLite."""

    def __init__(self, url: URL) -> None:
        self._lock = _claim(Path(url.database or ""))
        self._engine = sqlite_engine(url)
        with self._engine.begin() as connection:
            migrate(connection)

        self._reader = self._engine.connect().execution_options(**{READER: True})
        self._queue: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._writer = threading.Thread(target=self._write_all, name="writer", daemon=True)
        self._writer.start()

    async def read(self, job: Job[T]) -> T:
        return _snapshot(self._reader, job)

    async def read_long(self, job: Job[T]) -> T:
        return await asyncio.to_thread(self._apart, job)

    def _apart(self, job: Job[T]) -> T:
        with self._engine.connect() as connection:
            return _snapshot(connection.execution_options(**{READER: True}), job)

    async def write(self, job: Job[T]) -> T:
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._queue.put(_Queued(job, loop, future))
        return await future

    def close(self) -> None:
        self._queue.put(None)
        self._writer.join()
        self._reader.close()
        self._engine.dispose()
        self._lock.close()

    def _write_all(self) -> None:
        closing = False
        while not closing:
            batch = [self._queue.get()]
            while len(batch) < JOBS_A_COMMIT and not self._queue.empty():
                batch.append(self._queue.get())

            closing = None in batch
            _deliver(self._commit([waiting for waiting in batch if waiting]))

    def _commit(self, batch: Sequence["_Waiting"]) -> list["_Answer"]:
        """Run these jobs and commit once; where that fails, none of them is stored."""
        try:
            with self._engine.connect() as connection:
                with connection.begin():
                    answers = [waiting.run(connection) for waiting in batch]

                if connection.info.pop(PURGE_WAL, False):
                    # What was erased leaves the log too, before anybody is told that it is gone.
                    _say(_raw(connection), "PRAGMA wal_checkpoint(TRUNCATE)")
        except BaseException as error:
            refusal = NotStored(full=is_full(error))
            refusal.__cause__ = error
            return [waiting.refuse(refusal) for waiting in batch]
        return answers


@dataclass(frozen=True, slots=True)
class _Answer:
    """What is to be done on an event loop, so that whoever waits there has an answer."""

    loop: asyncio.AbstractEventLoop
    give: Callable[[], None]


class _Waiting(Protocol):
    """Who waits for a write, whatever its job returns."""

    def run(self, connection: Connection) -> _Answer:
        """Do the job, so that its own failure undoes only itself. Raises OperationalError."""

    def refuse(self, error: BaseException) -> _Answer:
        """The answer that it was not stored."""


@dataclass(frozen=True, slots=True)
class _Queued(Generic[T]):
    """One job, and the future that its result goes to once it is on disk."""

    job: Job[T]
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[T]

    def run(self, connection: Connection) -> _Answer:
        raw = _raw(connection)
        _say(raw, "SAVEPOINT job")

        try:
            result = self.job(connection)
        except sa.exc.OperationalError:
            # Disk full or I/O: SQLite may have rolled everything back, so the whole commit fails.
            raise
        except BaseException as error:
            _say(raw, "ROLLBACK TO job")
            _say(raw, "RELEASE job")
            return self.refuse(error)

        _say(raw, "RELEASE job")
        return _Answer(self.loop, partial(self._return, result))

    def refuse(self, error: BaseException) -> _Answer:
        return _Answer(self.loop, partial(self._raise, error))

    def _return(self, result: T) -> None:
        if not self.future.done():
            self.future.set_result(result)

    def _raise(self, error: BaseException) -> None:
        if not self.future.done():
            self.future.set_exception(error)


def _snapshot(reader: Connection, job: Job[T]) -> T:
    """What the job returns, from one state of the tables."""
    raw = _raw(reader)
    _say(raw, "BEGIN")
    try:
        return job(reader)
    finally:
        _say(raw, "ROLLBACK")


def _deliver(answers: Sequence[_Answer]) -> None:
    """Wake each event loop once, however many answers it gets."""
    by_loop: dict[asyncio.AbstractEventLoop, list[_Answer]] = {}
    for answer in answers:
        by_loop.setdefault(answer.loop, []).append(answer)

    for loop, of_loop in by_loop.items():
        with suppress(RuntimeError):  # a loop that has closed waits for nothing
            loop.call_soon_threadsafe(_give_all, of_loop)


def _give_all(answers: Sequence[_Answer]) -> None:
    for answer in answers:
        answer.give()


def _raw(connection: Connection) -> sqlite3.Connection:
    """SQLite's own connection: its one-word statements need nothing of SQLAlchemy's."""
    raw: sqlite3.Connection | None = connection.connection.driver_connection
    if raw is None:
        raise LookupError("the connection is closed")
    return raw


def _say(raw: sqlite3.Connection, statement: str) -> None:
    """Run a statement that returns nothing."""
    raw.execute(statement).close()


def _claim(path: Path) -> IO[str]:
    """Hold the file's lock for this process's life. Raises InUse where another holds it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = path.with_suffix(".lock").open("w")

    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        raise InUse(str(path)) from None
    return lock
