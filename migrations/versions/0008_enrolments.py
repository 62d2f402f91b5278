"""Tablets that may still come in: the codes that were shown for them, as hashes.

Revision: 0008, after 0007.
"""

import sqlalchemy as sa
from alembic import op

from service.foundation.database import UtcDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "enrolments",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("label", sa.String(length=80), nullable=False),
        sa.Column("site", sa.String(length=40), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["site"], ["sites.id"], name=op.f("fk_enrolments_site")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_enrolments")),
        sa.UniqueConstraint("label", name=op.f("uq_enrolments_label")),
    )


def downgrade() -> None:
    op.drop_table("enrolments")
