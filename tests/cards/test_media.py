"""Every medium of a card: golden pictures of each state, rolls, sheets of A4, plain text."""

import io
from collections.abc import Callable
from typing import Any

import pypdfium2 as pdfium
import pytest
from PIL import Image, ImageChops

from service.cards import pdf, text, thermal
from service.wording.catalogue import plain
from tests.cards.gallery import COMPOSER, GOLDEN, LANGUAGES, STATES, card, drawn
from tests.cards.test_cards import EVERYTHING_AT_ONCE
from tests.conftest import Knocker, Rock
from tests.rocks import cocaine, result

Rocks = Callable[..., Rock]
ROLLS: list[thermal.Roll] = ["80mm", "58mm"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("state", STATES)
def test_a_card_looks_as_it_was_looked_at(state: str, language: str) -> None:
    """Drawn four times smaller, hardly a dot differs.

    After a change that is meant: see tests/cards/gallery.py.
    """
    golden = Image.open(GOLDEN / f"{state}-{language}.png").convert("L")
    now = drawn(state, language).convert("L")
    assert now.size == golden.size
    small = (now.width // 4, now.height // 4)
    difference = ImageChops.difference(
        now.resize(small, Image.Resampling.BOX), golden.resize(small, Image.Resampling.BOX)
    )
    unlike = sum(difference.histogram()[64:])
    assert unlike <= 0.003 * small[0] * small[1]


@pytest.mark.parametrize("roll", ROLLS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_receipt_is_dots_for_the_printers_head(language: str, roll: thermal.Roll) -> None:
    picture = Image.open(io.BytesIO(thermal.draw(card("opioid", language), roll)))
    assert picture.mode == "1"
    assert picture.width == {"80mm": 576, "58mm": 384}[roll]
    assert picture.width < picture.height < 3_700  # 45 cm and its edges
    black = picture.convert("L").histogram()[0] / (picture.width * picture.height)
    assert 0.05 < black < 0.5
    assert picture.info["dpi"] == pytest.approx((203.2, 203.2), abs=0.1)


def test_a_receipt_drops_no_warning_however_long(take_in: Rocks) -> None:
    rock = take_in()
    rock.assayed(*EVERYTHING_AT_ONCE)
    rock.assayed(*(result(f"A name that nobody knows, number {number}") for number in range(12)))
    assert (
        rock.worker.get(
            f"{rock.path}/card?lang=ru", headers={"Accept": "application/pdf"}
        ).status_code
        == 409
    )
    short = rock.worker.get(f"{rock.path}/card?paper=58mm&lang=ru", headers={"Accept": "image/png"})
    assert (short.status_code, short.headers["content-type"]) == (200, "image/png")
    assert Image.open(io.BytesIO(short.content)).height > 1_500


def test_four_sides_lie_on_a_sheet_to_cut(take_in: Rocks, worker: Knocker) -> None:
    rocks = [take_in(card_languages=[language]) for language in ("ar", "fr", "ka")]
    rocks[0].assayed(cocaine(4), result("fentanyl"), result("bromazolam"))  # two sides
    query = "&".join(f"sample={rock.id}" for rock in rocks)
    printed = worker.get(f"/v1/cards?{query}")
    document = pdfium.PdfDocument(printed.content)
    assert len(document) == 1
    assert document[0].get_size() == pytest.approx((595.3, 841.9), abs=0.5)
    page = document[0].get_textpage().get_text_bounded()
    assert [page.count(rock.code) for rock in rocks] == [2, 1, 1]
    alone = worker.get(f"/v1/cards?{query}&paper=a6")
    assert len(pdfium.PdfDocument(alone.content)) == 4


def test_another_sites_card_is_not_among_them(
    take_in: Rocks, worker: Knocker, knock: Callable[[str], Knocker]
) -> None:
    rock = take_in()
    assert knock("neighbour").get(f"/v1/cards?sample={rock.id}").status_code == 404
    assert worker.get("/v1/cards").status_code == 422
    assert worker.get("/v1/cards?" + "&".join([f"sample={rock.id}"] * 41)).status_code == 422


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("language", ["ar", "ka", "fr"])
def test_plain_text_says_everything_and_hides_nothing_in_marks(state: str, language: str) -> None:
    said = text.render(card(state, language))
    assert said == plain(said)
    for row in card(state, language).rows:
        for words in row.texts:
            assert words
            assert plain(words) in said
    assert said.endswith("7K3M-9QXT-4HBW2\nhttps://caillou.example/r/7K3M-9QXT-4HBW2\n")


@pytest.mark.parametrize(
    ("paper", "accept", "status"),
    [
        ("a6", "text/plain", 200),
        ("80mm", "image/png", 200),
        ("58mm", "*/*", 200),
        ("80mm", "text/plain", 200),
        ("80mm", "application/pdf", 406),
        ("a6", "image/png", 406),
    ],
)
def test_paper_and_medium_go_together(take_in: Rocks, paper: str, accept: str, status: int) -> None:
    rock = take_in()
    answer = rock.worker.get(f"{rock.path}/card?paper={paper}", headers={"Accept": accept})
    assert answer.status_code == status
    if status == 200:
        wanted = "image/png" if accept == "*/*" else accept
        assert answer.headers["content-type"].split(";")[0] == wanted


def test_an_a4_sheet_is_no_smaller_than_the_card(take_in: Rocks) -> None:
    """The same card drawn for both papers holds the same words."""

    def words(sheet: Any) -> list[str]:
        document = pdfium.PdfDocument(pdf.draw([card("answered", "ru")], sheet))
        return " ".join(page.get_textpage().get_text_bounded() for page in document).split()

    assert sorted(words("a4")) == sorted(words("a6"))
    assert COMPOSER.catalogue.version in words("a6")
