"""How many rocks were tested for a subject, and in how many it was found, by week and site.

Kept up in the transaction that writes, so that a look costs the same however long the history.
"""

from collections import Counter
from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from service.access import store as access
from service.access.site import SYNTHETIC
from service.evidence.classify import find
from service.foundation.database import lock_tables
from service.foundation.projections import Rebuilt
from service.intake import store as intake
from service.lab import store as lab
from service.observatory.alerts.counting import store
from service.observatory.alerts.counting.counts import Count, CountedRock, changes, count_of
from service.observatory.alerts.counting.store import Windows
from service.observatory.alerts.rules import (
    ANSWERED,
    BEFORE_WEEKS,
    NETWORK,
    NEW_WEEKS,
    RECENT_WEEKS,
    Tallies,
)


def keep(connection: Connection, sample: UUID, after: CountedRock | None) -> CountedRock | None:
    """Count a rock as this and no longer as before. Returns what it counted as before."""
    before = store.counted(connection, sample)
    if before != after:
        _recount(connection, sample, before, after)
    return before


def forget(connection: Connection, sample: UUID) -> CountedRock | None:
    """Count a rock no longer. Returns what it counted as before."""
    return keep(connection, sample, None)


def _recount(
    connection: Connection, sample: UUID, before: CountedRock | None, after: CountedRock | None
) -> None:
    if before:
        store.remove_counted(connection, sample)
    if after:
        store.add_counted(connection, [after])

    # In one order, so that of two who count at once one waits, and never each for the other.
    changed = changes(before, after)
    if changed:
        store.begin_counts(connection, [change.count for change in changed])
        store.change_counts(connection, changed)

    # A count that comes to nothing leaves no name behind.
    fewer = [change.count for change in changed if change.tested < 0]
    if fewer:
        store.remove_empty_counts(connection, fewer)


def fill(connection: Connection, now: datetime) -> None:
    """Count what is held, where nothing was counted yet; of several who start at once, one does.

    Nothing is proposed of the past.
    """
    _lock(connection)
    if not store.any_counted(connection):
        rebuild(connection, now)


def rebuild(connection: Connection, now: datetime) -> Rebuilt:
    """Count every answered rock anew. How many counts were wrong before is not known."""
    _lock(connection)
    store.remove_all_counts(connection)

    rocks = _answered_rocks(connection)
    tested: Counter[Count] = Counter()
    found: Counter[Count] = Counter()
    for rock in rocks:
        for count, was_found in rock.counts():
            tested[count] += 1
            found[count] += was_found

    if rocks:
        store.add_counted(connection, rocks)
        store.add_tallies(connection, tested, found)
    return Rebuilt(len(rocks), 0)


def _answered_rocks(connection: Connection) -> list[CountedRock]:
    rocks = []
    for id, site in intake.standing(connection, *intake.SPOKEN_OF):
        held = intake.find(connection, id) if site != SYNTHETIC else None
        if held is None:
            continue

        versions = lab.of_sample(connection, id)
        rock = count_of(id, site, find(held.sample, versions), versions)
        if rock:
            rocks.append(rock)

    return rocks


def _lock(connection: Connection) -> None:
    lock_tables(connection, "tallied", "tallies")


def look(connection: Connection, subjects: Collection[str], site: str, week: int) -> Tallies:
    """What was counted of these up to this week, at this site and in the network."""
    recent = week - RECENT_WEEKS
    windows = Windows(week, recent, recent - BEFORE_WEEKS, recent - NEW_WEEKS)
    return store.tallies(
        connection, [ANSWERED, *sorted(subjects)], sorted({NETWORK, site}), windows
    )


def number_watched(connection: Connection, week: int) -> int:
    """How many counts are looked at, at most.

    Each subject seen lately, in the network and at each site; and each site's bad effects.
    """
    sites = len(access.sites(connection).keys() - {SYNTHETIC})
    subjects = store.number_of_subjects(connection, after=week - RECENT_WEEKS, until=week)
    return subjects * (1 + sites) + sites
