"""Pickup codes: spelled for tired people, checked, found by a keyed hash, sealed for reprinting."""

import random
import secrets

from hypothesis import given
from hypothesis import strategies as st

from service.intake.pickup import (
    ALPHABET,
    Keys,
    is_valid,
    new_code,
    new_label,
    read,
    read_label,
    spelled,
)

KEYS = Keys.of(bytes(32))
codes = st.integers(0, 2**32).map(lambda seed: new_code(random.Random(seed).randrange))


@given(codes)
def test_a_code_has_sixty_random_bits_and_its_check_symbol(code: str) -> None:
    assert len(code) == 13
    assert set(code) <= set(ALPHABET)
    assert is_valid(code)
    assert 32**12 == 2**60


@given(codes, st.data())
def test_what_a_tired_person_types_is_read_as_the_code(code: str, data: st.DataObject) -> None:
    typed = spelled(code)
    if data.draw(st.booleans()):
        typed = typed.lower()
    typed = typed.replace("0", data.draw(st.sampled_from("0Oo"))).replace(
        "1", data.draw(st.sampled_from("1IiLl"))
    )
    typed = typed.replace("-", data.draw(st.sampled_from(["-", "", " ", " - ", "–", "."])))
    assert read(f" {typed}\t") == code


@given(codes, st.integers(0, 12), st.sampled_from(ALPHABET))
def test_one_wrong_symbol_is_always_noticed(code: str, place: int, symbol: str) -> None:
    mistyped = code[:place] + symbol + code[place + 1 :]
    assert is_valid(mistyped) == (mistyped == code)


@given(st.text(max_size=200))
def test_anything_can_be_read_without_harm(text: str) -> None:
    kept = read(text)
    assert len(kept) <= 64
    is_valid(kept)
    KEYS.digest(kept)


@given(codes)
def test_a_sealed_code_opens_with_its_key_only(code: str) -> None:
    sealed = KEYS.seal(code)
    assert KEYS.unseal(sealed) == code
    assert code not in sealed
    other = Keys.of(secrets.token_bytes(32))
    assert other.digest(code) != KEYS.digest(code)
    try:
        opened = other.unseal(sealed)
    except Exception:
        opened = ""
    assert opened != code


def test_a_label_is_never_taken_for_a_code() -> None:
    label = new_label(secrets.randbelow)
    assert len(label) == 9
    assert label[4] == "-"
    assert not is_valid(read(label))
    assert read_label(label.lower().replace("-", " ")) == label
