"""What the survey reads of each answered rock, and how often a month has changed. Filled at the next start.

Revision: 0006, after 0005.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "surveyed",
        sa.Column("sample", sa.Uuid(), nullable=False),
        sa.Column("taken", sa.BigInteger(), nullable=False),
        sa.Column("site", sa.String(length=40), nullable=False),
        sa.Column("area", sa.String(length=5), nullable=True),
        sa.Column("hardly_any", sa.Boolean(), nullable=False),
        sa.Column("percent", sa.Float(), nullable=True),
        sa.Column("reported", sa.Float(), nullable=True),
        sa.Column("basis", sa.String(length=14), nullable=True),
        sa.Column("weight_mg", sa.Float(), nullable=True),
        sa.Column("price_eur", sa.Float(), nullable=True),
        sa.Column("guess_percent", sa.Float(), nullable=True),
        sa.Column("quality", sa.String(length=20), nullable=True),
        sa.Column("place_type", sa.String(length=20), nullable=True),
        sa.Column("seller_type", sa.String(length=20), nullable=True),
        sa.Column("believed", sa.Text(), nullable=True),
        sa.Column("blamed", sa.Text(), nullable=True),
        sa.Column("found", sa.Text(), nullable=False),
        sa.Column("absent", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["sample"], ["samples.id"], name=op.f("fk_surveyed_sample"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("sample", name=op.f("pk_surveyed")),
    )
    op.create_index("surveyed_taken", "surveyed", ["taken"])
    op.create_table(
        "survey_changes",
        sa.Column("month", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("changes", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("month", name=op.f("pk_survey_changes")),
    )


def downgrade() -> None:
    op.drop_table("survey_changes")
    op.drop_index("surveyed_taken", table_name="surveyed")
    op.drop_table("surveyed")
