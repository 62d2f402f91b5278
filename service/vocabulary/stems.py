"""What the end of an unknown name warns of.

The next nitazene is on no list, but its name ends as theirs do. A stem only adds a warning: it
gives a family, never a code, never a name, and never that something was not found.
"""

import re
from functools import lru_cache
from typing import NamedTuple

from service.vocabulary.outcomes import outcome_of, words_in
from service.vocabulary.spelling import plain
from service.vocabulary.substances import SUBSTANCES, Family, family_of, resolve


class Kind(NamedTuple):
    """What an ending tells of: a family, and the entry of its class, where there is one."""

    family: Family
    entry: str | None = None


_PLURAL = "(?:e|o|a|s|es|os|as|en|um)?"
_SALT = "(?:hydrochlorid[eo]?|hcl|citrat[eo]?|sulfat[eo]?)?"
# The ends of words, the gravest first. Morphine and what is made of it is no orphine.
_ENDS: tuple[tuple[Kind, str], ...] = (
    (Kind(Family.VERY_STRONG_OPIOID, "nitazenes"), "nitaz(?:en|epyn|epin|epipn)"),
    (Kind(Family.VERY_STRONG_OPIOID, "fentanyls"), "fentan[iy]l"),
    (Kind(Family.VERY_STRONG_OPIOID), "(?<!nal)(?<![mnd])or(?:ph|f)in"),
    (Kind(Family.OPIOID, "opioids"), "^(?:opioid|opiace|opiate|opiat)"),
    (Kind(Family.BENZODIAZEPINE, "benzodiazepines"), "zolam|zepam|^benzodia[zc]epin"),
)
_STEMS = tuple((kind, re.compile(f"(?:{end}){_PLURAL}{_SALT}$")) for kind, end in _ENDS)
_SPICE = Kind(Family.SYNTHETIC_CANNABINOID, "synthetic_cannabinoids")
_HEAD = "(?:mdmb|adb|ab|amb|mmb|emb|edmb|app|cumyl|[45]f|4cn|4en|5br)"
_TAIL = "(?:pent|hex|but|fub|chm|p7a|p|b)"
_CANNABINOIDS = re.compile(
    rf"\b\w*(?<!esp)inaca$|\b{_HEAD}\w* (?:\w+ )*{_TAIL}ica$|\b{_HEAD}+{_TAIL}ica$"
    r"|\b(?:\df )?adbica$"
    r"|\bsynthetic cannabinoids?\b|\bcannabinoides? (?:de synthese|synthetiques?|sinteticos?)\b"
    r"|\bsynthetisches? cannabinoide?\b"
)
_DENIES = words_in(
    "no not non none without sans aucun aucune pas kein keine ohne sin ningun ninguna sem nenhum"
    " nenhuma nao"
)
_OF_IT = words_in("any trace traces sign of de d other evidence")
_DENIED_AFTER = re.compile(
    r"\b(?:neg\w*|free(?! base)|absent\w*|excluded|ruled out|not (?:detected|found|present)"
    r"|non (?:detecte|trouve)\w*|no detectado|nao detectado|nicht nachweisbar|nd)\b"
)
_DENIAL = re.compile(
    rf"(?:{'|'.join(sorted(_DENIES))}|neg\w*|absence|free of) [^\W\d]{{3,}}.*"
    rf"|.+ {_DENIED_AFTER.pattern}"
)


def is_denial(name: str) -> bool:
    """Whether it is no name, but says that something is not there: "no fentanyl"."""
    return resolve(name) not in SUBSTANCES and bool(_DENIAL.fullmatch(plain(name)))


@lru_cache(4096)
def is_no_name(name: str) -> bool:
    """Whether it says that nothing is there, or that nobody can tell, and names no substance."""
    return name not in SUBSTANCES and (outcome_of(name) is not None or is_denial(name))


def family_by_stem(name: str) -> Family | None:
    """The family that an unknown name warns of; None for one that is known, or that is denied."""
    kind = _kind(name)
    return kind.family if kind else None


def class_by_stem(name: str) -> str | None:
    """The entry of the class that an unknown name belongs to, where there is one."""
    kind = _kind(name)
    return kind.entry if kind else None


@lru_cache(4096)
def _kind(name: str) -> Kind | None:
    if resolve(name) in SUBSTANCES or outcome_of(name):
        return None

    written = plain(name)
    words = written.split()
    for kind, stem in _STEMS:
        for place, word in enumerate(words):
            if stem.search(word):
                return None if _is_denied(words, place) else kind

    return _SPICE if _CANNABINOIDS.search(written) else None


def _is_denied(words: list[str], place: int) -> bool:
    """Whether the word at this place is said not to be there: "no fentanyl", "fentanyl-free"."""
    after = " ".join(words[place + 1 :])
    if _DENIED_AFTER.search(after):
        return True

    before = [word for word in words[:place] if word not in _OF_IT]
    return bool(before) and before[-1] in _DENIES


def warned_family(name: str) -> Family | None:
    """The family by which a name warns: its own, else what its end tells."""
    return family_of(resolve(name)) or family_by_stem(name)
