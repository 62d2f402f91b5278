"""Published warnings, what rules propose and count for them, and their lines in the trail.

Revision: 0007, after 0006.
"""

import sqlalchemy as sa
from alembic import op

from service.foundation.database import UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("trail") as trail:
        trail.alter_column("sample", existing_type=sa.Uuid(), nullable=True)
        trail.alter_column("version", existing_type=sa.Integer(), nullable=True)
        trail.add_column(sa.Column("notice", sa.Uuid(), nullable=True))
    op.create_index(op.f("ix_trail_notice"), "trail", ["notice"])
    op.create_table(
        "notices",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("change", sa.Integer(), nullable=False),
        sa.Column("in_force", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("substance", sa.String(length=120), nullable=True),
        sa.Column("site", sa.String(length=40), nullable=True),
        sa.Column("public", sa.Boolean(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=False),
        sa.Column("published_at", UtcDateTime(), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.ForeignKeyConstraint(["site"], ["sites.id"], name=op.f("fk_notices_site")),
        sa.PrimaryKeyConstraint("id", "version", name=op.f("pk_notices")),
        sa.UniqueConstraint("change", name=op.f("uq_notices_change")),
    )
    op.create_index("notices_in_force", "notices", ["in_force", "until"])
    op.create_table(
        "tallied",
        sa.Column("sample", sa.Uuid(), nullable=False),
        sa.Column("site", sa.String(length=40), nullable=False),
        sa.Column("week", sa.Integer(), nullable=False),
        sa.Column("seen", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["sample"], ["samples.id"], name=op.f("fk_tallied_sample"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("sample", name=op.f("pk_tallied")),
    )
    op.create_table(
        "tallies",
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("site", sa.String(length=40), nullable=False),
        sa.Column("week", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("tested", sa.Integer(), nullable=False),
        sa.Column("found", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("subject", "site", "week", name=op.f("pk_tallies")),
    )
    op.create_index("tallies_of_a_place", "tallies", ["site", "week", "subject"])
    op.create_table(
        "proposals",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("live", sa.String(length=200), nullable=True),
        sa.Column("why", sa.String(length=20), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=True),
        sa.Column("site", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("proposed_at", UtcDateTime(), nullable=False),
        sa.Column("week", sa.Integer(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("notice", sa.Uuid(), nullable=True),
        sa.Column("gone_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposals")),
        sa.UniqueConstraint("live", name=op.f("uq_proposals_live")),
    )
    op.create_index("proposals_of_a_notice", "proposals", ["notice"])
    op.create_table(
        "proposal_grounds",
        sa.Column("proposal", sa.Uuid(), nullable=False),
        sa.Column("sample", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["proposal"],
            ["proposals.id"],
            name=op.f("fk_proposal_grounds_proposal"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["sample"], ["samples.id"], name=op.f("fk_proposal_grounds_sample"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("proposal", "sample", name=op.f("pk_proposal_grounds")),
    )
    op.create_index(op.f("ix_proposal_grounds_sample"), "proposal_grounds", ["sample"])


def downgrade() -> None:
    op.drop_table("proposal_grounds")
    op.drop_table("proposals")
    op.drop_index("tallies_of_a_place", table_name="tallies")
    op.drop_table("tallies")
    op.drop_table("tallied")
    op.drop_table("notices")
    op.execute("DELETE FROM trail WHERE sample IS NULL")
    op.drop_index(op.f("ix_trail_notice"), table_name="trail")
    with op.batch_alter_table("trail") as trail:
        trail.drop_column("notice")
        trail.alter_column("version", existing_type=sa.Integer(), nullable=False)
        trail.alter_column("sample", existing_type=sa.Uuid(), nullable=False)
