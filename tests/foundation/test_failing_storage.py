"""When the disk, the database, another process or the network fails: the answer says so, nothing
that was acknowledged is lost, and the same request works again afterwards."""

import asyncio
import contextlib
import resource
import signal
import socket
import sqlite3
import struct
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import orjson
import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient
from sqlalchemy import Connection, event

from service.foundation.database import NotStored, connect, open_database
from service.foundation.settings import Settings
from service.foundation.sqlite import Sqlite
from tests.conftest import Knocker
from tests.foundation.server import (
    CREDENTIALS,
    LAST_RESORT,
    Server,
    command,
    ended,
    free_port,
    new_id,
)
from tests.rocks import rock_body

NOTE = "tousse depuis mardi et dort mal"


def assert_refused(answer: Any, kind: str, status: int) -> None:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == f"urn:caillou:problem:{kind}"
    assert answer.json()["status"] == status
    assert int(answer.headers["retry-after"]) > 0


def codes(worker: Knocker, count: int) -> list[str]:
    return [str(code) for code in worker.post("/v1/pickup-pads", {"count": count}).json()["codes"]]


# --- A commit that fails ---

BREAK_COMMIT = {
    "sqlite": (
        "CREATE TABLE nowhere (id INTEGER PRIMARY KEY)",
        "CREATE TABLE dangling (id INTEGER REFERENCES nowhere (id) DEFERRABLE INITIALLY DEFERRED)",
        "CREATE TRIGGER broken AFTER INSERT ON samples BEGIN INSERT INTO dangling VALUES (1); END",
    ),
    "postgresql": (
        "CREATE TABLE nowhere (id INTEGER PRIMARY KEY)",
        "CREATE TABLE dangling (id INTEGER REFERENCES nowhere (id) DEFERRABLE INITIALLY DEFERRED)",
        "CREATE FUNCTION dangle() RETURNS trigger LANGUAGE plpgsql AS "
        "'BEGIN INSERT INTO dangling VALUES (1); RETURN NULL; END'",
        "CREATE TRIGGER broken AFTER INSERT ON samples FOR EACH ROW EXECUTE FUNCTION dangle()",
    ),
}
MEND_COMMIT = {"sqlite": "DROP TRIGGER broken", "postgresql": "DROP TRIGGER broken ON samples"}


def run(url: str, *statements: str) -> str:
    """Run these statements as somebody else would; the name of the database's kind."""
    engine = connect(url)
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()
    return engine.dialect.name


def test_a_commit_that_fails_is_503_and_the_same_submit_is_taken_once_it_works_again(
    worker: Knocker, code: str, settings: Settings, logged: pytest.LogCaptureFixture
) -> None:
    path, body = f"/v1/samples/{new_id()}", rock_body(code, note_to_lab=NOTE)
    kind = run(settings.database)
    run(settings.database, *BREAK_COMMIT[kind])

    assert_refused(worker.put(path, body), "not-stored", 503)
    assert worker.get(path).status_code == 404
    assert worker.get("/v1/samples").json()["samples"] == []

    run(settings.database, MEND_COMMIT[kind])
    assert worker.put(path, body).status_code == 201
    assert worker.get(path).json()["note_to_lab"] == NOTE
    assert NOTE not in logged.text
    assert code not in logged.text


def test_a_batch_whose_commit_fails_is_refused_as_a_whole(
    worker: Knocker, settings: Settings
) -> None:
    records = [{"id": new_id(), **rock_body(code)} for code in codes(worker, 3)]
    kind = run(settings.database)
    run(settings.database, *BREAK_COMMIT[kind])

    assert_refused(worker.post("/v1/samples/batch", {"samples": records}), "not-stored", 503)
    assert worker.get("/v1/samples").json()["samples"] == []

    run(settings.database, MEND_COMMIT[kind])
    receipts = worker.post("/v1/samples/batch", {"samples": records}).json()["receipts"]
    assert [receipt["status"] for receipt in receipts] == [201, 201, 201]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_database_that_ends_the_connection_in_the_middle_is_503_and_then_works_again(
    worker: Knocker, code: str, settings: Settings
) -> None:
    run(
        settings.database,
        "CREATE FUNCTION hang_up() RETURNS trigger LANGUAGE plpgsql AS "
        "'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END'",
        "CREATE TRIGGER broken AFTER INSERT ON samples FOR EACH ROW EXECUTE FUNCTION hang_up()",
    )
    path, body = f"/v1/samples/{new_id()}", rock_body(code)

    assert_refused(worker.put(path, body), "not-stored", 503)

    run(settings.database, MEND_COMMIT["postgresql"])
    assert worker.get(path).status_code == 404
    assert worker.put(path, body).status_code == 201


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_database_that_was_restarted_is_not_noticed(
    worker: Knocker, code: str, settings: Settings
) -> None:
    path = f"/v1/samples/{new_id()}"
    assert worker.put(path, rock_body(code)).status_code == 201
    run(
        settings.database,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()",
    )

    assert worker.get(path).status_code == 200
    assert worker.put(path, rock_body(code)).json()["outcome"] == "identical"


