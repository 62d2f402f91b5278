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
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("spelled", sa.String(length=120), nullable=False),
        sa.Column("substance", sa.String(length=40), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_names")),
    )


def downgrade() -> None:
    op.drop_table("names")
