"""Queries of access: plain functions of a connection."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from service.access.actor import Actor
from service.access.audit import AuditEntry
from service.access.permissions import Role
from service.access.site import Offers
from service.access.tables import CredentialRow, EnrolmentRow, PersonRow, SiteRow, TrailRow

_SITES: Any = SiteRow.__table__  # type: ignore[attr-defined]
_PEOPLE: Any = PersonRow.__table__  # type: ignore[attr-defined]
_CREDENTIALS: Any = CredentialRow.__table__  # type: ignore[attr-defined]
_ENROLMENTS: Any = EnrolmentRow.__table__  # type: ignore[attr-defined]
_TRAIL: Any = TrailRow.__table__  # type: ignore[attr-defined]

_BY_DIGEST = sa.select(
    _CREDENTIALS.c.label,
    _CREDENTIALS.c.role,
    _CREDENTIALS.c.site,
    _CREDENTIALS.c.kind,
    _CREDENTIALS.c.ends_at,
).where(_CREDENTIALS.c.digest == sa.bindparam("digest"))
_OFFERS = sa.select(_SITES.c.naloxone, _SITES.c.rest).where(_SITES.c.id == sa.bindparam("site"))
_ADD_ENTRY = _TRAIL.insert()

SESSION, TABLET = "session", "tablet"


def actor_of(connection: Connection, digest: str, now: datetime) -> Actor | None:
    """Who holds the token with this digest; None where it never was, was revoked or has ended."""
    row = connection.execute(_BY_DIGEST, {"digest": digest}).first()
    if row is None or (row.ends_at is not None and row.ends_at <= now):
        return None
    return Actor(row.label, Role(row.role), row.site, cookie=row.kind == SESSION)


def add_credential(
    connection: Connection,
    *,
    id: str,
    digest: str,
    kind: str,
    label: str,
    role: Role,
    now: datetime,
    site: str | None = None,
    person: str | None = None,
    ends_at: datetime | None = None,
) -> None:
    Actor(id, role, site)
    connection.execute(
        _CREDENTIALS.insert().values(
            id=id,
            digest=digest,
            kind=kind,
            label=label,
            role=role.value,
            site=site,
            person=person,
            made_at=now,
            ends_at=ends_at,
        )
    )


def revoke(connection: Connection, name: str) -> int:
    """Delete the credentials with this id or label, and the sessions and account of the person so named.

    A tablet that was only announced is no longer expected either.
    """
    people = sa.select(_PEOPLE.c.id).where(_PEOPLE.c.name == name)
    gone = connection.execute(
        _CREDENTIALS.delete().where(
            sa.or_(
                _CREDENTIALS.c.id == name,
                _CREDENTIALS.c.label == name,
                _CREDENTIALS.c.person.in_(people),
            )
        )
    ).rowcount
    gone += connection.execute(_ENROLMENTS.delete().where(_ENROLMENTS.c.label == name)).rowcount
    return int(gone + connection.execute(_PEOPLE.delete().where(_PEOPLE.c.name == name)).rowcount)


def announce(
    connection: Connection, *, digest: str, label: str, site: str, now: datetime, ends_at: datetime
) -> None:
    """Let a tablet of this name in by the code of this digest until then; an earlier code of the name is void."""
    past = sa.or_(_ENROLMENTS.c.ends_at <= now, _ENROLMENTS.c.label == label)
    connection.execute(_ENROLMENTS.delete().where(past))
    connection.execute(
        _ENROLMENTS.insert().values(digest=digest, label=label, site=site, ends_at=ends_at)
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
        sa.select(_ENROLMENTS.c.label, _ENROLMENTS.c.site).where(
            _ENROLMENTS.c.digest == code, _ENROLMENTS.c.ends_at > now
        )
    ).first()
    if (
        row is None
        or not connection.execute(_ENROLMENTS.delete().where(_ENROLMENTS.c.digest == code)).rowcount
    ):
        return actor_of(connection, token, now)
    connection.execute(_CREDENTIALS.delete().where(_CREDENTIALS.c.digest == token))
    add_credential(
        connection,
        id=id,
        digest=token,
        kind=TABLET,
        label=row.label,
        role=Role.OUTREACH,
        site=row.site,
        now=now,
    )
    return Actor(row.label, Role.OUTREACH, row.site)


def end_session(connection: Connection, digest: str) -> None:
    connection.execute(_CREDENTIALS.delete().where(_CREDENTIALS.c.digest == digest))


def forget_ended(connection: Connection, now: datetime) -> None:
    """Sessions that have ended are nobody's any more."""
    connection.execute(_CREDENTIALS.delete().where(_CREDENTIALS.c.ends_at <= now))


