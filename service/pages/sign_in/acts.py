"""Open a session for somebody whose password was right."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from service.access import store, tokens
from service.access.permissions import Role

HOURS_SIGNED_IN = 12


def open_session(
    connection: Connection, person: dict[str, Any], *, id: str, token: str, now: datetime
) -> None:
    """Let this person in by the token until the session ends; sessions that have ended go."""
    store.forget_ended(connection, now)
    session = store.NewCredential(
        id=id,
        digest=tokens.digest(token),
        kind=store.SESSION,
        label=person["name"],
        role=Role(person["role"]),
        site=person["site"],
        person=person["id"],
        made_at=now,
        ends_at=now + timedelta(hours=HOURS_SIGNED_IN),
    )
    store.add_credential(connection, session)
