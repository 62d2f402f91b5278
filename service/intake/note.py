"""The note to the laboratory: whether it gives away who somebody is, or where they live."""

import re

_EMAIL = re.compile(r"[^\s@]+\s?@\s?[^\s@]+\.[a-z]{2,}", re.IGNORECASE)
_MONTH, _DAY, _YEAR = r"(?:0?[1-9]|1[0-2])", r"(?:0?[1-9]|[12]\d|3[01])", r"20\d\d"
_DATE = re.compile(rf"\b(?:{_YEAR}-{_MONTH}-{_DAY}|{_DAY}[-/.]{_MONTH}[-/.]{_YEAR})\b(?![-/. ]?\d)")
# Eight digits or more, however grouped: shorter numbers are weights, counts and hours.
_PHONE = re.compile(r"(?:\+|00)?\d(?:[\s.\-/()\u00a0]{0,2}\d){7,}")
_ADDRESS = re.compile(
    r"\b\d{1,4}\s?(?:bis|ter|quater)?,?\s+"
    r"(?:(?:rue|avenue|av|boulevard|bd|bld|place|pl|quai|impasse|all[ée]e|"
    r"chemin|cours|passage|square|villa|cit[ée]|sentier|route)\b|"
    r"[^\W\d]+\s+(?:street|road|lane|avenue)\b)|"
    r"\b(?:rue|avenue|boulevard|impasse|quai)\s+(?:de|du|des|d['’]|la|le|les)",
    re.IGNORECASE,
)


def gives_away(note: str) -> bool:
    """Whether the note seems to hold a phone number, an e-mail or a street address."""
    without_dates = _DATE.sub(" ", note)
    return bool(_EMAIL.search(note) or _PHONE.search(without_dates) or _ADDRESS.search(note))
