"""What the foundation's tests stand on: an SQLite file of their own, a running server, everything
logged."""

import logging
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from service.app import create_app
from tests.conftest import Knocker, enrol_everyone, make_settings
from tests.foundation.server import Server


@pytest.fixture
def sqlite_path(migrated_sqlite: Path, tmp_path: Path) -> Path:
    """An empty, migrated SQLite file."""
    return Path(shutil.copy(migrated_sqlite, tmp_path / "caillou.db"))


@pytest.fixture
def sqlite_url(sqlite_path: Path) -> str:
    return f"sqlite:///{sqlite_path}"


@pytest.fixture
def on_sqlite(sqlite_url: str, tmp_path: Path) -> Iterator[Knocker]:
    """An outreach worker at a service on SQLite, for what only SQLite can suffer."""
    enrol_everyone(sqlite_url)
    app = create_app(make_settings(sqlite_url, tmp_path))
    with TestClient(
        app, base_url="https://caillou.example", raise_server_exceptions=False
    ) as client:
        yield Knocker(client, "outreach")


@pytest.fixture
def new_server(tmp_path: Path) -> Iterator[Server]:
    """A server that the test may hurt; not yet started."""
    server = Server(tmp_path)
    yield server
    server.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A running server that several tests share, so none may stop it."""
    server = Server(tmp_path_factory.mktemp("server"))
    server.start()
    yield server
    server.close()


@pytest.fixture
def logged(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> pytest.LogCaptureFixture:
    """Everything that any logger says, as an operator who turned every knob up would read it."""
    monkeypatch.setattr(logging.getLogger("caillou"), "propagate", True)
    for name in ("caillou", "caillou.request", "caillou.event"):
        caplog.set_level(logging.DEBUG, logger=name)
    caplog.set_level(logging.DEBUG)
    return caplog
