"""Addresses as people type them."""

import pytest
from fastapi.testclient import TestClient


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("page", ["tablet", "bench", "survey", "notices", "r"])
def test_a_page_without_its_slash_leads_to_it(anyone: TestClient, page: str) -> None:
    answer = anyone.get(f"/{page}", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (307, f"/{page}/")
