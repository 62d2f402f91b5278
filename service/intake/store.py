"""Queries of intake: plain functions of a connection. Statements are built once, at import."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlmodel import col

from service.access.site import SYNTHETIC
from service.foundation.database import insert_new, purge_wal
from service.intake.held import Held, InTheField, Labelled, Pickup, held_of
from service.intake.sample import FACTS, Sample, facts
from service.intake.tables import PickupRow, SampleRow, TombstoneRow
from service.vocabulary.codes import Closing, State, Weighed

_COLUMNLESS = [name for name in FACTS if name not in SampleRow.model_fields]
if _COLUMNLESS:
    raise LookupError(
        f"table: SampleRow in service/intake/tables.py has no column for {_COLUMNLESS}. "
        "Add them there, and a migration (make migration)."
    )

SAMPLES_A_QUERY = 500
OPEN = (State.WITHDRAWN, State.WAITING, State.FIRST_RESULT, State.IN_ANALYSIS)
"""What a laboratory still has to answer."""
ANSWERED = (State.ANSWERED, State.CORRECTED)
SPOKEN_OF = (
    *ANSWERED,
    State.IN_ANALYSIS,
    State.FIRST_RESULT,
    State.WITHDRAWN,
    State.CLOSED,
)
"""What some assay in force may say something of; after a withdrawal, a first test."""

_ID: sa.BindParameter[UUID] = sa.bindparam("b_id")
_INSERT = insert_new(SampleRow, "id")
_UPDATE = sa.update(SampleRow).where(col(SampleRow.id) == _ID)

_JOINED = sa.select(
    SampleRow,
    col(PickupRow.digest),
    col(PickupRow.sealed),
    col(PickupRow.card_languages),
).join(PickupRow, col(PickupRow.sample) == col(SampleRow.id))
_HELD = _JOINED.where(col(SampleRow.id) == _ID)
_LOCK = sa.select(col(SampleRow.id)).where(col(SampleRow.id) == _ID).with_for_update()
_LABELLED = (
    sa.select(
        col(SampleRow.id),
        col(SampleRow.site),
        col(SampleRow.closed),
    )
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
    .where(
        col(PickupRow.sample) == _ID,
        col(PickupRow.digest) != sa.bindparam("b_digest"),
    )
    .values(sample=None, card_languages=sa.bindparam("b_languages"))
)

_BY_CODE = sa.select(
    col(PickupRow.sample),
    col(PickupRow.site),
    col(PickupRow.card_languages),
).where(
    col(PickupRow.digest) == sa.bindparam("b_digest"),
    col(PickupRow.ends_at) > sa.bindparam("b_now"),
)
_OF_SITE = sa.select(col(PickupRow.sample)).where(
    col(PickupRow.digest) == sa.bindparam("b_digest"),
    col(PickupRow.site) == sa.bindparam("b_site"),
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
    col(SampleRow.closed),
)
_IN_THE_FIELD = sa.select(
    col(SampleRow.taken_at),
    col(SampleRow.weight_mg),
    col(SampleRow.weighed),
).where(col(SampleRow.id) == _ID)
_TURN: sa.ColumnElement[int] = sa.case(
    (col(SampleRow.state) == State.WITHDRAWN, 0),
    else_=1,
)
"""What was taken back stands first: its person was told to wait again."""
_QUEUE = (
    _AT_THE_BENCH.add_columns(_TURN.label("turn"))
    .where(col(SampleRow.state).in_(OPEN))
    .order_by(
        _TURN,
        col(SampleRow.received_at),
        col(SampleRow.lab_label),
    )
)

# For other rooms to join: which site a sample belongs to.
SITE_OF_SAMPLE = sa.select(col(SampleRow.id), col(SampleRow.site)).subquery()


def add(
    connection: Connection, sample: Sample, *, site: str, label: str, now: datetime
) -> Held | None:
    """Store a sample under this laboratory label, without its code; None where its id is held.

    What is held does not know its sealed code yet.
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
    if not connection.execute(_INSERT, row).rowcount:
        return None
    return Held(sample, site, label, State.WAITING, now, now, sealed_code="")


def drop(connection: Connection, id: UUID) -> None:
    """Remove a sample that was added, leaving nothing behind."""
    connection.execute(sa.delete(SampleRow).where(col(SampleRow.id) == id))


