"""The trail becomes the audit log, and a deed an action, as the code calls them. Every line stays.

Revision: 0009, after 0008.
"""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

INDEXED = ("sample", "notice")


def upgrade() -> None:
    rename(("trail", "deed"), ("audit_log", "action"))


def downgrade() -> None:
    rename(("audit_log", "action"), ("trail", "deed"))


def rename(before: tuple[str, str], after: tuple[str, str]) -> None:
    """Rename the table and its column, and all that bears the table's name; no row is touched."""
    table, column = before
    new_table, new_column = after

    for indexed in INDEXED:
        op.drop_index(op.f(f"ix_{table}_{indexed}"), table_name=table)

    op.rename_table(table, new_table)
    op.alter_column(new_table, column, new_column_name=new_column)
    rename_key(table, new_table)

    for indexed in INDEXED:
        op.create_index(op.f(f"ix_{new_table}_{indexed}"), new_table, [indexed])


def rename_key(table: str, new_table: str) -> None:
    """Rename the primary key; on PostgreSQL in place, with the sequence that numbers the lines."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"ALTER INDEX pk_{table} RENAME TO pk_{new_table}")
        op.execute(f"ALTER SEQUENCE {table}_id_seq RENAME TO {new_table}_id_seq")
        return

    with op.batch_alter_table(new_table) as rows:
        rows.create_primary_key(op.f(f"pk_{new_table}"), ["id"])
