"""Server-sent events, from a real server: what comes, what comes back, what ends."""

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import orjson
import psycopg
import pytest
import sqlalchemy as sa
import uvicorn
from fastapi import FastAPI

from service.app import create_app
from service.foundation.database import connect
from service.foundation.settings import Settings
from service.observatory.notices import stream
from service.observatory.notices.context import LISTENERS
from tests.conftest import database_in, enrol_everyone, make_settings, token_of
from tests.foundation.server import LAST_RESORT


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "LOOK_SECONDS", 0.05)
    monkeypatch.setattr(stream, "LOOKS_A_CHECK", 2)
    monkeypatch.setattr(stream, "HEARTBEAT_SECONDS", 0.2)


@contextmanager
def running(app: FastAPI) -> Iterator[httpx2.Client]:
    """This app behind a socket, in a thread."""
    config = uvicorn.Config(
        app, port=0, log_config=None, access_log=False, timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    give_up = time.monotonic() + LAST_RESORT
    while not server.started:
        assert thread.is_alive() and time.monotonic() < give_up
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        with httpx2.Client(
            base_url=f"http://127.0.0.1:{port}", timeout=LAST_RESORT, trust_env=False
        ) as client:
            yield client
    finally:
        server.should_exit = True
        thread.join(LAST_RESORT)
        assert not thread.is_alive(), "an open stream keeps the service from stopping"


@pytest.fixture
def served(settings: Settings) -> Iterator[tuple[httpx2.Client, FastAPI]]:
    enrol_everyone(settings.database)
    app = create_app(settings)
    with running(app) as client:
        yield client, app


def headers(holder: str, **more: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token_of(holder)}", **more}


class Heard:
    """An open stream, read line by line."""

    def __init__(self, response: httpx2.Response) -> None:
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        assert response.headers["cache-control"] == "no-store"
        self.lines = response.iter_lines()
        self.id = ""

    def until(self, wanted: list[str]) -> None:
        """Read until these substances are what is in force."""
        told: list[str] | None = None
        for line in self.lines:
            if line.startswith("id: "):
                self.id = line.removeprefix("id: ")
            if line.startswith("data: "):
                told = [
                    one["substance"] for one in orjson.loads(line.removeprefix("data: "))["notices"]
                ]
            if not line and told == wanted:
                return
        raise AssertionError("the stream ended")

    def comment(self) -> bool:
        return any(line.startswith(":") for line in self.lines)


@contextmanager
def listening(client: httpx2.Client, holder: str = "outreach", **more: str) -> Iterator[Heard]:
    with client.stream(
        "GET", "/v1/notices/stream?lang=en", headers=headers(holder, **more)
    ) as response:
        yield Heard(response)


def publish(client: httpx2.Client, substance: str, **more: str) -> str:
    body = {"kind": "found", "substance": substance, **more}
    answer = client.post("/v1/notices", json=body, headers=headers("coordinator"))
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def test_what_is_published_comes_and_what_ends_goes(served: tuple[httpx2.Client, FastAPI]) -> None:
    client, app = served
    with listening(client) as heard, listening(client, "neighbour") as other:
        heard.until([])
        notice = publish(client, "ketamine")
        heard.until(["ketamine"])
        other.until(["ketamine"])
        publish(client, "xylazine", site="here")
        heard.until(["xylazine", "ketamine"])
        client.post(
            f"/v1/notices/{notice}/withdrawal",
            json={"reason": "over"},
            headers=headers("coordinator"),
        )
        heard.until(["xylazine"])
        other.until([])
        assert heard.comment()  # a sign of life where nothing happens
        assert len(LISTENERS.of(app)) == 2
    give_up = time.monotonic() + LAST_RESORT
    while len(LISTENERS.of(app)):
        assert time.monotonic() < give_up, "a cut connection is still listened for"
        time.sleep(0.02)


def test_who_comes_back_is_told_only_what_differs(served: tuple[httpx2.Client, FastAPI]) -> None:
    client, _ = served
    publish(client, "ketamine")
    with listening(client) as heard:
        heard.until(["ketamine"])
    with listening(client, **{"Last-Event-ID": heard.id}) as again:
        lines = [next(again.lines) for _ in range(6)]  # a greeting and signs of life
        assert not [line for line in lines if line.startswith("data:")]
    publish(client, "xylazine")
    with listening(client, **{"Last-Event-ID": heard.id}) as again:
        again.until(["xylazine", "ketamine"])


def test_who_listens_after_a_silence_is_told_first_what_is_so_now(
    served: tuple[httpx2.Client, FastAPI],
) -> None:
    client, app = served
    with listening(client) as heard:
        heard.until([])
    give_up = time.monotonic() + LAST_RESORT
    looking = LISTENERS.of(app)._looking
    assert looking is not None
    while not looking.done():
        assert time.monotonic() < give_up, "nobody listens, and the database is still asked"
        time.sleep(0.02)
    publish(client, "ketamine")
    with listening(client) as again:
        first = next(line for line in again.lines if line.startswith("data: "))
        told = orjson.loads(first.removeprefix("data: "))["notices"]
        assert [one["substance"] for one in told] == ["ketamine"]


def test_a_revoked_credential_hears_no_more(
    served: tuple[httpx2.Client, FastAPI], settings: Settings
) -> None:
    client, _ = served
    with listening(client) as heard, listening(client, "lab") as other:
        heard.until([])
        other.until([])
        engine = connect(settings.database)
        with engine.begin() as connection:
            connection.execute(sa.text("DELETE FROM credentials WHERE label = 'outreach'"))
        engine.dispose()
        with pytest.raises(AssertionError, match="the stream ended"):
            heard.until(["nothing"])
        publish(client, "ketamine")
        other.until(["ketamine"])
    refused = client.get("/v1/notices/stream", headers=headers("outreach"))
    assert refused.status_code == 401


def test_who_comes_while_credentials_are_checked_is_not_sent_away() -> None:
    """On PostgreSQL the check is in another thread, and the door is open meanwhile."""
    listeners, early, late = stream.Listeners(), stream.Listener("early"), stream.Listener("late")
    listeners._all.add(early)

    class Busy:
        async def read(self, job: Any) -> set[str]:
            listeners._all.add(late)
            return {"early"}

    asyncio.run(listeners._check(Busy()))  # type: ignore[arg-type]

    assert not late.over
    assert not early.over


def test_one_credential_opens_only_so_many(
    served: tuple[httpx2.Client, FastAPI], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "STREAMS_A_CREDENTIAL", 1)
    client, _ = served
    with listening(client) as heard:
        heard.until([])
        refused = client.get("/v1/notices/stream", headers=headers("outreach"))
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "60")
        with listening(client, "lab") as other:
            other.until([])


def test_what_another_process_publishes_comes_too(postgres: str, tmp_path: Path) -> None:
    """Two services on one PostgreSQL: what is told to one is heard at the other."""
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute('CREATE DATABASE "two_processes" TEMPLATE template_caillou')
    settings = make_settings(database_in(postgres, "two_processes"), tmp_path)
    enrol_everyone(settings.database)
    with (
        running(create_app(settings)) as one,
        running(create_app(settings)) as another,
        listening(one) as heard,
    ):
        heard.until([])
        publish(another, "ketamine")
        heard.until(["ketamine"])
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute('DROP DATABASE "two_processes" WITH (FORCE)')
