"""Queries of intake: plain functions of a connection. Statements are built once, at import."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlmodel import col

from service.access.site import SYNTHETIC
from service.foundation.database import insert_new, purge_wal
from service.foundation.problems import Flaw, Unfit
from service.intake.merge import MergeOutcome, outcome
from service.intake.sample import FACTS, GROUP_FACTS, GROUPS, OWN_FACTS, Sample, facts
from service.intake.tables import PickupRow, SampleRow, TombstoneRow
from service.vocabulary.codes import LISTS, Closing, State, Weighed
from service.vocabulary.languages import LOCALES, Language

_COLUMNLESS = [name for name in FACTS if name not in SampleRow.model_fields]
if _COLUMNLESS:
    raise LookupError(
        f"table: SampleRow in service/intake/tables.py has no column for {_COLUMNLESS}. "
        "Add them there, and a migration (make migration)."
    )

SAMPLES_A_QUERY = 500
OPEN = (State.WITHDRAWN, State.WAITING, State.FIRST_RESULT, State.IN_ANALYSIS)
"""What a laboratory still has to answer; what was taken back stands first."""
ANSWERED = (State.ANSWERED, State.CORRECTED)
SPOKEN_OF = (*ANSWERED, State.IN_ANALYSIS, State.FIRST_RESULT, State.CLOSED)
"""What some assay in force may say something of."""
_ID: Any = sa.bindparam("b_id")
_INSERT = insert_new(SampleRow, "id")
_UPDATE = sa.update(SampleRow).where(col(SampleRow.id) == _ID)
_JOINED = sa.select(
    SampleRow, col(PickupRow.digest), col(PickupRow.sealed), col(PickupRow.card_languages)
).join(PickupRow, col(PickupRow.sample) == col(SampleRow.id))
_HELD = _JOINED.where(col(SampleRow.id) == _ID)
_LOCK = sa.select(col(SampleRow.id)).where(col(SampleRow.id) == _ID).with_for_update()
_LABELLED = (
    sa.select(col(SampleRow.id))
    .where(col(SampleRow.lab_label) == sa.bindparam("b_label"))
    .with_for_update()
)
_BURIED = sa.select(col(TombstoneRow.id)).where(col(TombstoneRow.id) == _ID)
_BURY = insert_new(TombstoneRow, "id")
_CLAIM = (
    sa.update(PickupRow)
    .where(
        col(PickupRow.digest) == sa.bindparam("b_digest"),
        col(PickupRow.site) == sa.bindparam("b_site"),
        sa.or_(col(PickupRow.sample).is_(None), col(PickupRow.sample) == _ID),
    )
    .values(
        sample=_ID,
        card_languages=sa.bindparam("b_languages"),
        ends_at=sa.case(
            (col(PickupRow.sample).is_(None), sa.bindparam("b_ends_at")),
            else_=col(PickupRow.ends_at),
        ),
    )
)
_RELEASE = (
    sa.update(PickupRow)
    .where(col(PickupRow.sample) == _ID, col(PickupRow.digest) != sa.bindparam("b_digest"))
    .values(sample=None, card_languages=sa.bindparam("b_languages"))
)
_BY_CODE = sa.select(
    col(PickupRow.sample), col(PickupRow.site), col(PickupRow.card_languages)
).where(
    col(PickupRow.digest) == sa.bindparam("b_digest"),
    col(PickupRow.ends_at) > sa.bindparam("b_now"),
)
_OF_SITE = sa.select(col(PickupRow.sample)).where(
    col(PickupRow.digest) == sa.bindparam("b_digest"), col(PickupRow.site) == sa.bindparam("b_site")
)

# What the bench needs: nothing of the person, nothing of the purchase.
_AT_THE_BENCH = sa.select(
    col(SampleRow.lab_label),
    col(SampleRow.state),
    col(SampleRow.received_at),
    col(SampleRow.form),
    col(SampleRow.colour),
    col(SampleRow.smell),
    col(SampleRow.weight_mg),
    col(SampleRow.weighed),
    col(SampleRow.already_used),
    col(SampleRow.note_to_lab),
)
_IN_THE_FIELD = sa.select(
    col(SampleRow.taken_at), col(SampleRow.weight_mg), col(SampleRow.weighed)
).where(col(SampleRow.id) == _ID)
# For other rooms to join: which site a sample belongs to.
SITE_OF_SAMPLE = sa.select(col(SampleRow.id), col(SampleRow.site)).subquery()
_QUEUE = _AT_THE_BENCH.where(col(SampleRow.state).in_(OPEN)).order_by(
    col(SampleRow.received_at), col(SampleRow.lab_label)
)


@dataclass(frozen=True, slots=True)
class Held:
    """A sample as we hold it, with what the service added to it."""

    sample: Sample
    site: str
    lab_label: str
    state: State
    received_at: datetime
    updated_at: datetime
    sealed_code: str
    closed: Closing | None = None
    """Why no laboratory will answer any more."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a sample that was sent: the outcome, and what is held (None after a withdrawal)."""

    outcome: MergeOutcome
    held: Held | None