def test_all_who_share_a_failing_commit_are_told_and_none_of_them_is_stored(
    sqlite_url: str,
) -> None:
    database = open_database(sqlite_url)
    assert isinstance(database, Sqlite)
    failing, began, release = threading.Event(), threading.Event(), threading.Event()

    @event.listens_for(database._engine, "commit")
    def fail(connection: Connection) -> None:
        if failing.is_set() and not connection.get_execution_options().get("reading"):
            raise sa.exc.OperationalError("COMMIT", {}, Exception("disk I/O error"))

    def block(_: Connection) -> None:
        began.set()
        assert release.wait(LAST_RESORT)

    def add(site: str) -> Callable[[Connection], str]:
        def job(connection: Connection) -> str:
            connection.exec_driver_sql("INSERT INTO sites VALUES (?, 'x', 1, 0)", (site,))
            return site

        return job

    def sites(connection: Connection) -> list[str]:
        return list(connection.exec_driver_sql("SELECT id FROM sites ORDER BY id").scalars())

    async def scenario() -> tuple[list[Any], list[str], list[Any], list[str]]:
        blocked = asyncio.create_task(database.write(block))
        await asyncio.to_thread(began.wait, LAST_RESORT)
        waiting = asyncio.gather(
            *(database.write(add(f"a{n}")) for n in range(5)), return_exceptions=True
        )
        await asyncio.sleep(0)
        failing.set()
        release.set()
        lost = await waiting
        await asyncio.gather(blocked, return_exceptions=True)
        after_failure = await database.read(sites)
        failing.clear()
        kept = await asyncio.gather(*(database.write(add(f"b{n}")) for n in range(5)))
        return lost, after_failure, kept, await database.read(sites)

    lost, after_failure, kept, stored = asyncio.run(scenario())
    database.close()

    assert [type(one) for one in lost] == [NotStored] * 5
    assert not any(one.full for one in lost)
    assert after_failure == []
    assert kept == stored == [f"b{n}" for n in range(5)]


@pytest.fixture
def soon_out_of_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.foundation.sqlite.BUSY_MS", 200)


def test_somebody_who_holds_the_lock_too_long_is_503_and_then_works_again(
    soon_out_of_patience: None, on_sqlite: Knocker, sqlite_path: Path
) -> None:
    [code] = codes(on_sqlite, 1)
    path = f"/v1/samples/{new_id()}"
    other = sqlite3.connect(sqlite_path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    assert_refused(on_sqlite.put(path, rock_body(code)), "not-stored", 503)
    assert on_sqlite.get(path).status_code == 404

    other.execute("ROLLBACK")
    other.close()
    assert on_sqlite.put(path, rock_body(code)).status_code == 201


# --- A full disk ---


def full_after(client: TestClient, pages: int | None) -> None:
    """Let SQLite's file grow by so many pages and no further; None takes the limit away."""

    async def limit() -> None:
        database = client.app.state.database  # type: ignore[attr-defined]

        def job(connection: Connection) -> None:
            held = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
            most = 2**30 if pages is None else held + pages
            connection.exec_driver_sql(f"PRAGMA max_page_count = {most}")

        await database.write(job)

    assert client.portal is not None
    client.portal.call(limit)


def test_sqlite_that_is_full_is_507_and_keeps_every_acknowledged_sample(on_sqlite: Knocker) -> None:
    waiting = [
        (f"/v1/samples/{new_id()}", rock_body(code, note_to_lab="x" * 200))
        for code in codes(on_sqlite, 40)
    ]
    full_after(on_sqlite._client, 4)
    answers = [(path, body, on_sqlite.put(path, body)) for path, body in waiting]
    acknowledged = [path for path, _, answer in answers if answer.status_code == 201]
    refused = [(path, body, answer) for path, body, answer in answers if answer.status_code != 201]

    assert acknowledged
    assert refused
    for _, _, answer in refused:
        assert_refused(answer, "storage-full", 507)
    assert {on_sqlite.get(path).status_code for path in acknowledged} == {200}
    assert {on_sqlite.get(path).status_code for path, _, _ in refused} == {404}
    assert on_sqlite.get("/healthz").status_code == 200

    full_after(on_sqlite._client, None)
    assert {on_sqlite.put(path, body).status_code for path, body, _ in refused} == {201}


@contextmanager
def no_file_may_grow_past(pid: int, most: int) -> Iterator[None]:
    """The process's writes beyond this many bytes of any file fail, as they do where a quota is
    used up."""
    soft, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (most, hard))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits another process's files")
