"""The plan of the house: imports run one way, pure files stay pure, outer files keep to rooms."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.foundation.settings import ROOT

SERVICE = ROOT / "service"
FEATURES = (
    "access",
    "vocabulary",
    "intake",
    "lab",
    "evidence",
    "wording",
    "cards",
    "observatory",
    "pages",
)
OUTER = ("tables", "store", "acts", "wire", "context", "routes")
# What a pure file must not reach for: frameworks, databases, networks, the environment, the clock,
# chance.
IMPURE = {"alembic", "asyncio", "fastapi", "httpx2", "os", "psycopg", "random", "secrets", "socket"}
IMPURE |= {
    "sqlalchemy",
    "sqlmodel",
    "starlette",
    "subprocess",
    "threading",
    "time",
    "urllib",
    "uvicorn",
}
CLOCKS = frozenset({"now", "utcnow", "today", "fromtimestamp"})
# A job works in steps: it waits for a thread and for each transaction, and says how far it is.
JOBS = frozenset({"lab/importing/import_job.py"})
# The locks of access are no rules: they read tokens from requests, draw them, hash passwords and
# count tries.
LOCKS = frozenset(
    {"access/require.py", "access/rate_limit.py", "access/passwords.py", "access/tokens.py"}
)
# A shelf keeps what was made: it asks the database for it, once at a time.
SHELF = frozenset({"observatory/cache.py"})
# Who keeps streams open waits, and tells the time.
LISTENERS = frozenset({"observatory/notices/stream.py"})
# What is counted and proposed is kept up in the transaction that writes, and read in one.
WATCH = frozenset(
    f"observatory/alerts/{file}.py" for file in ("tallies", "proposals", "watch", "review")
)
# The rows of the survey are kept up in the transaction that writes.
KEEPERS = frozenset({"observatory/projection.py"})
# Evidence gathers what a finding is made from, learns from measured rocks, and announces.
GATHERERS = frozenset({"evidence/announced.py", "evidence/known.py", "evidence/measured.py"})
ACTING = SHELF | LISTENERS | WATCH | KEEPERS | GATHERERS
# Renderers may use their rendering library; what frames a page knows requests and responses.
RENDERERS = frozenset({"cards/html.py", "pages/page.py"})


def files() -> list[Path]:
    return [path for feature in FEATURES for path in sorted((SERVICE / feature).rglob("*.py"))]


def name(path: Path) -> str:
    return str(path.relative_to(SERVICE))


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_the_layers_are_kept() -> None:
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_every_feature_is_in_the_plan() -> None:
    rooms = {
        path.name for path in SERVICE.iterdir() if path.is_dir() and path.name != "__pycache__"
    }
    assert rooms == {*FEATURES, "foundation", "commands"}


@pytest.mark.parametrize("path", files(), ids=name)
def test_pure_files_stay_pure(path: Path) -> None:
    if path.stem in OUTER or name(path) in LOCKS | RENDERERS | ACTING | JOBS:
        return
    reached = {module.split(".")[0] for module in imported(path)}
    assert not reached & IMPURE
    assert "service.foundation.clock" not in set(imported(path))
    for node in ast.walk(ast.parse(path.read_text())):
        assert not (isinstance(node, ast.Attribute) and node.attr in CLOCKS), f"line {node.lineno}"
        assert not (isinstance(node, ast.Name) and node.id == "open"), f"line {node.lineno}"


@pytest.mark.parametrize("path", files(), ids=name)
def test_other_rooms_are_entered_through_pure_files_and_store(path: Path) -> None:
    room = path.relative_to(SERVICE).parts[0]
    for module in imported(path):
        parts = module.split(".")
        if parts[0] == "service" and len(parts) > 2 and parts[1] in FEATURES and parts[1] != room:
            assert parts[2] not in ("routes", "wire"), module
            # The observatory reads everything.
            assert parts[2] != "tables" or room == "observatory", module


@pytest.mark.parametrize("path", files(), ids=name)
def test_inside_a_room_the_outer_files_stand_on_the_inner(path: Path) -> None:
    room = path.relative_to(SERVICE).parts[0]
    may_use = {
        "tables": {"tables"},
        "store": {"tables"},
        "acts": {"store", "acts"},
        "wire": {"wire"},
        "context": set(),
        "routes": {"wire", "acts", "store", "context"},
        "import_job": {"wire", "acts"},
        # Every page takes its language and its zone from what the app holds.
        "page": {"context"},
    }.get(path.stem, {"store"} if name(path) in LOCKS | ACTING else set())
    for module in imported(path):
        parts = module.split(".")
        if parts[:2] == ["service", room] and len(parts) > 2 and parts[2] in OUTER:
            assert parts[2] in may_use, module


def test_a_planted_breach_is_caught(tmp_path: Path) -> None:
    planted = tmp_path / "rule.py"
    planted.write_text("from datetime import datetime\nimport sqlalchemy\ndatetime.now()\n")
    assert {module.split(".")[0] for module in imported(planted)} & IMPURE
