"""What is done at the laboratory: report an assay, take it back, record custody, explain a name."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
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
from service.intake.merge import REFUSED, MergeOutcome, outcome
from service.lab import names, store
from service.lab.assay import Assay, AssayVersion, check_succession, state
from service.lab.custody import OF_THE_LABORATORY, OF_THE_SITE, Custody, check_custody
from service.lab.labels import unlabelled
from service.lab.names import ForeignName
from service.vocabulary.codes import CustodyEvent, Status

SERVICE = Actor("service", Role.OPERATOR, None)
_ACTIONS = {Status.CORRECTED: Action.CORRECTED, Status.WITHDRAWN: Action.WITHDREW}
_KEPT = frozenset({MergeOutcome.NEW, MergeOutcome.UPDATED})

# Why all of a sample's assays in a file are held back: a problem's kind or an outcome -> a flaw.
_HELD_BACK: dict[str, str] = {
    "unknown-label": "no-such-label",
    "mistyped-label": "mistyped-label",
    MergeOutcome.CONFLICT: "held-otherwise",
    MergeOutcome.STALE: "newer-held",
    MergeOutcome.WITHDRAWN: "was-withdrawn",
}


class Reported(NamedTuple):
    """What became of a version that was sent, and the version that is in force now."""

    outcome: MergeOutcome
    version: AssayVersion


# --- Assays -------------------------------------------------------------------------------------


def report(connection: Connection, by: Acting, assay: Assay) -> Reported:
    """Keep one version of an assay.

    Raises Problem for an unknown label, Unfit for a version that hides a correction or moves the
    assay to another label.
    """
    if assay.status is Status.WITHDRAWN and by.actor.role is Role.INSTRUMENT:
        raise Problem("not-allowed")  # taking an answer back is for a person to decide

    sample = intake.sample_labelled(connection, assay.lab_label)
    if sample is None:
        raise unlabelled(assay.lab_label)

    held = store.newest(connection, assay.id)
    verdict = _outcome(held, assay)
    if held and verdict not in _KEPT:
        return Reported(verdict, held)

    check_succession(assay, held.assay.status if held else None)
    named = _named(connection, assay)

    store.keep(connection, named, sample, by.now)
    standing = state(store.of_sample(connection, sample))
    intake.set_state(connection, sample, standing, by.now)

    by.projections.keep(connection, sample, by.now)
    action = _ACTIONS.get(assay.status, Action.REPORTED)
    by.record(connection, action, sample=sample, version=assay.version)
    return Reported(verdict, AssayVersion(assay=named, received_at=by.now, in_force=True))


def _outcome(held: AssayVersion | None, sent: Assay) -> MergeOutcome:
    """What is to become of a version, by what is in force of its assay. Raises Unfit."""
    if held is None:
        return MergeOutcome.NEW
    if held.assay.lab_label != sent.lab_label:
        raise Unfit(Flaw("/lab_label", "other-label"))

    verdict = outcome(
        names.as_sent(held.assay), names.as_sent(sent), lambda version: version.version
    )
    if verdict is MergeOutcome.UPDATED and held.assay.status is Status.WITHDRAWN:
        return MergeOutcome.WITHDRAWN
    return verdict


def _named(connection: Connection, assay: Assay) -> Assay:
    """The assay, read by what laboratories have explained. Raises Unfit."""
    if names.all_known(assay):
        return assay

    return names.read_by(store.meanings(connection), assay)


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
    held = _locked(connection, id)
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
    )
    return report(connection, by, withdrawal.checked(by.now))


def _locked(connection: Connection, id: UUID) -> AssayVersion | None:
    """The version in force of an assay, its sample locked until the transaction ends."""
    held = store.newest(connection, id)
    if held is None or intake.sample_labelled(connection, held.assay.lab_label) is None:
        return None

    return store.newest(connection, id)


# --- Files --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LabelAssays:
    """All assays of one label that a file holds."""

    label: str
    assays: Sequence[Assay]


@dataclass(frozen=True, slots=True)
class Entered:
    """What became of one label's assays: each one's outcome, or why all of them are held back."""

    label: str
    reported: Sequence[Reported] = ()
    flaw: Flaw | None = None


def enter(
    connection: Connection, by: Acting, batch: Sequence[LabelAssays], *, dry_run: bool
) -> list[Entered]:
    """Report the assays of each label, all of a label's or none; nothing stays of a dry run."""
    return [_enter_label(connection, by, of_label, dry_run) for of_label in batch]


def _enter_label(
    connection: Connection, by: Acting, of_label: LabelAssays, dry_run: bool
) -> Entered:
    try:
        with _undone_if(connection, dry_run):
            reported = [_report_again(connection, by, assay) for assay in of_label.assays]
            _check_none_refused(reported)
    except Unfit as error:
        return Entered(of_label.label, flaw=error.flaws[0])
    except Problem as problem:
        if problem.kind not in _HELD_BACK:
            raise
        return Entered(of_label.label, flaw=Flaw("", _HELD_BACK[problem.kind]))

    return Entered(of_label.label, reported)


