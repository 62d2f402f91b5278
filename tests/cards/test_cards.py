"""The card that is handed over: what stands on it, how large, and when it is not printed."""

import ctypes
import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
import pytest
from fontTools.ttLib import TTFont

from service.cards import pdf
from service.cards.card import compose
from service.evidence.classify import find
from service.foundation.paper import FONTS
from service.intake.sample import Sample
from service.wording.catalogue import plain
from tests.cards.gallery import COMPOSER, DAY, PARIS, stated
from tests.conftest import Rock
from tests.rocks import cocaine, result

PDF = {"Accept": "application/pdf"}
HTML = {"Accept": "text/html"}
SMALLEST_PT = 8.0
A6_PT = (105 / 25.4 * 72, 148 / 25.4 * 72)
CATALOGUE = COMPOSER.catalogue
EVERYTHING_AT_ONCE = (
    cocaine(57),
    result("fentanyl"),
    result("heroin"),
    result("amphetamine"),
    result("diazepam"),
    result("ammonia"),
    result("Substance X-17"),
)


def card(rock: Rock, *languages: str, headers: dict[str, str] | None = None) -> Any:
    query = "&".join(f"lang={one}" for one in languages)
    return rock.worker.get(f"{rock.path}/card?{query}", headers=headers or PDF)


def text_of(pdf: bytes) -> str:
    document = pdfium.PdfDocument(pdf)
    return " ".join("\n".join(page.get_textpage().get_text_range() for page in document).split())


@pytest.mark.parametrize("language", ["fr", "en", "ar", "ru"])
def test_a_card_is_a6_beside_french_one_leaf_of_it(
    take_in: Callable[..., Rock], language: str
) -> None:
    rock = take_in()
    rock.assayed()
    answer = card(rock, language)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/pdf"
    document = pdfium.PdfDocument(answer.content)
    assert len(document) <= 2
    assert document[0].get_size() == pytest.approx(A6_PT, abs=0.1)
    text = text_of(answer.content)
    assert "Poids : 138 mg" in text.replace("\u00a0", " ")
    assert rock.code in text
    if language != "ar":
        assert CATALOGUE.say("limits-not-detected", language).split()[-1] in text


def test_arabic_text_can_be_taken_out_of_the_pdf(take_in: Callable[..., Rock]) -> None:
    rock = take_in()
    rock.assayed()
    taken = set(re.findall(r"[\u0600-\u06ff]{2,}", text_of(card(rock, "ar").content)))
    wanted = {
        word
        for message in rock.messages("ar")
        if message["key"]
        in ("result-amount", "limits-one-piece", "limits-not-detected", "cut-levamisole")
        for word in re.findall(r"[\u0600-\u064a]{2,}", message["text"]["ar"])
    }
    whole = {word for word in wanted if word in taken or word[::-1] in taken}
    assert len(whole) >= 0.8 * len(wanted), sorted(wanted - whole)


@pytest.mark.parametrize("language", ["ar", "ka"])
def test_sentences_read_in_their_order_the_persons_language_first(
    take_in: Callable[..., Rock], language: str
) -> None:
    text = plain(text_of(card(take_in(), language).content)).replace("\u00a0", " ")
    places = [text.index(CATALOGUE.say("state-waiting", one)) for one in (language, "fr")]
    places += [
        text.index(CATALOGUE.say("dose-follows-size", one).split(". ")[0])
        for one in (language, "fr")
    ]
    assert places == sorted(places)


def test_the_draft_mark_stands_in_both_languages(take_in: Callable[..., Rock]) -> None:
    text = text_of(card(take_in(), "ru").content).replace("\u00a0", " ")
    assert "Черновик перевода" in text
    assert "Brouillon de traduction" in text


def test_nothing_is_smaller_than_eight_points(take_in: Callable[..., Rock]) -> None:
    rock = take_in()
    rock.assayed()
    for language in ("ar", "ru"):
        page = pdfium.PdfDocument(card(rock, language).content)[0]
        sizes = [
            height
            for item in page.get_objects(filter=[pdfium_c.FPDF_PAGEOBJ_TEXT])
            if (height := font_size(item)) > 0
        ]
        assert sizes
        assert min(sizes) >= SMALLEST_PT - 0.01


