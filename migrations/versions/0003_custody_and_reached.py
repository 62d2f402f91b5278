"""Where the material is, and who has been told that an answer changed.

Revision: 0003, after 0002.
"""

import sqlalchemy as sa
from alembic import op

from service.foundation.database import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "custody",
        sa.Column("sample", sa.Uuid(), nullable=False),
        sa.Column("event", sa.String(length=12), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(
            ["sample"], ["samples.id"], name=op.f("fk_custody_sample"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("sample", "event", name=op.f("pk_custody")),
    )
    op.create_table(
        "reached",
        sa.Column("sample", sa.Uuid(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["sample"], ["samples.id"], name=op.f("fk_reached_sample"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("sample", name=op.f("pk_reached")),
    )


def downgrade() -> None:
    op.drop_table("reached")
    op.drop_table("custody")
