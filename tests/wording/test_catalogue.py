"""The words as they are shipped, and how loud a wrong catalogue is."""

import re
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from service.foundation.settings import ROOT
from service.vocabulary.languages import Language
from service.vocabulary.substances import SUBSTANCES
from service.wording.catalogue import Catalogue, Mg, Names, plain
from service.wording.inventory import CatalogueError
from service.wording.reviews import Review

MESSAGES = ROOT / "messages"
SHIPPED = Catalogue(MESSAGES)
LANGUAGES = tuple(SHIPPED.locales)
KEYS = tuple(SHIPPED.wordings)
LONGEST_SENTENCE = 14
# Words that must never be said of a sample; stems, in each language.
BANNED = {
    "en": r"\b(safe|safely|pure|clean|good|normal|quality)\b",
    "fr": r"\b(sûr|sûre|pur|pure|propre|bon|bonne|normal|normale|sans danger)\b",
    "ar": r"(آمن|نقي|نظيف|صافي|جيد|طبيعي|عادي)",
    "ru": r"\b(безопасн\w*|чист(ый|ая|ое|ые|ого|ой)|хорош\w*|нормальн\w*|качеств\w*)\b",
}


@pytest.fixture
def change(tmp_path: Path) -> Callable[[str, str, str], Path]:
    """A copy of the messages in which one file says something else."""

    def changed(file: str, old: str, new: str) -> Path:
        folder = tmp_path / "messages"
        shutil.copytree(MESSAGES, folder)
        text = (folder / file).read_text("utf-8")
        assert old in text
        (folder / file).write_text(text.replace(old, new, 1), "utf-8")
        return folder

    return changed


def test_the_languages_are_those_a_card_can_be_in() -> None:
    assert set(LANGUAGES) == {language.value for language in Language}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_and_every_substance_is_said(language: str) -> None:
    assert SHIPPED.coverage(language) == 1
    assert SHIPPED.reviews(language) == {Review.DRAFT: len(KEYS)}
    for code in SUBSTANCES:
        if language != "en":
            assert (language, code) in SHIPPED._names, code


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", KEYS)
def test_the_same_digits_in_every_language(key: str, language: str) -> None:
    text = SHIPPED.text(key, language)
    assert text is not None
    assert digits(plain(text.text)) == digits(SHIPPED.wordings[key].english)


def digits(text: str) -> list[str]:
    return sorted(re.findall(r"\d+", text))


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_reassures(language: str) -> None:
    for key in KEYS:
        text = SHIPPED.text(key, language)
        assert text is not None
        assert not re.search(BANNED[language], text.text, re.IGNORECASE), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_are_short(language: str) -> None:
    for key in KEYS:
        text = SHIPPED.text(key, language)
        assert text is not None
        for sentence in re.split(r"(?<=[.?!؟])\s+", plain(text.text)):
            words = [word for word in re.split(r"[\s\u00a0]+", sentence) if re.search(r"\w", word)]
            assert len(words) <= LONGEST_SENTENCE or key == "helpline", (key, sentence)


def test_the_helpline_is_the_same_number_everywhere() -> None:
    for language in LANGUAGES:
        assert "0\u00a0800\u00a023\u00a013\u00a013" in plain(SHIPPED.say("helpline", language))


def test_values_are_written_alike_in_every_language() -> None:
    for language in LANGUAGES:
        text = plain(SHIPPED.say("result-amount", language, {"weight": Mg(138.5), "amount": Mg(78.49)}))
        assert "139\u00a0mg" in text
        assert "78\u00a0mg" in text
        assert "23/11/2026" in plain(SHIPPED.say("state-corrected", language, {"date": date(2026, 11, 23)}))


def test_names_are_joined_as_the_language_joins_them() -> None:
    names = {"name": Names(("heroin", "fentanyl"))}
    assert "heroin and fentanyl" in SHIPPED.say("alert-opioid", "en", names)
    assert "héroïne et fentanyl" in SHIPPED.say("alert-opioid", "fr", names)
    assert "героин и фентанил" in SHIPPED.say("alert-opioid", "ru", names)


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

    def test_an_edit_of_the_english_silences_its_translations(self, change: Callable[..., Path]) -> None:
        catalogue = Catalogue(change("wording.toml", "Our test can miss small amounts.", "Our test misses much."))
        assert catalogue.say("limits-not-detected", "en") == "Our test misses much."
        for language in ("fr", "ar", "ru"):
            assert catalogue.text("limits-not-detected", language) is None
            assert catalogue.review("limits-not-detected", language) is Review.MISSING

    def test_a_fuzzy_entry_is_silent(self, change: Callable[..., Path]) -> None:
        entry = 'msgctxt "limits-not-detected"'
        catalogue = Catalogue(change("ru/LC_MESSAGES/message.po", entry, f"#, fuzzy\n{entry}"))
        assert catalogue.text("limits-not-detected", "ru") is None

    def test_an_approval_is_read_from_the_entry(self, change: Callable[..., Path]) -> None:
        entry = 'msgctxt "limits-not-detected"'
        catalogue = Catalogue(change("ru/LC_MESSAGES/message.po", entry, f"# review: approved\n{entry}"))
        assert catalogue.review("limits-not-detected", "ru") is Review.APPROVED

    @pytest.mark.parametrize(
        ("file", "old", "new", "told"),
        [
            ("ru/LC_MESSAGES/message.po", 'msgctxt "helpline"', 'msgctxt "hotline"', "hotline"),
            ("wording.toml", 'slot = "cut"', 'slot = "cuts"', "cuts"),
            ("wording.toml", "we found {name}. It can stop", "we found {drug}. It can stop", "drug"),
            (
                "wording.toml",
                'evidence = [{ source = "StreetCheck',
                'proof = [{ source = "StreetCheck',
                "evidence",
            ),
        ],
    )
    def test_what_is_unknown_stops_the_start(
        self, change: Callable[..., Path], file: str, old: str, new: str, told: str
    ) -> None:
        with pytest.raises(CatalogueError, match=told):
            Catalogue(change(file, old, new))

    def test_a_translation_with_other_placeholders_stops_the_start(self, change: Callable[..., Path]) -> None:
        text = (MESSAGES / "fr/LC_MESSAGES/message.po").read_text("utf-8")
        french = next(line for line in text.splitlines() if line.startswith("msgstr") and "{parts}" in line)
        with pytest.raises(CatalogueError, match="result-share"):
            Catalogue(change("fr/LC_MESSAGES/message.po", french, french.replace("{parts}", "{name}")))
