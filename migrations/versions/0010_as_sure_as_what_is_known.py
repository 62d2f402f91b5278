"""What rocks warn others of, why a sample was closed, and what products are sold as.

A sample that only first tests answered goes back on the laboratory's list. What is derived is
emptied: the start fills it anew, by the new rules.

Revision: 0010, after 0009.
"""

import sqlalchemy as sa
from alembic import op

from service.foundation.database import UtcDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

FIRST_TEST = "a.method IN ('test_strip', 'tlc', 'ftir', 'raman')"
STANDS = "a.in_force AND a.status <> 'withdrawn'"
SIGNED = "a.status IN ('final', 'corrected')"


DERIVED = ("measured", "measured_counts", "surveyed", "tallied", "tallies")


def upgrade() -> None:
    op.create_table(
        "announced",
        sa.Column("sample", sa.Uuid(), nullable=False),
        sa.Column("substance", sa.String(length=120), nullable=False),
        sa.Column("site", sa.String(length=40), nullable=False),
        sa.Column("sure", sa.Boolean(), nullable=False),
        sa.Column("found_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["sample"], ["samples.id"], name=op.f("fk_announced_sample"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("sample", "substance", name=op.f("pk_announced")),
    )
    op.create_index("announced_lately", "announced", ["found_at"])

    op.add_column("samples", sa.Column("closed", sa.String(length=16), nullable=True))
    op.add_column("samples", sa.Column("sold_as_name", sa.String(length=40), nullable=True))
    resize_sold_as(24)

    unanswered = without(f"{STANDS} AND {SIGNED} AND NOT {FIRST_TEST}")
    before = f"state IN ('answered', 'corrected', 'in_analysis') AND {unanswered}"
    set_state("in_analysis", before, having(f"{STANDS} AND NOT {FIRST_TEST}"))
    before += f" AND {without(f'{STANDS} AND NOT {FIRST_TEST}')}"
    set_state("withdrawn", before, having(f"NOT a.in_force AND {SIGNED} AND NOT {FIRST_TEST}"))
    set_state("first_result", before, having(STANDS))

    for table in DERIVED:
        op.execute(f"DELETE FROM {table}")  # noqa: S608


def downgrade() -> None:
    unknown = "state IN ('first_result', 'closed')"
    set_state("answered", unknown, having(f"{STANDS} AND {SIGNED}"))
    set_state("in_analysis", unknown, having(STANDS))
    set_state("waiting", unknown, without(STANDS))

    resize_sold_as(20)
    op.drop_column("samples", "sold_as_name")
    op.drop_column("samples", "closed")
    op.drop_index("announced_lately", "announced")
    op.drop_table("announced")


def resize_sold_as(length: int) -> None:
    """SQLite keeps texts of any length: its table is not made anew for it."""
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("samples", "sold_as", type_=sa.String(length=length))


def having(condition: str) -> str:
    """That a sample has such an assay."""
    of_sample = f"a.sample = samples.id AND {condition}"
    return f"EXISTS (SELECT 1 FROM assays a WHERE {of_sample})"  # noqa: S608


def without(condition: str) -> str:
    """That a sample has no such assay."""
    return f"NOT {having(condition)}"


def set_state(state: str, *conditions: str) -> None:
    """Where a sample's answer stands, for those of which all of this holds."""
    where = " AND ".join(conditions)
    op.execute(f"UPDATE samples SET state = '{state}' WHERE {where}")  # noqa: S608
