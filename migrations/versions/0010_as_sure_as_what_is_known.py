"""What rocks warn others of, why a sample was closed, and what products are sold as.

Revision: 0010, after 0009.
"""

import sqlalchemy as sa
from alembic import op

from service.foundation.database import UtcDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


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


def downgrade() -> None:
    resize_sold_as(20)
    op.drop_column("samples", "sold_as_name")
    op.drop_column("samples", "closed")
    op.drop_index("announced_lately", "announced")
    op.drop_table("announced")


def resize_sold_as(length: int) -> None:
    """SQLite keeps texts of any length: its table is not made anew for it."""
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("samples", "sold_as", type_=sa.String(length=length))