def credentials(connection: Connection) -> list[dict[str, Any]]:
    """Every credential, without what could open a door."""
    columns = [c for c in _CREDENTIALS.c if c.name != "digest"]
    rows = connection.execute(sa.select(*columns).order_by(_CREDENTIALS.c.made_at))
    return [dict(row) for row in rows.mappings()]


def people(connection: Connection) -> list[dict[str, Any]]:
    """Everybody who works here and can sign in, in the shape of a credential."""
    named = sa.select(_PEOPLE.c.name.label("label"), _PEOPLE.c.role, _PEOPLE.c.site).order_by(
        _PEOPLE.c.name
    )
    return [{"kind": "person", **row} for row in connection.execute(named).mappings()]


def add_person(
    connection: Connection, *, id: str, name: str, password: str, role: Role, site: str | None
) -> None:
    """`password` is already hashed."""
    Actor(id, role, site)
    connection.execute(
        _PEOPLE.insert().values(id=id, name=name, password=password, role=role.value, site=site)
    )


def person_named(connection: Connection, name: str) -> dict[str, Any] | None:
    row = connection.execute(sa.select(_PEOPLE).where(_PEOPLE.c.name == name)).mappings().first()
    return dict(row) if row else None


def add_site(connection: Connection, id: str, name: str, offers: Offers) -> None:
    connection.execute(
        _SITES.insert().values(id=id, name=name, naloxone=offers.naloxone, rest=offers.rest)
    )


def offers(connection: Connection, site: str) -> Offers:
    """What this site has for people. Raises NoResultFound for a site nobody enrolled."""
    return Offers(*connection.execute(_OFFERS, {"site": site}).one())


def change_offers(connection: Connection, site: str, **changed: bool) -> int:
    """Set `naloxone` or `rest`; how many sites have that name."""
    return connection.execute(_SITES.update().where(_SITES.c.id == site).values(**changed)).rowcount


def still_open(connection: Connection, digests: Sequence[str], now: datetime) -> set[str]:
    """Which of these tokens, by their digests, still open a door."""
    query = sa.select(_CREDENTIALS.c.digest).where(
        _CREDENTIALS.c.digest.in_(digests),
        sa.or_(_CREDENTIALS.c.ends_at.is_(None), _CREDENTIALS.c.ends_at > now),
    )
    return set(connection.execute(query).scalars())


def has_site(connection: Connection, site: str) -> bool:
    return connection.execute(sa.select(_SITES.c.id).where(_SITES.c.id == site)).first() is not None


def sites(connection: Connection) -> dict[str, str]:
    """The name of each site."""
    return {
        row.id: row.name
        for row in connection.execute(sa.select(_SITES.c.id, _SITES.c.name).order_by(_SITES.c.id))
    }


def record(connection: Connection, entry: AuditEntry) -> None:
    connection.execute(
        _ADD_ENTRY,
        {
            "at": entry.at,
            "actor": entry.actor,
            "role": entry.role,
            "deed": entry.action.value,
            "sample": entry.sample,
            "version": entry.version,
            "notice": entry.notice,
        },
    )
