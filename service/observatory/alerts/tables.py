"""Rows of what is watched and proposed. Counts are derived from samples and assays, and rebuilt from them."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from service.foundation.database import UtcDateTime


class TalliedRow(SQLModel, table=True):
    """What one answered rock counts as: each subject, found or only looked for. Erased with its sample."""

    __tablename__ = "tallied"

    sample: UUID = Field(primary_key=True, foreign_key="samples.id", ondelete="CASCADE")
    site: str = Field(max_length=40)
    week: int
    seen: dict[str, bool] = Field(sa_type=sa.JSON)


class TallyRow(SQLModel, table=True):
    """How many rocks whose first answer came in that week were tested for a subject, and in how many it was."""

    __tablename__ = "tallies"
    __table_args__ = (sa.Index("tallies_of_a_place", "site", "week", "subject"),)

    subject: str = Field(primary_key=True, max_length=120)
    site: str = Field(primary_key=True, max_length=40)
    week: int = Field(primary_key=True)
    tested: int
    found: int


class ProposalRow(SQLModel, table=True):
    """What a rule proposed. `live` is its cause while it is open or published: there is one living of each."""

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
    figures: dict[str, Any] = Field(sa_type=sa.JSON)
    notice: UUID | None = None
    gone_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class GroundRow(SQLModel, table=True):
    """A rock that a proposal rests on. Erased with its sample."""

    __tablename__ = "proposal_grounds"

    proposal: UUID = Field(primary_key=True, foreign_key="proposals.id", ondelete="CASCADE")
    sample: UUID = Field(primary_key=True, foreign_key="samples.id", ondelete="CASCADE", index=True)
