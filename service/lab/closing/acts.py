"""What ends the wait for an answer: somebody says why none will come, or that it was a mistake."""

from uuid import UUID

from sqlalchemy import Connection

from service.access.acts import Acting
from service.access.audit import Action
from service.access.permissions import Role
from service.foundation.problems import Flaw, Unfit
from service.intake import store as intake
from service.lab import store
from service.lab.assay import state
from service.lab.labels.unlabelled import unlabelled
from service.vocabulary.codes import Closing, State


def close(connection: Connection, by: Acting, label: str, because: Closing | None) -> State:
    """Say why no laboratory will answer, or with None that one will after all; the new state.

    Safe to send again. Raises Problem for a label that nobody knows, or that is another site's to
    a site; Unfit for a sample that is answered, and for a missing confirmation where no test
    stands.
    """
    labelled = intake.labelled(connection, label)
    if labelled is None or not _may_close(by, labelled.site):
        raise unlabelled(label)

    versions = store.of_sample(connection, labelled.sample)
    if because is not None and any(version.answers for version in versions):
        raise Unfit(Flaw("/because", "answered-already"))
    if because is Closing.NO_CONFIRMATION and not any(version.stands for version in versions):
        raise Unfit(Flaw("/because", "nothing-to-confirm"))

    standing = state(versions, because)
    if because is not labelled.closed:
        _record(connection, by, labelled.sample, because)
        intake.set_closed(connection, labelled.sample, because)
        intake.set_state(connection, labelled.sample, standing, by.now)
        by.projections.keep(connection, labelled.sample, by.now)
    return standing


def _may_close(by: Acting, site: str) -> bool:
    """A laboratory closes any sample that it holds, a site its own."""
    return by.actor.role is not Role.OUTREACH or by.actor.own_site() == site


def _record(connection: Connection, by: Acting, sample: UUID, because: Closing | None) -> None:
    by.record(connection, Action.CLOSED if because else Action.REOPENED, sample=sample)
