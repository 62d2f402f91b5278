"""The vocabulary: its numbers check, and whatever a laboratory calls an opioid is read as one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.foundation.settings import ROOT
from service.vocabulary.substances import SUBSTANCES, Family, codes_in, family_of, resolve
from service.wording.catalogue import Catalogue, plain


@pytest.mark.parametrize("code", sorted(SUBSTANCES))
def test_every_cas_number_has_its_check_digit(code: str) -> None:
    digits = SUBSTANCES[code].cas.replace("-", "")
    weighted = sum(place * int(digit) for place, digit in enumerate(reversed(digits[:-1]), 1))
    assert weighted % 10 == int(digits[-1])


def test_no_two_substances_share_a_number() -> None:
    assert len({substance.cas for substance in SUBSTANCES.values()}) == len(SUBSTANCES)


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("Fentanyl", "fentanyl"),
        ("fentanyl hydrochloride", "fentanyl"),
        ("FENTANYL CITRATE", "fentanyl"),
        ("acetyl fentanyl", "acetylfentanyl"),
        ("p-Fluorofentanyl", "para_fluorofentanyl"),
        ("Héroïne", "heroin"),
        ("heroine", "heroin"),
        ("diacetylmorphine HCl", "heroin"),
        ("6-MAM", "monoacetylmorphine"),
        ("6-monoacetylmorphine", "monoacetylmorphine"),
        ("Subutex", "buprenorphine"),
        ("Buprénorphine", "buprenorphine"),
        ("N-desethylisotonitazene", "n_desethyl_isotonitazene"),
        ("Isotonitazène", "isotonitazene"),
        ("Etonitazepyne", "n_pyrrolidino_etonitazene"),
        ("MDMB-4en-PINACA", "mdmb_4en_pinaca"),
        ("ADB-BUTINACA", "adb_butinaca"),
        ("Cocaïne", "cocaine"),
        ("Cocaine HCl", "cocaine"),
        ("Phenacetin / x", "Phenacetin / x"),
        (" PHENACETIN ", "phenacetin"),
        ("Phénacétine", "phenacetin"),
        ("ammoniac", "ammonia"),
        ("Substance  X-17", "Substance X-17"),
        ("benzoylecgonine (BZ)", "benzoylecgonine"),
        ("ecgonine methylester (EME)", "ecgonine_methyl_ester"),
        ("methyl ecgonidine (MED)", "methylecgonidine"),
        ("ecgonidine (ED)", "ecgonidine"),
        ("6-monoacetylmorphine (6-MAM)", "monoacetylmorphine"),
        ("cocaine (MDMA)", "cocaine (MDMA)"),
        ("cocaine (fentanyl?)", "cocaine (fentanyl?)"),
        ("glucose?", "glucose?"),
        ("Fentanyl ?", "Fentanyl ?"),
        ("fentanyl?", "fentanyl?"),
        ("Uncertain match", "Uncertain match"),
        ("base", "base"),
        ("", ""),
    ],
)
def test_a_name_is_read_however_it_is_spelled(written: str, code: str) -> None:
    assert resolve(written) == code


def test_every_name_we_say_in_french_or_english_is_one_we_read() -> None:
    catalogue = Catalogue(ROOT / "messages")
    for code in SUBSTANCES:
        for language in ("fr", "en"):
            said = plain(catalogue.name(code, language))
            assert resolve(said.partition(" (")[0]) == code, said


@given(
    st.sampled_from(sorted(codes_in(Family.OPIOID, Family.VERY_STRONG_OPIOID))),
    st.sampled_from(["", " hydrochloride", " HCl", " citrate", " (base)"]),
    st.booleans(),
)
def test_an_opioid_stays_an_opioid_with_its_salt_and_its_capitals(
    code: str, salt: str, loud: bool
) -> None:
    written = SUBSTANCES[code].code.replace("_", "-") + salt
    family = family_of(resolve(written.upper() if loud else written))
    assert family in (Family.OPIOID, Family.VERY_STRONG_OPIOID)


@given(st.text(max_size=60))
def test_anything_can_be_read(text: str) -> None:
    read = resolve(text)
    assert read in SUBSTANCES or read == " ".join(text.split())
