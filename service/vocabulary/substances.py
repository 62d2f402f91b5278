"""The substances we know by code: what family each belongs to, and how it is spelled elsewhere.

They stand in substances.toml. Families drive what is said, never a substring of a name. A name that
is not there is not an error: it is kept as the laboratory wrote it and treated as unexpected (see
evidence/finding.py); stems.py says which family it may belong to.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import TypedDict

from service.vocabulary.spelling import key, readings, readings_of_base


class Family(StrEnum):
    """What is said alike of several substances."""

    COCAINE = "cocaine"
    NOTHING_TO_SAY = "nothing_to_say"
    """Of the coca leaf or of everywhere: known, and no reason to say anything."""
    LEVAMISOLE = "levamisole"
    PHENACETIN = "phenacetin"
    LOCAL_ANAESTHETIC = "local_anaesthetic"
    CAFFEINE = "caffeine"
    PARACETAMOL = "paracetamol"
    """Everyday medicine against pain."""
    HEART_SLEEP_MEDICINE = "heart_sleep_medicine"
    FILLER = "filler"
    STIMULANT = "stimulant"
    CATHINONE = "cathinone"
    MDMA_LIKE = "mdma_like"
    OPIOID = "opioid"
    VERY_STRONG_OPIOID = "very_strong_opioid"
    """Fentanyls, nitazenes, orphines and the like, and what is left of making them."""
    BENZODIAZEPINE = "benzodiazepine"
    SYNTHETIC_CANNABINOID = "synthetic_cannabinoid"
    RESIDUE = "residue"
    """Ammonia and solvents."""
    DISSOCIATIVE = "dissociative"
    """Ketamine and the like."""
    GHB = "ghb"
    SEDATIVE = "sedative"
    """Sedatives for animals, barbiturates, qualones, pregabalin and the like."""
    HALLUCINOGEN = "hallucinogen"
    CANNABINOID = "cannabinoid"
    """Of the hemp plant, or made from it."""
    MEDICINE = "medicine"
    OTHER_ACTIVE = "other_active"


SEDATIVES = (Family.SEDATIVE, Family.GHB)
"""What makes sleepy as benzodiazepines do, and is none."""
STIMULANTS = (Family.STIMULANT, Family.CATHINONE, Family.MDMA_LIKE)
"""Whatever speeds up as cocaine does."""
UNEXPECTED = (
    *STIMULANTS,
    Family.DISSOCIATIVE,
    Family.GHB,
    Family.SEDATIVE,
    Family.HALLUCINOGEN,
    Family.CANNABINOID,
    Family.MEDICINE,
    Family.OTHER_ACTIVE,
)
"""What acts, and is not expected in crack."""
# What is announced as a warning wherever it is found.
ALARMING = frozenset(
    {
        Family.OPIOID,
        Family.VERY_STRONG_OPIOID,
        Family.SYNTHETIC_CANNABINOID,
        Family.BENZODIAZEPINE,
        Family.RESIDUE,
        *UNEXPECTED,
    }
)
# An ester or a salt of these is another thing: THC acetate is not THC.
_WITHOUT_SALTS = frozenset({Family.CANNABINOID, Family.FILLER, Family.RESIDUE})


@dataclass(frozen=True, slots=True)
class Substance:
    """One entry: our code, its family, its CAS registry number and its English name."""

    code: str
    family: Family
    cas: str | None
    """None where it is not known surely, or where the name stands for several substances."""
    name: str
    source: str
    """Where the name stands, or that nobody has checked it."""
    is_class: bool
    """Whether it stands for a whole class: its kind is known, and not which one it is."""
    is_translated: bool
    """Whether every language says it in its own way; else its international name is printed."""
    spelled: tuple[str, ...] = ()
    """Other names: what instruments, laboratories and reports write."""

    @property
    def spellings(self) -> tuple[str, ...]:
        """Every name it is read by: its code, its name with and without what explains it."""
        plain = self.name.partition(" (")[0]
        return (self.code, self.name, plain, *self.spelled)


class _Entry(TypedDict, total=False):
    """How a substance stands in the file."""

    name: str
    cas: str
    source: str
    kind_only: bool
    translated: bool
    spelled: list[str]


def substances_in(path: Path) -> dict[str, Substance]:
    """The substances of a file, by code. Raises ValueError naming what stands twice."""
    substances: dict[str, Substance] = {}

    for substance in _entries(tomllib.loads(path.read_text("utf-8"))):
        if substance.code in substances:
            raise ValueError(f"{path.name}: {substance.code} stands twice")

        substances[substance.code] = substance

    return substances


def _entries(families: Mapping[str, Mapping[str, _Entry]]) -> Iterator[Substance]:
    for family, entries in families.items():
        for code, entry in entries.items():
            yield Substance(
                code=code,
                family=Family(family),
                cas=entry.get("cas"),
                name=entry["name"],
                source=entry["source"],
                is_class=entry.get("kind_only", False),
                is_translated=entry.get("translated", False),
                spelled=tuple(entry.get("spelled", ())),
            )


def codes_by_key(substances: Iterable[Substance]) -> dict[str, str]:
    """The code behind the key of every spelling.

    Raises ValueError for a spelling that two substances share.
    """
    codes: dict[str, str] = {}

    for substance in substances:
        for spelling in substance.spellings:
            code = codes.setdefault(key(spelling), substance.code)
            if code != substance.code:
                raise ValueError(f"{spelling!r} means {code} and {substance.code}")

    return codes


SUBSTANCES = substances_in(Path(__file__).with_name("substances.toml"))
_BY_KEY = codes_by_key(SUBSTANCES.values())

# Molar masses of the base and of its hydrochloride, g/mol: 1 mg hydrochloride holds 0.893 mg base.
COCAINE_BASE_PER_HYDROCHLORIDE = 303.35 / 339.81


def is_alarming(name: str) -> bool:
    """Whether finding it calls for a warning: an alarming family, or a name that nobody knows."""
    family = family_of(name)
    return family is None or family in ALARMING


def family_of(name: str) -> Family | None:
    """The family of a substance code; None for a name that the vocabulary does not know."""
    known = SUBSTANCES.get(name)
    return known.family if known else None


def is_class(name: str) -> bool:
    """Whether it stands for a whole class: its kind is known, and not which one it is."""
    known = SUBSTANCES.get(name)
    return known is not None and known.is_class


def codes_in(*families: Family) -> frozenset[str]:
    """Every code of the given families."""
    return frozenset(s.code for s in SUBSTANCES.values() if s.family in families)


# What explains a name in brackets after it, as in "benzoylecgonine (BZ)".
_BRACKETED = re.compile(r"(.+?)\s*\(([^()]+)\)")
_ABBREVIATION = re.compile(r"[A-Z0-9-]{2,6}")
# A salt, or how wet it is: nothing that makes it another substance.
_OF_NO_MATTER = frozenset(map(key, ("wet", "dry", "base", "freebase", "free base", "HCl")))


@lru_cache(4096)
def resolve(name: str) -> str:
    """Our code for a substance's name, however it is spelled, with or without its salt; else the
    name itself.

    What stands in brackets is left out only where it says the same once more, or is an abbreviation
    that means no other substance. A name in doubt ("fentanyl?") keeps its mark: how sure it is is
    said elsewhere.
    """
    if name in SUBSTANCES:
        return name

    spelled = " ".join(name.split())
    if spelled.endswith("?"):
        return spelled

    return _known(spelled) or _known_in_brackets(spelled) or spelled


def _known_in_brackets(spelled: str) -> str | None:
    bracketed = _BRACKETED.fullmatch(spelled)
    if bracketed is None:
        return None

    code = _known(bracketed[1])
    inside = [part.strip() for part in re.split("[;/]", bracketed[2])]
    return code if code and all(_says_the_same(part, code) for part in inside) else None


def _says_the_same(part: str, code: str) -> bool:
    other = _known(part)
    if other is not None:
        return other == code

    return key(part) in _OF_NO_MATTER or bool(_ABBREVIATION.fullmatch(part))


def _known(name: str) -> str | None:
    for reading in readings(name):
        if code := _BY_KEY.get(reading):
            return code

    for reading in readings_of_base(name):
        code = _BY_KEY.get(reading)
        if code and SUBSTANCES[code].family not in _WITHOUT_SALTS:
            return code

    return None
