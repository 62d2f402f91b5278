"""Queries of access: plain functions of a connection."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlmodel import col

from service.access.actor import Actor
from service.access.audit import AuditEntry
from service.access.permissions import Role
from service.access.site import Offers
from service.access.tables import AuditRow, CredentialRow, EnrolmentRow, PersonRow, SiteRow

_BY_DIGEST = sa.select(
    col(CredentialRow.label),
    col(CredentialRow.role),
    col(CredentialRow.site),
    col(CredentialRow.kind),
    col(CredentialRow.ends_at),
).where(col(CredentialRow.digest) == sa.bindparam("digest"))
_OFFERS = sa.select(col(SiteRow.naloxone), col(SiteRow.rest)).where(
    col(SiteRow.id) == sa.bindparam("site")
)
_CREDENTIALS = sa.select(
    col(CredentialRow.id),
    col(CredentialRow.kind),
    col(CredentialRow.label),
    col(CredentialRow.role),
    col(CredentialRow.site),
    col(CredentialRow.person),
    col(CredentialRow.made_at),
    col(CredentialRow.ends_at),
).order_by(col(CredentialRow.made_at))
_PEOPLE: sa.Select[str, str, str | None] = sa.select(
    sa.label("label", col(PersonRow.name)), col(PersonRow.role), col(PersonRow.site)
).order_by(col(PersonRow.name))
_ADD_CREDENTIAL = sa.insert(CredentialRow)
_ADD_ENTRY = sa.insert(AuditRow)

SESSION, TABLET = "session", "tablet"


def actor_of(connection: Connection, digest: str, now: datetime) -> Actor | None:
    """Who holds the token with this digest; None where it never was, was revoked or has ended."""
    row = connection.execute(_BY_DIGEST, {"digest": digest}).first()
    if row is None or (row.ends_at is not None and row.ends_at <= now):
        return None
    return Actor(row.label, Role(row.role), row.site, cookie=row.kind == SESSION)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCredential:
    """A token's digest and whom it lets in; it ends at `ends_at`, or never where that is None."""

    id: str
    digest: str
    kind: str
    label: str
    role: Role
    made_at: datetime
    site: str | None = None
    person: str | None = None
    ends_at: datetime | None = None

    def __post_init__(self) -> None:
        Actor(self.label, self.role, self.site)


def add_credential(connection: Connection, credential: NewCredential) -> None:
    connection.execute(_ADD_CREDENTIAL, asdict(credential))


def revoke(connection: Connection, name: str) -> int:
    """Delete the credentials with this id or label, and the sessions and account of the person so named.

    A tablet that was only announced is no longer expected either.
    """
    people = sa.select(col(PersonRow.id)).where(col(PersonRow.name) == name)
    gone = connection.execute(
        sa.delete(CredentialRow).where(
            sa.or_(
                col(CredentialRow.id) == name,
                col(CredentialRow.label) == name,
                col(CredentialRow.person).in_(people),
            )
        )
    ).rowcount
    gone += connection.execute(
        sa.delete(EnrolmentRow).where(col(EnrolmentRow.label) == name)
    ).rowcount
    return int(
        gone + connection.execute(sa.delete(PersonRow).where(col(PersonRow.name) == name)).rowcount
    )


def announce(
    connection: Connection, *, digest: str, label: str, site: str, now: datetime, ends_at: datetime
) -> None:
    """Let a tablet of this name in by the code of this digest until then; an earlier code of the name is void."""
    past = sa.or_(col(EnrolmentRow.ends_at) <= now, col(EnrolmentRow.label) == label)
    connection.execute(sa.delete(EnrolmentRow).where(past))
    connection.execute(
        sa.insert(EnrolmentRow).values(digest=digest, label=label, site=site, ends_at=ends_at)
    )