def test_files_that_cannot_grow_refuse_submits_lose_nothing_and_work_again_when_they_can(
    new_server: Server,
) -> None:
    new_server.start()
    waiting = [(new_id(), code) for code in new_server.codes(60)]
    acknowledged = [
        id for id, code in waiting[:5] if new_server.submit(id, code).status_code == 201
    ]
    refused: list[tuple[str, str]] = []
    grown = new_server.database.with_name("demo.db-wal").stat().st_size

    with no_file_may_grow_past(new_server.pid, grown + 20_000):
        with ThreadPoolExecutor(4) as tablets:
            answers = list(tablets.map(lambda one: new_server.submit(*one), waiting[5:]))
        for (id, code), answer in zip(waiting[5:], answers, strict=True):
            if answer.status_code == 201:
                acknowledged.append(id)
                continue
            refused.append((id, code))
            full = answer.status_code == 507
            assert_refused(answer, "storage-full" if full else "not-stored", 507 if full else 503)
        assert len(acknowledged) >= 5
        assert len(refused) > 40
        assert new_server.client.get("/healthz").status_code == 200
        assert {new_server.status_of(id) for id in acknowledged} == {200}
        assert {new_server.status_of(id) for id, _ in refused} == {404}
        assert Counter(new_server.listed()) == Counter(acknowledged)

    assert {new_server.submit(id, code).status_code for id, code in refused} == {201}
    assert Counter(new_server.listed()) == Counter(id for id, _ in waiting)
    assert "Traceback" not in new_server.log


# --- A second process, and a process that is killed ---


@pytest.fixture(scope="module")
def refused_second(server: Server) -> tuple[int, str, str]:
    """How a second process on the same data ended: its exit code, what it said, the credentials
    before it."""
    before = (server.data_dir / CREDENTIALS).read_text()
    elsewhere = {"DATA_DIR": str(server.data_dir), "PORT": str(free_port())}
    status, errors = ended(command("run", environment=elsewhere))
    return status, errors, before


def test_a_second_process_on_the_same_file_refuses_to_start(
    refused_second: tuple[int, str, str],
) -> None:
    assert refused_second[0] != 0


def test_a_second_process_says_in_one_sentence_which_file_is_taken(
    server: Server, refused_second: tuple[int, str, str]
) -> None:
    status, errors, _ = refused_second

    assert status == 2
    assert (
        errors.strip()
        == f"Refuses to start: {server.database} is already being served by another process."
    )


def test_the_first_process_goes_on_after_a_second_was_refused(
    server: Server, refused_second: tuple[int, str, str]
) -> None:
    [code] = server.codes(1)

    assert server.client.get("/readyz").status_code == 200
    assert server.submit(new_id(), code).status_code == 201
    assert (server.data_dir / CREDENTIALS).read_text() == refused_second[2]


def test_a_process_killed_under_load_has_every_acknowledged_sample_exactly_once(
    new_server: Server,
) -> None:
    new_server.start()
    sent = [(new_id(), code) for _ in range(2) for code in new_server.codes(500)]
    acknowledged: list[str] = []

    def submit(one: tuple[str, str]) -> None:
        with contextlib.suppress(httpx2.TransportError):
            if new_server.submit(*one).status_code == 201:
                acknowledged.append(one[0])

    with ThreadPoolExecutor(8) as tablets:
        for one in sent:
            tablets.submit(submit, one)
        while len(acknowledged) < 100:
            time.sleep(0.005)
        new_server.kill(signal.SIGKILL)

    assert 100 <= len(acknowledged) < len(sent)
    new_server.start()
    held = Counter(new_server.listed())
    assert set(held.values()) == {1}
    assert set(acknowledged) <= set(held)
    assert {new_server.status_of(id) for id in acknowledged[-20:]} == {200}

    unsure = [(id, code) for id, code in sent if id not in acknowledged][:30]
    assert {new_server.submit(id, code).status_code for id, code in unsure} <= {200, 201}
    with contextlib.closing(sqlite3.connect(new_server.database)) as other:
        entries = other.execute(
            "SELECT sample, count(*) FROM audit_log WHERE action = 'took_in' GROUP BY sample"
        ).fetchall()
    assert len(entries) == len(new_server.listed())
    assert {lines for _, lines in entries} == {1}


