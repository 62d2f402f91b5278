"""Gathers what a finding is made from: a bounded number of queries, however long the history."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Connection

from service.access import store as access
from service.evidence.finding import Finding, find
from service.intake import store as intake
from service.intake.store import Held
from service.lab import store as lab
from service.vocabulary.substances import Family, codes_in, is_alarming

# What another rock's answer changes here: opioids are announced, stimulants and residues silence a reassurance.
WATCHED = codes_in(Family.OPIOID, Family.VERY_STRONG_OPIOID, Family.STIMULANT, Family.RESIDUE)
NO_SAMPLE = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Known:
    """A finding, the languages its card is in, and the sealed code that leads to it."""

    finding: Finding
    card_languages: tuple[str, ...]
    sealed_code: str


def of_site(connection: Connection, id: UUID, site: str, now: datetime, recent_days: int) -> Known | None:
    """What is known of this site's sample; None where the site holds no such sample."""
    held = intake.find(connection, id)
    return _known(connection, held, now, recent_days) if held and held.site == site else None


def by_code(connection: Connection, digest: str, now: datetime, recent_days: int) -> Known | None:
    """What a pickup code leads to; None where it leads nowhere.

    A code whose sample is still on a tablet leads to a finding that waits.
    """
    code = intake.by_code(connection, digest, now)
    if code is None:
        return None
    if code.sample is None:
        recent = lab.recent(connection, WATCHED, but=NO_SAMPLE, since=now - timedelta(days=recent_days))
        offers = access.offers(connection, code.site)
        return Known(find(None, (), recent=recent, offers=offers), (), "")
    held = intake.find(connection, code.sample)
    return _known(connection, held, now, recent_days) if held else None


@dataclass(frozen=True, slots=True)
class Changed:
    """A sample whose answer was replaced since its person was last told."""

    held: Held
    changed_at: datetime
    grave: bool
    """A warning came or went with the change."""


def changed(connection: Connection, site: str) -> list[Changed]:
    """Whom this site has to reach again, the grave ones first, then the oldest."""
    found = []
    for sample, changed_at in lab.changed_answers(connection, site):
        held = intake.find(connection, sample)
        if held:
            known = find(held.sample, lab.of_sample(connection, sample))
            seen = (*known.found, *known.found_early)
            found.append(Changed(held, changed_at, bool(known.warned) or any(is_alarming(name) for name in seen)))
    return sorted(found, key=lambda one: (not one.grave, one.changed_at))


def told(connection: Connection, id: UUID, site: str, now: datetime) -> bool:
    """The person of this site's sample has been told what the answer is now; False where the site has no such."""
    held = intake.find(connection, id)
    if held is None or held.site != site:
        return False
    lab.reached(connection, id, now)
    return True


def _known(connection: Connection, held: Held, now: datetime, recent_days: int) -> Known:
    since = now - timedelta(days=recent_days)
    finding = find(
        held.sample,
        lab.of_sample(connection, held.sample.id),
        recent=lab.recent(connection, WATCHED, but=held.sample.id, since=since),
        offers=access.offers(connection, held.site),
    )
    languages = tuple(language.value for language in held.sample.card_languages)
    return Known(finding, languages, held.sealed_code)
