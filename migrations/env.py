"""Alembic's surroundings: every table of every room, and the connection that the caller opened."""

import importlib
import os
from typing import Any, Literal

import sqlalchemy as sa
from alembic import context
from alembic.autogenerate.api import AutogenContext
from alembic.runtime.migration import MigrationContext
from sqlmodel import SQLModel
from sqlmodel.sql.sqltypes import AutoString

from service.foundation.database import UtcDateTime, connect
from service.foundation.settings import ROOT

# Each room's tables.py registers its rows: one left out would be dropped by the next migration.
for path in sorted((ROOT / "service").rglob("tables.py")):
    importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))


def render_item(kind: str, item: Any, autogen_context: AutogenContext) -> str | Literal[False]:
    """Write our column type by its name."""
    if isinstance(item, AutoString):
        return f"sa.String(length={item.length})"
    if kind == "type" and isinstance(item, UtcDateTime):
        autogen_context.imports.add("from service.foundation.database import UtcDateTime")
        return "UtcDateTime()"
    return False


def compare_type(
    migrating: MigrationContext,
    inspected: sa.Column[Any],
    ours: sa.Column[Any],
    inspected_type: sa.types.TypeEngine[Any],
    our_type: sa.types.TypeEngine[Any],
) -> bool | None:
    """Whether a column's type has changed. SQLite keeps texts of any length; else Alembic's own.

    To change a length there, the whole table would be made anew: its children, which are erased
    with it, would go.
    """
    both_texts = isinstance(inspected_type, sa.String) and isinstance(
        our_type, (sa.String, AutoString)
    )
    return False if migrating.dialect.name == "sqlite" and both_texts else None


def upgrade(connection: Any) -> None:
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        render_as_batch=True,
        render_item=render_item,
        compare_type=compare_type,
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    upgrade(given)
else:
    url = os.environ.get("DATABASE_URL") or f"sqlite:///{ROOT / 'data' / 'caillou.db'}"
    with connect(url).begin() as opened:
        upgrade(opened)
