"""Rows of the laboratory: every version of every assay, and a row for each result."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from service.foundation.database import UtcDateTime


class AssayRow(SQLModel, table=True):
    """`panel` is the one that it names, `confirmed` the questions that somebody has answered."""

    __tablename__ = "assays"

    id: UUID = Field(primary_key=True)
    version: int = Field(primary_key=True)
    sample: UUID = Field(foreign_key="samples.id", ondelete="CASCADE", index=True)
    lab_label: str = Field(max_length=12)
    in_force: bool
    received_at: datetime = Field(sa_type=UtcDateTime)
    status: str = Field(max_length=12)
    reason: str | None = Field(default=None, max_length=500)
    laboratory: str = Field(max_length=120)
    method: str = Field(max_length=12)
    analysed_at: datetime = Field(sa_type=UtcDateTime)
    rock_weight_mg: float | None = None
    panel: UUID | None = None
    confirmed: list[str] | None = Field(default=None, sa_type=sa.JSON(none_as_null=True))


class ResultRow(SQLModel, table=True):
    """`found_at` is when a version in force said that the substance is there; else it is empty."""

    __tablename__ = "results"
    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["assay", "version"], ["assays.id", "assays.version"], ondelete="CASCADE"
        ),
        sa.Index("results_found", "substance", "found_at", "sample"),
    )

    assay: UUID = Field(primary_key=True)
    version: int = Field(primary_key=True)
    place: int = Field(primary_key=True)
    sample: UUID
    found_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    substance: str = Field(max_length=120)
    outcome: str = Field(max_length=12)
    content_percent: float | None = None
    expressed_as: str | None = Field(default=None, max_length=14)
    uncertainty_percent: float | None = None
    lod_percent: float | None = None
    loq_percent: float | None = None
    as_written: str | None = Field(default=None, max_length=120)
    replicates: list[float] | None = Field(default=None, sa_type=sa.JSON(none_as_null=True))
    score: float | None = None


class PanelRow(SQLModel, table=True):
    """What a laboratory looks for by one method from a day on. Written once, never changed."""

    __tablename__ = "panels"
    __table_args__ = (sa.UniqueConstraint("laboratory", "method", "valid_from"),)

    id: UUID = Field(primary_key=True)
    laboratory: str = Field(max_length=120)
    method: str = Field(max_length=12)
    valid_from: datetime = Field(sa_type=UtcDateTime)
    declared_at: datetime = Field(sa_type=UtcDateTime)


class PanelSubstanceRow(SQLModel, table=True):
    """One substance of a panel, and its limit of detection in percent by weight."""

    __tablename__ = "panel_substances"

    panel: UUID = Field(primary_key=True, foreign_key="panels.id", ondelete="CASCADE")
    place: int = Field(primary_key=True)
    substance: str = Field(max_length=40)
    lod_percent: float | None = None


class CustodyRow(SQLModel, table=True):
    """Where the material itself is: sent, received, destroyed. Erased with its sample."""

    __tablename__ = "custody"

    sample: UUID = Field(primary_key=True, foreign_key="samples.id", ondelete="CASCADE")
    event: str = Field(primary_key=True, max_length=12)
    at: datetime = Field(sa_type=UtcDateTime)
    recorded_at: datetime = Field(sa_type=UtcDateTime)
    by: str = Field(max_length=80)


class ReachedRow(SQLModel, table=True):
    """When a person was last told that their answer had changed. Erased with their sample."""

    __tablename__ = "reached"

    sample: UUID = Field(primary_key=True, foreign_key="samples.id", ondelete="CASCADE")
    at: datetime = Field(sa_type=UtcDateTime)


class NameRow(SQLModel, table=True):
    """What a laboratory said that a name means, and when. The last word counts.

    `name` is as names are compared, `spelled` as it was written; no substance takes it back.
    """

    __tablename__ = "names"

    name: str = Field(primary_key=True, max_length=360)
    at: datetime = Field(primary_key=True, sa_type=UtcDateTime)
    spelled: str = Field(max_length=120)
    substance: str | None = Field(default=None, max_length=40)
    by: str = Field(max_length=80)
