"""The vocabulary: its numbers check, and whatever a laboratory calls an opioid is read as one."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.foundation.settings import ROOT
from service.vocabulary.substances import (
    SUBSTANCES,
    Family,
    codes_by_key,
    codes_in,
    family_of,
    resolve,
    substances_in,
)
from service.wording.catalogue import Catalogue, plain

NUMBERED = {code: one.cas for code, one in SUBSTANCES.items() if one.cas}


@pytest.mark.parametrize("cas", sorted(NUMBERED.values()))
def test_every_cas_number_has_its_check_digit(cas: str) -> None:
    digits = cas.replace("-", "")
    weighted = sum(place * int(digit) for place, digit in enumerate(reversed(digits[:-1]), 1))
    assert weighted % 10 == int(digits[-1])


def test_no_two_substances_share_a_number() -> None:
    assert len(set(NUMBERED.values())) == len(NUMBERED)


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
        ("Chlorhydrate de cocaïne", "cocaine"),
        ("clorhidrato de cocaína", "cocaine"),
        ("Kokainhydrochlorid", "cocaine"),
        ("cocaine hydrochloride monohydrate", "cocaine"),
        ("lidocaína", "lidocaine"),
        ("Koffein", "caffeine"),
        ("anfetamina", "amphetamine"),
        ("Amphetaminsulfat", "amphetamine"),
        ("fenacetina", "phenacetin"),
        ("Δ9-THC", "thc"),
        ("α-PVP", "alpha_pvp"),
        ("(±)-MDMA", "mdma"),
        ("(R)-(-)-methadone", "methadone"),
        ("S-ketamine", "ketamine"),
        ("dl-amphetamine", "amphetamine"),
        ("l-tetramisole", "levamisole"),
        ("m-MMC", "3_mmc"),
        ("para-fluoroamphetamine", "4_fa"),
        ("THC acetate", "thc_o"),
        ("CBD acetate", "CBD acetate"),
        ("alpha-PHP", "alpha_php"),
        ("alpha-PHPP", "pv8"),
        ("cocaine (base)", "cocaine"),
        ("cocaine (trace of heroin)", "cocaine (trace of heroin)"),
        ("MDA", "mda"),
        ("MDE", "mdea"),
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


def test_every_spelling_is_read_as_its_own_substance() -> None:
    spelled = [(spelling, one.code) for one in SUBSTANCES.values() for spelling in one.spellings]
    assert [(name, code) for name, code in spelled if resolve(name) != code] == []


def test_two_substances_cannot_share_a_spelling() -> None:
    one = SUBSTANCES["cocaine"]
    other = replace(SUBSTANCES["heroin"], spelled=("Cocaína",))
    with pytest.raises(ValueError, match="Cocaína"):
        codes_by_key([one, other])


def test_a_code_cannot_stand_in_two_families(tmp_path: Path) -> None:
    file = tmp_path / "substances.toml"
    entry = 'name = "x"\nsource = "y"\n'
    file.write_text(f"[opioid.x]\n{entry}[filler.x]\n{entry}")
    with pytest.raises(ValueError, match="x stands twice"):
        substances_in(file)


def test_every_substance_says_where_its_name_stands() -> None:
    assert [one.code for one in SUBSTANCES.values() if not one.source.strip()] == []
    unchecked = [one for one in SUBSTANCES.values() if one.source == "not checked"]
    assert [one.code for one in unchecked if one.cas] == []
    number = re.compile(r"\d{2,7}-\d{2}-\d")
    assert [cas for cas in NUMBERED.values() if not number.fullmatch(cas)] == []


# Each makes another substance of the one that it stands before or after.
BEFORE = ("methyl", "nor", "desmethyl", "fluoro", "chloro", "acetyl", "homo", "iso", "not ")
AFTER = ("one", "ol", "amide", " analogue", " or heroin", "-like", " derivative", " methyl ether")


@given(st.sampled_from(sorted(SUBSTANCES)), st.sampled_from(BEFORE), st.sampled_from(["", *AFTER]))
def test_a_name_within_another_is_not_swallowed(code: str, before: str, after: str) -> None:
    read = resolve(f"{before}{SUBSTANCES[code].name.partition(' (')[0]}{after}")
    assert read != code


@given(st.sampled_from(sorted(SUBSTANCES)), st.sampled_from(AFTER))
def test_a_name_that_goes_on_is_not_cut_short(code: str, after: str) -> None:
    assert resolve(f"{SUBSTANCES[code].name.partition(' (')[0]}{after}") != code


@given(st.text(max_size=60))
def test_anything_can_be_read(text: str) -> None:
    read = resolve(text)
    assert read in SUBSTANCES or read == " ".join(text.split())
