"""What is done with rocks and their codes, each act in one transaction."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from cryptography.exceptions import InvalidTag
from sqlalchemy import Connection

from service.access.acts import Acting
from service.access.audit import Action
from service.foundation.problems import Flaw, Problem, RefusesToStart, Unfit
from service.intake import store
from service.intake.held import Held, Taken
from service.intake.merge import MergeOutcome, outcome
from service.intake.pickup import Keys, Terms
from service.intake.sample import Sample

_ACTIONS = {MergeOutcome.NEW: Action.TOOK_IN, MergeOutcome.UPDATED: Action.CHANGED}


def take_in(connection: Connection, by: Acting, sample: Sample, terms: Terms) -> Taken:
    """Store what was sent, once. Raises Unfit where its code is another site's or already used."""
    site = by.actor.own_site()

    added = store.add(connection, sample, site=site, label=terms.new_label(), now=by.now)
    if added is not None:
        taken = _keep(connection, added, terms)
    else:
        taken = _merge(connection, by, sample, terms)

    action = _ACTIONS.get(taken.outcome)
    if action is not None:
        by.projections.keep(connection, sample.id, by.now)
        by.record(connection, action, sample=sample.id, version=sample.revision)

    return taken


def _keep(connection: Connection, added: Held, terms: Terms) -> Taken:
    """Give a sample that was added its code, unless its person has taken it back."""
    id = added.sample.id

    # Asked after the insert: an erasure that was under way elsewhere is seen by now.
    if store.is_buried(connection, id):
        store.drop(connection, id)
        return Taken(MergeOutcome.WITHDRAWN, None)

    _claim(connection, added.sample, added.site, terms)
    return Taken(MergeOutcome.NEW, added)


def _merge(connection: Connection, by: Acting, sample: Sample, terms: Terms) -> Taken:
    """Hold what was sent against what is held under its id, and keep the newer revision."""
    site = by.actor.own_site()

    store.lock(connection, sample.id)
    held = store.find(connection, sample.id)
    if held is None or held.site != site:
        return Taken(MergeOutcome.CONFLICT, None)

    verdict = outcome(held.sample, sample, lambda revised: revised.revision)
    if verdict is not MergeOutcome.UPDATED:
        return Taken(verdict, held)

    store.change(connection, sample, by.now)
    _claim(connection, sample, site, terms)
    return Taken(verdict, replace(held, sample=sample, updated_at=by.now))


def _claim(connection: Connection, sample: Sample, site: str, terms: Terms) -> None:
    """Tie the pickup code to its sample. Raises Unfit where it cannot be."""
    if store.claim(connection, sample, site=site, code_ends=terms.code_ends):
        return

    used = store.is_issued(connection, sample.pickup, site)
    raise Unfit(Flaw("/pickup_code", "pickup-code-used" if used else "unknown-pickup-code"))


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
