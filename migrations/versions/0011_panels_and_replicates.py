"""Panels, replicates, hits in doubt, and the questions that an assay has answered.

Revision: 0011, after 0010.
"""

import sqlalchemy as sa
from alembic import op

from service.foundation.database import UtcDateTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "panels",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("laboratory", sa.String(length=120), nullable=False),
        sa.Column("method", sa.String(length=12), nullable=False),
        sa.Column("valid_from", UtcDateTime(), nullable=False),
        sa.Column("declared_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_panels")),
        sa.UniqueConstraint(
            "laboratory", "method", "valid_from", name=op.f("uq_panels_laboratory")
        ),
    )
    op.create_table(
        "panel_substances",
        sa.Column("panel", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("substance", sa.String(length=40), nullable=False),
        sa.Column("lod_percent", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(
            ["panel"], ["panels.id"], name=op.f("fk_panel_substances_panel"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("panel", "place", name=op.f("pk_panel_substances")),
    )

    op.add_column("assays", sa.Column("panel", sa.Uuid(), nullable=True))
    op.add_column("assays", sa.Column("confirmed", sa.JSON(none_as_null=True), nullable=True))
    op.add_column("results", sa.Column("replicates", sa.JSON(none_as_null=True), nullable=True))
    op.add_column("results", sa.Column("score", sa.Float(), nullable=True))


def downgrade() -> None:
    op.drop_column("results", "score")
    op.drop_column("results", "replicates")
    op.drop_column("assays", "confirmed")
    op.drop_column("assays", "panel")
    op.drop_table("panel_substances")
    op.drop_table("panels")