def font_size(item: pdfium.PdfObject) -> float:
    """The size a text is drawn at: its font's size under its own scaling."""
    size = ctypes.c_float()
    pdfium_c.FPDFTextObj_GetFontSize(item, size)
    scale: float = item.get_matrix().d
    return size.value * abs(scale)


def test_the_pdf_is_tagged_and_names_its_languages(take_in: Callable[..., Rock]) -> None:
    pdf = card(take_in(), "ar").content
    assert b"pdfuaid" in pdf
    assert b"/MarkInfo" in pdf or b"/StructTreeRoot" in pdf
    assert set(re.findall(rb"/Lang ?\((\w+)\)", pdf)) == {b"ar", b"fr"}


def test_nothing_on_the_card_says_whose_it_is(take_in: Callable[..., Rock]) -> None:
    rock = take_in(person={"age_band": "35-44", "gender": "woman"})
    rock.assayed()
    for headers in (PDF, HTML):
        answer = card(rock, "en", headers=headers)
        said = text_of(answer.content) if headers is PDF else answer.text
        for never in (
            rock.id,
            rock.label,
            "75118",
            "street",
            "20 €",
            "35-44",
            "woman",
            "Here",
            "20/11/2026",
        ):
            assert never not in said, never


def drawn(language: str, *found: str, percent: float = 57) -> pdfium.PdfDocument:
    """The paper of a 138 mg rock in which these were found, beside French."""
    sample = Sample(id=UUID(int=1), revision=1, taken_at=DAY, pickup="x")
    finding = find(sample, [stated(*found, percent=percent)])
    columns = tuple(dict.fromkeys((language, "fr")))
    url = "https://caillou.example"
    return pdfium.PdfDocument(
        pdf.draw(
            [compose(COMPOSER, finding, columns, code="7K3M9QXT4HBW2", public_url=url, zone=PARIS)]
        )
    )


@pytest.mark.parametrize("language", list(CATALOGUE.locales))
def test_a_fentanyl_warning_stands_whole_on_the_front_in_every_language(language: str) -> None:
    assert len(drawn(language, "fentanyl")) <= 2
    front = drawn(language, "fentanyl", "levamisole")[0].get_textpage().get_text_range()
    whole = " ".join(plain(front).replace("\u00a0", " ").split())
    for said in (
        "peut arrêter votre respiration",
        "La naloxone est gratuite ici",
        "Donnez une autre dose de naloxone",
    ):
        assert said in whole


@pytest.mark.parametrize("language", list(CATALOGUE.locales))
def test_what_was_found_is_told_on_the_back_rather_than_nowhere(language: str) -> None:
    document = drawn(language, "fentanyl", "levamisole", "phenacetin")
    printed = " ".join(page.get_textpage().get_text_bounded() for page in document)
    for name in ("fentanyl", "lévamisole", "phénacétine"):
        assert name in printed


def test_an_opioid_stands_first_and_fits_beside_french(take_in: Callable[..., Rock]) -> None:
    rock = take_in()
    rock.assayed(cocaine(57), result("fentanyl"), result("levamisole"))
    for language in ("en", "ar", "ru"):
        answer = card(rock, language)
        assert answer.status_code == 200, language
        text = text_of(answer.content).replace("\u00a0", " ")
        alert, emergency = (
            text.index("peut arrêter votre respiration"),
            text.index("Mal à la poitrine"),
        )
        assert alert < emergency
        assert "Donnez une autre dose de naloxone" in text


def test_what_does_not_fit_is_not_printed_and_says_so(take_in: Callable[..., Rock]) -> None:
    rock = take_in()
    rock.assayed(*EVERYTHING_AT_ONCE)
    assert len(pdfium.PdfDocument(card(rock, "ru").content)) == 3
    rock.assayed(*(result(f"A name that nobody knows, number {number}") for number in range(40)))
    refused = card(rock, "ru")
    assert refused.status_code == 409
    assert refused.json()["type"].endswith(":does-not-fit")
    shown = card(rock, "ru", headers=HTML)
    assert shown.status_code == 200
    assert shown.text.count('<section class="alert">') == 7


@pytest.mark.parametrize("language", list(CATALOGUE.locales))
@pytest.mark.parametrize("other", ["bromazolam", "Substance X-17", "acetone", "adb_butinaca"])
def test_two_warnings_are_printed_whole_on_two_sides_in_every_language(
    language: str, other: str
) -> None:
    document = drawn(language, "fentanyl", other, percent=4)
    assert len(document) <= 2
    printed = " ".join(page.get_textpage().get_text_bounded() for page in document)
    for word in ("fentanyl", CATALOGUE.name(other, "fr").split()[0], "112"):
        assert word in printed


