"""What the end of a name tells of its kind: only ever to warn, never to name anything."""

import re

from service.vocabulary.substances import SUBSTANCES, Family, family_of

_STEMS: tuple[tuple[re.Pattern[str], Family], ...] = (
    (re.compile(r"nitazene?s?\b", re.IGNORECASE), Family.VERY_STRONG_OPIOID),
    (re.compile(r"fentan[iy]le?s?\b", re.IGNORECASE), Family.VERY_STRONG_OPIOID),
    (re.compile(r"orphine\b", re.IGNORECASE), Family.VERY_STRONG_OPIOID),
    (re.compile(r"az(?:olam|epam)\b", re.IGNORECASE), Family.BENZODIAZEPINE),
    (re.compile(r"(?:INACA|ICA)\b"), Family.SYNTHETIC_CANNABINOID),
)


def family_of_stem(name: str) -> Family | None:
    """The family that the end of a name nobody knows tells of; None where it tells of none."""
    if name in SUBSTANCES:
        return None

    return next((family for stem, family in _STEMS if stem.search(name)), None)


def warned_family(name: str) -> Family | None:
    """The family by which a name warns: its own, else what its end tells."""
    return family_of(name) or family_of_stem(name)
