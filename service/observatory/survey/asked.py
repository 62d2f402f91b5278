"""Which rocks a survey is asked of."""

from collections.abc import Container
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from service.foundation.problems import Flaw, Unfit

FIRST_DAY, LAST_DAY = date(1970, 1, 2), date(9998, 12, 31)


class ComputedAs(StrEnum):
    """What contents are computed as."""

    BASE = "base"
    REPORTED = "reported"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Rocks taken in from the first day to the last, bought in an area or within it, of a site."""

    since: date | None = None
    until: date | None = None
    area: str | None = None
    site: str | None = None
    basis: ComputedAs = ComputedAs.BASE


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What was asked for as it was sent: days as in 2026-11-20."""

    since: str | None
    until: str | None
    area: str | None
    site: str | None
    basis: ComputedAs

    def checked(self, sites: Container[str]) -> Asked:
        """What was asked for. Raises Unfit that names what cannot be."""
        first = _read_day("/from", self.since)
        last = _read_day("/to", self.until)
        check_filters(first, last, self.site, sites)

        return Asked(since=first, until=last, area=self.area, site=self.site, basis=self.basis)


def check_filters(
    first: date | None, last: date | None, site: str | None, sites: Container[str]
) -> None:
    """Raises Unfit for days in the wrong order, and for a site that there is not."""
    if first and last and last < first:
        raise Unfit(Flaw("/to", "ends-before-it-begins"))
    if site is not None and site not in sites:
        raise Unfit(Flaw("/site", "unknown-site"))


def _read_day(pointer: str, text: str | None) -> date | None:
    if text is None:
        return None

    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise Unfit(Flaw(pointer, "not-a-date")) from None

    if not FIRST_DAY <= day <= LAST_DAY:
        raise Unfit(Flaw(pointer, "not-a-date"))
    return day
