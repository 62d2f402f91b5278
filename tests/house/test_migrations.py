"""Migrations: up from empty, down to empty, and no drift between them and the tables in the code."""

import os
import subprocess
import sys
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from sqlmodel import SQLModel

from service.foundation.database import connect
from service.foundation.settings import ROOT


def config(connection: sa.Connection) -> Config:
    made = Config()
    made.set_main_option("script_location", str(ROOT / "migrations"))
    made.attributes["connection"] = connection
    return made


def tables(connection: sa.Connection) -> set[str]:
    return set(sa.inspect(connection).get_table_names()) - {"alembic_version"}


def test_down_to_empty_and_up_again(database_url: str) -> None:
    engine = connect(database_url)
    with engine.begin() as connection:
        assert tables(connection) == set(SQLModel.metadata.tables)
        command.downgrade(config(connection), "base")
        assert tables(connection) == set()
        command.upgrade(config(connection), "head")
        assert tables(connection) == set(SQLModel.metadata.tables)
    engine.dispose()


def test_the_code_and_the_migrations_agree(database_url: str) -> None:
    engine = connect(database_url)
    with engine.begin() as connection:
        command.check(config(connection))
    engine.dispose()


def test_drift_would_be_seen(database_url: str) -> None:
    engine = connect(database_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE sites ADD COLUMN planted INTEGER")
        try:
            command.check(config(connection))
        except Exception as error:
            assert "planted" in str(error)
        else:
            raise AssertionError("a planted column went unseen")
    engine.dispose()


def test_a_new_process_sees_every_table(sqlite_url: str) -> None:
    """As `make migration` does: what it would write for an up-to-date database is nothing."""
    checked = subprocess.run(
        [Path(sys.executable).parent / "alembic", "check"],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": sqlite_url},
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "No new upgrade operations detected" in checked.stdout


def test_each_migration_is_one_file_with_a_way_back() -> None:
    for path in sorted((ROOT / "migrations" / "versions").glob("*.py")):
        text = Path(path).read_text()
        assert "def downgrade() -> None:\n    pass" not in text, path.name
