"""How often an address may be wrong: guessing passwords or pickup codes must lead nowhere."""

import ipaddress

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from starlette.requests import Request

from service.foundation.problems import Problem

MISSES_A_MINUTE = RateLimitItemPerMinute(20)


class RateLimit:
    """Counts misses in memory, an address and a kind at a time; hits are never counted."""

    def __init__(self) -> None:
        self._limiter = FixedWindowRateLimiter(MemoryStorage())

    def exceeded(self, request: Request, kind: str) -> bool:
        """Whether the address has had its fill of misses of this kind."""
        return not self._limiter.test(MISSES_A_MINUTE, kind, address(request))

    def refusal(self, request: Request, kind: str) -> Problem:
        """Count a miss: the refusal of that kind, or of too many tries after its fill."""
        within = self._limiter.hit(MISSES_A_MINUTE, kind, address(request))
        return Problem(kind if within else "too-many-tries")

    def tried(self, request: Request, kind: str, name: str) -> bool:
        """Count a try for a name before it is known to be a miss.

        False once that name has had its fill.
        """
        return self._limiter.hit(MISSES_A_MINUTE, kind, address(request), name)

    def reset(self, request: Request, kind: str, name: str) -> None:
        """It was no miss."""
        self._limiter.clear(MISSES_A_MINUTE, kind, address(request), name)


def address(request: Request) -> str:
    """The client's address; an IPv6 client is its /64, since it owns every address in it."""
    host = request.client.host if request.client else ""
    try:
        parsed = ipaddress.ip_address(host)
    except ValueError:
        return host

    if parsed.version == 6:
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return host
