"""Rows of what is learnt from measured rocks: derived from samples and assays."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from service.foundation.database import UtcDateTime


class MeasuredRow(SQLModel, table=True):
    """One rock whose cocaine was measured, by the answer in force. Erased with its sample."""

    __tablename__ = "measured"
    __table_args__ = (sa.Index("measured_taken", "taken_at"),)

    sample: UUID = Field(primary_key=True, foreign_key="samples.id", ondelete="CASCADE")
    taken_at: datetime = Field(sa_type=UtcDateTime)
    answered_at: datetime = Field(sa_type=UtcDateTime)
    percent: float
    whole_mg: float | None = None
    field_mg: float | None = None
    size: str | None = Field(default=None, max_length=20)


class MeasuredCountRow(SQLModel, table=True):
    """How many rocks that were taken in in a month had a content in a step of 2 %."""

    __tablename__ = "measured_counts"

    month: int = Field(primary_key=True)
    step: int = Field(primary_key=True)
    rocks: int


class AnnouncedRow(SQLModel, table=True):
    """What one rock warns other people of, by the assays in force. Erased with its sample.

    `sure` where it is confirmed; what is only indicated is announced at its own site.
    """

    __tablename__ = "announced"
    __table_args__ = (sa.Index("announced_lately", "found_at"),)

    sample: UUID = Field(primary_key=True, foreign_key="samples.id", ondelete="CASCADE")
    substance: str = Field(primary_key=True, max_length=120)
    site: str = Field(max_length=40)
    sure: bool
    found_at: datetime = Field(sa_type=UtcDateTime)


class NoticeRow(SQLModel, table=True):
    """One version of a published warning; every version is kept.

    `in_force` marks the last one, whatever it says. `change` counts all versions of all
    notices, so that whoever listens can tell that there is something new.
    """

    __tablename__ = "notices"
    __table_args__ = (sa.Index("notices_in_force", "in_force", "until"),)

    id: UUID = Field(primary_key=True)
    version: int = Field(primary_key=True)
    change: int = Field(unique=True)
    in_force: bool
    state: str = Field(max_length=12)
    kind: str = Field(max_length=20)
    substance: str | None = Field(default=None, max_length=120)
    site: str | None = Field(default=None, foreign_key="sites.id", max_length=40)
    public: bool
    until: datetime = Field(sa_type=UtcDateTime)
    published_at: datetime = Field(sa_type=UtcDateTime)
    by: str = Field(max_length=80)
    reason: str | None = Field(default=None, max_length=500)
