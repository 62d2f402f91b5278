"""What the end of a name tells of its kind: only ever to warn, never to name anything.

Accents are no matter: a French laboratory writes "nitazène".
"""

import re
import unicodedata

from service.vocabulary.substances import SUBSTANCES, Family, family_of

_STEMS: tuple[tuple[re.Pattern[str], Family, str | None], ...] = (
    (re.compile(r"nitazene?s?\b", re.IGNORECASE), Family.VERY_STRONG_OPIOID, "nitazenes"),
    (re.compile(r"fentan[iy]le?s?\b", re.IGNORECASE), Family.VERY_STRONG_OPIOID, "fentanyls"),
    (re.compile(r"orphine\b", re.IGNORECASE), Family.VERY_STRONG_OPIOID, None),
    (re.compile(r"az(?:olam|epam)\b", re.IGNORECASE), Family.BENZODIAZEPINE, "benzodiazepines"),
    (re.compile(r"(?:INACA|ICA)\b"), Family.SYNTHETIC_CANNABINOID, "synthetic_cannabinoids"),
)
"""The end of a name, the family that it tells of, and the class's entry where there is one."""


def family_of_stem(name: str) -> Family | None:
    """The family that the end of a name nobody knows tells of; None where it tells of none."""
    if name in SUBSTANCES:
        return None

    plain = _without_accents(name)
    return next((family for stem, family, _ in _STEMS if stem.search(plain)), None)


def class_of_stem(name: str) -> str | None:
    """The class that the end of a name nobody knows puts it in, by its entry's code, if any."""
    if name in SUBSTANCES:
        return None

    plain = _without_accents(name)
    return next((entry for stem, _, entry in _STEMS if stem.search(plain)), None)


def _without_accents(name: str) -> str:
    apart = unicodedata.normalize("NFKD", name)
    return "".join(sign for sign in apart if not unicodedata.combining(sign))


def warned_family(name: str) -> Family | None:
    """The family by which a name warns: its own, else what its end tells."""
    return family_of(name) or family_of_stem(name)