class InTheField(NamedTuple):
    """What was seen of a sample in the field, by the tablet's clock and scale, in mg."""

    taken_at: datetime
    whole_rock_mg: float | None


@dataclass(frozen=True, slots=True)
class Pickup:
    """What a pickup code leads to; `sample` is None until the tablet has sent it."""

    sample: UUID | None
    site: str
    card_languages: tuple[str, ...]


def take_in(
    connection: Connection,
    sample: Sample,
    *,
    site: str,
    label: str,
    now: datetime,
    code_ends: datetime,
) -> Taken:
    """Store what was sent, once. Raises Unfit where its pickup code is not this site's or already used.

    `label` is the laboratory label it gets if it is new; `code_ends` is when its code stops working.
    """
    row = {
        **facts(sample),
        "id": sample.id,
        "site": site,
        "lab_label": label,
        "state": State.WAITING,
        "received_at": now,
        "updated_at": now,
    }
    if connection.execute(_INSERT, row).rowcount:
        # Asked after the insert: an erasure that was under way elsewhere is seen by now.
        if connection.execute(_BURIED, {"b_id": sample.id}).first():
            connection.execute(sa.delete(SampleRow).where(col(SampleRow.id) == sample.id))
            return Taken(MergeOutcome.WITHDRAWN, None)
        _claim(connection, sample, site, code_ends)
        return Taken(MergeOutcome.NEW, Held(sample, site, label, State.WAITING, now, now, ""))
    connection.execute(_LOCK, {"b_id": sample.id})
    held = find(connection, sample.id)
    if held is None or held.site != site:
        return Taken(MergeOutcome.CONFLICT, None)
    verdict = outcome(held.sample, sample, lambda one: one.revision)
    if verdict is MergeOutcome.UPDATED:
        connection.execute(_UPDATE, {"b_id": sample.id, **facts(sample), "updated_at": now})
        connection.execute(
            _RELEASE, {"b_id": sample.id, "b_digest": sample.pickup, "b_languages": []}
        )
        _claim(connection, sample, site, code_ends)
        held = replace(held, sample=sample, updated_at=now)
    return Taken(verdict, held)


def _claim(connection: Connection, sample: Sample, site: str, code_ends: datetime) -> None:
    claimed = connection.execute(
        _CLAIM,
        {
            "b_digest": sample.pickup,
            "b_site": site,
            "b_id": sample.id,
            "b_languages": list(sample.card_languages),
            "b_ends_at": code_ends,
        },
    ).rowcount
    if not claimed:
        known = connection.execute(_OF_SITE, {"b_digest": sample.pickup, "b_site": site}).first()
        raise Unfit(Flaw("/pickup_code", "pickup-code-used" if known else "unknown-pickup-code"))


def find(connection: Connection, id: UUID) -> Held | None:
    row = connection.execute(_HELD, {"b_id": id}).mappings().first()
    return _held(row) if row else None


def find_each(connection: Connection, ids: Sequence[UUID]) -> dict[UUID, Held]:
    """These samples, by id; those that are not held are left out."""
    samples: dict[UUID, Held] = {}

    for start in range(0, len(ids), SAMPLES_A_QUERY):
        query = _JOINED.where(col(SampleRow.id).in_(ids[start : start + SAMPLES_A_QUERY]))
        for row in connection.execute(query).mappings():
            held = _held(row)
            samples[held.sample.id] = held

    return samples


def listed(
    connection: Connection,
    *,
    site: str | None,
    state: State | None,
    updated_since: datetime | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Held]:
    """Samples in the order of their last change; of one site, or of all where `site` is None."""
    query = _JOINED.order_by(col(SampleRow.updated_at), col(SampleRow.id)).limit(limit)
    if site is not None:
        query = query.where(col(SampleRow.site) == site)
    if state is not None:
        query = query.where(col(SampleRow.state) == state)
    if updated_since is not None:
        query = query.where(col(SampleRow.updated_at) >= updated_since)
    if after is not None:
        updated_at, id = after
        query = query.where(
            sa.or_(
                col(SampleRow.updated_at) > updated_at,
                sa.and_(col(SampleRow.updated_at) == updated_at, col(SampleRow.id) > id),
            )
        )
    return [_held(row) for row in connection.execute(query).mappings()]


def standing(connection: Connection, *states: State) -> list[tuple[UUID, str]]:
    """Every sample in one of these states, with its site."""
    query = sa.select(col(SampleRow.id), col(SampleRow.site)).where(
        col(SampleRow.state).in_(states)
    )
    return [(row.id, row.site) for row in connection.execute(query)]


def counts_by_state(connection: Connection, site: str | None) -> dict[str, int]:
    """How many samples of a site stand where, or of all that are not made up."""
    chosen = col(SampleRow.site) == site if site else col(SampleRow.site) != SYNTHETIC
    query = (
        sa.select(col(SampleRow.state), sa.func.count().label("rocks"))
        .where(chosen)
        .group_by(col(SampleRow.state))
    )
    return {row.state: row.rocks for row in connection.execute(query)}


