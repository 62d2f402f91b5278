"""PostgreSQL: as many processes as wished; each job a transaction of its own, in a thread."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection

from service.foundation.engine import Job, NotStored, engine_of, is_full, migrate

T = TypeVar("T")

THREADS = 10


class Postgres:
    """A `Database` on PostgreSQL."""

    def __init__(self, url: URL) -> None:
        self._engine = engine_of(url, pool_size=THREADS, max_overflow=0, pool_pre_ping=True)

        with self._engine.begin() as connection:
            # Two processes starting at once take turns; the lock goes with the transaction.
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(2318018)")
            migrate(connection)

        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="database")

    async def read(self, job: Job[T]) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._once, job, True)

    async def read_long(self, job: Job[T]) -> T:
        return await self.read(job)

    async def write(self, job: Job[T]) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._once, job, False)

    def close(self) -> None:
        self._threads.shutdown()
        self._engine.dispose()

    def _once(self, job: Job[T], reading: bool) -> T:
        try:
            with self._begin(reading) as connection:
                return job(connection)
        except (sa.exc.OperationalError, sa.exc.InternalError) as error:
            raise NotStored(full=is_full(error)) from error

    @contextmanager
    def _begin(self, reading: bool) -> Iterator[Connection]:
        with self._engine.connect() as connection:
            if reading:
                connection = connection.execution_options(
                    isolation_level="REPEATABLE READ", postgresql_readonly=True
                )
            with connection.begin():
                yield connection
