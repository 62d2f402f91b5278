"""What read(fn) and write(fn) promise, on both databases: a result means it is stored, a failure
undoes only itself, and nobody sees half of anything."""

import asyncio
import threading
import traceback
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any, TypeVar

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st
from sqlalchemy import Connection
from sqlalchemy.dialects import sqlite

from service.foundation.database import (
    Database,
    InUse,
    UtcDateTime,
    connect,
    insert_new,
    open_database,
)
from service.foundation.sqlite import READER
from tests.foundation.server import LAST_RESORT

T = TypeVar("T")
SECRET = "rue de la Chapelle, 06 12 34 56 78"

WORDS = sa.Table(
    "words",
    sa.MetaData(),
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("word", sa.String(200), nullable=False, unique=True),
)
INSTANTS = sa.Table("instants", sa.MetaData(), sa.Column("at", UtcDateTime))


class Refused(Exception):
    """A job's own reason not to be kept."""


def using(url: str, scenario: Callable[[Database], Awaitable[T]]) -> T:
    """Open the database with an empty table of words, play the scenario, close."""
    database = open_database(url)

    async def play() -> T:
        await database.write(lambda connection: WORDS.create(connection, checkfirst=True))
        return await scenario(database)

    try:
        return asyncio.run(play())
    finally:
        database.close()


def add(id: int, word: str = "") -> Callable[[Connection], int]:
    def job(connection: Connection) -> int:
        connection.execute(WORDS.insert(), {"id": id, "word": word or f"word {id}"})
        return id

    return job


def add_then_fail(id: int) -> Callable[[Connection], int]:
    def job(connection: Connection) -> int:
        add(id)(connection)
        raise Refused(id)

    return job


def ids(connection: Connection) -> list[int]:
    return list(connection.scalars(sa.select(WORDS.c.id).order_by(WORDS.c.id)))


def stored_in(url: str) -> list[int]:
    """What another process would find."""
    engine = connect(url)
    with engine.begin() as connection:
        found = ids(connection)
    engine.dispose()
    return found


