"""The tablet: its shell, the code that lets it in, its standing, kit, pads, and what is carried."""

import base64
import hashlib
import json
import re
import shutil
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as some

from service.access import store
from service.evidence import dose
from service.foundation import clock
from service.foundation.database import connect
from service.foundation.paper import square_code
from service.foundation.settings import ROOT, Settings
from service.intake.carried import CURVE, PURPOSE, CarriedKey, NotOurs
from service.intake.pickup import Keys
from service.pages.tablet.kit import estimates, page_of_pad
from service.pages.tablet.shell import LATER, said
from tests.conftest import OTHER_SITE, SITE, Knocker, Rock, token_of
from tests.rocks import cocaine, result, rock_body

STATIC = ROOT / "service" / "pages" / "static"
CODE = "Q7K3-M9XK"
TOKEN = "a token that the tablet has drawn"
DIGEST = hashlib.sha256(TOKEN.encode()).hexdigest()


@pytest.fixture
def announce(anyone: TestClient, settings: Settings) -> Callable[..., None]:
    """Let a tablet in by CODE: `announce(site=…, minutes=…)`."""

    def announced(label: str = "red tablet", site: str = SITE, minutes: int = 10) -> None:
        digest, now = Keys.of(settings.pickup_secret).digest(CODE), clock.now()
        engine = connect(settings.database)
        with engine.begin() as connection:
            store.announce(
                connection,
                digest=digest,
                label=label,
                site=site,
                now=now,
                ends_at=now + timedelta(minutes=minutes),
            )
        engine.dispose()

    return announced


def come_in(client: TestClient, code: str = CODE, digest: str = DIGEST) -> Any:
    return client.post("/v1/tablet/enrolment", json={"code": code, "token_sha256": digest})


# --- The shell ------------------------------------------------------------------------------------


def test_the_shell_is_for_anyone_and_holds_nothing(anyone: TestClient) -> None:
    page = anyone.get("/tablet/")
    assert page.status_code == 200
    assert "<script>" not in page.text
    worker = anyone.get("/tablet/worker.js")
    assert worker.headers["content-type"].startswith("text/javascript")
    listed = json.loads(re.findall(r"const first = (.*)\n", worker.text)[0])
    for address in (*listed, *LATER):
        assert anyone.get(address).status_code == 200, address
    assert set(LATER).isdisjoint(listed)
    manifest = anyone.get("/tablet/manifest.webmanifest")
    assert manifest.headers["content-type"] == "application/manifest+json"
    assert all(anyone.get(icon["src"]).status_code == 200 for icon in manifest.json()["icons"])


def test_every_script_is_in_the_shell_or_fetched_later(anyone: TestClient) -> None:
    worker = anyone.get("/tablet/worker.js").text
    for path in (STATIC / "tablet").rglob("*.js"):
        assert f'"/static/{path.relative_to(STATIC).as_posix()}"' in worker, path


