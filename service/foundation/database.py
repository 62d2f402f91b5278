"""Two ways to the rows: read(fn) and write(fn), where fn is a plain function of a connection.

The rooms come in through this file; `sqlite.py` (the default) and `postgres.py` keep its promises.
Measured in tests/bench/. Roads not taken: an ORM session a request (six times slower, and p99 near
a second), aiosqlite (no queue for the write lock), synchronous=NORMAL (loses acknowledged commits
when the power fails).
"""

from datetime import UTC, datetime
from typing import Protocol, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Connection, Engine
from sqlmodel import SQLModel

from service.foundation.engine import InUse, Job, NotStored, engine_of, migrate, parse_url
from service.foundation.postgres import Postgres
from service.foundation.sqlite import Sqlite, purge_wal, sqlite_engine

__all__ = (
    "Database",
    "InUse",
    "Job",
    "NotStored",
    "UtcDateTime",
    "connect",
    "insert_new",
    "lock_tables",
    "migrate",
    "open_database",
    "purge_wal",
)

T = TypeVar("T")

# Constraints have names, so that a migration on either database can find them.
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_name)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class Database(Protocol):
    """The rows, behind two verbs."""

    async def read(self, job: Job[T]) -> T:
        """What the job returns, from one snapshot."""

    async def read_long(self, job: Job[T]) -> T:
        """As `read`, in a thread, for a job that may take a second: no other read waits for it.

        On SQLite an erasure does, up to 5 s: its traces leave the log when nobody reads from it.
        """

    async def write(self, job: Job[T]) -> T:
        """What the job returns, once it is on disk. Raises what the job raised, or NotStored."""

    def close(self) -> None:
        """Finish what is queued, then let go of the database."""


def open_database(url: str) -> Database:
    """The database at this URL, migrated to the newest revision. Raises InUse."""
    address = parse_url(url)
    if address.get_backend_name() == "sqlite":
        return Sqlite(address)
    return Postgres(address)


def connect(url: str) -> Engine:
    """An engine with our settings, for a command that does one short thing and ends."""
    address = parse_url(url)
    if address.get_backend_name() == "sqlite":
        return sqlite_engine(address)
    return engine_of(address)


class UtcDateTime(sa.types.TypeDecorator[datetime]):
    """An instant: aware in Python, UTC in the row, on both databases."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        return value.replace(tzinfo=value.tzinfo or UTC).astimezone(UTC) if value else None


def insert_new(table: type[SQLModel] | sa.Table, *keys: str) -> postgresql.Insert:
    """An insert that does nothing where the keys are taken (rowcount 0).

    PostgreSQL's construct; SQLite's compiler speaks the same clause, so one statement serves both.
    """
    insert = postgresql.insert(table).on_conflict_do_nothing(index_elements=list(keys))
    return insert.execution_options(preserve_rowcount=True)


def lock_tables(connection: Connection, *tables: str) -> None:
    """Let nobody else write these tables until the transaction ends.

    On SQLite nobody does anyway.
    """
    if connection.dialect.name == "postgresql":
        names = ", ".join(tables)
        connection.execute(sa.text(f"LOCK TABLE {names} IN SHARE ROW EXCLUSIVE MODE"))
