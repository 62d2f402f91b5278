"""What a laboratory does about its panels: declare one."""

from typing import NamedTuple

from sqlalchemy import Connection

from service.access.acts import Acting
from service.access.audit import Action
from service.foundation.problems import Flaw, Unfit
from service.intake.merge import MergeOutcome
from service.lab.panel import Declaration, Panel
from service.lab.panels import store


class Declared(NamedTuple):
    """What became of a panel that was sent, and the one that is held under its id."""

    outcome: MergeOutcome
    panel: Panel
    declaration: Declaration


def declare(connection: Connection, by: Acting, panel: Panel) -> Declared:
    """Declare a panel, once: it is never edited, another takes its place from its own day on.

    Assays that came in before keep the answer that they gave. Raises Unfit where the laboratory has
    a panel of this method from this very time.
    """
    store.lock(connection)

    held = store.declaration(connection, panel.id)
    if held is not None:
        known = store.panels(connection, [held])[panel.id]
        outcome = MergeOutcome.IDENTICAL if known == panel else MergeOutcome.CONFLICT
        return Declared(outcome, known, held)

    for other in store.declarations(connection):
        if _takes_the_place_of(other, panel):
            raise Unfit(Flaw("/valid_from", "panel-there"))

    store.add(connection, panel, by.now)
    by.record(connection, Action.DECLARED)
    declaration = Declaration(
        panel.id, panel.laboratory, panel.method, panel.valid_from, declared_at=by.now
    )
    return Declared(MergeOutcome.NEW, panel, declaration)


def _takes_the_place_of(other: Declaration, panel: Panel) -> bool:
    """Whether nobody could tell which of the two holds."""
    same_method = (other.laboratory, other.method) == (panel.laboratory, panel.method)
    return same_method and other.valid_from == panel.valid_from