def test_the_name_of_the_cache_changes_with_what_is_in_it(
    anyone: TestClient, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    from service.pages.tablet import shell
    from service.wording.catalogue import Catalogue

    catalogue = Catalogue(ROOT / "messages")
    now = shell.Shell.of(STATIC, catalogue)
    assert f"caillou-tablet-{now.version}" in anyone.get("/tablet/worker.js").text
    assert shell.Shell.of(STATIC, catalogue).version == now.version
    assert now.texts["fr"]["Yes"] == "Oui"
    copied = settings.data_dir / "static"
    shutil.copytree(STATIC / "tablet", copied / "tablet")
    assert shell.Shell.of(copied, catalogue) == now
    with (copied / "tablet" / "words.js").open("a") as script:
        script.write(" ")
    assert shell.Shell.of(copied, catalogue).version != now.version
    for name in ("POLICY", "HEADERS"):
        with monkeypatch.context() as patch:
            patch.setattr(shell, name, "other")
            assert shell.Shell.of(STATIC, catalogue).version != now.version


def test_what_a_script_says_is_found_however_it_is_written() -> None:
    script = 'a(_("One"), _( "Two {n}", { n }), _("Say \\"three\\""), other_("no"))'
    assert list(said(script)) == ["One", "Two {n}", 'Say "three"']


@pytest.mark.parametrize("vendor", ["tablet/vendor", "docs/vendor"])
def test_what_others_made_is_here_as_they_published_it(vendor: str) -> None:
    folder = STATIC / vendor
    lines = (line.split() for line in (folder / "SHA256SUMS").read_text().splitlines())
    listed = {name: digest for digest, name in lines}
    here = {
        path.relative_to(folder).as_posix(): path
        for path in folder.rglob("*")
        if path.suffix in (".js", ".wasm", ".css")
    }
    assert {
        name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in here.items()
    } == listed
    assert all((folder / name.split("/")[0] / "LICENSE").exists() for name in listed)


# --- The way in -----------------------------------------------------------------------------------


def test_a_code_lets_one_tablet_in_once(anyone: TestClient, announce: Callable[..., None]) -> None:
    announce()
    entered = come_in(anyone, " q7k3 m9xk ")
    assert (entered.status_code, entered.json()) == (201, {"label": "red tablet", "site": SITE})
    assert (
        anyone.get("/v1/tablet/kit", headers={"Authorization": f"Bearer {TOKEN}"}).json()["site"]
        == SITE
    )
    # The same again is a retry; another tablet with the same code is not.
    assert come_in(anyone).json() == entered.json()
    assert come_in(anyone, digest="0" * 64).status_code == 404
    assert (
        come_in(
            anyone, digest=hashlib.sha256(token_of("outreach").encode()).hexdigest()
        ).status_code
        == 404
    )


def test_a_code_that_is_late_mistyped_or_replaced_lets_nobody_in(
    anyone: TestClient, announce: Callable[..., None]
) -> None:
    announce(minutes=0)
    assert come_in(anyone).status_code == 404
    announce()
    assert come_in(anyone, "Q7K3-M9XX").status_code == 404
    announce(site=OTHER_SITE)  # shown anew: the code before is void
    assert come_in(anyone).json()["site"] == OTHER_SITE


def test_guessing_leads_nowhere(anyone: TestClient, announce: Callable[..., None]) -> None:
    announce()
    assert {come_in(anyone, f"0000-{tried:04}").status_code for tried in range(20)} == {404}
    assert come_in(anyone).status_code == 429  # even the right one, now


def test_a_tablet_whose_answer_was_lost_comes_in_by_a_new_code_too(
    anyone: TestClient, announce: Callable[..., None]
) -> None:
    announce()
    assert come_in(anyone).status_code == 201
    announce("blue tablet", OTHER_SITE)
    assert come_in(anyone).json() == {"label": "blue tablet", "site": OTHER_SITE}


def test_a_tablet_hears_of_its_end_by_its_tokens_hash_alone(
    anyone: TestClient, announce: Callable[..., None], settings: Settings
) -> None:
    announce()
    come_in(anyone)

    def stands(digest: str) -> Any:
        said = anyone.post("/v1/tablet/standing", json={"token_sha256": digest}).json()
        assert said["token_sha256"] == digest
        return said["stands"]

    assert stands(DIGEST) is True
    assert stands("0" * 64) is False
    assert (
        anyone.get("/v1/samples", headers={"Authorization": f"Bearer {DIGEST}"}).status_code == 401
    )
    engine = connect(settings.database)
    with engine.begin() as connection:
        assert store.revoke(connection, "red tablet") == 1
    engine.dispose()
    assert stands(DIGEST) is False


# --- The kit --------------------------------------------------------------------------------------


def test_the_kit_is_sent_again_only_when_something_is_new(
    worker: Knocker, take_in: Callable[..., Rock]
) -> None:
    first = worker.get("/v1/tablet/kit")
    tag = first.headers["etag"]
    assert worker.get("/v1/tablet/kit", headers={"If-None-Match": tag}).status_code == 304
    take_in().assayed(cocaine(41), result("isotonitazene"))
    warned = worker.get("/v1/tablet/kit", headers={"If-None-Match": tag})
    assert warned.status_code == 200
    kit = warned.json()
    firsts = {(case["crack_rock"], case["keys"][0]) for case in kit["waiting"]}
    assert firsts == {(True, "alert-recent"), (False, "state-waiting")}
    assert "isotonitaz" in kit["messages"]["alert-recent"]["text"]["fr"].lower()
    assert len(warned.content) < 200_000
    assert {one["pictogram"] for one in kit["messages"].values()} <= set(kit["pictograms"])


def test_the_kit_says_of_a_waiting_rock_what_the_service_says(
    worker: Knocker, take_in: Callable[..., Rock]
) -> None:
    kit = worker.get("/v1/tablet/kit").json()
    for weight_mg in (138, 138.4, None):
        for uses in ([], ["alcohol"], ["opioids"], ["alcohol", "opioids"]):
            says_the_same(
                kit,
                take_in(weight_mg=weight_mg, weighed="whole_rock", use={"also_uses": uses}),
                weight_mg,
                uses,
            )


def says_the_same(
    kit: dict[str, Any], rock: Rock, weight_mg: float | None, uses: list[str]
) -> None:
    said = rock.messages("ar", "fr", "wo")
    weighed = weight_mg is not None
    fitting = {"crack_rock": True, "weighed": weighed, "route": "", "also_uses": uses}
    (case,) = [one for one in kit["waiting"] if fitting.items() <= one.items()]
    assert case["keys"] == [one["key"] for one in said]
    low, _, high = between(kit["estimate"], weight_mg) if weight_mg else (0, 0, 0)
    numbers = {"weight": round(weight_mg or 0), "low": int(low + 0.5), "high": int(high + 0.5)}
    for one in said:
        kept = kit["messages"][one["key"]]["text"]
        for language in ("ar", "fr", "wo"):
            assert (
                re.sub(r"\{(\w+)\}", lambda found: str(numbers[found[1]]), kept[language])
                == one["text"][language]
            )


def between(estimate: dict[str, Any], mg: float) -> list[float]:
    """A row of the table as the tablet reads it (estimate.js)."""
    fine, coarse = estimate["fine"], estimate["coarse"]
    if mg < len(fine):
        low, high, part = fine[int(mg) - 1], fine[int(mg)], mg % 1
    else:
        place = (mg - coarse["from_mg"]) / coarse["step_mg"]
        below = min(int(place), len(coarse["rows"]) - 2)
        low, high, part = coarse["rows"][below], coarse["rows"][below + 1], place - below
    return [one + (other - one) * part for one, other in zip(low, high, strict=True)]


@given(some.floats(1, 10_000))
def test_between_two_rows_of_the_table_the_estimate_is_the_services(mg: float) -> None:
    amount = dose.expected(dose.field_weighed(mg), dose.PUBLISHED.share)
    low, middle, high = between(dict(estimates(dose.PUBLISHED)), mg)
    assert (low, middle, high) == pytest.approx(
        (amount.low_mg, amount.middle_mg, amount.high_mg), abs=0.3
    )


def test_the_codes_of_a_pad_are_this_sites_and_drawn_as_they_are_printed(worker: Knocker) -> None:
    pages = worker.post("/v1/tablet/pad", {"count": 3}).json()["codes"]
    assert len({page["code"] for page in pages}) == 3
    for page in pages:
        drawn = square_code(f"https://caillou.example/r/{page['code']}")
        assert f'd="{page["path"]}"' in drawn
        assert f'viewBox="0 0 {page["width"]} {page["width"]}"' in drawn
        assert worker.put(f"/v1/samples/{uuid4()}", rock_body(page["code"])).status_code == 201
    assert page_of_pad("0" * 13, "https://caillou.example")["code"] == "0000-0000-00000"


# --- Carried by hand ------------------------------------------------------------------------------


def sealed(public_key: str, value: Any) -> str:
    """As the tablet seals (vault.js), by other means."""
    service = base64.urlsafe_b64decode(public_key + "=" * (-len(public_key) % 4))
    ours = ec.generate_private_key(CURVE)
    point = ours.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    shared = ours.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(CURVE, service))
    key = HKDF(SHA256(), 32, point + service, PURPOSE).derive(shared)
    iv = uuid4().bytes[:12]
    data = AESGCM(key).encrypt(iv, json.dumps(value).encode(), PURPOSE)
    return base64.urlsafe_b64encode(point + iv + data).decode().rstrip("=")


