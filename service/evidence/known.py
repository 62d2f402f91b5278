"""Gathers what a finding is made from: a bounded number of queries, however long the history."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Connection

from service.access import store as access
from service.evidence import store
from service.evidence.classify import find, is_measured
from service.evidence.correction import Changed, is_grave
from service.evidence.dose import PUBLISHED
from service.evidence.finding import Finding, Nearby
from service.evidence.groups import present_in
from service.foundation.problems import Problem
from service.foundation.settings import Settings
from service.intake import store as intake
from service.intake.held import Held
from service.lab import store as lab

NO_SAMPLE = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Known:
    """A finding, the languages its card is in, and the sealed code that leads to it."""

    finding: Finding
    card_languages: tuple[str, ...]
    sealed_code: str


def of_site(
    connection: Connection, id: UUID, site: str, now: datetime, settings: Settings
) -> Known:
    """What is known of this site's sample. Raises Problem where the site holds no such sample."""
    held = intake.find(connection, id)
    if held is None or held.site != site:
        raise Problem("not-found")

    return _known(connection, held, now, settings)


def by_code(connection: Connection, digest: str, now: datetime, settings: Settings) -> Known | None:
    """What a pickup code leads to; None where it leads nowhere.

    A code whose sample is still on a tablet leads to a finding that waits.
    """
    code = intake.by_code(connection, digest, now)
    if code is None:
        return None

    if code.sample is None:
        offers = access.offers(connection, code.site)
        near = nearby(connection, code.site, now, settings)
        return Known(find(None, (), nearby=near, offers=offers), (), "")

    held = intake.find(connection, code.sample)
    return _known(connection, held, now, settings) if held else None


def nearby(connection: Connection, site: str, now: datetime, settings: Settings) -> Nearby:
    """What was found lately, or a notice names, that changes what is said of an unanalysed rock."""
    warned = store.warned_of(connection, site, now)
    return store.nearby(connection, site, but=NO_SAMPLE, since=_since(now, settings), warned=warned)


def changed(connection: Connection, site: str) -> list[Changed]:
    """Whom this site has to reach again, the grave ones first, then the oldest."""
    answers = lab.changed_answers(connection, site)
    samples = [sample for sample, _ in answers]
    held = intake.find_each(connection, samples)
    versions = lab.of_each(connection, samples)

    people = [
        Changed(held[id], changed_at, is_grave(held[id].sample, versions.get(id, ())))
        for id, changed_at in answers
        if id in held
    ]
    return sorted(people, key=lambda person: (not person.grave, person.changed_at))


def _known(connection: Connection, held: Held, now: datetime, settings: Settings) -> Known:
    id, site = held.sample.id, held.site
    versions = lab.of_sample(connection, id)

    # Of what this very rock holds, a notice may rest on this rock alone: that is no other rock.
    own = present_in(versions, in_force=True)
    warned = store.warned_of(connection, site, now) - own
    market = PUBLISHED if is_measured(versions) else store.market(connection, now)
    finding = find(
        held.sample,
        versions,
        closed=held.closed,
        market=market,
        nearby=store.nearby(connection, site, but=id, since=_since(now, settings), warned=warned),
        offers=access.offers(connection, site),
    )

    languages = tuple(language.value for language in held.sample.card_languages)
    return Known(finding, languages, held.sealed_code)


def _since(now: datetime, settings: Settings) -> datetime:
    return now - timedelta(days=settings.recent_days)