class Held:
    """Keeps writers busy until released, so that what is queued meanwhile waits together."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._release = threading.Event()
        self._began = threading.Event()

    def _job(self, connection: Connection) -> None:
        self._began.set()
        assert self._release.wait(LAST_RESORT)

    async def __aenter__(self) -> "Held":
        self._task = asyncio.create_task(self._database.write(self._job))
        await asyncio.to_thread(self._began.wait, LAST_RESORT)
        return self

    def release(self) -> None:
        self._release.set()

    async def __aexit__(self, *_: object) -> None:
        self.release()
        await self._task


# --- What a job gets and leaves ---


def test_a_write_returns_what_its_job_returned_and_it_is_stored(database_url: str) -> None:
    async def scenario(database: Database) -> int:
        return await database.write(add(7))

    assert using(database_url, scenario) == 7
    assert stored_in(database_url) == [7]


def test_a_read_returns_what_its_job_returned(database_url: str) -> None:
    async def scenario(database: Database) -> tuple[str, int]:
        return await database.read(lambda connection: ("found", len(ids(connection))))

    assert using(database_url, scenario) == ("found", 0)


def test_a_job_that_raises_undoes_only_itself(database_url: str) -> None:
    async def scenario(database: Database) -> list[Any]:
        async with Held(database) as held:
            jobs = [add(1), add_then_fail(2), add(3), add_then_fail(4), add(5)]
            waiting = asyncio.gather(*map(database.write, jobs), return_exceptions=True)
            await asyncio.sleep(0)
            held.release()
            return await waiting

    first, second, third, fourth, fifth = using(database_url, scenario)

    assert [first, third, fifth] == [1, 3, 5]
    assert isinstance(second, Refused)
    assert second.args == (2,)
    assert isinstance(fourth, Refused)
    assert fourth.args == (4,)
    assert stored_in(database_url) == [1, 3, 5]


def test_a_job_that_breaks_a_constraint_undoes_only_itself(database_url: str) -> None:
    def twice(connection: Connection) -> int:
        add(10, "kept by nobody")(connection)
        return add(11, "taken")(connection)

    async def scenario(database: Database) -> list[Any]:
        await database.write(add(1, "taken"))
        async with Held(database) as held:
            waiting = asyncio.gather(
                *map(database.write, [add(2), twice, add(3)]), return_exceptions=True
            )
            await asyncio.sleep(0)
            held.release()
            return await waiting

    before, broken, after = using(database_url, scenario)

    assert (before, after) == (2, 3)
    assert isinstance(broken, sa.exc.IntegrityError)
    assert stored_in(database_url) == [1, 2, 3]


def test_whatever_mixture_is_queued_exactly_the_jobs_that_returned_are_stored(
    database_url: str,
) -> None:
    async def scenario(database: Database) -> None:
        @effort(max_examples=25, deadline=None, database=None)
        @given(fails=st.lists(st.booleans(), min_size=1, max_size=40))
        def every(fails: list[bool]) -> None:
            # Hypothesis is not asynchronous, so each mixture is played by a loop of its own.
            thread = threading.Thread(target=lambda: answers.append(asyncio.run(play(fails))))
            thread.start()
            thread.join()
            answered, kept = answers.pop()
            wanted = [number for number, fail in enumerate(fails) if not fail]
            assert [one for one in answered if isinstance(one, int)] == wanted
            assert sum(isinstance(one, Refused) for one in answered) == sum(fails)
            assert kept == wanted

        async def play(fails: list[bool]) -> tuple[list[Any], list[int]]:
            await database.write(lambda connection: connection.execute(WORDS.delete()))
            jobs = [add_then_fail(n) if fail else add(n) for n, fail in enumerate(fails)]
            answered = await asyncio.gather(*map(database.write, jobs), return_exceptions=True)
            return answered, await database.write(ids)

        answers: list[tuple[list[Any], list[int]]] = []
        every()

    using(database_url, scenario)


def test_many_writes_at_once_are_all_stored(database_url: str) -> None:
    async def scenario(database: Database) -> list[int]:
        return await asyncio.gather(*(database.write(add(n)) for n in range(1000)))

    assert using(database_url, scenario) == list(range(1000))
    assert stored_in(database_url) == list(range(1000))


def test_an_insert_of_what_is_there_already_changes_nothing_and_says_so(database_url: str) -> None:
    statement = insert_new(WORDS, "id")

    async def scenario(database: Database) -> tuple[int, int, list[str]]:
        first = await database.write(
            lambda c: c.execute(statement, {"id": 1, "word": "held"}).rowcount
        )
        again = await database.write(
            lambda c: c.execute(statement, {"id": 1, "word": "late"}).rowcount
        )
        return first, again, await database.read(lambda c: list(c.scalars(sa.select(WORDS.c.word))))

    assert using(database_url, scenario) == (1, 0, ["held"])


def test_an_instant_comes_back_as_the_same_instant_in_utc(database_url: str) -> None:
    offsets = st.integers(-14 * 60, 14 * 60).map(
        lambda minutes: timezone(timedelta(minutes=minutes))
    )
    instants = st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=offsets)  # noqa: DTZ001

    engine = connect(database_url)
    with engine.begin() as connection:
        INSTANTS.create(connection)

        @effort(max_examples=50, deadline=None, database=None)
        @given(at=instants)
        def every(at: datetime) -> None:
            connection.execute(INSTANTS.delete())
            connection.execute(INSTANTS.insert(), {"at": at})
            kept = connection.scalars(sa.select(INSTANTS.c.at)).one()
            assert kept == at
            assert kept.utcoffset() == timedelta(0)

        every()
    engine.dispose()


# --- Who sees what, when ---


def test_a_read_sees_a_write_as_soon_as_it_was_acknowledged(database_url: str) -> None:
    async def scenario(database: Database) -> list[int]:
        seen = []
        for number in range(50):
            await database.write(add(number))
            seen.append(len(await database.read(ids)))
        return seen

    assert using(database_url, scenario) == list(range(1, 51))


def test_one_read_sees_one_snapshot_and_the_next_read_sees_what_came_meanwhile(
    database_url: str,
) -> None:
    other = connect(database_url)

    def look_twice(connection: Connection) -> tuple[list[int], list[int]]:
        before = ids(connection)
        with other.begin() as somebody_else:
            add(2)(somebody_else)
        return before, ids(connection)

    async def scenario(database: Database) -> tuple[tuple[list[int], list[int]], list[int]]:
        await database.write(add(1))
        return await database.read(look_twice), await database.read(ids)

    within, next_read = using(database_url, scenario)
    other.dispose()

    assert within == ([1], [1])
    assert next_read == [1, 2]


def test_a_read_that_raises_leaves_the_next_read_whole(database_url: str) -> None:
    def fail(connection: Connection) -> None:
        ids(connection)
        raise Refused

    async def scenario(database: Database) -> list[int]:
        with pytest.raises(Refused):
            await database.read(fail)
        await database.write(add(1))
        return await database.read(ids)

    assert using(database_url, scenario) == [1]


def test_a_write_that_looks_before_it_stores_is_not_undone_by_another_process(
    database_url: str,
) -> None:
    other = connect(database_url)

    def write_too() -> None:
        with other.begin() as somebody_else:
            add(2)(somebody_else)

    def look_and_store(connection: Connection) -> int:
        held = ids(connection)
        thread.start()
        thread.join(0.3)  # on SQLite it has to wait for us
        return add(len(held) + 10)(connection)

    async def scenario(database: Database) -> int:
        await database.write(add(1))
        return await database.write(look_and_store)

    thread = threading.Thread(target=write_too)
    assert using(database_url, scenario) == 11
    thread.join(10)
    other.dispose()
    assert stored_in(database_url) == [1, 2, 11]


# --- Those who wait, and those who stop waiting ---


def test_a_waiter_that_gives_up_does_not_hurt_the_others(database_url: str) -> None:
    async def scenario(database: Database) -> list[int]:
        async with Held(database) as held:
            tasks = [asyncio.create_task(database.write(add(n))) for n in range(5)]
            await asyncio.sleep(0)
            tasks[2].cancel()
            await asyncio.sleep(0)
            held.release()
            rest = [await task for task in tasks if task is not tasks[2]]
        assert tasks[2].cancelled()
        return [*rest, await database.write(add(99))]

    assert using(database_url, scenario) == [0, 1, 3, 4, 99]
    assert set(stored_in(database_url)) >= {0, 1, 3, 4, 99}


def test_a_loop_that_ended_before_its_answer_came_does_not_stop_the_writer(sqlite_url: str) -> None:
    database = open_database(sqlite_url)
    began, release = threading.Event(), threading.Event()

    def slow(connection: Connection) -> None:
        began.set()
        assert release.wait(LAST_RESORT)

    async def give_up() -> None:
        task = asyncio.create_task(database.write(slow))
        await asyncio.to_thread(began.wait, LAST_RESORT)
        task.cancel()

    async def go_on() -> int:
        async with asyncio.timeout(LAST_RESORT):
            await database.write(lambda connection: WORDS.create(connection))
            return await database.write(add(1))

    asyncio.run(give_up())
    release.set()
    assert asyncio.run(go_on()) == 1
    database.close()


def test_closing_stores_and_answers_what_was_queued(database_url: str) -> None:
    async def scenario(database: Database) -> list[int]:
        async with Held(database) as held:
            tasks = [asyncio.create_task(database.write(add(n))) for n in range(600)]
            await asyncio.sleep(0)
            threading.Timer(0.05, held.release).start()
            database.close()
            return await asyncio.gather(*tasks)

    assert using(database_url, scenario) == list(range(600))
    assert stored_in(database_url) == list(range(600))


# --- What an engine is made of ---

PRAGMAS = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1}


def pragmas(connection: Connection) -> dict[str, Any]:
    return {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in PRAGMAS}


def test_every_sqlite_connection_is_durable_checked_and_forgets_what_is_deleted(
    sqlite_url: str,
) -> None:
    async def scenario(database: Database) -> tuple[dict[str, Any], dict[str, Any]]:
        return await database.write(pragmas), await database.read(pragmas)

    assert using(sqlite_url, scenario) == (PRAGMAS, PRAGMAS)
    engine = connect(sqlite_url)
    with engine.begin() as one, engine.connect().execution_options(**{READER: True}) as another:
        assert (pragmas(one), pragmas(another)) == (PRAGMAS, PRAGMAS)
    engine.dispose()


def test_what_was_deleted_is_in_no_file_once_the_database_is_closed(sqlite_path: Path) -> None:
    async def keep(database: Database) -> None:
        await database.write(add(1, SECRET))

    async def take_back(database: Database) -> None:
        await database.write(lambda connection: connection.execute(WORDS.delete()))

    def found() -> bool:
        return any(SECRET.encode() in path.read_bytes() for path in sqlite_path.parent.iterdir())

    using(f"sqlite:///{sqlite_path}", keep)
    assert found()
    using(f"sqlite:///{sqlite_path}", take_back)
    assert not found()


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO words (id, word) VALUES (1, :told)",
        "INSERT INTO words (id, word, street) VALUES (2, :told, :told)",
        "INSERT INTO nowhere VALUES (:told)",
        "UPDATE words SET id = 2 WHERE word <> :told AND undefined(id)",
    ],
)
def test_the_text_of_a_database_error_holds_nothing_that_was_told(
    database_url: str, statement: str
) -> None:
    async def scenario(database: Database) -> BaseException:
        await database.write(add(1))
        job = sa.text(statement)
        with pytest.raises(Exception) as caught:
            await database.write(lambda connection: connection.execute(job, {"told": SECRET}))
        return caught.value

    error = using(database_url, scenario)

    for one in (error, error.__cause__):
        assert SECRET not in str(one)
        assert SECRET not in repr(one)
    assert SECRET not in "".join(traceback.format_exception(error))


# --- Opening ---


def test_an_sqlite_file_that_is_not_there_yet_is_made_and_migrated(tmp_path: Path) -> None:
    async def tables(database: Database) -> list[str]:
        return await database.read(lambda connection: sa.inspect(connection).get_table_names())

    assert {"samples", "credentials", "audit_log"} <= set(
        using(f"sqlite:///{tmp_path}/a/b/caillou.db", tables)
    )


def test_an_sqlite_file_is_served_by_one_at_a_time_and_is_free_again_after(sqlite_url: str) -> None:
    first = open_database(sqlite_url)
    with pytest.raises(InUse) as refusal:
        open_database(sqlite_url)
    first.close()
    open_database(sqlite_url).close()

    assert str(refusal.value) == sqlite_url.removeprefix("sqlite:///")


@pytest.mark.parametrize(
    "url", ["mysql://u:hidden@h/db", "sqlite+pysqlite_numeric:///x", "oracle://h"]
)
def test_a_kind_of_database_we_do_not_speak_is_refused_by_name(url: str) -> None:
    with pytest.raises(
        ValueError, match="DATABASE_URL must start with sqlite:/// or postgresql://"
    ) as refusal:
        open_database(url)

    assert "hidden" not in str(refusal.value)


def test_postgresql_is_reached_by_either_of_its_usual_spellings(postgres: str) -> None:
    rest = postgres.partition("://")[2]
    for scheme in ("postgres", "postgresql", "postgresql+psycopg"):
        engine = connect(f"{scheme}://{rest}")
        with engine.begin() as connection:
            assert connection.exec_driver_sql("SELECT 1").scalar() == 1
        engine.dispose()


def test_an_instant_that_no_row_holds_stays_absent() -> None:
    column = UtcDateTime()
    dialect = sqlite.dialect()

    assert column.process_bind_param(None, dialect) is None
    assert column.process_result_value(None, dialect) is None
    naive = datetime(2026, 1, 1)  # noqa: DTZ001
    assert column.process_result_value(naive, dialect) == naive.replace(tzinfo=UTC)