def queue(
    connection: Connection, *, limit: int, after: tuple[datetime, str] | None = None
) -> list[dict[str, Any]]:
    """What waits for the laboratory, oldest first; `after` is when the last one seen came in, and its label."""
    query = _QUEUE.limit(limit)
    if after is not None:
        at, label = after
        later = sa.and_(col(SampleRow.received_at) == at, col(SampleRow.lab_label) > label)
        query = query.where(sa.or_(col(SampleRow.received_at) > at, later))
    return [dict(row) for row in connection.execute(query).mappings()]


def at_the_bench(connection: Connection, label: str) -> tuple[UUID, dict[str, Any]] | None:
    """The sample with this label and what the bench needs of it; None where there is none."""
    query = _AT_THE_BENCH.add_columns(col(SampleRow.id)).where(col(SampleRow.lab_label) == label)
    row = connection.execute(query).mappings().first()
    return (
        (row["id"], {name: value for name, value in row.items() if name != "id"}) if row else None
    )


def labels(
    connection: Connection, site: str | None, wanted: Sequence[str], *, limit: int
) -> list[str]:
    """Which of these labels are borne by samples of this site, or of any; with none wanted, all that wait."""
    query = (
        sa.select(col(SampleRow.lab_label))
        .order_by(col(SampleRow.received_at), col(SampleRow.lab_label))
        .limit(limit)
    )
    if site is not None:
        query = query.where(col(SampleRow.site) == site)
    asked = col(SampleRow.lab_label).in_(wanted) if wanted else col(SampleRow.state).in_(OPEN)
    return list(connection.execute(query.where(asked)).scalars())


def in_the_field(connection: Connection, id: UUID) -> InTheField:
    """When a sample was taken in, and what it weighed, where the whole rock was weighed."""
    row = connection.execute(_IN_THE_FIELD, {"b_id": id}).one()
    return InTheField(row.taken_at, row.weight_mg if row.weighed == Weighed.WHOLE_ROCK else None)


def lock(connection: Connection, id: UUID) -> None:
    """Hold a sample's row until the transaction ends."""
    connection.execute(_LOCK, {"b_id": id})


def erase(connection: Connection, id: UUID, *, site: str, now: datetime) -> bool:
    """Erase this site's sample with its code and results, leaving a tombstone.

    A sample that is not here yet is buried too: its person took it back before the tablet's upload arrived.
    False where the id is another site's. Whoever calls holds its row (`lock`).
    """
    gone = connection.execute(
        sa.delete(SampleRow).where(col(SampleRow.id) == id, col(SampleRow.site) == site)
    ).rowcount
    if not gone and connection.execute(_LOCK, {"b_id": id}).first():
        return False
    connection.execute(_BURY, {"id": id, "site": site, "erased_at": now})
    purge_wal(connection)
    return (
        connection.execute(_BURIED.where(col(TombstoneRow.site) == site), {"b_id": id}).first()
        is not None
    )


def issue(
    connection: Connection, codes: Iterable[tuple[str, str]], *, site: str, ends_at: datetime
) -> None:
    """Store (digest, sealed code) pairs as this site's, not yet given to a sample."""
    rows = [
        {"digest": digest, "sealed": sealed, "site": site, "ends_at": ends_at, "card_languages": []}
        for digest, sealed in codes
    ]
    connection.execute(sa.insert(PickupRow), rows)


def any_sealed_code(connection: Connection) -> str | None:
    sealed: str | None = connection.execute(sa.select(col(PickupRow.sealed)).limit(1)).scalar()
    return sealed


def by_code(connection: Connection, digest: str, now: datetime) -> Pickup | None:
    row = connection.execute(_BY_CODE, {"b_digest": digest, "b_now": now}).first()
    return Pickup(row.sample, row.site, tuple(row.card_languages)) if row else None


def sample_labelled(connection: Connection, label: str) -> UUID | None:
    """Which sample bears this laboratory label; its row stays locked until the transaction ends."""
    id: UUID | None = connection.execute(_LABELLED, {"b_label": label}).scalar()
    return id


def set_state(connection: Connection, id: UUID, state: State, now: datetime) -> None:
    connection.execute(_UPDATE, {"b_id": id, "state": state, "updated_at": now})


def _held(row: Any) -> Held:
    return Held(
        sample=Sample(
            id=row["id"],
            pickup=row["digest"],
            # A language that is no longer spoken is passed over: the card falls back to French.
            card_languages=tuple(Language(one) for one in row["card_languages"] if one in LOCALES),
            **{name: _read(name, row[name]) for name in OWN_FACTS},
            **{
                group: GROUPS[group](**{name: _read(name, row[name]) for name in names})
                for group, names in GROUP_FACTS.items()
            },
        ),
        site=row["site"],
        lab_label=row["lab_label"],
        state=State(row["state"]),
        closed=Closing(row["closed"]) if row["closed"] else None,
        received_at=row["received_at"],
        updated_at=row["updated_at"],
        sealed_code=row["sealed"],
    )


def _read(name: str, value: Any) -> Any:
    """A column's value as the core holds it: codes as their list's members, lists as tuples."""
    kind = LISTS.get(name)
    if isinstance(value, list):
        return tuple(kind(one) if kind else one for one in value)
    return kind(value) if kind and value is not None else value
