"""Somebody who acts at the laboratory, now: what they do is kept with its hooks and its line in the trail."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from service.access import store as access
from service.access.actor import Actor
from service.access.audit import Action, AuditEntry
from service.access.permissions import Role
from service.foundation.problems import Flaw, Problem, Unfit
from service.foundation.projections import Projections
from service.intake import store as intake
from service.intake.merge import REFUSED, Outcome
from service.lab import store
from service.lab.assay import (
    A_DAY,
    MAX_NAME,
    PUBLISHED,
    Assay,
    Statement,
    called,
    flaws_of_text,
    greatest,
)
from service.lab.store import alike, unlabelled
from service.vocabulary.codes import CustodyEvent, Status
from service.vocabulary.substances import SUBSTANCES, resolve

_ACTIONS = {Status.CORRECTED: Action.CORRECTED, Status.WITHDRAWN: Action.WITHDREW}
SERVICE = Actor("service", Role.OPERATOR, None)


@dataclass(frozen=True, slots=True)
class Desk:
    """Who acts, what their deeds set off, and when."""

    actor: Actor
    projections: Projections
    now: datetime

    def report(self, connection: Connection, assay: Assay) -> tuple[Outcome, Statement]:
        """Keep one version. Raises Problem for an unknown label, Unfit for a version that hides a correction."""
        if assay.status is Status.WITHDRAWN and self.actor.role is Role.INSTRUMENT:
            raise Problem("not-allowed")  # taking an answer back is for a person to decide
        sample = intake.sample_labelled(connection, assay.lab_label)
        if sample is None:
            raise unlabelled(assay.lab_label)
        verdict, held = store.report(connection, assay, sample=sample, now=self.now)
        if verdict in (Outcome.NEW, Outcome.UPDATED):
            self.projections.keep(connection, sample, self.now)
            action = _ACTIONS.get(assay.status, Action.REPORTED)
            access.record(
                connection,
                AuditEntry(self.now, self.actor.id, self.actor.role, action, sample, assay.version),
            )
        return verdict, held

    def rehearse(self, connection: Connection, assay: Assay) -> tuple[Outcome, Statement]:
        """What `report` would do, without a trace of it."""
        with connection.begin_nested() as rehearsal:
            try:
                return self.report(connection, assay)
            finally:
                rehearsal.rollback()

    def withdraw(
        self, connection: Connection, id: UUID, reason: str, *, version: int | None = None
    ) -> tuple[Outcome, Statement]:
        """Take an analysis back: a version of its own, with nothing in it but the reason. Raises Problem.

        `version` is the one that was looked at: if another stands by now, it is not taken back unseen.
        """
        held = self._locked(connection, id)
        if held is None:
            raise Problem("not-found")
        if held.assay.status is Status.WITHDRAWN:
            return Outcome.WITHDRAWN, held
        if version not in (None, held.assay.version):
            return Outcome.STALE, held
        gone = replace(
            held.assay,
            version=held.assay.version + 1,
            status=Status.WITHDRAWN,
            reason=reason,
            rock_weight_mg=None,
            results=(),
        )
        return self.report(connection, gone.checked(self.now))

    def keep(
        self, connection: Connection, label: str, event: CustodyEvent, at: datetime | None = None
    ) -> list[dict[str, Any]]:
        """The laboratory has received or destroyed the material of this label. Raises Problem, Unfit."""
        found = intake.at_the_bench(connection, label)
        if found is None:
            raise unlabelled(label)
        allowed = {CustodyEvent.RECEIVED, CustodyEvent.DESTROYED}
        return self.hand_over(connection, found[0], event, at, allowed)

    def hand_over(
        self,
        connection: Connection,
        sample: UUID,
        event: CustodyEvent,
        at: datetime | None,
        allowed: set[CustodyEvent],
    ) -> list[dict[str, Any]]:
        """Record what happened to the material, once: the first record stands. Returns all that is known."""
        if event not in allowed:
            raise Unfit(Flaw("/event", "unknown-code", {"known": ", ".join(sorted(allowed))}))
        at = at or self.now
        if at > self.now + A_DAY:
            raise Unfit(Flaw("/at", "in-the-future"))
        store.hand_over(connection, sample, event, at, self.now, self.actor.id)
        return store.custody(connection, sample)

    # --- Names ----------------------------------------------------------------------------------------

    def explain(self, connection: Connection, name: str, code: str | None) -> list[str]:
        """A name means this substance from now on, and in every analysis in force that found it; or none again.

        Those are corrected, each by a version of its own with the name in its reason, so that people are reached
        again; returns their labels. Raises Unfit for a name in doubt, which is settled one sample at a time, and
        for a name that the vocabulary knows already; Problem where there is no explanation to take back.
        """
        _nameable(name)
        if code is None:
            if all(one["name"] != alike(name) for one in store.meanings(connection)):
                raise Problem("not-found")
        elif name.endswith("?"):
            raise Unfit(Flaw("/name", "name-in-doubt"))
        elif resolve(name) in SUBSTANCES:
            raise Unfit(Flaw("/name", "name-known"))
        elif code not in SUBSTANCES:
            raise Unfit(Flaw("/substance", "unknown-substance"))
        store.explain(connection, name, code, self.now, self.actor.id)
        return self._recall(connection, name, code, store.not_ours(connection))

    def catch_up(self, connection: Connection) -> list[str]:
        """Correct what names the vocabulary has learnt since they came in; the labels."""
        meant = {one["name"] for one in store.meanings(connection)}
        names = store.not_ours(connection)
        return [
            label
            for name, read_as in names
            if resolve(name) in SUBSTANCES and resolve(name) != read_as and alike(name) not in meant
            for label in self._recall(connection, name, resolve(name), names)
        ]

    def _recall(
        self, connection: Connection, name: str, code: str | None, names: Sequence[tuple[str, str]]
    ) -> list[str]:
        """Every analysis in force that found this name calls it by that code, or by its name; the labels.

        `names` are those in force that are not the vocabulary's own.
        """
        spellings = dict.fromkeys(one for one, _ in names if alike(one) == alike(name))
        ids = dict.fromkeys(id for one in spellings for id in store.naming(connection, one))
        labels = {self._corrected(connection, id, name, code) for id in ids}
        return sorted(label for label in labels if label)

    def _corrected(
        self, connection: Connection, id: UUID, name: str, code: str | None
    ) -> str | None:
        """The label of the analysis whose next version says so; None where it does already."""
        held = self._locked(connection, id)
        if held is None:
            return None
        results = greatest(
            called(one, code or one.as_written or one.substance)
            if alike(one.as_written or one.substance) == alike(name)
            else one
            for one in held.assay.results
        )
        if results == held.assay.results:
            return None
        published = held.assay.status in PUBLISHED
        corrected = replace(
            held.assay,
            version=held.assay.version + 1,
            status=Status.CORRECTED if published else held.assay.status,
            reason=f"{name} = {code or '?'}",
            results=results,
        )
        verdict, _ = self.report(connection, corrected.checked(self.now))
        if verdict in REFUSED:
            raise Problem("not-stored")  # somebody else was faster: the next try sees what they did
        return held.assay.lab_label

    def _locked(self, connection: Connection, id: UUID) -> Statement | None:
        """What stands of an analysis, with its sample held fast until the transaction ends."""
        held = store.newest(connection, id)
        if held is None or intake.sample_labelled(connection, held.assay.lab_label) is None:
            return None
        return store.newest(connection, id)


def _nameable(name: str) -> None:
    if not name.strip():
        raise Unfit(Flaw("/name", "missing"))
    if flaws := tuple(flaws_of_text("/name", name, MAX_NAME)):
        raise Unfit(*flaws)
