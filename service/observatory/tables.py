"""Rows of the observatory: what the survey reads of each answered rock.

They are derived and rebuilt from its finding. The rules that decide a rock's content, weight and
substances are `evidence/finding.py`'s, and no query repeats them: their outcome is kept here, one
narrow row a rock, in the same transaction as the answer it comes from.
"""

from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel


class SurveyedRow(SQLModel, table=True):
    """One rock by the answer in force. Erased with its sample.

    `taken` is seconds since 1970; `hardly_any` that cocaine was looked for and is not there or at
    most 6 %. `percent` is the content that counts, as base where that can be known, `reported` the
    same as the laboratory wrote it, `basis` what it was expressed as. `believed`, `blamed`, `found`
    and `absent` are codes in alphabetical order, a line each; empty is none, NULL is not asked.
    """

    __tablename__ = "surveyed"
    __table_args__ = (sa.Index("surveyed_taken", "taken"),)

    sample: UUID = Field(primary_key=True, foreign_key="samples.id", ondelete="CASCADE")
    taken: int = Field(sa_type=sa.BigInteger)
    site: str = Field(max_length=40)
    area: str | None = Field(default=None, max_length=5)
    hardly_any: bool
    percent: float | None = None
    reported: float | None = None
    basis: str | None = Field(default=None, max_length=14)
    weight_mg: float | None = None
    price_eur: float | None = None
    guess_percent: float | None = None
    quality: str | None = Field(default=None, max_length=20)
    place_type: str | None = Field(default=None, max_length=20)
    seller_type: str | None = Field(default=None, max_length=20)
    believed: str | None = Field(default=None, sa_type=sa.Text)
    blamed: str | None = Field(default=None, sa_type=sa.Text)
    found: str = Field(sa_type=sa.Text)
    absent: str = Field(sa_type=sa.Text)


class SurveyChangeRow(SQLModel, table=True):
    """How often what is known of the rocks of a month has changed.

    The month is years x 12 + months since year 0. It only grows, by an erasure too: a survey kept
    in memory is the answer for as long as no month has changed.
    """

    __tablename__ = "survey_changes"

    month: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    changes: int
