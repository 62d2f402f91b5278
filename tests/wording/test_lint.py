"""The gate: the shipped words pass, and each kind of planted mistake is named with its file, key and language."""

import pytest

from service.foundation.settings import ROOT
from service.wording.lint import issues
from service.wording.lint_text import sentences, words_in
from tests.wording.conftest import Change

MESSAGES = ROOT / "messages"
FR, AR, RU = (f"{language}/LC_MESSAGES/message.po" for language in ("fr", "ar", "ru"))
ENGLISH = "Turning powder into crack does not take out what was mixed in."
FRENCH = "Transformer la poudre en crack n’enlève pas ce qui est mélangé dedans."


def test_the_shipped_words_are_fit_to_be_said() -> None:
    assert [str(one) for one in issues(MESSAGES)] == []


@pytest.mark.parametrize(
    ("file", "old", "new", "key", "language", "told"),
    [
        (FR, "Sur 10 parts de ce caillou, la cocaïne fait environ {parts}.", "{part} de caillou, 10 cocaïne.",
         "result-share", "fr", "placeholders"),
        (FR, "Appelez le 15 ou le 112.", "Appelez le 115 ou le 112.", "do-opioid", "fr", "numbers"),
        (RU, "0 800 23 13 13. Б", "08 0023 13 13. Б", "helpline", "ru", "numbers"),
        (AR, "15 أو 112", "15 أو ١١٢", "do-opioid", "ar", "numbers"),
        (FR, FRENCH, FRENCH * 3, "basing-keeps-cuts", "fr", "budget"),
        (FR, FRENCH, " ".join(["petit"] * 15), "basing-keeps-cuts", "fr", "15 words"),
        (FR, FRENCH, "Ce caillou est pur.", "basing-keeps-cuts", "fr", "never say"),
        (FR, FRENCH, "Notre test рeut rater.", "basing-keeps-cuts", "fr", "mixes alphabets"),
        (FR, FRENCH, "Notre test peut \u2066rater\u2069.", "basing-keeps-cuts", "fr", "runs otherwise"),
        (FR, f'msgstr "{FRENCH}"', 'msgstr ""', "basing-keeps-cuts", "fr", "not translated"),
        (FR, " N’en prenez pas plus", ", n’en prenez pas plus", "very-little-cocaine", "fr", "is one lost"),
        (FR, 'msgctxt "basing-keeps-cuts"', '#, fuzzy\nmsgctxt "basing-keeps-cuts"',
         "basing-keeps-cuts", "fr", "fuzzy"),
        (FR, 'msgctxt "basing-keeps-cuts"', 'msgctxt "basing"', "basing", "fr", "nothing of this name"),
        ("wording.toml", f'en = "{ENGLISH}"', 'en = "Crack keeps what was mixed in."',
         "basing-keeps-cuts", "ru", "stale"),
        ("wording.toml", f'en = "{ENGLISH}"', 'en = "This rock is good."',
         "basing-keeps-cuts", "en", "never say"),
        ("ar/LC_MESSAGES/substance.po", 'msgid "fentanyl"', 'msgid "fentanil"', "fentanyl", "ar", "stale"),
        ("fr/glossary.toml", "rock = [", "stone = [", "rock", "fr", "no word agreed"),
        ("fr/glossary.toml", "rock = [", "rock = ['galette'] # [", "alert-unexpected", "fr", "rock: says none of"),
    ],
)  # fmt: skip
def test_a_planted_mistake_is_named(
    change: Change,
    file: str,
    old: str,
    new: str,
    key: str,
    language: str,
    told: str,
) -> None:
    found = [
        one for one in issues(change(file, old, new)) if one.key == key and one.language == language
    ]
    assert any(told in one.what for one in found), [str(one) for one in found]
    assert all(one.file for one in found)


def test_a_file_that_cannot_be_read_is_a_complaint(change: Change) -> None:
    (issue,) = [
        c for c in issues(change(FR, 'msgctxt "alert-opioid"', "msgtxt")) if c.language == "fr"
    ]
    assert "fr/message.po" in str(issue)
    (broken,) = issues(change("wording.toml", 'slot = "alert"', 'slot = "alarm"'))
    assert "alarm" in str(broken)


def test_a_sentence_and_its_words_are_counted_as_a_reader_counts() -> None:
    assert sentences("Un ? Deux ! Trois. هل؟ نعم.") == ["Un ?", "Deux !", "Trois.", "هل؟", "نعم."]
    assert words_in("Appelez le 0 800 23 13 13 : c’est gratuit – oui.") == 6


def test_a_new_language_is_all_complaints_until_it_is_translated(change: Change) -> None:
    folder = change("locales.toml", "[wo]", '[it]\nname = "Italiano"\nlocale = "it"\n\n[wo]')
    assert any("it" in one.language for one in issues(folder))
