"""Stems warn of a family, and of nothing that is known or that only sounds alike."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.vocabulary.stems import family_by_stem, is_denial, warned_family
from service.vocabulary.substances import ALARMING, SUBSTANCES, Family, is_class, resolve

STRONG, BENZO, SPICE = (
    Family.VERY_STRONG_OPIOID,
    Family.BENZODIAZEPINE,
    Family.SYNTHETIC_CANNABINOID,
)


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("quintonitazene", STRONG),
        ("Quintonitazène chlorhydrate?", STRONG),
        ("isomer not determined: nitazene", STRONG),
        ("quintonitazepyne", STRONG),
        ("quintofentanil", STRONG),
        ("quinto-fentanyl HCl", STRONG),
        ("Fentanyl or Analog", STRONG),
        ("fluorphine", STRONG),
        ("quintonitazene free base", STRONG),
        ("quintonitazene (freebase)", STRONG),
        ("quintolorphine", STRONG),
        ("unknown opioid", Family.OPIOID),
        ("quintazolam", BENZO),
        ("Quintazepam", BENZO),
        ("MDMB-5Cl-INACA", SPICE),
        ("ADB-QUINACA", SPICE),
        ("5F-EDMB-BICA", SPICE),
        ("ADB-CHMICA", SPICE),
    ],
)
def test_an_unknown_name_warns_by_its_stem(name: str, family: Family) -> None:
    assert family_by_stem(name) is family
    assert resolve(name) not in SUBSTANCES


@pytest.mark.parametrize(
    "name",
    [
        "morphine",
        "codeine",
        "apomorphine",
        "naloxone",
        "nalorphine",
        "endorphin",
        "buprenorphine X",
        "pentylmorphine",
        "formica",
        "arnica",
        "silica",
        "republica",
        "pica",
        "espinaca",
        "dorzolamide",
        "carbamazepine",
        "no fentanyl",
        "fentanyl-free",
        "fentanyl: not detected",
        "fentanyl negative",
        "sans nitazène",
        "no trace of fentanyl",
        "Substance X-17",
        "",
    ],
)
def test_what_only_sounds_alike_or_is_denied_warns_of_nothing(name: str) -> None:
    assert family_by_stem(name) is None


def test_no_known_name_is_read_by_a_stem() -> None:
    spellings = [spelling for one in SUBSTANCES.values() for spelling in one.spellings]
    assert [spelling for spelling in spellings if family_by_stem(spelling)] == []


@given(st.text(max_size=60))
def test_a_stem_only_ever_warns(text: str) -> None:
    family = family_by_stem(text)
    assert family is None or family in ALARMING


@given(
    st.text("bcdfgklmnprst", min_size=3, max_size=8),
    st.sampled_from(["nitazene", "fentanyl", "azolam", "azepam"]),
)
def test_any_name_that_ends_so_is_known_or_warns(start: str, end: str) -> None:
    name = start + end
    assert resolve(name) in SUBSTANCES or family_by_stem(name) in (STRONG, BENZO)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("nitazene, isomer not determined", "nitazenes"),
        ("Nitazene (isomer not determined)", "nitazenes"),
        ("fentanyls", "fentanyls"),
        ("benzodiazepines", "benzodiazepines"),
        ("cannabinoïde de synthèse", "synthetic_cannabinoids"),
        ("opiacés", "opioids"),
    ],
)
def test_a_kind_is_an_entry_that_is_never_certain(name: str, code: str) -> None:
    assert resolve(name) == code
    assert is_class(code)
    assert family_by_stem(name) is None
    assert warned_family(name) is SUBSTANCES[code].family


@pytest.mark.parametrize(
    "name",
    [
        "no fentanyl",
        "No cutting agents",
        "sans opiacés",
        "fentanyl-free",
        "Fentanyl: not detected",
        "fentanyl negative",
        "negative for fentanyl",
    ],
)
def test_what_says_that_something_is_not_there_is_a_denial(name: str) -> None:
    assert is_denial(name)


@pytest.mark.parametrize(
    "name", ["SIN-1", "quintonitazene free base", "Substance X-17", "quintofentanyl", "?", ""]
)
def test_a_name_is_no_denial(name: str) -> None:
    assert not is_denial(name)


def test_no_spelling_of_a_substance_is_a_denial() -> None:
    spellings = [spelling for one in SUBSTANCES.values() for spelling in one.spellings]
    assert [spelling for spelling in spellings if is_denial(spelling)] == []
