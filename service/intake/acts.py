"""What is done with rocks and their codes, each act in one transaction."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from cryptography.exceptions import InvalidTag
from sqlalchemy import Connection

from service.access.acts import Acting
from service.access.audit import Action
from service.foundation.problems import Problem, RefusesToStart, Unfit
from service.intake import store
from service.intake.merge import MergeOutcome
from service.intake.pickup import Keys
from service.intake.sample import Sample
from service.intake.store import Taken

_ACTIONS = {MergeOutcome.NEW: Action.TOOK_IN, MergeOutcome.UPDATED: Action.CHANGED}


@dataclass(frozen=True, slots=True)
class Terms:
    """What a new sample gets: its laboratory label, and until when its code works."""

    new_label: Callable[[], str]
    code_ends: datetime


def take_in(connection: Connection, by: Acting, sample: Sample, terms: Terms) -> Taken:
    """Store what was sent, once. Raises Unfit where its code is another site's or already used."""
    taken = store.take_in(
        connection,
        sample,
        site=by.actor.own_site(),
        label=terms.new_label(),
        now=by.now,
        code_ends=terms.code_ends,
    )

    action = _ACTIONS.get(taken.outcome)
    if action is not None:
        by.projections.keep(connection, sample.id, by.now)
        by.record(connection, action, sample=sample.id, version=sample.revision)

    return taken


def take_back(connection: Connection, by: Acting, id: UUID) -> bool:
    """Erase this site's sample with all that hangs on it; False where the id is another site's."""
    site = by.actor.own_site()

    store.lock(connection, id)
    held = store.find(connection, id)
    if held is not None and held.site != site:
        return False

    if held is not None:
        by.projections.forget(connection, id, by.now)
    if not store.erase(connection, id, site=site, now=by.now):
        return False

    if held is not None:
        revision = held.sample.revision
        by.record(connection, Action.TOOK_BACK, sample=id, version=revision)
    return True


def take_each(
    connection: Connection, by: Acting, records: Sequence[Sample | UUID | Problem], terms: Terms
) -> list[Taken | Problem]:
    """Take each sample in, and back where only its id is given; a problem stays what it is."""
    return [_take_alone(connection, by, record, terms) for record in records]


def _take_alone(
    connection: Connection, by: Acting, record: Sample | UUID | Problem, terms: Terms
) -> Taken | Problem:
    """Take one of many, so that what is wrong with it undoes nothing of the others."""
    if isinstance(record, Problem):
        return record

    try:
        with connection.begin_nested():
            if isinstance(record, Sample):
                return take_in(connection, by, record, terms)
            if take_back(connection, by, record):
                return Taken(MergeOutcome.WITHDRAWN, None)
            return Problem("not-found")
    except Unfit as error:
        return Problem("invalid", *error.flaws)


def check_pickup_key(connection: Connection, keys: Keys) -> None:
    """Raise RefusesToStart for a key that cannot open the codes in this database.

    With such a key every card out there would be dead.
    """
    sealed = store.any_sealed_code(connection)
    if sealed is None:
        return

    try:
        keys.unseal(sealed)
    except InvalidTag:
        raise RefusesToStart("PICKUP_KEY is not the key of the codes in this database") from None
