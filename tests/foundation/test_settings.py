"""What the operator must decide is asked for by name before anything is served; demo mode is never
reached by accident; and its credentials are complete, private and lasting."""

import asyncio
import base64
import json
import os
import re
import signal
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given
from hypothesis import settings as effort
from hypothesis import strategies as st
from pydantic import ValidationError
from sqlalchemy import Connection
from typer.testing import CliRunner, Result

from service.access import store as access
from service.access.site import Offers
from service.app import create_app
from service.commands import app as commands
from service.foundation import clock
from service.foundation.database import open_database
from service.foundation.settings import DemoSettings, Settings
from service.intake import store as intake
from service.intake.pickup import Keys
from tests.conftest import TEST_KEY, make_settings
from tests.foundation.server import CREDENTIALS, Server, command, ended, free_port

NEEDED = {"PICKUP_KEY": TEST_KEY, "WORDS_POLICY": "marked", "PUBLIC_URL": "https://caillou.example"}


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """None of our settings stands in the environment of the tests."""
    for name in [*Settings.model_fields, "demo"]:
        for spelling in (name, name.upper()):
            monkeypatch.delenv(spelling, raising=False)


def serve(**environment: str) -> Result:
    """`serve` within this process: only for settings that must be refused, or it would go on
    serving."""
    return CliRunner().invoke(commands, ["serve"], env={**environment})


# --- What is missing or wrong ---


def test_serve_without_any_setting_refuses_to_start_and_names_each(tmp_path: Path) -> None:
    status, errors = ended(command("serve", environment={"DATA_DIR": str(tmp_path / "data")}))

    assert status == 2
    assert sorted(line.partition(":")[0] for line in errors.splitlines()) == sorted(NEEDED)
    assert "Traceback" not in errors
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("missing", NEEDED)
def test_serve_names_the_one_setting_that_is_missing(missing: str) -> None:
    refused = serve(**{name: value for name, value in NEEDED.items() if name != missing})

    assert refused.exit_code == 2
    assert [line.partition(":")[0] for line in refused.stderr.splitlines()] == [missing]


WRONG = [
    ("PICKUP_KEY", ""),
    ("PICKUP_KEY", "hunter2"),
    ("PICKUP_KEY", "clé secrète"),
    ("PICKUP_KEY", base64.urlsafe_b64encode(b"x" * 31).decode()),
    ("PICKUP_KEY", base64.urlsafe_b64encode(b"x" * 33).decode()),
    ("WORDS_POLICY", ""),
    ("WORDS_POLICY", "anything"),
    ("WORDS_POLICY", "Approved"),
    ("PUBLIC_URL", ""),
    ("PUBLIC_URL", "caillou.example"),
    ("PUBLIC_URL", "https://caillou.example/"),
    ("PUBLIC_URL", "https://caillou.example/path"),
    ("PUBLIC_URL", "ftp://caillou.example"),
    ("PUBLIC_URL", "https://cail lou.example"),
    ("PUBLIC_URL", "https://caillou.example\n"),
    ("PORT", "0"),
    ("PORT", "70000"),
    ("PORT", "eighty"),
    ("TIME_ZONE", ""),
    ("TIME_ZONE", "Paris"),
    ("TIME_ZONE", "../../etc/passwd"),
    ("TIME_ZONE", "Europe/Atlantis"),
    ("CODE_MONTHS", "0"),
    ("CODE_MONTHS", "never"),
    ("RECENT_DAYS", "-1"),
]


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_wrong_setting_is_refused_by_name_and_not_repeated(name: str, value: str) -> None:
    refused = serve(**{**NEEDED, name: value})

    assert refused.exit_code == 2
    assert [line.partition(":")[0] for line in refused.stderr.splitlines()] == [name]
    if name == "PICKUP_KEY" and value:
        assert value not in refused.output


def serve_as(**environment: str) -> tuple[int, str]:
    """`serve` as its own process, with every needed setting and these; how it ended."""
    here = {"HOST": "127.0.0.1", "PORT": str(free_port())}
    return ended(command("serve", environment={**NEEDED, **here, **environment}))


