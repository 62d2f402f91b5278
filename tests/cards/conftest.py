"""Cards ask nothing of a database by themselves: one kind of it is enough."""

import pytest


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url
