"""A real Chromium in front of a real server on this machine, and pages that watch what they load.

Without a browser these journeys fail in CI and are skipped, loudly, anywhere else.
"""

import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit
from uuid import uuid4

import httpx2
import pytest
import uvicorn
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Playwright,
    ViewportSize,
    expect,
    sync_playwright,
)
from sqlalchemy import Connection

from service.access import passwords, store, tokens
from service.access.permissions import Role
from service.access.require import COOKIE
from service.app import create_app
from service.foundation import clock
from service.foundation.database import connect
from service.foundation.settings import DemoSettings, Settings
from service.pages.sign_in.routes import SIGNED_IN
from tests.conftest import IN_CI, SITE, Knocker, Rock, enrol_everyone, make_settings

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
)
PATIENCE_MS = 60_000
"""For what happens in a second where the machine does nothing else."""
PASSWORD = "a long password that only this test knows"
PHONE: ViewportSize = {"width": 390, "height": 844}
TABLET: ViewportSize = {"width": 800, "height": 1280}
NARROWEST: ViewportSize = {"width": 320, "height": 640}


def until(true: Callable[[], bool], patience_ms: int = PATIENCE_MS) -> None:
    """Waits for what a page cannot be asked to wait for, as long as for anything else."""
    ends = time.monotonic() + patience_ms / 1000
    while not true():
        assert time.monotonic() < ends, "it did not come"
        time.sleep(0.05)


# --- The browser ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Closed after each module: while it is open, no other event loop runs in this thread."""
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        path = chromium(playwright)
        if path is None:
            missing = f"NO BROWSER: none of {', '.join(NAMES)} is here, so no page was looked at"
            pytest.fail(missing) if IN_CI else pytest.skip(missing)
        opened = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield opened
        opened.close()


def chromium_path() -> str | None:
    """The system's Chromium; None where it has none."""
    return next(filter(None, map(shutil.which, NAMES)), None)


def chromium(playwright: Playwright) -> str | None:
    """The system's Chromium, else the one of Playwright; None where there is neither."""
    found = chromium_path()
    own = playwright.chromium.executable_path
    return found or (own if Path(own).exists() else None)


@dataclass
class Watched:
    """What a page loaded from elsewhere, and what its console complained of."""

    origin: str
    foreign: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def follow(self, context: BrowserContext) -> None:
        context.on("request", lambda request: self._ask(request.url))
        context.on("console", self._hear)
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))

    def _ask(self, url: str) -> None:
        if not url.startswith((self.origin + "/", "data:")):
            self.foreign.append(url)

    def _hear(self, message: ConsoleMessage) -> None:
        # The refusals that a journey asks for are no complaint.
        refused = message.text.startswith(
            "Failed to load resource: the server responded with a status of 4"
        )
        if message.type in ("error", "warning") and not refused:
            self.complaints.append(message.text)


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[..., Page]]:
    """A newcomer's page: `visit(url, java_script_enabled=False)`; `/paths` work from there on.

    In the end nothing may have come from another host, and no console may have complained.
    """
    visits: list[tuple[BrowserContext, Watched]] = []

    def visited(url: str, **more: Any) -> Page:
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        context = browser.new_context(
            **{"base_url": origin, "locale": "en-GB", "viewport": PHONE, **more}
        )
        context.set_default_timeout(PATIENCE_MS)
        watched = Watched(origin)
        watched.follow(context)
        visits.append((context, watched))
        page = context.new_page()
        page.goto(url)
        return page

    yield visited
    for context, _ in visits:
        context.close()
    assert [url for _, watched in visits for url in watched.foreign] == []
    assert [said for _, watched in visits for said in watched.complaints] == []


# --- The server -----------------------------------------------------------------------------------


