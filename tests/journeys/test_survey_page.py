"""The survey page in a real browser: read, filled in without a script, taken along, printed."""

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pypdfium2
import pytest
from PIL import Image
from playwright.sync_api import Page, expect
from typer.testing import CliRunner

from service.access.permissions import Role
from service.commands import app as commands
from service.commands.walk import Client, load_cohort
from service.demo import enrol_synthetic
from service.evidence.reference import SURVEY
from service.foundation.database import connect
from service.pages.survey.pictures import PICTURES
from service.pages.survey.words import UNBROKEN
from tests.conftest import token_of
from tests.journeys.browser import PHONE, TABLET, Served, serve
from tests.journeys.test_pages_in_a_browser import barriers
from tests.rocks import cocaine, result

pytestmark = pytest.mark.browser
Visit = Callable[..., Page]
SYNTHETIC = "/survey/?site=synthetic&lang="
DESK = {"width": 1280, "height": 800}


@pytest.fixture(scope="module")
def observed(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A service with the synthetic cohort and one rock of its own."""
    with serve(migrated_sqlite, tmp_path_factory.mktemp("observed"), demo=False) as served:
        engine = connect(served.settings.database)
        with engine.begin() as connection:
            enrol_synthetic(connection, "token-of-synthetic")
        engine.dispose()
        load_cohort(Client(served.address).ask, "token-of-synthetic", token_of("lab"))
        served.take_in().assayed(cocaine(61), result("<b>&'\"</b>"), result("phenacetin"))
        yield served


def opened(visit: Visit, observed: Served, path: str, **more: Any) -> Page:
    page = visit(observed.address, **more)
    page.context.add_cookies(observed.session(Role.COORDINATOR))
    page.goto(path)
    return page


@pytest.mark.parametrize(("language", "size"), [("fr", PHONE), ("en", TABLET), ("fr", DESK)])
def test_everyone_can_read_it(visit: Visit, observed: Served, language: str, size: Any) -> None:
    page = opened(visit, observed, SYNTHETIC + language, viewport=size)
    wide, room = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert wide <= room
    page.locator("details").evaluate_all("all => all.forEach(one => { one.open = true })")
    assert barriers(page) == []


def test_the_published_table_stands_on_the_page(visit: Visit, observed: Served) -> None:
    page = opened(visit, observed, SYNTHETIC + "en", java_script_enabled=False)
    expect(page.get_by_text("SYNTHETIC: these rocks were made up")).to_be_visible()
    rows = page.locator("table.figures").first.locator("tbody")
    for place, column in enumerate(
        ("content_percent", "weight_mg", "cocaine_mg", "price_eur", "eur_per_g")
    ):
        ours, published = rows.nth(place).locator("tr").all()
        figures = [f"{value:.0f}" for value in SURVEY.numbers(column).values()]
        assert published.locator("td").all_inner_texts()[1:] == figures
        assert ours.locator("td").all_inner_texts()[1:] == figures
    assert page.locator("figure svg").count() == len(PICTURES)
    for picture in page.locator("figure svg").all():
        told = (picture.text_content() or "").replace(UNBROKEN, " ")
        assert "03/09/2018–23/12/2019" in told and "N = 1" in told and "contents as base" in told
    page.get_by_label("From").fill("2019-01-01")
    page.get_by_label("Contents").select_option("reported")
    page.get_by_role("button", name="Show").click()
    expect(
        page.get_by_text("01/01/2019–23/12/2019 · N = 108 · contents as reported").first
    ).to_be_visible()
    assert "SYNTHETIC" in page.locator("figure svg").first.text_content()  # type: ignore[operator]


def test_real_rocks_stand_alone_and_no_name_breaks_the_page(visit: Visit, observed: Served) -> None:
    page = opened(visit, observed, "/survey/?lang=en", viewport=TABLET)
    expect(
        page.get_by_text("Rocks with more than 6 % cocaine, as the published table asks: 1.")
    ).to_be_visible()
    assert page.locator("body").inner_text().count("SYNTHETIC") == 1  # among the sites
    states = page.locator("table").last.locator("tbody")
    assert states.locator("td").all_inner_texts() == ["1"]
    expect(page.get_by_role("rowheader", name="<b>&'\"</b>").first).to_be_visible()
    page.goto("/survey/?lang=fr&from=2001-01-01&to=2001-01-02")
    expect(page.get_by_text("Aucun caillou dont la réponse est en vigueur")).to_be_visible()
    page.goto("/survey/?lang=fr&to=hier")
    expect(page.get_by_text("Ce doit être une date")).to_be_visible()


def test_pictures_and_tables_are_taken_along(observed: Served) -> None:
    ask = observed.knock("coordinator").get
    for name in PICTURES:
        drawn = ask(f"/survey/pictures/{name}.svg?site=synthetic&lang=fr")
        assert drawn.headers["content-type"].startswith("image/svg+xml")
        assert f'filename="caillou-{name}.svg"' in drawn.headers["content-disposition"]
        assert "SYNTHÉTIQUE" in drawn.text and "N = 1" in drawn.text.replace(UNBROKEN, " ")
        real = ask(f"/survey/pictures/{name}.svg").text
        assert "<b>" not in real
    png: httpx2.Response = ask("/survey/pictures/amount-by-weight.png?site=synthetic")
    image = Image.open(io.BytesIO(png.content))
    assert (image.format, image.width) == ("PNG", 1440)
    assert len(image.convert("RGB").getcolors(1 << 24) or ()) > 20
    table = ask("/survey/tables/characteristics.csv?site=synthetic").text
    assert (
        "survey,synthetic,,True" in table
        and "characteristics,weight_mg,max,387.6,388.0,2018–2019" in table
    )
    assert (
        "prevalence" not in table
        and "prevalence" in ask("/survey/tables/survey.csv?site=synthetic").text
    )
    for nothing in (
        "pictures/nothing.svg",
        "pictures/beliefs.gif",
        "tables/n.xlsx",
        "tables/nothing.csv",
    ):
        assert ask(f"/survey/{nothing}").status_code == 404


def test_a_demo_loads_it_by_one_command(demo: Served) -> None:
    environment = {"DATA_DIR": str(demo.settings.data_dir)}
    told = CliRunner().invoke(commands, ["demo", "--survey"], env=environment)
    assert told.stdout == f"144 synthetic rocks: {demo.address}/survey/?site=synthetic\n", (
        told.output
    )
    again = CliRunner().invoke(commands, ["demo", "--survey"], env=environment)
    assert (again.exit_code, again.stderr) == (1, "The synthetic rocks are there already.\n")


def test_printed_it_is_a_report(visit: Visit, observed: Served) -> None:
    page = opened(visit, observed, SYNTHETIC + "fr", viewport=DESK)
    document = pypdfium2.PdfDocument(page.pdf(format="A4"))
    assert 3 <= len(document) <= 7
    text = "".join(one.get_textpage().get_text_bounded() for one in document)
    assert "Principales caractéristiques" in text and "Afficher" not in text and "PNG" not in text
