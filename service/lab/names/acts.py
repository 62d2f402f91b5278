"""What a laboratory does about a name: explain it, or take the explanation back."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Connection

from service.access.acts import Acting
from service.foundation.problems import Problem
from service.intake.merge import REFUSED
from service.lab.acts import locked, report
from service.lab.names import meaning, store
from service.lab.names.meaning import ForeignName


def explain_name(connection: Connection, by: Acting, name: str, code: str | None) -> list[str]:
    """From now on, and in every assay in force that found it, a name means this substance.

    Without a code the explanation is taken back. Each assay is corrected by a version of its own
    with the name in its reason, so that people are reached again; the labels of those. Raises Unfit
    for a name in doubt, which is settled one sample at a time, and for one that the vocabulary
    knows already; Problem where there is no explanation to take back.
    """
    meaning.check_name(name)

    if code is not None:
        meaning.check_meaning(name, code)
    elif meaning.fold(name) not in store.meanings(connection):
        raise Problem("not-found")

    store.add_meaning(connection, name, code, now=by.now, by=by.actor.id)
    return _reread(connection, by, name, code, store.foreign_names(connection))


def catch_up_names(connection: Connection, by: Acting) -> list[str]:
    """Correct what was found under names that the vocabulary has learnt since; the labels."""
    foreign = store.foreign_names(connection)
    meanings = store.meanings(connection)
    labels: list[str] = []

    for name, code in meaning.newly_known(foreign, meanings):
        labels += _reread(connection, by, name, code, foreign)

    return labels


def _reread(
    connection: Connection,
    by: Acting,
    name: str,
    code: str | None,
    foreign: Sequence[ForeignName],
) -> list[str]:
    """Correct every assay in force that found this name; the labels, sorted."""
    ids: dict[UUID, None] = {}
    for spelling in meaning.spellings(name, foreign):
        ids.update(dict.fromkeys(store.naming(connection, spelling)))

    labels = {_correct(connection, by, id, name, code) for id in ids}
    return sorted(label for label in labels if label)


def _correct(
    connection: Connection, by: Acting, id: UUID, name: str, code: str | None
) -> str | None:
    """Correct one assay; its label, or None where it reads the name so already. Raises Problem."""
    held = locked(connection, id)
    if held is None:
        return None

    corrected = meaning.correction(held.assay, name, code)
    if corrected is None:
        return None

    reported = report(connection, by, corrected.checked(by.now))
    if reported.outcome in REFUSED:
        raise Problem("not-stored")  # somebody else was faster: the next try sees what they did

    return held.assay.lab_label
