"""The survey's rows: kept up with each answer, and rebuilt from all of them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from service.foundation.projections import Projection, Rebuilt, differing
from service.intake import store as intake
from service.lab import store as lab
from service.observatory import store
from service.observatory.survey.rock import SurveyedRock, surveyed_rock


def keep(connection: Connection, sample: UUID, now: datetime) -> None:
    """Count a sample by its answer in force, and no longer by the one before."""
    if not store.concerns(connection, sample):
        return  # as every sample is at first

    before = store.surveyed_rock(connection, sample)
    after = _rock(connection, sample)
    if before == after:
        return

    if before:
        store.remove_rock(connection, before)
    if after:
        store.add_rock(connection, after)


def forget(connection: Connection, sample: UUID, now: datetime) -> None:
    """Count a sample no longer: it is about to be erased."""
    rock = store.surveyed_rock(connection, sample)
    if rock:
        store.remove_rock(connection, rock)


def fill(connection: Connection, now: datetime) -> None:
    """Survey what is held, where nothing was surveyed yet.

    Of several who start at once, one does.
    """
    store.lock(connection)
    if not store.any_surveyed(connection):
        rebuild(connection, now)


def rebuild(connection: Connection, now: datetime) -> Rebuilt:
    """Survey everything anew: how many rocks there are, and how many were held wrongly."""
    store.lock(connection)
    kept = store.all_surveyed(connection)
    anew = _answered_rocks(connection)

    wrong = differing(kept, anew)
    for sample in wrong:
        if sample in kept:
            store.remove_rock(connection, kept[sample])
        if sample in anew:
            store.add_rock(connection, anew[sample])
    return Rebuilt(len(anew), len(wrong))


PROJECTION = Projection("surveyed", keep, forget, fill, rebuild)


def _answered_rocks(connection: Connection) -> dict[UUID, SurveyedRock]:
    rocks = {}
    for sample, _site in intake.standing(connection, *intake.ANSWERED):
        rock = _rock(connection, sample)
        if rock:
            rocks[sample] = rock
    return rocks


def _rock(connection: Connection, sample: UUID) -> SurveyedRock | None:
    held = intake.find(connection, sample)
    if held is None:
        return None
    return surveyed_rock(held.sample, held.site, lab.of_sample(connection, sample))
