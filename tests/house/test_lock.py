"""The locked files: every version with its hashes, and no registry's address."""

import re
import tomllib

import pytest

from service.foundation.settings import ROOT


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_a_locked_file_names_no_host_and_hashes_everything(name: str) -> None:
    text = (ROOT / name).read_text()
    assert "://" not in text
    assert "--index" not in text
    entries = re.split(r"\n(?=\S)", text.strip())
    assert len(entries) > 40
    assert all("==" in entry and "--hash=sha256:" in entry for entry in entries)


def test_what_the_project_needs_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    for name, needed in (
        ("requirements.txt", project["project"]["dependencies"]),
        ("requirements-dev.txt", project["dependency-groups"]["dev"]),
    ):
        locked = {
            line.split("==")[0] for line in (ROOT / name).read_text().splitlines() if "==" in line
        }
        assert {re.split(r"\[", one)[0].replace(".", "-") for one in needed} <= locked