@pytest.mark.parametrize("url", ["mysql://u:hidden@h/db", "hidden", "sqlite://"])
def test_a_database_that_we_cannot_use_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, url: str
) -> None:
    monkeypatch.setattr(
        "service.foundation.log.start", lambda: None
    )  # it would write to a closed stderr later
    here = {"HOST": "127.0.0.1", "PORT": str(free_port()), "DATA_DIR": str(tmp_path)}
    refused = serve(**NEEDED, **here, DATABASE_URL=url)

    assert refused.exit_code == 2
    assert "DATABASE_URL" in refused.stderr
    assert "hidden" not in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_database_that_does_not_answer_ends_the_start_without_its_password(
    tmp_path: Path,
) -> None:
    url = f"postgresql://caillou:hidden@127.0.0.1:{free_port()}/caillou"
    status, errors = serve_as(DATABASE_URL=url, DATA_DIR=str(tmp_path))

    assert status != 0
    assert "refused" in errors
    assert "hidden" not in errors


def test_another_key_than_that_of_the_codes_is_refused(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'caillou.db'}"
    database = open_database(url)
    sealed = [("digest", Keys.of(bytes(32)).seal("7K3M9QXT4HBW2"))]

    def issue(connection: Connection) -> None:
        access.add_site(connection, "here", "Here", Offers(naloxone=True, rest=False))
        intake.issue(connection, sealed, site="here", ends_at=clock.now())

    asyncio.run(database.write(issue))
    database.close()
    status, errors = serve_as(DATA_DIR=str(tmp_path))

    assert status == 2
    assert errors.splitlines()[-1].startswith("Refuses to start: PICKUP_KEY")


def test_the_demo_has_a_database_of_its_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://real@host/caillou")
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    assert DemoSettings.on_this_machine().database == f"sqlite:///{tmp_path}/demo.db"
    assert make_settings("", tmp_path).database != DemoSettings.on_this_machine().database


@pytest.mark.parametrize("port", ["0", "70000", "eighty"])
def test_run_with_a_wrong_port_is_refused_by_name(tmp_path: Path, port: str) -> None:
    refused = CliRunner().invoke(commands, ["run"], env={"PORT": port, "DATA_DIR": str(tmp_path)})

    assert refused.exit_code == 2
    assert refused.stderr.startswith("PORT:")


def test_serve_with_drafts_only_refuses_to_say_approved_words(tmp_path: Path) -> None:
    status, errors = serve_as(WORDS_POLICY="approved", DATA_DIR=str(tmp_path))

    assert status == 2
    assert errors.startswith("Refuses to start: no approved French text for ")
    assert re.search(r"and \d+ more", errors)
    assert "Traceback" not in errors


@effort(max_examples=100, database=None)
@given(st.binary(max_size=80).filter(lambda raw: len(raw) != 32))
def test_a_key_of_any_other_length_is_refused_without_being_shown(raw: bytes) -> None:
    key = base64.urlsafe_b64encode(raw).decode()
    with pytest.raises(ValidationError) as refusal:
        Settings.model_validate(
            {"pickup_key": key, "words_policy": "marked", "public_url": "https://c.example"}
        )

    assert [error["loc"] for error in refusal.value.errors(include_input=False)] == [
        ("pickup_key",)
    ]
    if len(key) > 8:
        assert key not in str(refusal.value.errors(include_input=False, include_context=False))


@effort(max_examples=50, database=None)
@given(st.binary(min_size=32, max_size=32))
def test_a_key_of_32_bytes_is_read_as_it_was_made_and_never_printed(raw: bytes) -> None:
    key = base64.urlsafe_b64encode(raw).decode()
    settings = Settings.model_validate(
        {"pickup_key": key, "words_policy": "marked", "public_url": "https://c.example"}
    )

    assert settings.pickup_secret == raw
    assert key not in repr(settings)
    assert key not in settings.model_dump_json()


def test_the_embedded_database_lies_in_the_data_folder_unless_said_otherwise(
    tmp_path: Path,
) -> None:
    assert make_settings("", tmp_path).database == f"sqlite:///{tmp_path}/caillou.db"
    assert make_settings("postgresql://h/db", tmp_path).database == "postgresql://h/db"


# --- Demo mode ---

TRUTHS = ["1", "true", "True", "yes", "on", "demo", ""]
SPELLINGS = [
    "DEMO",
    "demo",
    "CAILLOU_DEMO",
    "SETTINGS_DEMO",
    "DEMO_MODE",
    "DEMO_SETTINGS",
    "MODEL_CONFIG",
    "ENV",
]


