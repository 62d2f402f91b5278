"""What is learnt from measured rocks: kept up with each answer, and rebuilt from all of them."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import Connection

from service.access.site import SYNTHETIC
from service.evidence import store
from service.evidence.classify import find, taught
from service.evidence.store import MeasuredRock
from service.foundation.projections import Projection, Rebuilt, differing
from service.intake import store as intake
from service.intake.held import Held
from service.lab import store as lab
from service.lab.assay import A_DAY, AssayVersion
from service.vocabulary.codes import Weighed


def keep(connection: Connection, sample: UUID, now: datetime) -> None:
    """Count a sample by its answer in force, and no longer by the one before."""
    versions = lab.of_sample(connection, sample)
    if not versions:
        return  # as every sample is at first

    before = store.measured(connection, sample)
    held = intake.find(connection, sample)
    teaches = held is not None and held.site != SYNTHETIC
    after = _rock(held, versions) if held and teaches else None
    if before == after:
        return

    if before:
        store.delete_measured(connection, before)
    if after:
        store.add_measured(connection, after)


def forget(connection: Connection, sample: UUID, now: datetime) -> None:
    """Count a sample no longer: it is about to be erased."""
    rock = store.measured(connection, sample)
    if rock:
        store.delete_measured(connection, rock)


def fill(connection: Connection, now: datetime) -> None:
    """Learn from what is held, where nothing was learnt yet.

    Of several processes that start at once, one does.
    """
    store.lock(connection)
    if not store.any_measured(connection):
        rebuild(connection, now)


def rebuild(connection: Connection, now: datetime) -> Rebuilt:
    """Learn everything anew: how many rocks there are, and how much of what was kept was wrong."""
    store.lock(connection)
    kept = store.all_measured(connection)
    counted = store.counts(connection)

    rocks = _learn(connection)
    recounted = Counter(rock.cell for rock in rocks)
    wrong = len(differing(_by_sample(kept), _by_sample(rocks)))
    wrong += sum(recounted[cell] != counted.get(cell, 0) for cell in {*recounted, *counted})

    store.replace_all(connection, rocks, recounted.items())
    return Rebuilt(len(rocks), wrong)


PROJECTION = Projection("measured", keep, forget, fill, rebuild)


def _learn(connection: Connection) -> list[MeasuredRock]:
    """What every answered rock teaches, but for those that are made up to train with."""
    rocks = []

    for id, site in intake.standing(connection, *intake.ANSWERED):
        held = intake.find(connection, id) if site != SYNTHETIC else None
        rock = _rock(held, lab.of_sample(connection, id)) if held else None
        if rock:
            rocks.append(rock)

    return rocks


def _by_sample(rocks: Sequence[MeasuredRock]) -> dict[UUID, MeasuredRock]:
    return {rock.sample: rock for rock in rocks}


def _rock(held: Held, versions: Sequence[AssayVersion]) -> MeasuredRock | None:
    """What a rock teaches about what rocks hold; None for a sample that teaches nothing."""
    sample = held.sample
    finding = find(sample, versions)
    percent = taught(finding, sample, versions)
    answered_at = _answered_at(held, versions)
    if percent is None or answered_at is None:
        return None

    weighed_whole = finding.weight_mg and sample.weighed is Weighed.WHOLE_ROCK
    return MeasuredRock(
        sample=sample.id,
        taken_at=sample.taken_at.astimezone(UTC),
        answered_at=answered_at,
        percent=percent,
        whole_mg=finding.weight_mg,
        field_mg=sample.weight_mg if weighed_whole else None,
        size=sample.size.value if sample.size else None,
    )


def _answered_at(held: Held, versions: Sequence[AssayVersion]) -> datetime | None:
    """When its answer in force was known; None where none is."""
    final = (version for version in versions if version.published)
    return max((_known_from(held, version) for version in final), default=None)


def _known_from(held: Held, version: AssayVersion) -> datetime:
    """When an answer was known: as the server received it.

    But one that had been analysed before the server held its rock was loaded with it, as a part
    of a history. It was known from its analysis on, to the day.
    """
    analysed_at = version.assay.analysed_at.astimezone(UTC)
    if analysed_at + A_DAY >= held.received_at:
        return version.received_at

    return max(analysed_at, held.sample.taken_at.astimezone(UTC))
