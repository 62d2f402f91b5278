"""What other people of the network are told of a rock: kept up with each answer, and rebuilt."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from service.access.site import SYNTHETIC
from service.evidence import store
from service.evidence.classify import find
from service.evidence.standing import PRESENT, Standing, standings
from service.evidence.store import WATCHED, Announced
from service.foundation.projections import Projection, Rebuilt
from service.intake import store as intake
from service.intake.held import Held
from service.lab import store as lab
from service.lab.assay import AssayVersion
from service.vocabulary.stems import class_by_stem
from service.vocabulary.substances import SUBSTANCES

OPIOIDS = "opioids"
"""What an opioid is announced as whose class has no entry of its own."""


def keep(connection: Connection, sample: UUID, now: datetime) -> None:
    """Announce what the answer in force warns others of, and nothing else."""
    versions = lab.of_sample(connection, sample)
    if not versions:
        return  # as every sample is at first

    held = intake.find(connection, sample)
    after = _announced(held, versions) if held else set()
    before = store.announced(connection, sample)

    if before != after:
        store.replace_announced(connection, sample, after)


def forget(connection: Connection, sample: UUID, now: datetime) -> None:
    """Announce nothing of a sample that is about to be erased."""
    store.replace_announced(connection, sample, ())


def fill(connection: Connection, now: datetime) -> None:
    """Announce what is held, where nothing was announced yet; of several at once, one does."""
    store.lock_announced(connection)
    if not store.any_announced(connection):
        rebuild(connection, now)


def rebuild(connection: Connection, now: datetime) -> Rebuilt:
    """Derive everything anew: how many samples are announced, and of how many it was wrong."""
    store.lock_announced(connection)
    kept = store.all_announced(connection)
    anew: set[Announced] = set()

    for id, _ in intake.standing(connection, *intake.SPOKEN_OF):
        held = intake.find(connection, id)
        if held:
            anew |= _announced(held, lab.of_sample(connection, id))

    store.replace_all_announced(connection, anew)
    wrong = {row.sample for row in kept ^ anew}
    return Rebuilt(len({row.sample for row in anew}), len(wrong))


PROJECTION = Projection("announced", keep, forget, fill, rebuild)


def _announced(held: Held, versions: Sequence[AssayVersion]) -> set[Announced]:
    """What this sample warns others of. What is made up to train with warns nobody."""
    if held.site == SYNTHETIC:
        return set()

    finding = find(held.sample, versions)
    spoken = [(version.received_at, standings([version])) for version in versions]
    rows: dict[str, Announced] = {}

    for name in finding.warns_its_site:
        found_at, called = _found_at(spoken, name), _called(name)
        if called in rows:
            found_at = max(found_at, rows[called].found_at)
        rows[called] = Announced(held.sample.id, held.site, called, False, found_at)

    for name in WATCHED.intersection(finding.warns_others):
        found_at = _found_at(spoken, name)
        rows[name] = Announced(held.sample.id, held.site, name, True, found_at)

    return set(rows.values())


def _called(name: str) -> str:
    """A very strong opioid by its code, or by its class where its own name is on no list."""
    if name in SUBSTANCES:
        return name

    return class_by_stem(name) or OPIOIDS


def _found_at(
    spoken: Sequence[tuple[datetime, Mapping[str, Standing]]], substance: str
) -> datetime:
    """When the last assay in force came in that says that it is there."""
    return max(at for at, reached in spoken if reached.get(substance) in PRESENT)