def let_in(
    connection: Connection, *, code: str, token: str, id: str, now: datetime
) -> Actor | None:
    """A tablet comes in by its code, once: from now on it is known by its token. Both are digests.

    The same code with the same token again is a retry whose first answer was lost; with a new code it comes in
    anew. None where the code opens nothing.
    """
    held = connection.execute(_BY_DIGEST, {"digest": token}).first()
    if held and held.kind != TABLET:
        return None
    row = connection.execute(
        sa.select(col(EnrolmentRow.label), col(EnrolmentRow.site)).where(
            col(EnrolmentRow.digest) == code, col(EnrolmentRow.ends_at) > now
        )
    ).first()
    if (
        row is None
        or not connection.execute(
            sa.delete(EnrolmentRow).where(col(EnrolmentRow.digest) == code)
        ).rowcount
    ):
        return actor_of(connection, token, now)
    connection.execute(sa.delete(CredentialRow).where(col(CredentialRow.digest) == token))
    add_credential(
        connection,
        NewCredential(
            id=id,
            digest=token,
            kind=TABLET,
            label=row.label,
            role=Role.OUTREACH,
            site=row.site,
            made_at=now,
        ),
    )
    return Actor(row.label, Role.OUTREACH, row.site)


def end_session(connection: Connection, digest: str) -> None:
    connection.execute(sa.delete(CredentialRow).where(col(CredentialRow.digest) == digest))


def forget_ended(connection: Connection, now: datetime) -> None:
    """Sessions that have ended are nobody's any more."""
    connection.execute(sa.delete(CredentialRow).where(col(CredentialRow.ends_at) <= now))


def credentials(connection: Connection) -> list[dict[str, Any]]:
    """Every credential, without what could open a door."""
    rows = connection.execute(_CREDENTIALS).mappings()
    return [dict(row) for row in rows]


def people(connection: Connection) -> list[dict[str, Any]]:
    """Everybody who works here and can sign in, in the shape of a credential."""
    rows = connection.execute(_PEOPLE).mappings()
    return [{"kind": "person", **row} for row in rows]


def add_person(
    connection: Connection, *, id: str, name: str, password: str, role: Role, site: str | None
) -> None:
    """`password` is already hashed."""
    Actor(id, role, site)
    connection.execute(
        sa.insert(PersonRow).values(id=id, name=name, password=password, role=role.value, site=site)
    )


def person_named(connection: Connection, name: str) -> dict[str, Any] | None:
    row = (
        connection.execute(sa.select(PersonRow).where(col(PersonRow.name) == name))
        .mappings()
        .first()
    )
    return dict(row) if row else None


def add_site(connection: Connection, id: str, name: str, offers: Offers) -> None:
    connection.execute(
        sa.insert(SiteRow).values(id=id, name=name, naloxone=offers.naloxone, rest=offers.rest)
    )


def offers(connection: Connection, site: str) -> Offers:
    """What this site has for people. Raises NoResultFound for a site nobody enrolled."""
    return Offers(*connection.execute(_OFFERS, {"site": site}).one())


def change_offers(connection: Connection, site: str, **changed: bool) -> int:
    """Set `naloxone` or `rest`; how many sites have that name."""
    return connection.execute(
        sa.update(SiteRow).where(col(SiteRow.id) == site).values(**changed)
    ).rowcount


def still_open(connection: Connection, digests: Sequence[str], now: datetime) -> set[str]:
    """Which of these tokens, by their digests, still open a door."""
    query = sa.select(col(CredentialRow.digest)).where(
        col(CredentialRow.digest).in_(digests),
        sa.or_(col(CredentialRow.ends_at).is_(None), col(CredentialRow.ends_at) > now),
    )
    return set(connection.execute(query).scalars())


def has_site(connection: Connection, site: str) -> bool:
    return (
        connection.execute(sa.select(col(SiteRow.id)).where(col(SiteRow.id) == site)).first()
        is not None
    )


def sites(connection: Connection) -> dict[str, str]:
    """The name of each site."""
    return {
        row.id: row.name
        for row in connection.execute(
            sa.select(col(SiteRow.id), col(SiteRow.name)).order_by(col(SiteRow.id))
        )
    }


def record(connection: Connection, entry: AuditEntry) -> None:
    connection.execute(
        _ADD_ENTRY,
        {
            "at": entry.at,
            "actor": entry.actor,
            "role": entry.role,
            "action": entry.action.value,
            "sample": entry.sample,
            "version": entry.version,
            "notice": entry.notice,
        },
    )
