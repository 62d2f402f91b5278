"""A coordinator and a warning: proposed, read in every language, published, withdrawn.

No script is needed.
"""

import re
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from service.access.permissions import Role
from tests.journeys.browser import PHONE, TABLET, Served
from tests.rocks import cocaine, result

pytestmark = pytest.mark.browser

Visit = Callable[..., Page]


@pytest.mark.parametrize(
    ("viewport", "language"), [(PHONE, "en"), (TABLET, "fr")], ids=["phone", "tablet"]
)
def test_a_warning_from_its_proposal_to_its_end(
    served: Served, visit: Visit, viewport: dict[str, int], language: str
) -> None:
    words = WORDS[language]
    served.take_in().assayed(cocaine(41.0), result("isotonitazene"))
    page = visit(served.address, viewport=viewport, java_script_enabled=False)
    page.context.add_cookies(served.session(Role.COORDINATOR))
    page.goto(f"/?lang={language}")
    page.get_by_role("link", name=words["notices"]).first.click()
    expect(page.get_by_role("heading", name=re.compile("isotonitaz.ne"))).to_be_visible()
    page.get_by_role("link", name=words["read"]).click()
    page.get_by_role("button", name=words["check"]).click()
    expect(page.locator(".read-back .said")).to_have_count(10)
    expect(page.locator(".read-back [lang=ar]")).to_have_attribute("dir", "rtl")
    # Something else than what was read back: it is read back anew.
    page.get_by_label(words["public"]).check()
    with page.expect_navigation():
        page.get_by_role("button", name=words["publish"]).click()
    expect(page.locator(".read-back")).to_be_visible()
    page.get_by_role("button", name=words["publish"]).click()
    expect(page).to_have_url(f"{served.address}/notices/")
    expect(page.get_by_text(words["nothing"])).to_be_visible()
    (public,) = served.client.get("/v1/open/notices?lang=en").json()["notices"]
    assert public["substance"] == "isotonitazene"
    page.get_by_role("link", name=words["update"]).click()
    page.get_by_label(words["public"]).uncheck()
    page.get_by_role("button", name=words["check"]).click()
    page.get_by_role("button", name=words["publish"]).click()
    expect(page).to_have_url(f"{served.address}/notices/")
    assert served.client.get("/v1/open/notices").json() == {"notices": []}
    page.get_by_role("link", name=words["poster"]).click()
    expect(page.locator(".poster [lang=fr]").first).to_be_visible()
    page.go_back()
    page.locator("summary").click()
    page.get_by_label(words["why"]).fill("06 12 34 56 78")
    page.get_by_role("button", name=words["withdraw"]).click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label(words["why"]).fill("a mistake of the laboratory")
    page.get_by_role("button", name=words["withdraw"]).click()
    expect(page.get_by_text("a mistake of the laboratory")).to_be_visible()
    expect(page.get_by_text(words["none"])).to_be_visible()


@pytest.mark.parametrize("viewport", [PHONE, TABLET], ids=["phone", "tablet"])
def test_the_pages_fit_and_are_accessible(
    served: Served, visit: Visit, viewport: dict[str, int]
) -> None:
    coordinator = served.knock("coordinator")
    served.take_in().assayed(cocaine(41.0), result("isotonitazene"))
    notice = coordinator.post("/v1/notices", {"kind": "found", "substance": "ketamine"}).json()
    (proposal,) = coordinator.get("/v1/notices/proposals").json()["proposals"]
    page = visit(served.address, viewport=viewport)
    page.context.add_cookies(served.session(Role.COORDINATOR))
    for path in (
        "/notices/",
        f"/notices/write?proposal={proposal['id']}",
        "/notices/write",
        f"/notices/{notice['id']}/poster?speak=fr&speak=ar",
    ):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        faults = Axe().run(page).response["violations"]
        assert [(one["id"], one["nodes"][0]["html"]) for one in faults] == [], path


WORDS = {
    "en": {
        "notices": "Notices",
        "read": "Read in every language",
        "check": "Read what it will say",
        "publish": "Publish it so",
        "public": "For everybody",
        "nothing": "Nothing is proposed.",
        "update": "Update",
        "poster": "Poster",
        "why": "Why it no longer holds",
        "withdraw": "Withdraw this notice",
        "none": "No notice is in force.",
    },
    "fr": {
        "notices": "Alertes",
        "read": "Lire dans chaque langue",
        "check": "Lire ce qu’elle dira",
        "publish": "Publier ainsi",
        "public": "Pour tout le monde",
        "nothing": "Rien n’est proposé.",
        "update": "Mettre à jour",
        "poster": "Affiche",
        "why": "Pourquoi elle ne tient plus",
        "withdraw": "Retirer cette alerte",
        "none": "Aucune alerte n’est en vigueur.",
    },
}