def is_buried(connection: Connection, id: UUID) -> bool:
    """Whether its person took this sample back."""
    return connection.execute(_BURIED, {"b_id": id}).first() is not None


def change(connection: Connection, sample: Sample, now: datetime) -> None:
    """Replace a held sample's facts, and let go of its code where it has another one now."""
    connection.execute(_UPDATE, {"b_id": sample.id, **facts(sample), "updated_at": now})

    release = {"b_id": sample.id, "b_digest": sample.pickup, "b_languages": []}
    connection.execute(_RELEASE, release)


def claim(connection: Connection, sample: Sample, *, site: str, code_ends: datetime) -> bool:
    """Tie the pickup code to its sample; False where it is not this site's or is another sample's.

    A code that is new to the sample works until `code_ends`.
    """
    wanted = {
        "b_digest": sample.pickup,
        "b_site": site,
        "b_id": sample.id,
        "b_languages": list(sample.card_languages),
        "b_ends_at": code_ends,
    }
    return bool(connection.execute(_CLAIM, wanted).rowcount)


def is_issued(connection: Connection, digest: str, site: str) -> bool:
    """Whether the code of this digest is this site's."""
    wanted = {"b_digest": digest, "b_site": site}
    return connection.execute(_OF_SITE, wanted).first() is not None


def find(connection: Connection, id: UUID) -> Held | None:
    """The sample of this id, if it is held."""
    row = connection.execute(_HELD, {"b_id": id}).mappings().first()
    return held_of(row) if row else None


def find_each(connection: Connection, ids: Sequence[UUID]) -> dict[UUID, Held]:
    """These samples, by id; those that are not held are left out."""
    samples: dict[UUID, Held] = {}

    for start in range(0, len(ids), SAMPLES_A_QUERY):
        some = ids[start : start + SAMPLES_A_QUERY]
        query = _JOINED.where(col(SampleRow.id).in_(some))
        for row in connection.execute(query).mappings():
            held = held_of(row)
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
    changed_at = col(SampleRow.updated_at)
    query = _JOINED.order_by(changed_at, col(SampleRow.id)).limit(limit)

    if site is not None:
        query = query.where(col(SampleRow.site) == site)
    if state is not None:
        query = query.where(col(SampleRow.state) == state)
    if updated_since is not None:
        query = query.where(changed_at >= updated_since)
    if after is not None:
        updated_at, id = after
        changed_then = sa.and_(
            changed_at == updated_at,
            col(SampleRow.id) > id,
        )
        query = query.where(sa.or_(changed_at > updated_at, changed_then))

    return [held_of(row) for row in connection.execute(query).mappings()]


def standing(connection: Connection, *states: State) -> list[tuple[UUID, str]]:
    """Every sample in one of these states, with its site."""
    query = sa.select(col(SampleRow.id), col(SampleRow.site)).where(
        col(SampleRow.state).in_(states)
    )
    return [(id, site) for id, site in connection.execute(query)]


def counts_by_state(connection: Connection, site: str | None) -> dict[str, int]:
    """How many samples of a site stand where, or of all that are not made up."""
    chosen = col(SampleRow.site) != SYNTHETIC
    if site:
        chosen = col(SampleRow.site) == site

    state = col(SampleRow.state)
    query = sa.select(state, sa.func.count()).where(chosen).group_by(state)
    return {state: rocks for state, rocks in connection.execute(query)}  # noqa: C416


def queue(
    connection: Connection, *, limit: int, after: tuple[int, datetime, str] | None = None
) -> list[dict[str, Any]]:
    """What waits for the laboratory: what was taken back first, then the oldest.

    `after` is the turn of the last one seen, when it came in, and its label.
    """
    query = _QUEUE.limit(limit)

    if after is not None:
        turn, at, label = after
        place = sa.tuple_(
            _TURN,
            col(SampleRow.received_at),
            col(SampleRow.lab_label),
        )
        last_seen = sa.tuple_(turn, at, label)
        query = query.where(place > last_seen)

    return [dict(row) for row in connection.execute(query).mappings()]


def at_the_bench(connection: Connection, label: str) -> tuple[UUID, dict[str, Any]] | None:
    """The sample with this label and what the bench needs of it; None where there is none."""
    labelled = _AT_THE_BENCH.where(col(SampleRow.lab_label) == label)
    query = labelled.add_columns(col(SampleRow.id))
    row = connection.execute(query).mappings().first()
    if row is None:
        return None

    seen = dict(row)
    id: UUID = seen.pop("id")
    return id, seen


