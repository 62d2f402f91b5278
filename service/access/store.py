"""Queries of access: plain functions of a connection."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlmodel import col
from typing_extensions import TypedDict

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

_KIND = sa.select(col(CredentialRow.kind)).where(
    col(CredentialRow.digest) == sa.bindparam("digest")
)

_OFFERS = sa.select(col(SiteRow.naloxone), col(SiteRow.rest)).where(
    col(SiteRow.id) == sa.bindparam("site")
)

_CREDENTIALS = sa.select(
    col(CredentialRow.kind),
    col(CredentialRow.label),
    col(CredentialRow.role),
    col(CredentialRow.site),
).order_by(col(CredentialRow.made_at))

_PEOPLE = sa.select(
    col(PersonRow.name),
    col(PersonRow.role),
    col(PersonRow.site),
).order_by(col(PersonRow.name))

_ADD_CREDENTIAL = sa.insert(CredentialRow)
_ADD_ENTRY = sa.insert(AuditRow)

SESSION = "session"
TABLET = "tablet"


def actor_of(connection: Connection, digest: str, now: datetime) -> Actor | None:
    """Who holds the token with this digest; None where it never was, was revoked or has ended."""
    row = connection.execute(_BY_DIGEST, {"digest": digest}).first()
    if row is None:
        return None

    label, role, site, kind, ends_at = row
    if ends_at is not None and ends_at <= now:
        return None
    return Actor(label, Role(role), site, cookie=kind == SESSION)


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
    """Delete the credentials with this id or label, and the person so named with their sessions.

    A tablet that was only announced is no longer expected either. Gives how many rows went.
    """
    people = sa.select(col(PersonRow.id)).where(col(PersonRow.name) == name)
    credentials_of_that_name = sa.or_(
        col(CredentialRow.id) == name,
        col(CredentialRow.label) == name,
        col(CredentialRow.person).in_(people),
    )

    deletions = (
        sa.delete(CredentialRow).where(credentials_of_that_name),
        sa.delete(EnrolmentRow).where(col(EnrolmentRow.label) == name),
        sa.delete(PersonRow).where(col(PersonRow.name) == name),
    )
    return sum(connection.execute(deletion).rowcount for deletion in deletions)


def announce(
    connection: Connection, *, digest: str, label: str, site: str, now: datetime, ends_at: datetime
) -> None:
    """Let a tablet of this name in by the code of this digest until `ends_at`.

    An earlier code of the name is void.
    """
    past = sa.or_(
        col(EnrolmentRow.ends_at) <= now,
        col(EnrolmentRow.label) == label,
    )
    connection.execute(sa.delete(EnrolmentRow).where(past))

    row = {"digest": digest, "label": label, "site": site, "ends_at": ends_at}
    connection.execute(sa.insert(EnrolmentRow), row)


def let_in(
    connection: Connection, *, code: str, token: str, id: str, now: datetime
) -> Actor | None:
    """A tablet comes in by its code, once: from now on it is known by its token. Both are digests.

    The same code with the same token again is a retry whose first answer was lost; with a new code
    it comes in anew. None where the code opens nothing.
    """
    kind = connection.execute(_KIND, {"digest": token}).scalar()
    if kind is not None and kind != TABLET:
        return None

    tablet = _spend(connection, code, now)
    if tablet is None:
        return actor_of(connection, token, now)

    label, site = tablet
    credential = NewCredential(
        id=id,
        digest=token,
        kind=TABLET,
        label=label,
        role=Role.OUTREACH,
        site=site,
        made_at=now,
    )
    end_session(connection, token)
    add_credential(connection, credential)
    return Actor(label, Role.OUTREACH, site)


def _spend(connection: Connection, code: str, now: datetime) -> tuple[str, str] | None:
    """The label and the site of the tablet that was announced with this code, which is then void.

    None where there is no such code, it has ended, or another has spent it meanwhile.
    """
    query = sa.select(
        col(EnrolmentRow.label),
        col(EnrolmentRow.site),
    ).where(
        col(EnrolmentRow.digest) == code,
        col(EnrolmentRow.ends_at) > now,
    )
    announced = connection.execute(query).first()
    if announced is None:
        return None

    spending = sa.delete(EnrolmentRow).where(col(EnrolmentRow.digest) == code)
    spent = connection.execute(spending).rowcount
    if not spent:
        return None

    label, site = announced
    return label, site


def end_session(connection: Connection, digest: str) -> None:
    ending = sa.delete(CredentialRow).where(col(CredentialRow.digest) == digest)
    connection.execute(ending)


def forget_ended(connection: Connection, now: datetime) -> None:
    """Sessions that have ended are nobody's any more."""
    forgetting = sa.delete(CredentialRow).where(col(CredentialRow.ends_at) <= now)
    connection.execute(forgetting)


