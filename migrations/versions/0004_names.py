"""What a laboratory said that a name means which the vocabulary does not know.

Revision: 0004, after 0003.
"""

import sqlalchemy as sa
from alembic import op

from service.foundation.database import UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "names",
        sa.Column("name", sa.String(length=360), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("spelled", sa.String(length=120), nullable=False),
        sa.Column("substance", sa.String(length=40), nullable=True),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("name", "at", name=op.f("pk_names")),
    )
    with op.batch_alter_table("results") as results:
        results.add_column(sa.Column("as_written", sa.String(length=120), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("results") as results:
        results.drop_column("as_written")
    op.drop_table("names")
