"""A notice before it is published: of a proposal, or of one's own choice.

What cannot be said is refused.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from service.evidence.notice import Kind, Notice
from service.foundation.problems import Flaw, Unfit
from service.intake.note import gives_away
from service.observatory.alerts.rules import KIND, Cause
from service.vocabulary.substances import SUBSTANCES

LONGEST = timedelta(days=365)


def proposed(id: UUID, cause: Cause, until: datetime) -> Notice:
    """What a proposal would become as it stands."""
    return Notice(
        id=id,
        version=1,
        kind=KIND[cause.why],
        substance=cause.subject,
        site=cause.site or None,
        public=False,
        until=until,
    )


def of_proposal(
    id: UUID, cause: Cause, *, site: str | None, public: bool, until: datetime
) -> Notice:
    """What was proposed, for this site or the network. Raises Unfit."""
    return replace(proposed(id, cause, until), site=site, public=public).checked()


def of_own_choice(
    id: UUID,
    kind: Kind | None,
    substance: str | None,
    *,
    site: str | None,
    public: bool,
    until: datetime,
) -> Notice:
    """What a coordinator knows otherwise.

    Raises Unfit, also for a name that the vocabulary does not know.
    """
    if kind is None:
        raise Unfit(Flaw("/kind", "missing"))

    return Notice(
        id=id,
        version=1,
        kind=kind,
        substance=_known(substance, None),
        site=site,
        public=public,
        until=until,
    ).checked()


def next_version(held: Notice, sent: Notice) -> Notice:
    """What shall stand in place of the version that is held. Raises Unfit."""
    substance = _known(sent.substance, held.substance)
    return replace(sent, id=held.id, substance=substance).checked()


def ends(until: datetime, now: datetime, *, held: datetime | None = None) -> datetime:
    """When a notice shall end: between now and a year ahead.

    An unchanged end (`held`) is accepted even where it is past. Raises Unfit.
    """
    if until == held:
        return until

    if until <= now:
        raise Unfit(Flaw("/until", "in-the-past"))
    if until > now + LONGEST:
        raise Unfit(Flaw("/until", "too-far-ahead"))
    return until


def reason_given(reason: str) -> str:
    """Why a notice is withdrawn. Raises Unfit for none, or one that seems to tell of a person."""
    if not reason.strip():
        raise Unfit(Flaw("/reason", "reason-missing"))
    if gives_away(reason):
        raise Unfit(Flaw("/reason", "personal-data"))
    return reason


def _known(substance: str | None, held: str | None) -> str | None:
    """A code of the vocabulary, or the name that the notice bore already."""
    if substance is not None and substance not in SUBSTANCES and substance != held:
        raise Unfit(Flaw("/substance", "unknown-substance"))
    return substance
