"""Words that name no substance: what they say, and that no substance is taken for one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.vocabulary.outcomes import Said, outcome_of
from service.vocabulary.substances import SUBSTANCES

SPELLINGS = [spelling for one in SUBSTANCES.values() for spelling in one.spellings]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Neg", "nothing"),
        ("Négatif", "nothing"),
        ("No Active Component Identified", "nothing"),
        ("no active component", "nothing"),
        ("None detected", "nothing"),
        ("n.d.", "nothing"),
        ("RAS", "nothing"),
        ("Aucune substance détectée", "nothing"),
        ("pas de substance active", "nothing"),
        ("kein Wirkstoff nachweisbar", "nothing"),
        ("ninguna sustancia detectada", "nothing"),
        ("nenhuma substância detectada", "nothing"),
        ("unidentified", "doubt"),
        ("Uncertain match", "doubt"),
        ("Uncertain salt", "doubt"),
        ("Unable to identify", "doubt"),
        ("not identified", "doubt"),
        ("no library match", "doubt"),
        ("non-specific organic acids", "doubt"),
        ("Inconnu", "doubt"),
        ("unknown peak", "doubt"),
        ("unknown opioid", None),
        ("no fentanyl", None),
        ("substance", None),
        ("", None),
    ],
)
def test_what_a_word_says(written: str, said: Said | None) -> None:
    assert outcome_of(written) == said


def test_no_spelling_of_a_substance_is_an_outcome() -> None:
    assert [spelling for spelling in SPELLINGS if outcome_of(spelling)] == []


@given(st.sampled_from(SPELLINGS), st.sampled_from(["no", "unknown", "not", "sans", "uncertain"]))
def test_a_word_beside_a_substance_is_no_outcome_of_everything(name: str, word: str) -> None:
    assert outcome_of(f"{word} {name}") is None
