"""The servers that are compared, each a process of its own on loopback with a fresh SQLite file.

Ours is started as an operator starts it, over a database with a site, credentials and codes.
"""

import os
import secrets
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import psutil

from service.foundation import clock
from service.foundation.database import connect, migrate
from service.foundation.settings import ROOT
from service.intake import pickup
from service.intake.store import issue
from tests.bench.load import HOST, ask
from tests.conftest import SITE, TEST_KEY, enrol_everyone, make_settings

OURS, EACH, GROUP, PLAIN = "ours", "limit, commit each", "limit, group commit", "plain"
NAMES = (OURS, EACH, GROUP, PLAIN)
START_TRIES, START_PAUSE = 300, 0.1
STOP_SECONDS = 10
MB = 1_000_000
_KNOCK = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"


@dataclass(frozen=True)
class Server:
    """A running server and the file that it keeps."""

    name: str
    port: int
    process: "subprocess.Popen[bytes]"
    database: Path

    def samples(self, after: int = 0, limit: int = -1) -> list[tuple[UUID, str]]:
        """Ids and laboratory labels of the stored samples, in the order they came in."""
        query = "SELECT id, lab_label FROM samples ORDER BY rowid LIMIT ? OFFSET ?"
        return [(UUID(id), label) for id, label in self._rows(query, limit, after)]

    def result_rows(self) -> int:
        return int(self._rows("SELECT count(*) FROM results")[0][0])

    def cpu(self) -> float:
        """Seconds of work since it started, in its own code and in the kernel's."""
        times = psutil.Process(self.process.pid).cpu_times()
        return float(times.user + times.system)

    def memory(self) -> tuple[float, float]:
        """RSS and PSS in MB."""
        full = psutil.Process(self.process.pid).memory_full_info()
        return full.rss / MB, full.pss / MB

    def _rows(self, query: str, *values: int) -> list[tuple[str, str]]:
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as connection:
            return connection.execute(query, values).fetchall()


@contextmanager
def running(name: str, folder: Path, codes: list[str]) -> Iterator[Server]:
    """This server, ready; stopped at the end, and its log left in its folder."""
    folder.mkdir()
    database = folder / "caillou.db"
    port = _free_port()
    settings = {"DATA_DIR": str(folder), "HOST": HOST, "PORT": str(port)}
    if name == OURS:
        _furnish(folder, codes)
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", *_command(name, port)],
            cwd=ROOT,
            env={**os.environ, **settings, **_environment(name, database)},
            stdout=log,
            stderr=log,
        )
        try:
            _await_ready(process, port, folder / "log")
            yield Server(name, port, process, database)
        finally:
            _stop(process)


def _command(name: str, port: int) -> list[str]:
    if name == OURS:
        return ["service", "serve"]
    module = "tests.bench.plain" if name == PLAIN else "tests.bench.limit"
    return [
        "uvicorn",
        f"{module}:app",
        *("--host", HOST, "--port", str(port)),
        *("--loop", "uvloop", "--http", "httptools"),
        *("--no-access-log", "--log-level", "warning"),
    ]


def _environment(name: str, database: Path) -> dict[str, str]:
    match name:
        case "ours":
            return {
                "PICKUP_KEY": TEST_KEY,
                "WORDS_POLICY": "marked",
                "PUBLIC_URL": "https://caillou.example",
                "DATABASE_URL": "",
            }
        case "plain":
            return {"PLAIN_DATABASE": str(database)}
        case _:
            return {
                "LIMIT_DATABASE": str(database),
                "LIMIT_COMMIT": "group" if name == GROUP else "each",
            }


def new_codes(count: int) -> list[str]:
    return [pickup.new_code(secrets.randbelow) for _ in range(count)]


def _furnish(folder: Path, codes: list[str]) -> None:
    """Sites, credentials and pads of codes, as the operator and the tablets would leave them."""
    settings = make_settings("", folder)
    keys = pickup.Keys.of(settings.pickup_secret)
    engine = connect(settings.database)
    with engine.begin() as connection:
        migrate(connection)
    enrol_everyone(settings.database)
    sealed = [(keys.digest(code), keys.seal(code)) for code in codes]
    with engine.begin() as connection:
        issue(connection, sealed, site=SITE, ends_at=clock.now() + timedelta(days=365))
    engine.dispose()


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def _await_ready(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    for _ in range(START_TRIES):
        if process.poll() is not None:
            break
        try:
            ask(port, _KNOCK)
        except OSError:
            time.sleep(START_PAUSE)
        else:
            return
    raise RuntimeError(f"{process.args!r} did not start:\n{log.read_text()}")


def _stop(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(STOP_SECONDS)
