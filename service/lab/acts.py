"""What is done at the laboratory: report an assay, take it back."""

from dataclasses import replace
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection

from service.access.actor import Actor
from service.access.acts import Acting
from service.access.audit import Action
from service.access.permissions import Role
from service.foundation.problems import Flaw, Problem, Unfit
from service.intake import store as intake
from service.intake.merge import MergeOutcome, outcome
from service.lab import first_tests, store
from service.lab.assay import FIRST_TESTS, Assay, AssayVersion, check_succession, state
from service.lab.labels.unlabelled import unlabelled
from service.lab.names import meaning
from service.lab.names import store as names
from service.lab.nothing import names_nothing, read_words
from service.lab.panels import store as panels
from service.lab.questions import (
    HandedIn,
    Question,
    asked_of,
    check_confirmed,
    questions,
    still_answered,
    unanswered,
)
from service.vocabulary.codes import Status

SERVICE = Actor("service", Role.OPERATOR, None)
_ACTIONS = {Status.CORRECTED: Action.CORRECTED, Status.WITHDRAWN: Action.WITHDREW}
_KEPT = frozenset({MergeOutcome.NEW, MergeOutcome.UPDATED})


class Reported(NamedTuple):
    """What became of a version that was sent, and the version that is in force now.

    `questions` are those that nobody has answered of it.
    """

    outcome: MergeOutcome
    version: AssayVersion
    questions: tuple[Question, ...] = ()


def report(connection: Connection, by: Acting, assay: Assay) -> Reported:
    """Keep one version of an assay, whatever is asked of it.

    Raises Problem for an unknown label, Unfit for a version that hides a correction, moves the
    assay to another label, names a panel that is not its own or answers what nobody asked, and for
    what a site may not report.
    """
    if assay.status is Status.WITHDRAWN and by.actor.role is Role.INSTRUMENT:
        raise Problem("not-allowed")  # taking an answer back is for a person to decide

    labelled = intake.labelled(connection, assay.lab_label)
    if by.actor.role is Role.OUTREACH:
        first_tests.check(assay, own=labelled is not None and labelled.site == by.actor.own_site())
    if labelled is None:
        raise unlabelled(assay.lab_label)

    sample = labelled.sample
    _check_panel(connection, assay)
    held = store.newest(connection, assay.id)
    if by.actor.role is Role.OUTREACH and held:
        first_tests.check_succeeds(held.assay, assay)

    assay = _words_read(connection, assay, held, by.now)
    verdict = _outcome(held, assay)
    if held and verdict is MergeOutcome.IDENTICAL:
        return _answer_questions(connection, by, sample, held, assay.confirmed)
    if held and verdict not in _KEPT:
        return Reported(verdict, held)

    check_succession(assay, held.assay.status if held else None)
    named = _named(connection, assay)
    asked, judged = _asked(store.handed_in(connection, sample), named, held)

    store.keep(connection, judged, sample, by.now)
    versions = store.of_sample(connection, sample)
    closed = labelled.closed
    if closed and assay.method not in FIRST_TESTS and assay.status is not Status.WITHDRAWN:
        closed = None  # a laboratory has begun, or answered, all the same
        intake.set_closed(connection, sample, None)
    intake.set_state(connection, sample, state(versions, closed), by.now)

    by.projections.keep(connection, sample, by.now)
    action = _ACTIONS.get(assay.status, Action.REPORTED)
    by.record(connection, action, sample=sample, version=assay.version)

    version = AssayVersion(assay=judged, received_at=by.now, in_force=True)
    return Reported(verdict, version, unanswered(asked, judged.confirmed))


def _asked(
    handed_in: HandedIn, assay: Assay, held: AssayVersion | None
) -> tuple[tuple[Question, ...], Assay]:
    """What is asked of a version, and the version with all that is answered of it. Raises Unfit."""
    asked = questions(assay, handed_in, held.assay if held else None)
    check_confirmed(asked, assay.confirmed)
    if held is None:
        return asked, assay

    answered = (*still_answered(asked, held.assay, handed_in), *assay.confirmed)
    return asked, replace(assay, confirmed=tuple(dict.fromkeys(answered)))


