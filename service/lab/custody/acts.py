"""What is done with the material: send it, receive it, destroy it."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from service.access.acts import Acting
from service.foundation.problems import Problem
from service.intake import store as intake
from service.lab.custody import store
from service.lab.custody.events import OF_THE_LABORATORY, OF_THE_SITE, Custody, check_custody
from service.lab.labels.unlabelled import unlabelled
from service.vocabulary.codes import CustodyEvent


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
