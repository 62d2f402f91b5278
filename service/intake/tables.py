"""Rows of intake: samples, tombstones, pickup codes."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from service.foundation.database import UtcDateTime


def _list() -> Any:
    """A column of codes; NULL where nothing was asked."""
    return Field(default=None, sa_type=sa.JSON(none_as_null=True))


class SampleRow(SQLModel, table=True):
    """One sample, a column a fact.

    Nothing here leads to a person: the pickup code points here, not back.
    """

    __tablename__ = "samples"
    __table_args__ = (
        sa.Index("samples_of_a_site", "site", "updated_at", "id"),
        sa.Index("samples_in_order", "updated_at", "id"),
        sa.Index("samples_that_wait", "state", "received_at", "lab_label"),
    )

    id: UUID = Field(primary_key=True)
    site: str = Field(foreign_key="sites.id", max_length=40)
    lab_label: str = Field(unique=True, max_length=12)
    state: str = Field(max_length=12)
    closed: str | None = Field(default=None, max_length=16)
    received_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)

    revision: int
    taken_at: datetime = Field(sa_type=UtcDateTime)
    reason: str | None = Field(default=None, max_length=20)
    sold_as: str | None = Field(default=None, max_length=24)
    sold_as_name: str | None = Field(default=None, max_length=40)
    form: str | None = Field(default=None, max_length=20)
    colour: str | None = Field(default=None, max_length=20)
    smell: str | None = Field(default=None, max_length=20)
    weight_mg: float | None = None
    weighed: str | None = Field(default=None, max_length=20)
    size: str | None = Field(default=None, max_length=20)
    already_used: bool | None = None
    note_to_lab: str | None = Field(default=None, max_length=200)

    price_eur: float | None = None
    no_price_because: str | None = Field(default=None, max_length=20)
    bought_on: date | None = None
    place_type: str | None = Field(default=None, max_length=20)
    area: str | None = Field(default=None, max_length=5)
    seller_type: str | None = Field(default=None, max_length=20)

    guess_percent: float | None = None
    quality: str | None = Field(default=None, max_length=20)
    believed_cuts: list[str] | None = _list()
    effects_blamed_on_cuts: list[str] | None = _list()
    basing_cleans: bool | None = None
    ammonia_left: bool | None = None

    route: str | None = Field(default=None, max_length=20)
    effects_sought: list[str] | None = _list()
    effects_felt: list[str] | None = _list()
    unexpected_effects: bool | None = None
    also_uses: list[str] | None = _list()

    age_band: str | None = Field(default=None, max_length=20)
    gender: str | None = Field(default=None, max_length=20)


class TombstoneRow(SQLModel, table=True):
    """The id of a sample that its person took back, so that a late retry does not revive it."""

    __tablename__ = "tombstones"

    id: UUID = Field(primary_key=True)
    site: str = Field(foreign_key="sites.id", max_length=40)
    erased_at: datetime = Field(sa_type=UtcDateTime)


class PickupRow(SQLModel, table=True):
    """A pickup code: its digest, itself sealed, and the languages its holder reads.

    Erased with the sample.
    """

    __tablename__ = "pickup_codes"

    digest: str = Field(primary_key=True, max_length=32)
    sealed: str = Field(max_length=80)
    site: str = Field(foreign_key="sites.id", max_length=40)
    ends_at: datetime = Field(sa_type=UtcDateTime)
    sample: UUID | None = Field(
        default=None, foreign_key="samples.id", ondelete="CASCADE", unique=True
    )
    card_languages: list[str] = Field(default_factory=list, sa_type=sa.JSON)