def carry(worker: Knocker, *rocks: str) -> list[dict[str, Any]]:
    said = worker.post(
        "/v1/samples/carried", {"caillou": "carried", "version": 1, "rocks": list(rocks)}
    )
    assert said.status_code == 207, said.text
    receipts: list[dict[str, Any]] = said.json()["receipts"]
    return receipts


def test_carried_rocks_are_taken_in_and_back_as_if_they_had_been_sent(
    worker: Knocker, knock: Callable[[str], Knocker], take_in: Callable[..., Rock]
) -> None:
    public = worker.get("/v1/tablet/kit").json()["public_key"]
    first, second = worker.post("/v1/pickup-pads", {"count": 2}).json()["codes"]
    held = take_in()
    ids = [str(uuid4()), str(uuid4())]
    good = {"sample": {"id": ids[0], **rock_body(first)}}
    bad = {"sample": {"id": ids[1], **rock_body(second), "weight_mg": -1}}
    file = [sealed(public, one) for one in (good, bad, {"withdraw": held.id})] + [
        "AAAA",
        "no base64 é",
    ]
    receipts = carry(worker, *file)
    assert [one["status"] for one in receipts] == [201, 422, 204, 422, 422]
    assert receipts[1]["errors"][0]["pointer"] == "/weight_mg"
    assert {one["type"] for one in receipts[3:]} == {"urn:caillou:problem:not-carried"}
    assert [one["id"] for one in receipts] == [*ids, held.id, None, None]
    assert worker.get(held.path).status_code == 404
    assert worker.get(f"/v1/samples/{ids[0]}").json()["pickup_code"] == first
    # Brought twice, or sent by the tablet too: one rock.
    assert [one["status"] for one in carry(worker, *file)] == [200, 422, 204, 422, 422]
    elsewhere = carry(knock("neighbour"), file[2])[0]
    assert (elsewhere["status"], elsewhere["id"]) == (404, held.id)


@pytest.mark.parametrize(
    "inside",
    [
        [],
        7,
        {},
        {"sample": 1},
        {"withdraw": "no uuid"},
        {"withdraw": None},
        {"sample": {"id": 1}},
        {"sample": {"id": "\ud800"}},
    ],
)
def test_whatever_was_sealed_is_answered_in_its_own_line(worker: Knocker, inside: Any) -> None:
    public = worker.get("/v1/tablet/kit").json()["public_key"]
    assert carry(worker, sealed(public, inside))[0]["status"] == 422


@given(some.binary(max_size=300))
def test_what_was_not_sealed_for_us_is_not_ours(raw: bytes) -> None:
    key = CarriedKey.of(b"k" * 32)
    with pytest.raises(NotOurs):
        key.opened(base64.urlsafe_b64encode(raw).decode())
    with pytest.raises(NotOurs):
        key.opened(sealed(CarriedKey.of(b"l" * 32).public, {"sample": {}}))
    assert key.opened(sealed(key.public, {"sample": {}})) == {"sample": {}}
