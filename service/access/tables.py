"""Rows of access: sites, people who work there, credentials, and the audit log."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from service.foundation.database import UtcDateTime


class SiteRow(SQLModel, table=True):
    __tablename__ = "sites"

    id: str = Field(primary_key=True, max_length=40)
    name: str = Field(max_length=120)
    naloxone: bool = True
    rest: bool = False


class PersonRow(SQLModel, table=True):
    """Somebody who works here. Never somebody who brought a rock."""

    __tablename__ = "people"

    id: str = Field(primary_key=True, max_length=40)
    name: str = Field(unique=True, max_length=80)
    password: str = Field(max_length=200)
    role: str = Field(max_length=20)
    site: str | None = Field(default=None, foreign_key="sites.id", max_length=40)


class CredentialRow(SQLModel, table=True):
    """A token of a tablet, an instrument, a script, or a person's session."""

    __tablename__ = "credentials"

    id: str = Field(primary_key=True, max_length=40)
    digest: str = Field(unique=True, max_length=64)
    kind: str = Field(max_length=20)
    label: str = Field(max_length=80)
    role: str = Field(max_length=20)
    site: str | None = Field(default=None, foreign_key="sites.id", max_length=40)
    person: str | None = Field(default=None, foreign_key="people.id", max_length=40)
    made_at: datetime = Field(sa_type=UtcDateTime)
    ends_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class EnrolmentRow(SQLModel, table=True):
    """A tablet that was announced and has not come in yet.

    It holds the digest of the code that lets it in, once.
    """

    __tablename__ = "enrolments"

    digest: str = Field(primary_key=True, max_length=64)
    label: str = Field(unique=True, max_length=80)
    site: str = Field(foreign_key="sites.id", max_length=40)
    ends_at: datetime = Field(sa_type=UtcDateTime)


class AuditRow(SQLModel, table=True):
    """One line of the audit log. Written once, never changed."""

    __tablename__ = "audit_log"

    id: int | None = Field(
        default=None,
        sa_column=sa.Column(sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
    )
    at: datetime = Field(sa_type=UtcDateTime)
    actor: str = Field(max_length=80)
    role: str = Field(max_length=20)
    action: str = Field(max_length=20)
    sample: UUID | None = Field(default=None, index=True)
    notice: UUID | None = Field(default=None, index=True)
    version: int | None = None
