"""Ways in: tokens that are kept as hashes and end at once when revoked; sessions; guesses that lead
nowhere."""

import base64
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from service.access import passwords, store, tokens
from service.access.actor import Actor
from service.access.permissions import Role
from service.access.require import COOKIE
from service.commands import app as commands
from service.foundation import clock
from service.foundation.database import connect
from service.foundation.paper import square_code
from service.foundation.settings import Settings
from service.intake import pickup
from service.intake.pickup import Keys
from tests.conftest import SITE, TEST_KEY, Knocker, token_of

ORIGIN = {"Origin": "https://caillou.example"}
PASSWORD = "three green rivers"


@pytest.fixture
def staffed(anyone: TestClient, settings: Settings) -> TestClient:
    """The service with one outreach worker who can sign in."""
    engine = connect(settings.database)
    with engine.begin() as connection:
        store.add_person(
            connection,
            id="p1",
            name="ana",
            password=passwords.hashed(PASSWORD),
            role=Role.OUTREACH,
            site=SITE,
        )
    engine.dispose()
    return anyone


def sign_in(client: TestClient, name: str = "ana", password: str = PASSWORD, **headers: str) -> Any:
    return client.post(
        "/sign-in",
        data={"name": name, "password": password},
        headers={**ORIGIN, **headers},
        follow_redirects=False,
    )


class TestTokens:
    def test_a_token_is_kept_as_a_hash_only(self, anyone: TestClient, settings: Settings) -> None:
        engine = connect(settings.database)
        with engine.begin() as connection:
            kept = str(connection.execute(sa.text("SELECT * FROM credentials")).mappings().all())
        engine.dispose()
        assert token_of("outreach") not in kept
        assert tokens.digest(token_of("outreach")) in kept

    def test_a_revoked_token_ends_at_once(self, worker: Knocker, settings: Settings) -> None:
        assert worker.get("/v1/samples").status_code == 200
        engine = connect(settings.database)
        with engine.begin() as connection:
            assert store.revoke(connection, "outreach") == 1
        engine.dispose()
        assert worker.get("/v1/samples").status_code == 401

    def test_a_token_ends_when_its_time_has_come(
        self, anyone: TestClient, settings: Settings
    ) -> None:
        engine = connect(settings.database)
        for name, hours in (("old", -1), ("fresh", 1)):
            with engine.begin() as connection:
                store.add_credential(
                    connection,
                    store.NewCredential(
                        id=name,
                        digest=tokens.digest(name),
                        kind="tablet",
                        label=name,
                        role=Role.OUTREACH,
                        site=SITE,
                        made_at=clock.now(),
                        ends_at=clock.now() + timedelta(hours=hours),
                    ),
                )
        engine.dispose()
        for name, status in (("old", 401), ("fresh", 200)):
            answer = anyone.get("/v1/samples", headers={"Authorization": f"Bearer {name}"})
            assert answer.status_code == status

    @pytest.mark.parametrize(("role", "site"), [(Role.OUTREACH, None), (Role.LAB, SITE)])
    def test_outreach_has_one_site_and_nobody_else_has(self, role: Role, site: str | None) -> None:
        with pytest.raises(ValueError, match="one site"):
            Actor("x", role, site)