def test_the_page_holds_what_paper_would(take_in: Callable[..., Rock]) -> None:
    rock = take_in()
    rock.assayed()
    page = card(rock, "ar", headers=HTML)
    assert page.headers["content-type"].startswith("text/html")
    assert '<html lang="ar" dir="rtl">' in page.text
    assert "\u206679\u00a0mg\u2069" in page.text
    assert "data:image/svg+xml;base64," in page.text
    assert page.text.count('class="scale"') == 1
    assert re.search('class="scale"[^>]* alt="7[0-9]\u20138[0-9] mg"', page.text)
    assert page.text.index("Poids") < page.text.index("Mal à la poitrine")


def test_a_raw_name_is_no_markup(take_in: Callable[..., Rock]) -> None:
    rock = take_in()
    rock.assayed(cocaine(57), result('<script>alert("x")</script> #panic("x") $'))
    page = card(rock, "en", headers=HTML)
    assert "<script>" not in page.text
    assert "&lt;script&gt;" in page.text
    printed = text_of(card(rock, "fr").content)
    assert '#panic("x") $' in printed


@pytest.mark.parametrize(
    ("accept", "status", "medium"),
    [
        ("application/pdf", 200, "application/pdf"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", 200, "text/html"),
        ("*/*", 200, "text/html"),
        ("application/pdf;q=0.9, text/html;q=0.1", 200, "application/pdf"),
        ("image/png", 406, "application/problem+json"),
        ("video/mp4", 406, "application/problem+json"),
    ],
)
def test_accept_chooses_the_medium(
    take_in: Callable[..., Rock], accept: str, status: int, medium: str
) -> None:
    answer = card(take_in(), "en", headers={"Accept": accept})
    assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (status, medium)


@pytest.mark.parametrize(
    ("query", "pointer"),
    [("lang=xx", "/lang"), ("lang=ru&lang=ar", "/lang"), ("paper=a0", "/paper")],
)
def test_a_wrong_question_is_refused_by_name(
    take_in: Callable[..., Rock], query: str, pointer: str
) -> None:
    rock = take_in()
    refused = rock.worker.get(f"{rock.path}/card?{query}", headers=PDF)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == pointer


def test_without_a_wish_the_card_is_in_its_own_languages(take_in: Callable[..., Rock]) -> None:
    rock = take_in(card_languages=["ru", "fr"])
    page = rock.worker.get(f"{rock.path}/card", headers=HTML).text
    assert '<html lang="ru"' in page
    assert 'lang="fr"' in page


def test_every_character_of_every_catalogue_has_a_glyph() -> None:
    drawn: set[int] = set()
    for path in FONTS.glob("*.ttf"):
        with TTFont(path) as font:
            drawn |= set(font.getBestCmap())
    for language in CATALOGUE.locales:
        said = [text.text for key in CATALOGUE.wordings if (text := CATALOGUE.text(key, language))]
        said += [name.text for (one, _), name in CATALOGUE._names.items() if one == language]
        missing = {c for c in re.sub(r"\s", "", plain("".join(said))) if ord(c) not in drawn}
        assert not missing, language


@pytest.mark.parametrize("name", ["≥ 5 % x", "→ 物質", "X" * 110, "N-" + "pyrrolidino" * 9])
def test_an_alert_is_printed_whatever_the_substance_is_called(
    take_in: Callable[..., Rock], name: str
) -> None:
    rock = take_in()
    rock.assayed(cocaine(57), result(name))
    for language in ("fr", "ru", "ar"):
        answer = card(rock, language)
        assert answer.status_code == 200, answer.text
        page = pdfium.PdfDocument(answer.content)[0]
        right = max(
            item.get_bounds()[2] for item in page.get_objects(filter=[pdfium_c.FPDF_PAGEOBJ_TEXT])
        )
        assert right <= A6_PT[0]
        assert "Gardez de la naloxone" in text_of(answer.content)


def test_the_words_version_stands_on_the_card(take_in: Callable[..., Rock]) -> None:
    rock = take_in()
    assert CATALOGUE.version in text_of(card(rock, "ru").content)
    assert CATALOGUE.version in card(rock, "ru", headers=HTML).text
