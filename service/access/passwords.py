"""Passwords of people who work here: argon2id, two checks at a time, off the event loop."""

import asyncio

from pwdlib import PasswordHash

_HASH = PasswordHash.recommended()
# Checked when the name is unknown, so that both answers take the same time.
_NOBODY = _HASH.hash("nobody has this password")
_TWO_AT_A_TIME = asyncio.Semaphore(2)


def hashed(password: str) -> str:
    return _HASH.hash(password)


async def verify(password: str, hashed_password: str | None) -> bool:
    async with _TWO_AT_A_TIME:
        right = await asyncio.to_thread(_HASH.verify, password, hashed_password or _NOBODY)
    return right and hashed_password is not None