class TestSessions:
    def test_signing_in_gives_a_session_that_scripts_cannot_read(self, staffed: TestClient) -> None:
        answer = sign_in(staffed)
        assert answer.status_code == 303
        assert answer.headers["location"] == "/tablet/"
        cookie, of_site = answer.headers.get_list("set-cookie")
        assert cookie.startswith(f"{COOKIE}=")
        assert "HttpOnly" in cookie
        assert of_site.startswith(f"caillou-site={SITE};")
        for part in ("Max-Age=43200", "Secure", "SameSite=strict", "Path=/"):
            assert part in cookie
            assert part in of_site
        assert "Domain" not in cookie + of_site
        assert staffed.get("/v1/samples").status_code == 200

    def test_signing_out_ends_the_session_everywhere(self, staffed: TestClient) -> None:
        sign_in(staffed)
        token = staffed.cookies[COOKIE]
        out = staffed.post("/sign-out", headers=ORIGIN, follow_redirects=False)
        assert out.status_code == 303
        assert all("Max-Age=0" in one for one in out.headers.get_list("set-cookie"))
        assert not staffed.cookies
        again = staffed.get("/v1/samples", headers={"Cookie": f"{COOKIE}={token}"})
        assert again.status_code == 401

    def test_a_write_from_another_origin_is_refused(self, staffed: TestClient) -> None:
        sign_in(staffed)
        for origin in (
            {},
            {"Origin": "https://evil.example"},
            {"Origin": "null"},
            {"Origin": "http://["},
        ):
            refused = staffed.post("/v1/pickup-pads", json={"count": 1}, headers=origin)
            assert refused.status_code == 403
            assert refused.json()["type"].endswith(":foreign-origin")
        assert staffed.post("/v1/pickup-pads", json={"count": 1}, headers=ORIGIN).status_code == 201

    def test_a_sessions_token_is_no_bearer_token(self, staffed: TestClient) -> None:
        sign_in(staffed)
        token = staffed.cookies[COOKIE]
        staffed.cookies.clear()
        answer = staffed.get("/v1/samples", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 401

    def test_a_bad_bearer_token_is_not_saved_by_a_cookie(self, staffed: TestClient) -> None:
        sign_in(staffed)
        assert staffed.get("/v1/samples", headers={"Authorization": "Bearer x"}).status_code == 401

    def test_revoking_a_person_ends_their_sessions(
        self, staffed: TestClient, settings: Settings
    ) -> None:
        sign_in(staffed)
        engine = connect(settings.database)
        with engine.begin() as connection:
            store.revoke(connection, "ana")
        engine.dispose()
        assert staffed.get("/v1/samples").status_code == 401
        assert sign_in(staffed).status_code == 401

    @pytest.mark.parametrize(
        ("name", "password"), [("ana", "wrong"), ("nobody", PASSWORD), ("ana", "")]
    )
    def test_a_wrong_name_or_password_is_told_alike(
        self, staffed: TestClient, name: str, password: str
    ) -> None:
        refused = sign_in(staffed, name, password, **{"Accept-Language": "en"})
        assert refused.status_code in (401, 422)
        assert name not in refused.text
        assert COOKIE not in staffed.cookies

    def test_guessing_a_password_ends_after_twenty_tries(self, staffed: TestClient) -> None:
        statuses = [sign_in(staffed, password=f"guess {n}").status_code for n in range(22)]
        assert statuses == [401] * 20 + [429] * 2
        assert sign_in(staffed).status_code == 429


class TestPickupCodes:
    def test_misses_are_limited_and_hits_are_not(
        self, take_in: Callable[..., object], anyone: TestClient, code: str
    ) -> None:
        statuses = [anyone.get(f"/v1/results/0000-0000-{n:05d}").status_code for n in range(25)]
        assert statuses == [404] * 20 + [429] * 5
        assert anyone.get("/r/0000-0000-00000").status_code == 429
        for _ in range(30):
            assert anyone.get(f"/v1/results/{code}").status_code == 200

    def test_unknown_malformed_and_expired_are_alike(
        self, anyone: TestClient, code: str, settings: Settings
    ) -> None:
        engine = connect(settings.database)
        with engine.begin() as connection:
            connection.execute(
                sa.text("UPDATE pickup_codes SET ends_at = :at").bindparams(
                    sa.bindparam("at", clock.now() - timedelta(days=1), sa.DateTime(timezone=True))
                )
            )
        engine.dispose()
        answers = [
            anyone.get(f"/v1/results/{text}") for text in (code, "0000-0000-00000", "x", "é%20ü")
        ]
        assert {answer.status_code for answer in answers} == {404}
        assert len({answer.content for answer in answers}) == 1

    def test_a_code_works_for_a_year(self, worker: Knocker, code: str, settings: Settings) -> None:
        engine = connect(settings.database)
        with engine.begin() as connection:
            ends_at = connection.execute(sa.text("SELECT ends_at FROM pickup_codes")).scalar()
        engine.dispose()
        assert str(clock.now().year + 1) in str(ends_at)


class TestCommands:
    """The operator's commands, as they are typed."""

    @pytest.fixture
    def type_(self, tmp_path: Path) -> Callable[..., Any]:
        environment = {
            "PICKUP_KEY": TEST_KEY,
            "WORDS_POLICY": "marked",
            "PUBLIC_URL": "https://caillou.example",
            "DATA_DIR": str(tmp_path),
        }
        return lambda *words: CliRunner(env=environment).invoke(commands, words)

    def test_enrol_shows_a_token_once_and_revoke_takes_it_back(
        self, type_: Callable[..., Any], tmp_path: Path
    ) -> None:
        assert type_("enrol", "site", "lyon-1", "Lyon").exit_code == 0
        token = type_("enrol", "script", "red script", "--site", "lyon-1").stdout.strip()
        assert len(token) == 43
        assert type_("enrol", "person", "ana", "coordinator").stdout.startswith("ana ")
        engine = connect(f"sqlite:///{tmp_path / 'caillou.db'}")
        with engine.begin() as connection:
            actor = store.actor_of(connection, tokens.digest(token), clock.now())
        assert actor is not None
        assert (actor.role, actor.site) == (Role.OUTREACH, "lyon-1")
        listed = type_("revoke").stdout
        assert "red script" in listed
        assert token not in listed
        assert "revoked: 1" in type_("revoke", "red script").stdout
        with engine.begin() as connection:
            assert store.actor_of(connection, tokens.digest(token), clock.now()) is None
        engine.dispose()
        assert type_("revoke", "red script").exit_code == 1

    def test_a_tablet_is_announced_by_a_code_that_its_square_code_holds_too(
        self, type_: Callable[..., Any], tmp_path: Path
    ) -> None:
        assert type_("enrol", "site", "lyon-1", "Lyon").exit_code == 0
        square = tmp_path / "code.svg"
        shown = type_("enrol", "tablet", "red", "--site", "lyon-1", "--square", str(square))
        code = shown.stdout.strip()
        assert pickup.is_label(code)
        assert square.read_text() == square_code(f"https://caillou.example/tablet/#{code}")
        keys, token = Keys.of(base64.urlsafe_b64decode(TEST_KEY)), "0" * 64
        engine = connect(f"sqlite:///{tmp_path / 'caillou.db'}")
        with engine.begin() as connection:
            digest = keys.digest(pickup.read_label(code.lower()))
            late = clock.now() + timedelta(minutes=11)
            assert store.let_in(connection, code=digest, token=token, id="x", now=late) is None
            actor = store.let_in(connection, code=digest, token=token, id="x", now=clock.now())
        engine.dispose()
        assert actor is not None
        assert (actor.id, actor.role, actor.site) == ("red", Role.OUTREACH, "lyon-1")
        assert "already" in type_("enrol", "tablet", "red", "--site", "lyon-1").stderr
        assert type_("revoke", "red").exit_code == 0
        assert type_("enrol", "tablet", "blue", "--site", "lyon-1").exit_code == 0
        assert "revoked: 1" in type_("revoke", "blue").stdout

    @pytest.mark.parametrize(
        "words",
        [
            ("enrol", "tablet", "blue", "--site", "nowhere"),
            ("enrol", "person", "bo", "outreach"),
            ("enrol", "person", "bo", "lab", "--site", "lyon-1"),
            ("enrol", "person", "bo", "boss"),
        ],
    )
    def test_what_cannot_be_is_refused_in_words(
        self, type_: Callable[..., Any], words: tuple[str, ...]
    ) -> None:
        refused = type_(*words)
        assert refused.exit_code != 0
        assert refused.stderr.strip()
        assert "Traceback" not in refused.stderr
