"""The note to the laboratory: what gives somebody away is refused, what a laboratory needs is
not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.intake.note import gives_away


@pytest.mark.parametrize(
    "note",
    [
        "call me 06 12 34 56 78",
        "0612345678",
        "+33 6.12.34.56.78",
        "0033612345678",
        "06-12-34-56-78 merci",
        "ana@example.org",
        "ANA @ Example.fr",
        "12 rue de la Paix",
        "12 bis, avenue Jean Jaures",
        "lives rue des Fillettes",
        "boulevard de la Chapelle",
        "221 Baker Street",
    ],
)
def test_what_leads_to_a_person_is_noticed(note: str) -> None:
    assert gives_away(note)


@pytest.mark.parametrize(
    "note",
    [
        "",
        "two pieces, 138 mg and 40 mg",
        "smelled of ammonia on 20/11/2026",
        "taken in 2026-11-20, stored at 4 °C",
        "12 pieces, brown, wet",
        "bag 3 of 12; please keep the rest",
        "mailed in a paper bag @ room temperature",
    ],
)
def test_what_a_laboratory_needs_is_let_through(note: str) -> None:
    assert not gives_away(note)


@given(
    st.from_regex(r"0[1-9](?:[ .-]?\d\d){4}", fullmatch=True),
    st.text(alphabet="abc ,;!", max_size=20),
    st.text(alphabet="abc ,;!", max_size=20),
)
def test_no_french_phone_number_passes(number: str, before: str, after: str) -> None:
    assert gives_away(f"{before} {number} {after}")
