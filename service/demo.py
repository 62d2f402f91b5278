"""Demo mode: credentials that anyone on this machine may use.

Never part of `serve`: tokens made here are written down in the open.
"""

import json
from datetime import timedelta
from uuid import uuid4

from sqlalchemy import Connection

from service.access import passwords, store, tokens
from service.access.permissions import Role
from service.access.site import SYNTHETIC, Offers
from service.foundation import clock
from service.foundation.database import Database
from service.foundation.settings import Settings, write_private

SITE = "demo"
ROLES = (Role.OUTREACH, Role.LAB, Role.COORDINATOR, Role.OPERATOR)
FILE = "demo-credentials.json"


async def credentials(database: Database, settings: Settings) -> dict[str, str]:
    """A token for each role, which is also the demo person's password; kept from start to start."""
    path = settings.data_dir / FILE
    kept: dict[str, str] = {}
    if path.exists():
        kept = json.loads(path.read_text())

    token_of: dict[str, str] = {}
    hashes: dict[str, str] = {}
    for role in ROLES:
        token = kept.get(role) or tokens.mint()
        token_of[role.value] = token
        hashes[role.value] = passwords.hashed(token)

    def enrol(connection: Connection) -> None:
        if not store.has_site(connection, SITE):
            both = Offers(naloxone=True, rest=True)
            store.add_site(connection, SITE, "Demo", both)
        for role in ROLES:
            _enrol(connection, role, token_of[role], hashes[role])

    await database.write(enrol)
    known = {"base_url": settings.public_url, **token_of}
    write_private(path, json.dumps(known, indent=2))
    return token_of


def _enrol(connection: Connection, role: Role, token: str, password: str) -> None:
    label = f"demo-{role}"
    site = None
    if role is Role.OUTREACH:
        site = SITE

    store.revoke(connection, label)
    store.revoke(connection, role)
    credential = store.NewCredential(
        id=uuid4().hex,
        digest=tokens.digest(token),
        kind="script",
        label=label,
        role=role,
        site=site,
        made_at=clock.now(),
    )
    store.add_credential(connection, credential)
    store.add_person(
        connection,
        id=uuid4().hex,
        name=role,
        password=password,
        role=role,
        site=site,
    )


def enrol_synthetic(connection: Connection, token: str) -> None:
    """The site of the synthetic rocks, and for an hour somebody who may take them in."""
    if not store.has_site(connection, SYNTHETIC):
        nothing = Offers(naloxone=False, rest=False)
        store.add_site(connection, SYNTHETIC, "SYNTHETIC (no real rocks)", nothing)

    now = clock.now()
    store.revoke(connection, "demo-synthetic")
    credential = store.NewCredential(
        id=uuid4().hex,
        digest=tokens.digest(token),
        kind="script",
        label="demo-synthetic",
        role=Role.OUTREACH,
        site=SYNTHETIC,
        made_at=now,
        ends_at=now + timedelta(hours=1),
    )
    store.add_credential(connection, credential)
