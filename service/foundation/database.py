"""Two ways to the rows: read(fn) and write(fn), where fn is a plain function of a connection.

SQLite (the default): one thread owns the only write connection. It runs whatever is queued, each job in its
own savepoint, and commits once; answers leave after that commit, so what was acknowledged is on disk
(WAL, synchronous=FULL). Reads are short and run where they are asked, on the event loop. PostgreSQL: the same
functions run in threads, a transaction each. Measured in tests/bench/. Roads not taken: an ORM session a
request (six times slower, and p99 near a second), aiosqlite (no queue for the write lock), synchronous=NORMAL
(loses acknowledged commits when the power fails).
"""

import asyncio
import fcntl
import queue
import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Protocol, TypeVar

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from sqlalchemy import event
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import URL, Connection, Engine, make_url
from sqlmodel import SQLModel

from service.foundation.settings import ROOT

T = TypeVar("T")
Job = Callable[[Connection], T]

# Constraints have names, so that a migration on either database can find them.
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_name)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}

JOBS_A_COMMIT = 256
POSTGRES_THREADS = 10
BUSY_MS = 5000
POSTGRES_DISK_FULL = "53100"


class NotStored(Exception):
    """A write did not reach the disk; nothing of it is kept. `full` when the disk had no room."""

    def __init__(self, *, full: bool) -> None:
        super().__init__("storage full" if full else "not stored")
        self.full = full


class InUse(Exception):
    """Another process already serves this SQLite file."""


class UtcDateTime(sa.types.TypeDecorator[datetime]):
    """An instant: aware in Python, UTC in the row, on both databases."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        return value.replace(tzinfo=value.tzinfo or UTC).astimezone(UTC) if value else None


PURGE_WAL = "purge_wal"
# The reader's snapshots begin and end in SQLite's own words; SQLAlchemy sees one long transaction.
READER = "reader"


def purge_wal(connection: Connection) -> None:
    """Erase what this transaction deletes from SQLite's log as well, as soon as it is committed."""
    connection.info[PURGE_WAL] = True


def insert_new(table: Any, *keys: str) -> Any:
    """An insert that does nothing where the keys are taken (rowcount 0).

    PostgreSQL's construct; SQLite's compiler speaks the same clause, so one statement serves both.
    """
    insert = postgresql.insert(table).on_conflict_do_nothing(index_elements=list(keys))
    return insert.execution_options(preserve_rowcount=True)


def lock_tables(connection: Connection, *tables: str) -> None:
    """Let nobody else write these tables until the transaction ends; on SQLite nobody does anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text(f"LOCK TABLE {', '.join(tables)} IN SHARE ROW EXCLUSIVE MODE"))


class Database(Protocol):
    async def read(self, job: Job[T]) -> T:
        """What the job returns, from one snapshot."""

    async def read_long(self, job: Job[T]) -> T:
        """As `read`, for a job that may take a second: in a thread, so that no other read waits for it.

        On SQLite an erasure does, up to 5 seconds: its traces leave the log when nobody reads from it.
        """

    async def write(self, job: Job[T]) -> T:
        """What the job returns, once it is on disk. Raises what the job raised, or NotStored."""

    def close(self) -> None: ...


def open_database(url: str) -> Database:
    """The database at this URL, migrated to the newest revision. Raises InUse."""
    target = _normal(url)
    if target.get_backend_name() == "sqlite":
        return Sqlite(target)
    return Postgres(target)


def _normal(url: str) -> URL:
    target = make_url(url)
    if target.drivername in ("postgresql", "postgres"):
        target = target.set(drivername="postgresql+psycopg")
    if target.drivername not in ("sqlite", "postgresql+psycopg"):
        raise ValueError("DATABASE_URL must start with sqlite:/// or postgresql://")
    return target


def migrate(connection: Connection, revision: str = "head") -> None:
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def connect(url: str) -> Engine:
    """An engine with our settings, for a command that does one short thing and ends."""
    target = _normal(url)
    return _sqlite_engine(target) if target.get_backend_name() == "sqlite" else _engine(target)


def _engine(url: URL, **options: Any) -> Engine:
    # Parameters hold what people told us: they must never reach a log through an error's text.
    return sa.create_engine(url, hide_parameters=True, **options)


def _sqlite_engine(url: URL) -> Engine:
    if url.database and url.database != ":memory:":
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = _engine(url, connect_args={"check_same_thread": False, "timeout": BUSY_MS / 1000})

    @event.listens_for(engine, "connect")
    def _prepare(raw: Any, _record: Any) -> None:
        raw.isolation_level = None  # transactions begin where we say, so that savepoints work
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "secure_delete=ON",  # what a person takes back is overwritten, not only unlinked
        ):
            raw.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        if not connection.get_execution_options().get(READER):
            _raw(connection).execute("BEGIN IMMEDIATE").close()

    return engine


def _raw(connection: Connection) -> Any:
    """SQLite's own connection: its one-word statements need nothing of SQLAlchemy's."""
    return connection.connection.driver_connection


@dataclass(frozen=True)
class _Queued:
    job: Job[Any]
    loop: asyncio.AbstractEventLoop
    answer: asyncio.Future[Any]


@dataclass(frozen=True)
class _Done:
    queued: _Queued
    result: Any = None
    error: BaseException | None = None


class Sqlite:
    """One process, one writer. See the module's docstring."""

    def __init__(self, url: URL) -> None:
        self._lock = _claim(Path(url.database or ""))
        self._engine = _sqlite_engine(url)
        with self._engine.begin() as connection:
            migrate(connection)
        self._reader = self._engine.connect().execution_options(**{READER: True})
        self._queue: queue.SimpleQueue[_Queued | None] = queue.SimpleQueue()
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
        answer: asyncio.Future[T] = loop.create_future()
        self._queue.put(_Queued(job, loop, answer))
        return await answer

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
            _deliver(self._commit([queued for queued in batch if queued]))

    def _commit(self, batch: list[_Queued]) -> list[_Done]:
        try:
            with self._engine.connect() as connection:
                with connection.begin():
                    done = [_run(connection, queued) for queued in batch]
                if connection.info.pop(PURGE_WAL, False):
                    # What was erased leaves the write-ahead log too, before anybody is told that it is gone.
                    _raw(connection).execute("PRAGMA wal_checkpoint(TRUNCATE)").close()
        except BaseException as error:
            refusal = NotStored(full=_is_full(error))
            refusal.__cause__ = error
            return [_Done(queued, error=refusal) for queued in batch]
        return done


