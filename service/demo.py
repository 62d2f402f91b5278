"""Demo mode: credentials that anyone on this machine may use, one rock walked through HTTP, a synthetic survey.

Never part of `serve`: tokens made here are written down in the open.
"""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import orjson
from sqlalchemy import Connection

from service.access import passwords, store, tokens
from service.access.permissions import Role
from service.access.site import SYNTHETIC, Offers
from service.foundation import clock
from service.foundation.database import Database
from service.foundation.settings import Settings, write_private
from service.observatory.cohort import cohort

SITE = "demo"
ROLES = (Role.OUTREACH, Role.LAB, Role.COORDINATOR, Role.OPERATOR)
FILE = "demo-credentials.json"
CARDS = (("fr",), ("en", "fr"), ("ar", "fr"), ("ru", "fr"))


async def credentials(database: Database, settings: Settings) -> dict[str, str]:
    """A token for each role, which is also the demo person's password; kept from start to start."""
    path = settings.data_dir / FILE
    kept: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    made = {role.value: kept.get(role.value) or tokens.mint() for role in ROLES}
    hashes = {role: passwords.hashed(token) for role, token in made.items()}

    def enrol(connection: Connection) -> None:
        if not store.has_site(connection, SITE):
            store.add_site(connection, SITE, "Demo", Offers(naloxone=True, rest=True))
        for role in ROLES:
            _enrol(connection, role, made[role.value], hashes[role.value])

    await database.write(enrol)
    write_private(path, json.dumps({"base_url": settings.public_url, **made}, indent=2))
    return made


def _enrol(connection: Connection, role: Role, token: str, password: str) -> None:
    label = f"demo-{role}"
    store.revoke(connection, label)
    store.revoke(connection, role)
    site = SITE if role is Role.OUTREACH else None
    store.add_credential(
        connection,
        store.NewCredential(
            id=uuid4().hex,
            digest=tokens.digest(token),
            kind="script",
            label=label,
            role=role,
            site=site,
            made_at=clock.now(),
        ),
    )
    store.add_person(connection, id=uuid4().hex, name=role, password=password, role=role, site=site)


def walk(data_dir: Path, into: Path) -> list[Path]:
    """Take one rock from the tablet to its cards, through HTTP; the files it left. Raises on any refusal."""
    known = json.loads((data_dir / FILE).read_text())
    into.mkdir(exist_ok=True)
    with httpx2.Client(base_url=known["base_url"]) as client:

        def ask(role: str, method: str, path: str, **more: Any) -> httpx2.Response:
            headers = {"Authorization": f"Bearer {known[role]}", **more.pop("headers", {})}
            return client.request(method, path, headers=headers, **more).raise_for_status()

        now = clock.now()
        code = ask("outreach", "POST", "/v1/pickup-pads", json={"count": 1}).json()["codes"][0]
        sample = f"/v1/samples/{uuid4()}"
        taken = ask("outreach", "PUT", sample, content=orjson.dumps(_rock(code, now))).json()
        files = [
            _save(
                into / "waiting-ar.pdf",
                ask("outreach", "GET", f"{sample}/card?lang=ar", headers=_PDF),
            )
        ]
        ask(
            "lab",
            "PUT",
            f"/v1/assays/{uuid4()}",
            content=orjson.dumps(_assay(taken["lab_label"], now)),
        )
        for languages in CARDS:
            card = f"{sample}/card?" + "&".join(f"lang={one}" for one in languages)
            name = "card-" + "-".join(languages)
            files.append(_save(into / f"{name}.pdf", ask("outreach", "GET", card, headers=_PDF)))
            files.append(_save(into / f"{name}.html", ask("outreach", "GET", card, headers=_HTML)))
        files.append(
            _save(
                into / "messages.json", ask("outreach", "GET", f"{sample}/messages?lang=en&lang=fr")
            )
        )
        files.append(
            _save(into / "result.html", client.get(f"/r/{code}?lang=ru").raise_for_status())
        )
    return files


class AlreadyThere(Exception):
    """The synthetic rocks were loaded before."""


def enrol_synthetic(connection: Connection, token: str) -> None:
    """The site of the synthetic rocks, and for an hour somebody who may take them in."""
    if not store.has_site(connection, SYNTHETIC):
        store.add_site(
            connection, SYNTHETIC, "SYNTHETIC (no real rocks)", Offers(naloxone=False, rest=False)
        )
    store.revoke(connection, "demo-synthetic")
    store.add_credential(
        connection,
        store.NewCredential(
            id=uuid4().hex,
            digest=tokens.digest(token),
            kind="script",
            label="demo-synthetic",
            role=Role.OUTREACH,
            site=SYNTHETIC,
            made_at=clock.now(),
            ends_at=clock.now() + timedelta(hours=1),
        ),
    )


def load_cohort(client: Any, outreach: str, lab: str) -> int:
    """Take in the synthetic cohort and its answers, through HTTP; how many rocks. Raises AlreadyThere."""

    def ask(token: str, method: str, path: str, body: Any) -> Any:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        return (
            client.request(method, path, headers=headers, content=orjson.dumps(body))
            .raise_for_status()
            .json()
        )

    rocks = list(cohort())
    codes = ask(outreach, "POST", "/v1/pickup-pads", {"count": len(rocks)})["codes"]
    bodies = [{**rock.sample, "pickup_code": code} for rock, code in zip(rocks, codes, strict=True)]
    receipts = ask(outreach, "POST", "/v1/samples/batch", {"samples": bodies})["receipts"]
    if any("lab_label" not in one for one in receipts):
        raise AlreadyThere
    for rock, receipt in zip(rocks, receipts, strict=True):
        ask(
            lab,
            "PUT",
            f"/v1/assays/{rock.assay_id}",
            {**rock.assay, "lab_label": receipt["lab_label"]},
        )
    return len(rocks)


_PDF = {"Accept": "application/pdf"}
_HTML = {"Accept": "text/html"}


def _save(path: Path, response: httpx2.Response) -> Path:
    path.write_bytes(response.content)
    return path


def _rock(code: str, now: Any) -> dict[str, Any]:
    return {
        "revision": 1,
        "taken_at": now,
        "pickup_code": code,
        "sold_as": "crack",
        "form": "rock",
        "weight_mg": 138,
        "weighed": "whole_rock",
        "transaction": {"price_eur": 20, "place_type": "street"},
        "beliefs": {
            "guess_percent": 40,
            "effects_blamed_on_cuts": ["tight_jaw"],
            "basing_cleans": True,
        },
        "card_languages": ["ru", "fr"],
    }


def _assay(label: str, now: Any) -> dict[str, Any]:
    return {
        "lab_label": label,
        "version": 1,
        "status": "final",
        "laboratory": "demo-laboratory",
        "method": "gc_ms",
        "analysed_at": now - timedelta(hours=1),
        "rock_weight_mg": 138.4,
        "results": [
            {
                "substance": "cocaine",
                "outcome": "quantified",
                "content_percent": 57.0,
                "expressed_as": "base",
                "uncertainty_percent": 5,
            },
            {"substance": "levamisole", "outcome": "detected"},
            {"substance": "amphetamine", "outcome": "not_detected", "lod_percent": 0.1},
            {"substance": "buprenorphine", "outcome": "not_tested"},
        ],
    }
