"""Pickup codes: thirteen letters and digits that belong to the person.

The laboratory never sees them.

Twelve are random, 60 bits: with 1e5 codes alive, somebody who guesses a thousand a second finds one
after some 360 years (2**60 / 1e5 / 1e3 s). The thirteenth is a Luhn check symbol, so a slip of the
pen is found before it costs an answer. A code is looked up by a keyed hash and kept sealed for
reprinting; both keys come from one secret that lives outside the database.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from stdnum import luhn

# Crockford's base32: no I, L, O or U, so that nothing reads two ways and no code spells a word.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
RANDOM_SYMBOLS = 12
DAYS_A_MONTH = 30.44
_MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1"})


def new_code(random_below: Callable[[int], int]) -> str:
    """A code as it is stored, without dashes; chance comes in as the argument."""
    return _checked(random_below, RANDOM_SYMBOLS)


def new_label(random_below: Callable[[int], int]) -> str:
    """A laboratory label, XXXX-XXXX: seven random symbols and their check symbol.

    It is never a pickup code.
    """
    label = _checked(random_below, 7)
    return f"{label[:4]}-{label[4:]}"


def _checked(random_below: Callable[[int], int], length: int) -> str:
    symbols = "".join(ALPHABET[random_below(len(ALPHABET))] for _ in range(length))
    return symbols + luhn.calc_check_digit(symbols, ALPHABET)


def end(now: datetime, months: int) -> datetime:
    """When a code issued or given out now stops working."""
    return now + timedelta(days=months * DAYS_A_MONTH)


def spelled(code: str) -> str:
    """The code as people read it: XXXX-XXXX-XXXXX."""
    return f"{code[:4]}-{code[4:8]}-{code[8:]}"


def read(text: str) -> str:
    """What a tired person typed, as it is stored; whether it is a code is for `fits` to say."""
    kept = "".join(c for c in text.upper().translate(_MISREAD) if c.isalnum())
    return kept[:64]


def read_label(text: str) -> str:
    kept = read(text)
    return f"{kept[:4]}-{kept[4:]}"


def is_label(label: str) -> bool:
    """Whether it is written as a laboratory label is, with the right check symbol."""
    return len(label) == 9 and _checks(label.replace("-", ""))


def is_valid(code: str) -> bool:
    """Whether the check symbol is right."""
    return len(code) == RANDOM_SYMBOLS + 1 and _checks(code)


def _checks(symbols: str) -> bool:
    return set(symbols) <= set(ALPHABET) and bool(luhn.is_valid(symbols, ALPHABET))


@dataclass(frozen=True, slots=True)
class Terms:
    """What a new sample gets: its laboratory label, and until when its code works."""

    new_label: Callable[[], str]
    code_ends: datetime


@dataclass(frozen=True)
class Keys:
    """The two keys of pickup codes, both from one 32-byte secret."""

    finding: bytes
    sealing: AESSIV

    @classmethod
    def of(cls, secret: bytes) -> "Keys":
        def key(purpose: bytes) -> bytes:
            return hashlib.blake2b(key=secret, person=purpose, digest_size=64).digest()

        return cls(key(b"caillou-find"), AESSIV(key(b"caillou-seal")))

    def digest(self, code: str) -> str:
        """What a code is looked up by."""
        return hashlib.blake2b(code.encode(), key=self.finding, digest_size=16).hexdigest()

    def seal(self, code: str) -> str:
        """Encrypted without a nonce (AES-SIV, RFC 5297): every code is random and sealed once."""
        return self.sealing.encrypt(code.encode(), None).hex()

    def drawn(self, count: int, random_below: Callable[[int], int]) -> dict[str, tuple[str, str]]:
        """So many new codes, each with what is kept of it: its digest, and itself sealed."""
        codes = (new_code(random_below) for _ in range(count))
        return {code: (self.digest(code), self.seal(code)) for code in codes}

    def unseal(self, sealed: str) -> str:
        return self.sealing.decrypt(bytes.fromhex(sealed), None).decode()