def _snapshot(reader: Connection, job: Job[T]) -> T:
    raw = _raw(reader)
    raw.execute("BEGIN").close()
    try:
        return job(reader)
    finally:
        raw.execute("ROLLBACK").close()


def _run(connection: Connection, queued: _Queued) -> _Done:
    raw = _raw(connection)
    raw.execute("SAVEPOINT job").close()
    try:
        result = queued.job(connection)
    except sa.exc.OperationalError:
        raise  # disk full or I/O: SQLite may have rolled everything back, so the whole commit fails
    except BaseException as error:
        raw.execute("ROLLBACK TO job").close()
        raw.execute("RELEASE job").close()
        return _Done(queued, error=error)
    raw.execute("RELEASE job").close()
    return _Done(queued, result)


def _deliver(done: list[_Done]) -> None:
    """Wake each event loop once, however many answers it gets."""
    by_loop: dict[asyncio.AbstractEventLoop, list[_Done]] = {}
    for item in done:
        by_loop.setdefault(item.queued.loop, []).append(item)
    for loop, items in by_loop.items():
        with suppress(RuntimeError):  # a loop that has closed waits for nothing
            loop.call_soon_threadsafe(_settle, items)


def _settle(items: list[_Done]) -> None:
    for item in items:
        if item.queued.answer.done():
            continue
        if item.error:
            item.queued.answer.set_exception(item.error)
        else:
            item.queued.answer.set_result(item.result)


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


def _is_full(error: BaseException) -> bool:
    """Whether the disk had no room, by the code that the database gave."""
    cause = getattr(error, "orig", error)
    return (
        getattr(cause, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
        or getattr(cause, "sqlstate", None) == POSTGRES_DISK_FULL
    )


class Postgres:
    """As many processes as wished; each job a transaction of its own, in a thread."""

    def __init__(self, url: URL) -> None:
        self._engine = _engine(url, pool_size=POSTGRES_THREADS, max_overflow=0, pool_pre_ping=True)
        with self._engine.begin() as connection:
            # Two processes starting at once take turns; the lock goes with the transaction.
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(2318018)")
            migrate(connection)
        self._threads = ThreadPoolExecutor(POSTGRES_THREADS, thread_name_prefix="database")

    async def read(self, job: Job[T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(
            self._threads, self._once, job, True
        )

    async def read_long(self, job: Job[T]) -> T:
        return await self.read(job)

    async def write(self, job: Job[T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(
            self._threads, self._once, job, False
        )

    def close(self) -> None:
        self._threads.shutdown()
        self._engine.dispose()

    def _once(self, job: Job[T], reading: bool) -> T:
        try:
            with self._begin(reading) as connection:
                return job(connection)
        except (sa.exc.OperationalError, sa.exc.InternalError) as error:
            raise NotStored(full=_is_full(error)) from error

    @contextmanager
    def _begin(self, reading: bool) -> Iterator[Connection]:
        with self._engine.connect() as connection:
            if reading:
                connection = connection.execution_options(
                    isolation_level="REPEATABLE READ", postgresql_readonly=True
                )
            with connection.begin():
                yield connection
