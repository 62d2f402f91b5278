"""The first tables: sites, people, credentials, trail, samples, codes, assays, results.

Revision: 0001, after nothing.
"""

import sqlalchemy as sa
from alembic import op

from service.foundation.database import UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sites",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("naloxone", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sites")),
    )
    op.create_table(
        "trail",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("deed", sa.String(length=20), nullable=False),
        sa.Column("sample", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trail")),
    )
    with op.batch_alter_table("trail", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_trail_sample"), ["sample"], unique=False)

    op.create_table(
        "people",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("password", sa.String(length=200), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("site", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(["site"], ["sites.id"], name=op.f("fk_people_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
        sa.UniqueConstraint("name", name=op.f("uq_people_name")),
    )
    op.create_table(
        "samples",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("site", sa.String(length=40), nullable=False),
        sa.Column("lab_label", sa.String(length=12), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("taken_at", UtcDateTime(), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=True),
        sa.Column("sold_as", sa.String(length=20), nullable=True),
        sa.Column("form", sa.String(length=20), nullable=True),
        sa.Column("colour", sa.String(length=20), nullable=True),
        sa.Column("smell", sa.String(length=20), nullable=True),
        sa.Column("weight_mg", sa.Float(), nullable=True),
        sa.Column("weighed", sa.String(length=20), nullable=True),
        sa.Column("size", sa.String(length=20), nullable=True),
        sa.Column("already_used", sa.Boolean(), nullable=True),
        sa.Column("note_to_lab", sa.String(length=200), nullable=True),
        sa.Column("price_eur", sa.Float(), nullable=True),
        sa.Column("no_price_because", sa.String(length=20), nullable=True),
        sa.Column("bought_on", sa.Date(), nullable=True),
        sa.Column("place_type", sa.String(length=20), nullable=True),
        sa.Column("area", sa.String(length=5), nullable=True),
        sa.Column("seller_type", sa.String(length=20), nullable=True),
        sa.Column("guess_percent", sa.Float(), nullable=True),
        sa.Column("quality", sa.String(length=20), nullable=True),
        sa.Column("believed_cuts", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("effects_blamed_on_cuts", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("basing_cleans", sa.Boolean(), nullable=True),
        sa.Column("ammonia_left", sa.Boolean(), nullable=True),
        sa.Column("route", sa.String(length=20), nullable=True),
        sa.Column("effects_sought", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("effects_felt", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("unexpected_effects", sa.Boolean(), nullable=True),
        sa.Column("also_uses", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("age_band", sa.String(length=20), nullable=True),
        sa.Column("gender", sa.String(length=20), nullable=True),
        sa.ForeignKeyConstraint(["site"], ["sites.id"], name=op.f("fk_samples_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_samples")),
        sa.UniqueConstraint("lab_label", name=op.f("uq_samples_lab_label")),
    )
    with op.batch_alter_table("samples", schema=None) as batch_op:
        batch_op.create_index("samples_of_a_site", ["site", "updated_at", "id"], unique=False)
        batch_op.create_index("samples_in_order", ["updated_at", "id"], unique=False)
        batch_op.create_index(
            "samples_that_wait", ["state", "received_at", "lab_label"], unique=False
        )

    op.create_table(
        "tombstones",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("site", sa.String(length=40), nullable=False),
        sa.Column("erased_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["site"], ["sites.id"], name=op.f("fk_tombstones_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tombstones")),
    )
    op.create_table(
        "assays",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sample", sa.Uuid(), nullable=False),
        sa.Column("lab_label", sa.String(length=12), nullable=False),
        sa.Column("in_force", sa.Boolean(), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.Column("laboratory", sa.String(length=120), nullable=False),
        sa.Column("method", sa.String(length=12), nullable=False),
        sa.Column("analysed_at", UtcDateTime(), nullable=False),
        sa.Column("rock_weight_mg", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(
            ["sample"], ["samples.id"], name=op.f("fk_assays_sample"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", "version", name=op.f("pk_assays")),
    )
    with op.batch_alter_table("assays", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_assays_sample"), ["sample"], unique=False)

    op.create_table(
        "credentials",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("label", sa.String(length=80), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("site", sa.String(length=40), nullable=True),
        sa.Column("person", sa.String(length=40), nullable=True),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name=op.f("fk_credentials_person")),
        sa.ForeignKeyConstraint(["site"], ["sites.id"], name=op.f("fk_credentials_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credentials")),
        sa.UniqueConstraint("digest", name=op.f("uq_credentials_digest")),
    )
    op.create_table(
        "pickup_codes",
        sa.Column("digest", sa.String(length=32), nullable=False),
        sa.Column("sealed", sa.String(length=80), nullable=False),
        sa.Column("site", sa.String(length=40), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.Column("sample", sa.Uuid(), nullable=True),
        sa.Column("card_languages", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["sample"], ["samples.id"], name=op.f("fk_pickup_codes_sample"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["site"], ["sites.id"], name=op.f("fk_pickup_codes_site")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_pickup_codes")),
        sa.UniqueConstraint("sample", name=op.f("uq_pickup_codes_sample")),
    )
    op.create_table(
        "results",
        sa.Column("assay", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("sample", sa.Uuid(), nullable=False),
        sa.Column("found_at", UtcDateTime(), nullable=True),
        sa.Column("substance", sa.String(length=120), nullable=False),
        sa.Column("outcome", sa.String(length=12), nullable=False),
        sa.Column("content_percent", sa.Float(), nullable=True),
        sa.Column("expressed_as", sa.String(length=14), nullable=True),
        sa.Column("uncertainty_percent", sa.Float(), nullable=True),
        sa.Column("lod_percent", sa.Float(), nullable=True),
        sa.Column("loq_percent", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(
            ["assay", "version"],
            ["assays.id", "assays.version"],
            name=op.f("fk_results_assay"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("assay", "version", "place", name=op.f("pk_results")),
    )
    with op.batch_alter_table("results", schema=None) as batch_op:
        batch_op.create_index("results_found", ["substance", "found_at", "sample"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("results", schema=None) as batch_op:
        batch_op.drop_index("results_found")

    op.drop_table("results")
    op.drop_table("pickup_codes")
    op.drop_table("credentials")
    with op.batch_alter_table("assays", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_assays_sample"))

    op.drop_table("assays")
    op.drop_table("tombstones")
    with op.batch_alter_table("samples", schema=None) as batch_op:
        batch_op.drop_index("samples_that_wait")
        batch_op.drop_index("samples_in_order")
        batch_op.drop_index("samples_of_a_site")

    op.drop_table("samples")
    op.drop_table("people")
    with op.batch_alter_table("trail", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_trail_sample"))

    op.drop_table("trail")
    op.drop_table("sites")
