"""Migrations: up from empty, down to empty, and no drift between them and the code's tables."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from sqlmodel import SQLModel

from service.foundation.database import connect
from service.foundation.settings import ROOT
from tests.conftest import Knocker, Rock


def config(connection: sa.Connection) -> Config:
    made = Config()
    made.set_main_option("script_location", str(ROOT / "migrations"))
    made.attributes["connection"] = connection
    return made


DERIVED = frozenset({"measured", "measured_counts", "surveyed", "tallied", "tallies"})
"""What the start fills anew, by the rules of its release."""


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


def test_the_lines_of_the_audit_log_outlive_its_renaming(database_url: str) -> None:
    engine = connect(database_url)
    with engine.begin() as connection:
        line = "'2026-11-20 22:10:04+00:00', 'worker', 'outreach', 'took_in'"
        connection.exec_driver_sql(
            f"INSERT INTO audit_log (at, actor, role, action) VALUES ({line})"
        )
        before = lines_of(connection, "audit_log", "action")

        command.downgrade(config(connection), "0008")
        assert lines_of(connection, "trail", "deed") == before
        command.upgrade(config(connection), "head")
        assert lines_of(connection, "audit_log", "action") == before

        connection.exec_driver_sql(
            f"INSERT INTO audit_log (at, actor, role, action) VALUES ({line})"
        )
        ids = [id for id, *_ in lines_of(connection, "audit_log", "action")]
        assert len(set(ids)) == 2

        inspector = sa.inspect(connection)
        assert inspector.get_pk_constraint("audit_log")["name"] == "pk_audit_log"
    engine.dispose()


def lines_of(connection: sa.Connection, table: str, column: str) -> list[tuple[object, ...]]:
    rows = connection.exec_driver_sql(f"SELECT id, at, actor, role, {column} FROM {table}")
    return [tuple(row) for row in rows]


def test_the_last_releases_rows_outlive_the_upgrade(
    take_in: Callable[..., Rock], lab: Knocker, database_url: str
) -> None:
    """A table made anew under its old name would erase, on SQLite, every row that hangs on it."""
    rocks = [take_in(sold_as=sold_as) for sold_as in ("crack", "free_base", "unknown")]
    for rock in rocks[:2]:
        rock.assayed()
        received = {"event": "received", "at": "2026-11-22T09:00:00+01:00"}
        lab.post(f"/v1/lab/samples/{rock.label}/custody", received)

    engine = connect(database_url)
    with engine.begin() as connection:
        command.downgrade(config(connection), "0009")
        assert "closed" not in columns_of(connection, "samples")
        before = counts(connection)
        wanted = {"samples": 3, "pickup_codes": 3, "assays": 2, "results": 8, "custody": 2}
        assert {table: before[table] for table in wanted} == wanted

        command.upgrade(config(connection), "head")
        after = counts(connection)
        assert {table: 0 if table in DERIVED else before[table] for table in before} == {
            table: after[table] for table in before
        }

        kept = connection.exec_driver_sql("SELECT sold_as, closed, sold_as_name FROM samples")
        assert sorted(tuple(row) for row in kept) == [
            ("crack", None, None),
            ("free_base", None, None),
            ("unknown", None, None),
        ]
    engine.dispose()


def test_what_only_a_first_test_answered_is_on_the_list_again(
    take_in: Callable[..., Rock], database_url: str
) -> None:
    strip = {"method": "test_strip", "rock_weight_mg": None}
    answered, tested, seen, taken_back, waiting = (take_in() for _ in range(5))
    answered.assayed()
    answered.assayed(**strip)
    tested.assayed(**strip)
    seen.assayed(**strip, status="preliminary")
    id = taken_back.assayed()
    taken_back.assayed(id=id, version=2, status="withdrawn", reason="wrong vial")
    taken_back.assayed(**strip)

    engine = connect(database_url)
    with engine.begin() as connection:
        now = states(connection)
        command.downgrade(config(connection), "0009")
        before = states(connection)
        assert [before[rock.label] for rock in (tested, seen)] == ["answered", "in_analysis"]
        connection.exec_driver_sql(
            f"UPDATE samples SET state = 'corrected' WHERE lab_label = '{taken_back.label}'"
        )

        command.upgrade(config(connection), "head")
        assert states(connection) == now
        rocks = (answered, tested, seen, taken_back, waiting)
        assert [now[rock.label] for rock in rocks] == [
            "answered",
            "first_result",
            "first_result",
            "withdrawn",
            "waiting",
        ]
    engine.dispose()


def states(connection: sa.Connection) -> dict[str, str]:
    """Where each sample's answer stands, by its label."""
    rows = connection.exec_driver_sql("SELECT lab_label, state FROM samples")
    return {str(label): str(state) for label, state in rows}


def counts(connection: sa.Connection) -> dict[str, int]:
    """How many rows each table has."""
    counted = {}
    for table in tables(connection):
        rows = connection.exec_driver_sql(f"SELECT count(*) FROM {table}")
        counted[table] = int(rows.scalar_one())
    return counted


def columns_of(connection: sa.Connection, table: str) -> set[str]:
    return {column["name"] for column in sa.inspect(connection).get_columns(table)}


def test_each_migration_is_one_file_with_a_way_back() -> None:
    for path in sorted((ROOT / "migrations" / "versions").glob("*.py")):
        text = Path(path).read_text()
        assert "def downgrade() -> None:\n    pass" not in text, path.name
