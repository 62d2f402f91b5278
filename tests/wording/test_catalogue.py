"""The words as they are shipped, how values are written in them, how loud a wrong catalogue is."""

from datetime import date

import pytest

from service.foundation.settings import ROOT
from service.vocabulary.languages import LOCALES
from service.vocabulary.substances import SUBSTANCES
from service.wording.catalogue import Catalogue, Mg, Names, plain
from service.wording.inventory import CatalogueError
from service.wording.reviews import Review
from tests.wording.conftest import Change

MESSAGES = ROOT / "messages"
SHIPPED = Catalogue(MESSAGES)
LANGUAGES = tuple(SHIPPED.locales)
KEYS = tuple(SHIPPED.wordings)


def test_we_speak_ten_languages() -> None:
    assert (
        tuple(LOCALES) == LANGUAGES == ("fr", "en", "ar", "ru", "ka", "ro", "pt", "es", "uk", "wo")
    )
    assert [code for code, locale in LOCALES.items() if locale.direction == "rtl"] == ["ar"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_and_every_substance_is_said(language: str) -> None:
    assert SHIPPED.coverage(language) == 1
    assert Review.MISSING not in SHIPPED.reviews(language)
    assert all((language, code) in SHIPPED._names for code in SUBSTANCES)


def test_values_are_written_alike_in_every_language() -> None:
    for language in LANGUAGES:
        text = plain(
            SHIPPED.say("result-amount", language, {"weight": Mg(138.5), "amount": Mg(78.49)})
        )
        assert "139\u00a0mg" in text
        assert "78\u00a0mg" in text
        assert "23/11/2026" in plain(
            SHIPPED.say("state-corrected", language, {"date": date(2026, 11, 23)})
        )


def test_names_are_joined_as_the_language_joins_them() -> None:
    names = {"name": Names(("heroin", "fentanyl"))}
    assert "heroin and fentanyl" in SHIPPED.say("alert-opioid", "en", names)
    assert "héroïne et fentanyl" in SHIPPED.say("alert-opioid", "fr", names)
    assert "героин и фентанил" in SHIPPED.say("alert-opioid", "ru", names)


def test_names_in_right_to_left_text_run_right_to_left_each_in_its_own_way() -> None:
    text = SHIPPED.say("alert-unexpected", "ar", {"name": Names(("X-17", "Y-18"))})
    assert "\u2068X-17\u2069 و\u2068Y-18\u2069" in text


def test_right_to_left_text_isolates_numbers_and_names() -> None:
    text = SHIPPED.say("result-amount", "ar", {"weight": Mg(138), "amount": Mg(79)})
    assert "\u2066138\u00a0mg\u2069" in text
    assert "\u206679\u00a0mg\u2069" in text
    assert "\u2068X-17\u2069" in SHIPPED.say("alert-unexpected", "ar", {"name": Names(("X-17",))})
    assert "0\u00a0800\u00a023\u00a013\u00a013\u2069" in SHIPPED.say("helpline", "ar")
    for key in KEYS:
        for language in LANGUAGES:
            found = SHIPPED.text(key, language)
            assert found is not None
            assert (found.text.count("\u2066") > 0) <= (language == "ar")
            assert found.text.count("\u2066") == found.text.count("\u2069")


class TestLoudness:
    """A wrong catalogue stops the start; a stale translation falls silent."""

    def test_an_edit_of_the_english_silences_its_translations(self, change: Change) -> None:
        catalogue = Catalogue(
            change(
                "wording.toml",
                "Turning powder into crack does not take out what was mixed in.",
                "Crack keeps what was mixed in.",
            )
        )
        assert catalogue.say("basing-keeps-cuts", "en") == "Crack keeps what was mixed in."
        for language in ("fr", "ar", "ru"):
            assert catalogue.text("basing-keeps-cuts", language) is None
            assert catalogue.review("basing-keeps-cuts", language) is Review.MISSING

    def test_a_fuzzy_entry_is_silent(self, change: Change) -> None:
        entry = 'msgctxt "basing-keeps-cuts"'
        catalogue = Catalogue(change("ru/LC_MESSAGES/message.po", entry, f"#, fuzzy\n{entry}"))
        assert catalogue.text("basing-keeps-cuts", "ru") is None

    @pytest.mark.parametrize(
        ("file", "old", "new", "told"),
        [
            ("ru/LC_MESSAGES/message.po", 'msgctxt "helpline"', 'msgctxt "hotline"', "hotline"),
            ("wording.toml", 'slot = "cut"', 'slot = "cuts"', "cuts"),
            (
                "wording.toml",
                "we found {name}. It can stop",
                "we found {drug}. It can stop",
                "drug",
            ),
            ("wording.toml", "evidence = [", "evidence = []  # [", "evidence"),
            ("wording.toml", "evidence = [", "proof = [", "proof"),
            ("wording.toml", 'pictogram = "lungs"', 'pictogram = "lung"', "lung"),
            ("wording.toml", 'severity = "vital"', 'severity = "fatal"', "fatal"),
            ("wording.toml", 'review = ["clinician"]', 'review = ["nurse"]', "nurse"),
            ("wording.toml", 'review = ["clinician"]', "review = []", "sign"),
            ("wording.toml", "budget = ", "length = ", "length"),
            (
                "fr/LC_MESSAGES/message.po",
                'msgctxt "alert-opioid"',
                'msgtxt "alert-opioid"',
                "fr/message.po",
            ),
        ],
    )
    def test_what_is_unknown_stops_the_start(
        self, change: Change, file: str, old: str, new: str, told: str
    ) -> None:
        with pytest.raises(CatalogueError, match=told):
            Catalogue(change(file, old, new))

    def test_a_translation_with_other_placeholders_stops_the_start(self, change: Change) -> None:
        french = "Cocaïne\u00a0: environ {parts} sur 10 parts."
        with pytest.raises(CatalogueError, match="result-share"):
            Catalogue(
                change("fr/LC_MESSAGES/message.po", french, french.replace("{parts}", "{name}"))
            )
