"""The words with one thing changed."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from service.foundation.settings import ROOT

Change = Callable[[str, str, str], Path]


@pytest.fixture
def change(tmp_path: Path) -> Change:
    """A copy of the messages in which one file says something else."""

    def changed(file: str, old: str, new: str) -> Path:
        folder = tmp_path / "messages"
        shutil.copytree(ROOT / "messages", folder, dirs_exist_ok=True)
        text = (folder / file).read_text("utf-8")
        assert old in text
        (folder / file).write_text(text.replace(old, new, 1), "utf-8")
        return folder

    return changed


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Words ask nothing of a database by themselves: one kind of it is enough."""
    return sqlite_url
