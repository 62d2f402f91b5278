"""Tokens: 256 random bits, shown once, kept as SHA-256. Being random, they need no slow hash."""

import hashlib
import secrets


def mint() -> str:
    return secrets.token_urlsafe(32)


def digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