class Listed(TypedDict):
    """A way in as the operator sees it, without what could open a door."""

    kind: str
    label: str
    role: str
    site: str | None


def credentials(connection: Connection) -> list[Listed]:
    """Every credential, from the oldest."""
    return [
        {"kind": kind, "label": label, "role": role, "site": site}
        for kind, label, role, site in connection.execute(_CREDENTIALS)
    ]


def people(connection: Connection) -> list[Listed]:
    """Everybody who works here and can sign in, in the shape of a credential."""
    return [
        {"kind": "person", "label": name, "role": role, "site": site}
        for name, role, site in connection.execute(_PEOPLE)
    ]


def add_person(
    connection: Connection, *, id: str, name: str, password: str, role: Role, site: str | None
) -> None:
    """`password` is already hashed."""
    Actor(id, role, site)

    row = {"id": id, "name": name, "password": password, "role": role.value, "site": site}
    connection.execute(sa.insert(PersonRow), row)


def person_named(connection: Connection, name: str) -> dict[str, Any] | None:
    """Who works here by this name: the whole row, with the hashed password."""
    query = sa.select(PersonRow).where(col(PersonRow.name) == name)
    row = connection.execute(query).mappings().first()
    return dict(row) if row else None


def add_site(connection: Connection, id: str, name: str, offers: Offers) -> None:
    row = {"id": id, "name": name, "naloxone": offers.naloxone, "rest": offers.rest}
    connection.execute(sa.insert(SiteRow), row)


def offers(connection: Connection, site: str) -> Offers:
    """What this site has for people. Raises NoResultFound for a site nobody enrolled."""
    return Offers(*connection.execute(_OFFERS, {"site": site}).one())


def change_offers(connection: Connection, site: str, **changed: bool) -> int:
    """Set `naloxone` or `rest`; how many sites have that name."""
    change = sa.update(SiteRow).where(col(SiteRow.id) == site)
    return connection.execute(change, changed).rowcount


def still_open(connection: Connection, digests: Sequence[str], now: datetime) -> set[str]:
    """Which of these tokens, by their digests, still open a door."""
    ends_at = col(CredentialRow.ends_at)
    in_force = sa.or_(ends_at.is_(None), ends_at > now)

    digest = col(CredentialRow.digest)
    query = sa.select(digest).where(digest.in_(digests), in_force)
    return set(connection.execute(query).scalars())


def has_site(connection: Connection, site: str) -> bool:
    query = sa.select(col(SiteRow.id)).where(col(SiteRow.id) == site)
    return connection.execute(query).first() is not None


def sites(connection: Connection) -> dict[str, str]:
    """The name of each site."""
    id = col(SiteRow.id)
    query = sa.select(id, col(SiteRow.name)).order_by(id)
    return {id: name for id, name in connection.execute(query)}  # noqa: C416


def record(connection: Connection, entry: AuditEntry) -> None:
    """Leave a line in the audit log."""
    row = {
        "at": entry.at,
        "actor": entry.actor,
        "role": entry.role,
        "action": entry.action.value,
        "sample": entry.sample,
        "version": entry.version,
        "notice": entry.notice,
    }
    connection.execute(_ADD_ENTRY, row)
