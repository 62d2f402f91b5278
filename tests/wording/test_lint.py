"""The lint: the shipped words pass; each kind of mistake is named with file, key and language."""

from dataclasses import dataclass

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


@dataclass(frozen=True)
class Mistake:
    """One edit of a file, and what must be told of it."""

    file: str
    old: str
    new: str
    key: str
    language: str
    told: str


MISTAKES = (
    Mistake(
        FR,
        "Cocaïne\u00a0: environ {parts} sur 10 parts.",
        "Cocaïne\u00a0: environ {part} sur 10 parts.",
        key="result-share",
        language="fr",
        told="placeholders",
    ),
    Mistake(
        FR, "Appelez le 15 ou le 112.", "Appelez le 115 ou le 112.", "do-opioid", "fr", "numbers"
    ),
    Mistake(RU, "0 800 23 13 13. Б", "08 0023 13 13. Б", "helpline", "ru", "numbers"),
    Mistake(AR, "15 أو 112", "15 أو ١١٢", "do-opioid", "ar", "numbers"),
    Mistake(FR, FRENCH, FRENCH * 3, "basing-keeps-cuts", "fr", "budget"),
    Mistake(FR, FRENCH, " ".join(["petit"] * 15), "basing-keeps-cuts", "fr", "15 words"),
    Mistake(FR, FRENCH, "Ce caillou est pur.", "basing-keeps-cuts", "fr", "never say"),
    Mistake(FR, FRENCH, "Notre test рeut rater.", "basing-keeps-cuts", "fr", "mixes alphabets"),
    Mistake(
        FR,
        FRENCH,
        "Notre test peut \u2066rater\u2069.",
        "basing-keeps-cuts",
        "fr",
        "runs otherwise",
    ),
    Mistake(FR, f'msgstr "{FRENCH}"', 'msgstr ""', "basing-keeps-cuts", "fr", "not translated"),
    Mistake(
        FR,
        " N’en prenez pas plus",
        ", n’en prenez pas plus",
        "very-little-cocaine",
        "fr",
        "is one lost",
    ),
    Mistake(
        FR,
        'msgctxt "basing-keeps-cuts"',
        '#, fuzzy\nmsgctxt "basing-keeps-cuts"',
        "basing-keeps-cuts",
        "fr",
        "fuzzy",
    ),
    Mistake(
        FR,
        'msgctxt "basing-keeps-cuts"',
        'msgctxt "basing"',
        "basing",
        "fr",
        "nothing of this name",
    ),
    Mistake(
        "wording.toml",
        f'en = "{ENGLISH}"',
        'en = "Crack keeps what was mixed in."',
        "basing-keeps-cuts",
        "ru",
        "stale",
    ),
    Mistake(
        "wording.toml",
        f'en = "{ENGLISH}"',
        'en = "This rock is good."',
        "basing-keeps-cuts",
        "en",
        "never say",
    ),
    Mistake(
        "ar/LC_MESSAGES/substance.po",
        'msgid "fentanyl"',
        'msgid "fentanil"',
        "fentanyl",
        "ar",
        "stale",
    ),
    Mistake("fr/glossary.toml", "rock = [", "stone = [", "rock", "fr", "no word agreed"),
    Mistake(
        "fr/glossary.toml",
        "rock = [",
        "rock = ['galette'] # [",
        "alert-recent",
        "fr",
        "rock: says none of",
    ),
)


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: f"{mistake.key}-{mistake.told}")
def test_a_planted_mistake_is_named(change: Change, mistake: Mistake) -> None:
    found = [
        issue
        for issue in issues(change(mistake.file, mistake.old, mistake.new))
        if issue.key == mistake.key and issue.language == mistake.language
    ]
    assert any(mistake.told in issue.what for issue in found), [str(issue) for issue in found]
    assert all(issue.file for issue in found)


def test_a_file_that_cannot_be_read_is_an_issue(change: Change) -> None:
    (issue,) = [
        issue
        for issue in issues(change(FR, 'msgctxt "alert-opioid"', "msgtxt"))
        if issue.language == "fr"
    ]
    assert "fr/message.po" in str(issue)
    (broken,) = issues(change("wording.toml", 'slot = "alert"', 'slot = "alarm"'))
    assert "alarm" in str(broken)


def test_a_sentence_and_its_words_are_counted_as_a_reader_counts() -> None:
    assert sentences("Un ? Deux ! Trois. هل؟ نعم.") == ["Un ?", "Deux !", "Trois.", "هل؟", "نعم."]
    assert words_in("Appelez le 0 800 23 13 13 : c’est gratuit – oui.") == 6


def test_a_new_language_is_all_issues_until_it_is_translated(change: Change) -> None:
    folder = change("locales.toml", "[wo]", '[it]\nname = "Italiano"\nlocale = "it"\n\n[wo]')
    assert any("it" in one.language for one in issues(folder))
