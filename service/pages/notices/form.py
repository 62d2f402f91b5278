"""The form of a notice to be: what it begins with, and the notice that was typed."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from service.evidence.notice import Kind, Notice
from service.foundation.problems import Flaw, Unfit
from service.observatory.alerts.proposal import Proposal
from service.observatory.notices.draft import (
    ends,
    next_version,
    of_own_choice,
    of_proposal,
    proposed,
)
from service.observatory.notices.store import Published

NOBODY = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Typed:
    """What a form says of a notice; `until` is the last day on which it holds."""

    version: int
    kind: Kind | None
    substance: str | None
    site: str | None
    until: date | None
    public: bool


@dataclass(frozen=True, slots=True)
class Ground:
    """What a notice is written of: a proposal, a notice that is held, or neither."""

    proposal: Proposal | None
    held: Published | None
    sites: Mapping[str, str]
    zone: ZoneInfo
    opened_at: datetime

    def begin(self, days: int) -> Typed:
        """What the form begins with: what stands, or was proposed for this many days."""
        if self.held is not None:
            return self._after(self.held.notice)

        until = self._last_day(self.opened_at + timedelta(days=days))
        blank = Typed(1, None, None, None, until, public=False)
        if self.proposal is None:
            return blank

        notice = proposed(self.proposal.id, self.proposal.cause, self.opened_at)
        return replace(blank, kind=notice.kind, substance=notice.substance, site=notice.site)

    def _after(self, notice: Notice) -> Typed:
        return Typed(
            version=notice.version + 1,
            kind=notice.kind,
            substance=notice.substance,
            site=notice.site,
            until=self._last_day(notice.until),
            public=notice.public,
        )

    def draft(self, typed: Typed, id: UUID) -> Notice:
        """The notice that was typed; a new one bears this id. Raises Unfit."""
        until = self._until(typed)
        if self.held is not None:
            return self._next(self.held.notice, typed, until)

        if self.proposal is not None:
            return of_proposal(
                id, self.proposal.cause, site=typed.site, public=typed.public, until=until
            )

        return of_own_choice(
            id, typed.kind, typed.substance, site=typed.site, public=typed.public, until=until
        )

    def _next(self, held: Notice, typed: Typed, until: datetime) -> Notice:
        sent = Notice(
            id=held.id,
            version=typed.version,
            kind=typed.kind or held.kind,
            substance=typed.substance,
            site=typed.site,
            public=typed.public,
            until=until,
        )
        return next_version(held, sent)

    def _until(self, typed: Typed) -> datetime:
        """When the notice ends: to the second as it is held, where the day is the same."""
        if typed.until is None:
            raise Unfit(Flaw("/until", "missing"))

        until = self._end_of(typed.until)
        if self.held is None:
            return ends(until, self.opened_at)

        held = self.held.notice.until
        if self._last_day(held) == typed.until:
            until = held
        return ends(until, self.opened_at, held=held)

    def _end_of(self, day: date) -> datetime:
        try:
            return datetime.combine(day + timedelta(days=1), time(), self.zone)
        except OverflowError:
            raise Unfit(Flaw("/until", "too-far-ahead")) from None

    def _last_day(self, until: datetime) -> date:
        return (until.astimezone(self.zone) - timedelta(seconds=1)).date()


def fingerprint(notice: Notice) -> str:
    """Of what was read back, so that nothing else is published: 32 hexadecimal digits.

    A new notice has no id before it is published.
    """
    without_id = replace(notice, id=NOBODY)
    return hashlib.blake2b(repr(without_id).encode(), digest_size=16).hexdigest()
