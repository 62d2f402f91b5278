"""What a tablet sealed for this service alone: rocks that it never got to send.

They come to the base in a file. Sealed on the tablet as each rock is kept, so that a tablet which
is revoked, or whose PIN nobody remembers, still gives its rocks back, and to nobody but the
service: whoever holds tablet or file can read nothing in it. A key pair on P-256; a record is an
ephemeral public key (65 bytes, uncompressed), a nonce (12 bytes), then AES-256-GCM under the HKDF
of the shared secret. The private key is derived from the secret of the pickup codes: nothing more
has to be kept, and with that secret lost the codes in the records are worth nothing either.
"""

import base64
import binascii
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

CURVE = ec.SECP256R1()
PUBLIC_BYTES, NONCE_BYTES = 65, 12
PURPOSE = b"caillou-carried-1"


class NotOurs(Exception):
    """It was not sealed for this service, or was damaged on the way."""


@dataclass(frozen=True)
class CarriedKey:
    """The pair whose public half every tablet holds."""

    private: ec.EllipticCurvePrivateKey

    @classmethod
    def of(cls, secret: bytes) -> "CarriedKey":
        # 16 bytes more than the order has, so that the remainder leans nowhere.
        wide = HKDF(SHA256(), 48, None, b"caillou-carried-key").derive(secret)
        return cls(ec.derive_private_key(int.from_bytes(wide) % (CURVE.group_order - 1) + 1, CURVE))

    @cached_property
    def _point(self) -> bytes:
        return self.private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    @property
    def public(self) -> str:
        """The uncompressed point, in URL-safe base64 without padding."""
        return base64.urlsafe_b64encode(self._point).decode().rstrip("=")

    def opened(self, record: str) -> dict[str, Any]:
        """What was sealed: `{"sample": {...}}` or `{"withdraw": id}`. Raises NotOurs."""
        padding = "=" * (-len(record) % 4)
        try:
            raw = base64.b64decode(record + padding, altchars=b"-_", validate=True)
            opened: object = orjson.loads(self._unsealed(raw))
        except (binascii.Error, ValueError, InvalidTag):
            raise NotOurs from None

        if not isinstance(opened, dict):
            raise NotOurs
        return opened

    def _unsealed(self, raw: bytes) -> bytes:
        """What a record holds. Raises ValueError or InvalidTag."""
        head = PUBLIC_BYTES + NONCE_BYTES
        theirs, nonce, sealed = raw[:PUBLIC_BYTES], raw[PUBLIC_BYTES:head], raw[head:]

        public = ec.EllipticCurvePublicKey.from_encoded_point(CURVE, theirs)
        shared = self.private.exchange(ec.ECDH(), public)
        key = HKDF(SHA256(), 32, theirs + self._point, PURPOSE).derive(shared)
        return AESGCM(key).decrypt(nonce, sealed, PURPOSE)
