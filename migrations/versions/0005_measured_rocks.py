"""What is learnt from measured rocks, kept up with each answer. `service learn` fills it from what is held.

Revision: 0005, after 0004.
"""

import sqlalchemy as sa
from alembic import op

from service.foundation.database import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "measured",
        sa.Column("sample", sa.Uuid(), nullable=False),
        sa.Column("taken_at", UtcDateTime(), nullable=False),
        sa.Column("answered_at", UtcDateTime(), nullable=False),
        sa.Column("percent", sa.Float(), nullable=False),
        sa.Column("whole_mg", sa.Float(), nullable=True),
        sa.Column("field_mg", sa.Float(), nullable=True),
        sa.Column("size", sa.String(length=20), nullable=True),
        sa.ForeignKeyConstraint(
            ["sample"], ["samples.id"], name=op.f("fk_measured_sample"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("sample", name=op.f("pk_measured")),
    )
    op.create_index("measured_taken", "measured", ["taken_at"])
    op.create_table(
        "measured_counts",
        sa.Column("month", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("step", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("rocks", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("month", "step", name=op.f("pk_measured_counts")),
    )


def downgrade() -> None:
    op.drop_table("measured_counts")
    op.drop_index("measured_taken", table_name="measured")
    op.drop_table("measured")