def _answer_questions(
    connection: Connection,
    by: Acting,
    sample: UUID,
    held: AssayVersion,
    confirmed: tuple[str, ...],
) -> Reported:
    """Note what somebody says is right in the version that is held. Raises Unfit."""
    versions = store.of_sample(connection, sample)
    asked = asked_of(held, versions, store.handed_in(connection, sample))
    check_confirmed(asked, confirmed)

    answered = tuple(dict.fromkeys((*held.assay.confirmed, *confirmed)))
    if answered != held.assay.confirmed:
        held = replace(held, assay=replace(held.assay, confirmed=answered))
        store.keep_confirmed(connection, held.assay)
        by.record(connection, Action.CONFIRMED, sample=sample, version=held.assay.version)

    return Reported(MergeOutcome.IDENTICAL, held, unanswered(asked, answered))


def confirm(
    connection: Connection, by: Acting, id: UUID, version: int, codes: tuple[str, ...]
) -> Reported:
    """Say that what is asked of an assay is right as it stands. Raises Problem, Unfit.

    `version` is the one that was looked at: if another stands by now, nothing is answered unseen.
    """
    held = locked(connection, id)
    if held is None:
        raise Problem("not-found")
    if held.assay.version != version:
        return Reported(MergeOutcome.STALE, held)

    labelled = intake.labelled(connection, held.assay.lab_label)
    if labelled is None:
        raise unlabelled(held.assay.lab_label)
    return _answer_questions(connection, by, labelled.sample, held, codes)


def _check_panel(connection: Connection, assay: Assay) -> None:
    """Raise Unfit for a panel that nobody declared, or of another laboratory or method."""
    if assay.panel is None:
        return

    declared = panels.declaration(connection, assay.panel)
    if declared is None:
        raise Unfit(Flaw("/panel", "unknown-panel"))
    if (declared.laboratory, declared.method) != (assay.laboratory, assay.method):
        raise Unfit(Flaw("/panel", "other-panel"))


def _outcome(held: AssayVersion | None, sent: Assay) -> MergeOutcome:
    """What is to become of a version, by what is in force of its assay. Raises Unfit."""
    if held is None:
        return MergeOutcome.NEW
    if held.assay.lab_label != sent.lab_label:
        raise Unfit(Flaw("/lab_label", "other-label"))

    verdict = outcome(
        meaning.as_sent(held.assay), meaning.as_sent(sent), lambda version: version.version
    )
    if verdict is MergeOutcome.UPDATED and held.assay.status is Status.WITHDRAWN:
        return MergeOutcome.WITHDRAWN
    return verdict


def _words_read(
    connection: Connection, assay: Assay, held: AssayVersion | None, now: datetime
) -> Assay:
    """The assay with an outcome in the place of words that name no substance. Raises Unfit."""
    if not names_nothing(assay):
        return assay

    sent_before = held is not None and held.assay.version == assay.version
    received_at = held.received_at if held and sent_before else now
    version = AssayVersion(assay=assay, received_at=received_at, in_force=True)
    (counted,) = panels.with_panels(connection, [version])
    return read_words(assay, counted.panel, names.meanings(connection))


def _named(connection: Connection, assay: Assay) -> Assay:
    """The assay, read by what laboratories have explained. Raises Unfit."""
    if meaning.all_known(assay):
        return assay

    return meaning.read_by(names.meanings(connection), assay)


def rehearse(connection: Connection, by: Acting, assay: Assay) -> Reported:
    """What `report` would do, without a trace of it."""
    with connection.begin_nested() as rehearsal:
        try:
            return report(connection, by, assay)
        finally:
            rehearsal.rollback()


def withdraw(
    connection: Connection, by: Acting, id: UUID, reason: str, *, version: int | None = None
) -> Reported:
    """Take an assay back: a version of its own, with nothing in it but the reason. Raises Problem.

    `version` is the one that was looked at: if another stands by now, it is not taken back unseen.
    """
    held = locked(connection, id)
    if held is None:
        raise Problem("not-found")
    if held.assay.status is Status.WITHDRAWN:
        return Reported(MergeOutcome.WITHDRAWN, held)
    if version not in (None, held.assay.version):
        return Reported(MergeOutcome.STALE, held)

    withdrawal = replace(
        held.assay,
        version=held.assay.version + 1,
        status=Status.WITHDRAWN,
        reason=reason,
        rock_weight_mg=None,
        results=(),
        confirmed=(),
    )
    return report(connection, by, withdrawal.checked(by.now))


def locked(connection: Connection, id: UUID) -> AssayVersion | None:
    """The version in force of an assay, its sample locked until the transaction ends."""
    held = store.newest(connection, id)
    if held is None or intake.labelled(connection, held.assay.lab_label) is None:
        return None

    return store.newest(connection, id)