@effort(
    max_examples=60,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(extra=st.dictionaries(st.sampled_from(SPELLINGS), st.sampled_from(TRUTHS)))
def test_no_variable_of_the_environment_turns_serve_into_a_demo(extra: dict[str, str]) -> None:
    with pytest.MonkeyPatch.context() as environment:
        for name, value in {**NEEDED, **extra}.items():
            environment.setenv(name, value)
        settings = Settings()  # type: ignore[call-arg]

    assert settings.demo is False
    assert settings.host == "0.0.0.0"


def test_serve_in_an_environment_full_of_demo_writes_no_credentials(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name, value in {
        **NEEDED,
        "DATA_DIR": str(tmp_path),
        **dict.fromkeys(SPELLINGS, "1"),
    }.items():
        monkeypatch.setenv(name, value)
    with TestClient(create_app(Settings())) as client:  # type: ignore[call-arg]
        assert client.get("/readyz").status_code == 200
        start = client.get("/", headers={"Accept": "text/html"}).text

    assert not list(tmp_path.glob("demo*"))
    assert not re.search(r"[A-Za-z0-9_-]{43}", start)


def test_the_demo_listens_on_this_machine_only_whatever_the_environment_says(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name, value in {
        "HOST": "0.0.0.0",
        "PUBLIC_URL": "https://elsewhere.example",
        "PORT": "8123",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    settings = DemoSettings.on_this_machine()

    assert (settings.host, settings.port) == ("127.0.0.1", 8123)
    assert settings.public_url == "http://127.0.0.1:8123"
    assert settings.words_policy == "marked"


# --- The demo's credentials ---


def test_the_credentials_are_there_when_the_service_says_ready(server: Server) -> None:
    # The fixture read them at the first 200 of /readyz.
    assert set(server.credentials) == {"base_url", "outreach", "lab", "coordinator", "operator"}
    assert server.credentials["base_url"] == str(server.client.base_url).rstrip("/")
    tokens = [value for name, value in server.credentials.items() if name != "base_url"]
    assert len(set(tokens)) == 4
    assert min(map(len, tokens)) >= 43  # 256 bits


def test_each_of_the_credentials_opens_its_own_doors_and_no_other(server: Server) -> None:
    doors = {"outreach": "/v1/tablet/kit", "lab": "/bench/", "coordinator": "/survey/"}
    for owner, path in doors.items():
        for role in ("outreach", "lab", "coordinator", "operator"):
            assert server.ask(role, "GET", path).status_code == (200 if role == owner else 403), (
                role,
                path,
            )


def test_the_demo_s_secrets_can_be_read_by_their_owner_only(server: Server) -> None:
    for name in (CREDENTIALS, "demo-pickup-key"):
        assert stat.S_IMODE((server.data_dir / name).stat().st_mode) == 0o600


@pytest.fixture
def restarted(new_server: Server) -> Iterator[tuple[Server, dict[str, str], str, str]]:
    """A new demo that took a rock in, was stopped as an operator stops it, and runs again."""
    new_server.start()
    assert new_server.listed() == []
    before = dict(new_server.credentials)
    [code] = new_server.codes(1)
    id = "0192f3a1-7c3e-7000-8000-3d1f5a2b9c01"
    assert new_server.submit(id, code).status_code == 201
    new_server.kill(signal.SIGTERM)
    new_server.start()
    yield new_server, before, id, code


def test_after_a_restart_tokens_samples_and_codes_are_what_they_were(
    restarted: tuple[Server, dict[str, str], str, str],
) -> None:
    server, before, id, code = restarted

    assert server.credentials == before
    assert json.loads((server.data_dir / CREDENTIALS).read_text()) == before
    assert server.status_of(id) == 200
    assert server.client.get(f"/v1/results/{code}").status_code == 200
    assert server.ask("outreach", "GET", f"/v1/samples/{id}").json()["pickup_code"] == code
    assert server.ask("lab", "GET", "/bench/").status_code == 200
    assert "Traceback" not in server.log
    assert os.listdir(server.data_dir).count("demo-credentials.draft") == 0  # noqa: PTH208
