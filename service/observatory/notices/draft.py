"""A notice before it is published: of a proposal, or of somebody's own choice. What cannot be said is refused."""

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
    """What a coordinator knows otherwise. Raises Unfit: nobody types a name that the vocabulary does not know."""
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


def next_version(
    held: Notice,
    *,
    version: int,
    kind: Kind,
    substance: str | None,
    site: str | None,
    public: bool,
    until: datetime,
) -> Notice:
    """What shall stand in its place. Raises Unfit."""
    return Notice(
        id=held.id,
        version=version,
        kind=kind,
        substance=_known(substance, held.substance),
        site=site,
        public=public,
        until=until,
    ).checked()


def ends(until: datetime, now: datetime, *, held: datetime | None = None) -> datetime:
    """When a notice shall end: from now to a year ahead. What stands already may have come near, or gone by."""
    if until != held and until <= now:
        raise Unfit(Flaw("/until", "in-the-past"))
    if until != held and until > now + LONGEST:
        raise Unfit(Flaw("/until", "too-far-ahead"))
    return until


def reason_given(reason: str) -> str:
    """Why a notice is withdrawn. Raises Unfit where nothing is said, or what seems to tell of a person."""
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