def labels(
    connection: Connection, site: str | None, wanted: Sequence[str], *, limit: int
) -> list[str]:
    """Which of these labels are borne by samples of this site, or of any.

    With none wanted, all that wait.
    """
    label = col(SampleRow.lab_label)
    query = sa.select(label).order_by(col(SampleRow.received_at), label).limit(limit)

    if site is not None:
        query = query.where(col(SampleRow.site) == site)
    if wanted:
        query = query.where(label.in_(wanted))
    else:
        query = query.where(col(SampleRow.state).in_(OPEN))

    return list(connection.execute(query).scalars())


def in_the_field(connection: Connection, id: UUID) -> InTheField:
    """When a sample was taken in, and what it weighed, where the whole rock was weighed."""
    row = connection.execute(_IN_THE_FIELD, {"b_id": id}).one()
    if row.weighed != Weighed.WHOLE_ROCK:
        return InTheField(row.taken_at, None)
    return InTheField(row.taken_at, row.weight_mg)


def taken_at(connection: Connection, id: UUID) -> datetime:
    """When a sample was taken in, by the tablet's clock."""
    query = sa.select(col(SampleRow.taken_at)).where(col(SampleRow.id) == id)
    at: datetime = connection.execute(query).scalar_one()
    return at


def lock(connection: Connection, id: UUID) -> None:
    """Hold a sample's row until the transaction ends."""
    connection.execute(_LOCK, {"b_id": id})


def erase(connection: Connection, id: UUID, *, site: str, now: datetime) -> bool:
    """Erase this site's sample with its code and results, leaving a tombstone.

    A sample that is not here yet is buried too: its person took it back before the tablet's upload
    arrived. False where the id is another site's. Whoever calls holds its row (`lock`).
    """
    own = sa.delete(SampleRow).where(
        col(SampleRow.id) == id,
        col(SampleRow.site) == site,
    )
    gone = connection.execute(own).rowcount
    if not gone and connection.execute(_LOCK, {"b_id": id}).first():
        return False

    connection.execute(_BURY, {"id": id, "site": site, "erased_at": now})
    purge_wal(connection)

    buried_here = _BURIED.where(col(TombstoneRow.site) == site)
    return connection.execute(buried_here, {"b_id": id}).first() is not None


def issue(
    connection: Connection, codes: Iterable[tuple[str, str]], *, site: str, ends_at: datetime
) -> None:
    """Store (digest, sealed code) pairs as this site's, not yet given to a sample."""
    rows = []
    for digest, sealed in codes:
        row = {
            "digest": digest,
            "sealed": sealed,
            "site": site,
            "ends_at": ends_at,
            "card_languages": [],
        }
        rows.append(row)
    connection.execute(sa.insert(PickupRow), rows)


def any_sealed_code(connection: Connection) -> str | None:
    """Some code as it is sealed, to try the key on; None where none was issued yet."""
    query = sa.select(col(PickupRow.sealed)).limit(1)
    sealed: str | None = connection.execute(query).scalar()
    return sealed


def by_code(connection: Connection, digest: str, now: datetime) -> Pickup | None:
    """What the code of this digest leads to; None where there is none, or it has ended."""
    row = connection.execute(_BY_CODE, {"b_digest": digest, "b_now": now}).first()
    if row is None:
        return None

    sample, site, languages = row
    return Pickup(sample, site, tuple(languages))


def labelled(connection: Connection, label: str) -> Labelled | None:
    """The sample with this laboratory label; its row stays locked until the transaction ends."""
    row = connection.execute(_LABELLED, {"b_label": label}).first()
    if row is None:
        return None

    closed = None
    if row.closed:
        closed = Closing(row.closed)
    return Labelled(row.id, row.site, closed)


def set_closed(connection: Connection, id: UUID, because: Closing | None) -> None:
    """Why no laboratory will answer for this sample; None where one will."""
    connection.execute(_UPDATE, {"b_id": id, "closed": because})


def set_state(connection: Connection, id: UUID, state: State, now: datetime) -> None:
    connection.execute(_UPDATE, {"b_id": id, "state": state, "updated_at": now})
