"""Where the material itself is, from the site to the laboratory and to its end."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from service.foundation.problems import Flaw, Unfit
from service.lab.assay import A_DAY
from service.vocabulary.codes import CustodyEvent

OF_THE_SITE = frozenset({CustodyEvent.SENT})
OF_THE_LABORATORY = frozenset({CustodyEvent.RECEIVED, CustodyEvent.DESTROYED})


@dataclass(frozen=True, slots=True)
class Custody:
    """One thing that happened to the material, and when."""

    event: CustodyEvent
    at: datetime


def check_custody(custody: Custody, allowed: Collection[CustodyEvent], now: datetime) -> None:
    """Raise Unfit for an event that is another's to record, or that has not happened yet."""
    if custody.event not in allowed:
        known = ", ".join(sorted(allowed))
        raise Unfit(Flaw("/event", "unknown-code", {"known": known}))

    if custody.at > now + A_DAY:
        raise Unfit(Flaw("/at", "in-the-future"))