@dataclass
class Served:
    """A running service: its address, and hands to fill it through HTTP."""

    address: str
    settings: Settings
    client: httpx2.Client
    server: "Server"

    def knock(self, holder: str) -> Knocker:
        return Knocker(cast(Any, self.client), holder)

    def codes(self, count: int = 1, holder: str = "outreach") -> list[str]:
        codes: list[str] = (
            self.knock(holder).post("/v1/pickup-pads", {"count": count}).json()["codes"]
        )
        return codes

    def take_in(self, holder: str = "outreach", code: str | None = None, **facts: Any) -> Rock:
        code = code or self.codes(holder=holder)[0]
        return Rock(self.knock(holder), self.knock("lab"), code, **facts)

    def add_person(self, name: str, role: Role) -> None:
        """Somebody who may sign in with PASSWORD."""
        with self.database() as connection:
            site = SITE if role is Role.OUTREACH else None
            store.add_person(
                connection, id=uuid4().hex, name=name, password=_hashed(), role=role, site=site
            )

    def session(self, role: Role) -> list[Any]:
        """The cookies of somebody signed in: `context.add_cookies(served.session(role))`."""
        token = tokens.mint()
        with self.database() as connection:
            store.add_credential(
                connection,
                store.NewCredential(
                    id=uuid4().hex,
                    digest=tokens.digest(token),
                    kind=store.SESSION,
                    label="session",
                    role=role,
                    site=SITE if role is Role.OUTREACH else None,
                    made_at=clock.now(),
                ),
            )
        return signed_in(token, SITE if role is Role.OUTREACH else "")

    @contextmanager
    def database(self) -> Iterator[Connection]:
        engine = connect(self.settings.database)
        with engine.begin() as connection:
            yield connection
        engine.dispose()


def signed_in(token: str, site: str) -> list[Any]:
    """The cookies that signing in sets."""
    about = {"domain": "127.0.0.1", "path": "/", "secure": True, "sameSite": "Strict"}
    return [
        {"name": COOKIE, "value": token, "httpOnly": True, **about},
        {"name": SIGNED_IN, "value": site, "httpOnly": False, **about},
    ]


@cache
def _hashed() -> str:
    return passwords.hashed(PASSWORD)


@pytest.fixture
def served(migrated_sqlite: Path, tmp_path: Path) -> Iterator[Served]:
    """The service as `serve` runs it: two sites, nobody's rocks."""
    with serve(migrated_sqlite, tmp_path, demo=False) as running:
        yield running


@pytest.fixture
def demo(migrated_sqlite: Path, tmp_path: Path) -> Iterator[Served]:
    """The service as `make run` runs it, with the credentials that it makes itself."""
    with serve(migrated_sqlite, tmp_path, demo=True) as running:
        yield running


@contextmanager
def serve(migrated: Path, folder: Path, *, demo: bool) -> Iterator[Served]:
    """A uvicorn of our own, in a thread, on a free port of 127.0.0.1, with a fresh database."""
    shutil.copy(migrated, folder / "caillou.db")
    door = socket.create_server(("127.0.0.1", 0))
    address = f"http://127.0.0.1:{door.getsockname()[1]}"
    settings = make_settings(f"sqlite:///{folder / 'caillou.db'}", folder, public_url=address)
    if demo:
        settings = DemoSettings.model_validate(settings.model_dump())
    else:
        enrol_everyone(settings.database)
    server = Server(settings, door)
    try:
        with httpx2.Client(base_url=address) as client:
            yield Served(address, settings, client, server)
    finally:
        server.stop()


class Server:
    """A uvicorn in a thread, at one address; it can be gone for a while."""

    def __init__(self, settings: Settings, door: socket.socket) -> None:
        self.settings = settings
        self._port = door.getsockname()[1]
        self._start(door)

    def _start(self, door: socket.socket) -> None:
        self.app = app = create_app(self.settings)
        config = uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=2)
        self._door, self._server = door, uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([door],), daemon=True)
        self._thread.start()
        while not self._server.started:
            assert self._thread.is_alive(), "the service did not start"
            time.sleep(0.01)

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(PATIENCE_MS / 1000)
        self._door.close()

    @contextmanager
    def gone(self) -> Iterator[None]:
        """While it lasts nothing listens there; what was stored is stored."""
        self.stop()
        try:
            yield
        finally:
            self._start(socket.create_server(("127.0.0.1", self._port)))