# --- Uploads that are cut ---

CUT = 400


def cut_uploads(server: Server, sent: list[tuple[str, str]]) -> None:
    """Send each submit and go away: by turns in the middle of the body, right after it, with and
    without a reset."""
    for turn, (id, code) in enumerate(sent):
        body = orjson.dumps(rock_body(code))
        head = (
            f"PUT /v1/samples/{id} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            f"Authorization: Bearer {server.credentials['outreach']}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        ).encode()
        with socket.create_connection(("127.0.0.1", server.port), timeout=LAST_RESORT) as tablet:
            if turn % 4 >= 2:
                tablet.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            tablet.sendall(head + (body if turn % 2 else body[: len(body) // 2]))


@dataclass(frozen=True)
class Cuts:
    """Uploads that were cut, and how the server stood before and after them."""

    sent: list[tuple[str, str]]
    files_before: int
    answered: int
    answered_after: float
    held: set[str]
    log: str


@pytest.fixture(scope="module")
def cuts(server: Server) -> Cuts:
    sent = [(new_id(), code) for code in server.codes(CUT)]
    files, already = open_files(server), len(server.log)
    cut_uploads(server, sent)
    began = time.monotonic()
    answered = server.client.get("/readyz").status_code
    answered_after = time.monotonic() - began
    give_up = time.monotonic() + LAST_RESORT
    while open_files(server) > files + 5 and time.monotonic() < give_up:
        time.sleep(0.05)
    server.client.get("/readyz")  # which is written after everything that was whole
    return Cuts(sent, files, answered, answered_after, set(server.listed()), server.log[already:])


def open_files(server: Server) -> int:
    return len(list(Path(f"/proc/{server.pid}/fd").iterdir())) if sys.platform == "linux" else 0


def test_after_cut_uploads_the_next_request_is_answered_at_once(server: Server, cuts: Cuts) -> None:
    [code] = server.codes(1)

    assert cuts.answered == 200
    assert cuts.answered_after < LAST_RESORT / 2
    assert server.submit(new_id(), code).status_code == 201


def test_a_body_that_was_cut_in_the_middle_is_not_stored(cuts: Cuts) -> None:
    assert not cuts.held & {id for id, _ in cuts.sent[::2]}


def test_cut_uploads_leave_no_transaction_open(server: Server, cuts: Cuts) -> None:
    with contextlib.closing(
        sqlite3.connect(server.database, isolation_level=None, timeout=LAST_RESORT)
    ) as other:
        other.execute("BEGIN IMMEDIATE")
        other.execute("ROLLBACK")
        busy, in_log, _ = other.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()

    assert (busy, in_log) == (0, 0)


def test_what_was_cut_can_be_sent_again(server: Server, cuts: Cuts) -> None:
    again = Counter(server.submit(id, code).status_code for id, code in cuts.sent)

    assert set(again) == {
        200,
        201,
    }  # some were whole and had been stored, though nobody waited for the answer
    assert again[201] >= CUT // 2
    assert max(Counter(server.listed()).values()) == 1


def test_cut_uploads_leave_no_traceback_in_the_log(cuts: Cuts) -> None:
    assert "Traceback" not in cuts.log
    assert "crash" not in cuts.log


def test_cut_uploads_are_logged_as_cut_and_not_as_a_failure_of_ours(cuts: Cuts) -> None:
    lines = [line.partition(" PUT /v1/samples/{id} ")[2] for line in cuts.log.splitlines()]
    statuses = Counter(line.split()[0] for line in lines if line)

    assert statuses["cut"] > 0
    assert set(statuses) <= {"cut", "200", "201"}


@pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux shows another process's files in /proc"
)
def test_cut_uploads_leave_no_socket_behind(server: Server, cuts: Cuts) -> None:
    give_up = time.monotonic() + LAST_RESORT
    while open_files(server) > cuts.files_before + 5 and time.monotonic() < give_up:
        time.sleep(0.1)

    assert open_files(server) <= cuts.files_before + 5


# --- What was taken back ---


def test_what_a_person_took_back_is_in_no_file_while_the_service_goes_on(
    on_sqlite: Knocker, sqlite_path: Path
) -> None:
    [code] = codes(on_sqlite, 1)
    path = f"/v1/samples/{new_id()}"
    assert on_sqlite.put(path, rock_body(code, note_to_lab=NOTE)).status_code == 201
    assert on_sqlite.delete(path).status_code == 204

    holding = [
        file.name for file in sqlite_path.parent.iterdir() if NOTE.encode() in file.read_bytes()
    ]

    assert holding == []
