"""Rows of what is counted and proposed. Counts can be rebuilt from samples and assays."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from service.foundation.database import UtcDateTime
from service.observatory.alerts.proposal import RiseFigures


class TalliedRow(SQLModel, table=True):
    """What one answered rock counts as: each subject, found or not. Erased with its sample."""

    __tablename__ = "tallied"

    sample: UUID = Field(primary_key=True, foreign_key="samples.id", ondelete="CASCADE")
    site: str = Field(max_length=40)
    week: int
    seen: dict[str, bool] = Field(sa_type=sa.JSON)


class TallyRow(SQLModel, table=True):
    """Rocks by the week of their first answer: how many were tested for a subject, and had it."""

    __tablename__ = "tallies"
    __table_args__ = (sa.Index("tallies_of_a_place", "site", "week", "subject"),)

    subject: str = Field(primary_key=True, max_length=120)
    site: str = Field(primary_key=True, max_length=40)
    week: int = Field(primary_key=True)
    tested: int
    found: int


class ProposalRow(SQLModel, table=True):
    """What a rule proposed.

    `live` is its cause while it is open or published: there is one living proposal of each.
    """

    __tablename__ = "proposals"
    __table_args__ = (sa.Index("proposals_of_a_notice", "notice"),)

    id: UUID = Field(primary_key=True)
    live: str | None = Field(default=None, unique=True, max_length=200)
    why: str = Field(max_length=20)
    subject: str | None = Field(default=None, max_length=120)
    site: str = Field(max_length=40)
    state: str = Field(max_length=12)
    proposed_at: datetime = Field(sa_type=UtcDateTime)
    week: int
    figures: RiseFigures = Field(sa_type=sa.JSON)
    notice: UUID | None = None
    gone_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class GroundRow(SQLModel, table=True):
    """A rock that a proposal rests on. Erased with its sample."""

    __tablename__ = "proposal_grounds"

    proposal: UUID = Field(primary_key=True, foreign_key="proposals.id", ondelete="CASCADE")
    sample: UUID = Field(primary_key=True, foreign_key="samples.id", ondelete="CASCADE", index=True)