@contextmanager
def _undone_if(connection: Connection, undone: bool) -> Iterator[None]:
    """A savepoint that is rolled back at its end, or at an error whatever was asked."""
    with connection.begin_nested() as savepoint:
        yield
        if undone:
            savepoint.rollback()


def _check_none_refused(reported: Sequence[Reported]) -> None:
    """Raise Problem with the first outcome that is a refusal."""
    for verdict, _ in reported:
        if verdict in REFUSED:
            raise Problem(verdict)


def _report_again(connection: Connection, by: Acting, assay: Assay) -> Reported:
    """Report one assay of a file.

    A file that comes again after a correction changes nothing, and is no mistake.
    """
    verdict, version = report(connection, by, assay)

    if verdict is MergeOutcome.STALE and _was_held(connection, assay):
        return Reported(MergeOutcome.IDENTICAL, version)

    return Reported(verdict, version)


def _was_held(connection: Connection, assay: Assay) -> bool:
    """Whether this very version was once reported just so, and has been replaced since."""
    before = store.version(connection, assay.id, assay.version)
    return before is not None and names.as_sent(before.assay) == names.as_sent(assay)


# --- Custody ------------------------------------------------------------------------------------


def send(
    connection: Connection, by: Acting, id: UUID, event: CustodyEvent, at: datetime | None
) -> list[Custody]:
    """Record that the site has sent this sample's material. Raises Problem, Unfit."""
    held = intake.find(connection, id)
    if held is None or held.site != by.actor.own_site():
        raise Problem("not-found")

    return _record_custody(connection, by, id, Custody(event, at or by.now), OF_THE_SITE)


def receive_or_destroy(
    connection: Connection,
    by: Acting,
    label: str,
    event: CustodyEvent,
    at: datetime | None = None,
) -> list[Custody]:
    """Record that the laboratory has received or destroyed this label's material.

    Raises Problem for an unknown label, Unfit for another event or a time to come.
    """
    bench_sample = intake.at_the_bench(connection, label)
    if bench_sample is None:
        raise unlabelled(label)

    sample, _ = bench_sample
    return _record_custody(connection, by, sample, Custody(event, at or by.now), OF_THE_LABORATORY)


def _record_custody(
    connection: Connection,
    by: Acting,
    sample: UUID,
    custody: Custody,
    allowed: Collection[CustodyEvent],
) -> list[Custody]:
    """Record what happened to the material, once: the first record stands. All that is known."""
    check_custody(custody, allowed, by.now)
    store.add_custody(connection, sample, custody, now=by.now, by=by.actor.id)
    return store.custody(connection, sample)


# --- Names --------------------------------------------------------------------------------------


def explain_name(connection: Connection, by: Acting, name: str, code: str | None) -> list[str]:
    """From now on, and in every assay in force that found it, a name means this substance.

    Without a code the explanation is taken back. Each assay is corrected by a version of its own
    with the name in its reason, so that people are reached again; the labels of those. Raises Unfit
    for a name in doubt, which is settled one sample at a time, and for one that the vocabulary
    knows already; Problem where there is no explanation to take back.
    """
    names.check_name(name)

    if code is not None:
        names.check_meaning(name, code)
    elif names.fold(name) not in store.meanings(connection):
        raise Problem("not-found")

    store.add_meaning(connection, name, code, now=by.now, by=by.actor.id)
    return _reread(connection, by, name, code, store.foreign_names(connection))


def catch_up_names(connection: Connection, by: Acting) -> list[str]:
    """Correct what was found under names that the vocabulary has learnt since; the labels."""
    foreign = store.foreign_names(connection)
    meanings = store.meanings(connection)
    labels: list[str] = []

    for name, code in names.newly_known(foreign, meanings):
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
    for spelling in names.spellings(name, foreign):
        ids.update(dict.fromkeys(store.naming(connection, spelling)))

    labels = {_correct(connection, by, id, name, code) for id in ids}
    return sorted(label for label in labels if label)


def _correct(
    connection: Connection, by: Acting, id: UUID, name: str, code: str | None
) -> str | None:
    """Correct one assay; its label, or None where it reads the name so already. Raises Problem."""
    held = _locked(connection, id)
    if held is None:
        return None

    corrected = names.correction(held.assay, name, code)
    if corrected is None:
        return None

    verdict, _ = report(connection, by, corrected.checked(by.now))
    if verdict in REFUSED:
        raise Problem("not-stored")  # somebody else was faster: the next try sees what they did

    return held.assay.lab_label
