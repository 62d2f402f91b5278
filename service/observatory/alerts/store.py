"""Keeps up what is counted and proposed, in the transaction that writes a sample or an assay.

The counts are by week and place, so that a look at them costs the same however long the history. A proposal stands
until what it rests on is taken back; if it was published by then, the coordinator is told that its ground is gone.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

import sqlalchemy as sa
from sqlalchemy import Connection

from service.access import store as access
from service.access.site import SYNTHETIC
from service.evidence.finding import Finding, find
from service.evidence.store import NOTICE_HOLDS
from service.foundation.database import insert_new, lock_tables
from service.foundation.problems import Problem
from service.foundation.projections import Projection, Rebuilt
from service.intake import store as intake
from service.lab import store as lab
from service.lab.assay import Statement
from service.observatory.alerts import rules
from service.observatory.alerts.rules import (
    ADVERSE,
    ANSWERED,
    BEFORE_WEEKS,
    CLUSTER_DAYS,
    FEWEST,
    NETWORK,
    NEW_WEEKS,
    RECENT_WEEKS,
    Cause,
    Share,
    Tally,
    Why,
    week_of,
)
from service.observatory.alerts.tables import GroundRow, ProposalRow, TalliedRow, TallyRow
from service.vocabulary.codes import State

OPEN, PUBLISHED, SET_ASIDE, ENDED = "open", "published", "set_aside", "ended"
_IDS = UUID(
    "6f1f0a52-6a0e-5c8b-9a53-3a0d3c1f5e77"
)  # drawn once: the ids of proposals are named under it

_TALLIED: Any = TalliedRow.__table__  # type: ignore[attr-defined]
_TALLIES: Any = TallyRow.__table__  # type: ignore[attr-defined]
_PROPOSALS: Any = ProposalRow.__table__  # type: ignore[attr-defined]
_GROUNDS: Any = GroundRow.__table__  # type: ignore[attr-defined]
_SAMPLES: Any = _TALLIED.metadata.tables["samples"]
_ASSAYS: Any = _TALLIED.metadata.tables["assays"]
_NOTICES: Any = _TALLIED.metadata.tables["notices"]
_ID: Any = sa.bindparam("b_id")

_GLANCE = sa.select(
    _SAMPLES.c.site,
    _SAMPLES.c.reason,
    _SAMPLES.c.unexpected_effects,
    sa.exists().where(_ASSAYS.c.sample == _SAMPLES.c.id).label("assays"),
    sa.exists().where(_GROUNDS.c.sample == _SAMPLES.c.id).label("grounds"),
).where(_SAMPLES.c.id == _ID)
_COUNTED = sa.select(_TALLIED).where(_TALLIED.c.sample == _ID)
_COUNT = _TALLIED.insert()
_UNCOUNT = _TALLIED.delete().where(_TALLIED.c.sample == _ID)
_FIRST = insert_new(_TALLIES, "subject", "site", "week")
_ADD = (
    _TALLIES.update()
    .where(
        _TALLIES.c.subject == sa.bindparam("b_subject"),
        _TALLIES.c.site == sa.bindparam("b_site"),
        _TALLIES.c.week == sa.bindparam("b_week"),
    )
    .values(
        tested=_TALLIES.c.tested + sa.bindparam("b_tested"),
        found=_TALLIES.c.found + sa.bindparam("b_found"),
    )
)

_EMPTIED = _TALLIES.delete().where(
    _TALLIES.c.subject == sa.bindparam("b_subject"),
    _TALLIES.c.site == sa.bindparam("b_site"),
    _TALLIES.c.week == sa.bindparam("b_week"),
    _TALLIES.c.tested == 0,
)


def _sum(column: Any, condition: Any) -> Any:
    return sa.func.coalesce(sa.func.sum(sa.case((condition, column), else_=0)), 0)


_RECENT = _TALLIES.c.week > sa.bindparam("b_recent")
_BEFORE = sa.and_(
    _TALLIES.c.week <= sa.bindparam("b_recent"), _TALLIES.c.week > sa.bindparam("b_before")
)
_LOOK = (
    sa.select(
        _TALLIES.c.subject,
        _TALLIES.c.site,
        _sum(_TALLIES.c.found, _RECENT),
        _sum(_TALLIES.c.tested, _RECENT),
        _sum(_TALLIES.c.found, _BEFORE),
        _sum(_TALLIES.c.tested, _BEFORE),
        _sum(_TALLIES.c.found, _TALLIES.c.week <= sa.bindparam("b_recent")),
    )
    .where(
        _TALLIES.c.subject.in_(sa.bindparam("b_subjects", expanding=True)),
        _TALLIES.c.site.in_(sa.bindparam("b_sites", expanding=True)),
        _TALLIES.c.week > sa.bindparam("b_year"),
        _TALLIES.c.week <= sa.bindparam("b_week"),
    )
    .group_by(_TALLIES.c.subject, _TALLIES.c.site)
)
_SUBJECTS = sa.select(sa.func.count(_TALLIES.c.subject.distinct())).where(
    _TALLIES.c.site == NETWORK,
    _TALLIES.c.week > sa.bindparam("b_recent"),
    _TALLIES.c.week <= sa.bindparam("b_week"),
)
_LIVING = (
    sa.select(_PROPOSALS, NOTICE_HOLDS.label("holds"))
    .outerjoin(_NOTICES, sa.and_(_NOTICES.c.id == _PROPOSALS.c.notice, _NOTICES.c.in_force))
    .where(_PROPOSALS.c.live == sa.bindparam("b_live"))
)
_PROPOSE = insert_new(_PROPOSALS, "live")
_GROUND = insert_new(_GROUNDS, "proposal", "sample")
_RESTING_ON = (
    sa.select(_PROPOSALS)
    .join(_GROUNDS, _GROUNDS.c.proposal == _PROPOSALS.c.id)
    .where(_GROUNDS.c.sample == _ID)
)


# --- When something is written ------------------------------------------------------------------------


def keep(connection: Connection, sample: UUID, now: datetime) -> None:
    """A sample or an assay of it was written: count it as it stands now, and propose what that calls for."""
    seen = connection.execute(_GLANCE, {"b_id": sample}).first()
    if seen is None or seen.site == SYNTHETIC:
        return
    adverse = rules.is_adverse(seen.reason, seen.unexpected_effects)
    if seen.assays:
        finding, beyond_survey, lost = _weigh(connection, sample, seen.site)
    else:
        finding, beyond_survey, lost = Finding(state=State.WAITING), False, set()
    if seen.grounds:

        def stands(cause: Cause) -> bool:
            return rules.still_called_for(
                cause, finding, adverse=adverse, beyond_survey=beyond_survey
            )

        _let_go(connection, sample, now, stands)
    _review_rises(connection, lost, seen.site, now)
    if seen.assays:
        _propose_from(connection, sample, seen.site, finding, now, beyond_survey=beyond_survey)
    if adverse:
        _propose_cluster(connection, seen.site, now)


def forget(connection: Connection, sample: UUID, now: datetime) -> None:
    """A sample is about to be erased: count it no longer, and take back what rests on it."""
    before = connection.execute(_COUNTED, {"b_id": sample}).mappings().first()
    _recount(connection, sample, before, None)
    _let_go(connection, sample, now, lambda cause: False)
    if before:
        _review_rises(connection, _found(before), before["site"], now)


def _weigh(connection: Connection, sample: UUID, site: str) -> tuple[Finding, bool, set[str]]:
    """What is known of it, counted; whether it is beyond the survey; what was found in it and is not any more."""
    held = intake.find(connection, sample)
    statements = lab.of_sample(connection, sample)
    finding = find(held.sample if held else None, statements)
    before = connection.execute(_COUNTED, {"b_id": sample}).mappings().first()
    after = _counted(sample, site, finding, statements)
    _recount(connection, sample, before, after)
    beyond_survey = held is not None and rules.is_beyond_survey(held.sample, finding)
    return (
        finding,
        beyond_survey,
        (_found(before) if before else set()) - (_found(after) if after else set()),
    )


def _counted(
    sample: UUID, site: str, finding: Finding, statements: Iterable[Statement]
) -> dict[str, Any] | None:
    """What a rock counts as, in the week of its first answer; None where no analysis in force says anything."""
    found = {*finding.found, *finding.found_early}
    seen = {**dict.fromkeys(sorted(finding.not_found), False), **dict.fromkeys(sorted(found), True)}
    if not seen:
        return None
    week = week_of(min(one.received_at for one in statements))
    return {"sample": sample, "site": site, "week": week, "seen": {ANSWERED: True, **seen}}


_Count = tuple[str, str, int]
"""A subject, a place and a week."""


def _counts(row: Any) -> Iterator[tuple[_Count, bool]]:
    """What a rock is counted in, and whether it was found there."""
    for name, found in row["seen"].items():
        for place in (NETWORK, row["site"]):
            yield (name, place, row["week"]), found


def _found(row: Any) -> set[str]:
    return {name for name, found in row["seen"].items() if found and name != ANSWERED}


def _recount(connection: Connection, sample: UUID, before: Any, after: Any) -> None:
    if before and after and all(before[name] == after[name] for name in ("week", "site", "seen")):
        return
    changes: dict[_Count, list[int]] = {}
    for row, sign in ((before, -1), (after, 1)):
        for count, found in _counts(row) if row else ():
            change = changes.setdefault(count, [0, 0])
            change[0] += sign
            change[1] += sign * found
    if before:
        connection.execute(_UNCOUNT, {"b_id": sample})
    if after:
        connection.execute(_COUNT, after)
    # In one order, so that two who count at once wait for each other and never for both.
    rows = sorted((key, change) for key, change in changes.items() if any(change))
    if rows:
        connection.execute(
            _FIRST,
            [
                {"subject": s, "site": p, "week": w, "tested": 0, "found": 0}
                for (s, p, w), _ in rows
            ],
        )
        connection.execute(
            _ADD,
            [
                {"b_subject": s, "b_site": p, "b_week": w, "b_tested": tested, "b_found": found}
                for (s, p, w), (tested, found) in rows
            ],
        )
    # A count that comes to nothing leaves no name behind.
    fewer = [
        {"b_subject": s, "b_site": p, "b_week": w} for (s, p, w), (tested, _) in rows if tested < 0
    ]
    if fewer:
        connection.execute(_EMPTIED, fewer)


# --- What is proposed ---------------------------------------------------------------------------------


def _propose_from(
    connection: Connection,
    sample: UUID,
    site: str,
    finding: Finding,
    now: datetime,
    *,
    beyond_survey: bool,
) -> None:
    names = {*finding.found, *finding.found_early}
    week = week_of(now)
    tallies = _look(connection, names, site, week)
    for cause in rules.causes(finding, site, tallies, beyond_survey=beyond_survey):
        _propose(connection, cause, [sample], {}, now)
    # Without regard to how often one looks: few rises pass even that, and the rest costs a look at all counts.
    found = dict(rules.rising(names, site, tallies, 1))
    if found and found.keys() - _living(connection, found):
        for cause, tally in rules.rising(names, site, tallies, _watched(connection, week)):
            _propose(connection, cause, [], _figures(tally.recent, tally.before), now)


def _living(connection: Connection, causes: Collection[Cause]) -> set[Cause]:
    """Which of these have a proposal that waits for a decision already."""
    query = sa.select(_PROPOSALS.c.live).where(
        _PROPOSALS.c.live.in_([str(one) for one in causes]), _PROPOSALS.c.state == OPEN
    )
    live = set(connection.execute(query).scalars())
    return {one for one in causes if str(one) in live}


def _look(
    connection: Connection, names: Collection[str], site: str, week: int
) -> dict[tuple[str, str], Tally]:
    """What was counted of these up to this week, at this site and in the network."""
    recent = week - RECENT_WEEKS
    asked = {
        "b_subjects": [ANSWERED, *sorted(names)],
        "b_sites": sorted({NETWORK, site}),
        "b_week": week,
        "b_recent": recent,
        "b_before": recent - BEFORE_WEEKS,
        "b_year": recent - NEW_WEEKS,
    }
    return {
        (row[0], row[1]): Tally(Share(row[2], row[3]), Share(row[4], row[5]), row[6])
        for row in connection.execute(_LOOK, asked)
    }


def _watched(connection: Connection, week: int) -> int:
    """How much is looked at, at most: each subject seen lately, in the network and at each site; their effects."""
    sites = len(access.sites(connection).keys() - {SYNTHETIC})
    subjects = connection.execute(
        _SUBJECTS, {"b_recent": week - RECENT_WEEKS, "b_week": week}
    ).scalar_one()
    return int(subjects) * (1 + sites) + sites


def _propose_cluster(connection: Connection, site: str, now: datetime) -> None:
    """Whether more people of this site told of bad effects lately than in the months before."""
    since = now - timedelta(days=CLUSTER_DAYS)
    first = since - timedelta(weeks=BEFORE_WEEKS)
    adverse = sa.or_(
        _SAMPLES.c.unexpected_effects.is_(True), _SAMPLES.c.reason.in_(sorted(ADVERSE))
    )
    # Nothing is changed before it is taken in, but for a clock a day ahead: the index leads to what matters.
    told = sa.and_(_SAMPLES.c.site == site, _SAMPLES.c.updated_at > first - timedelta(days=1))
    lately, before = (
        _SAMPLES.c.taken_at > since,
        sa.and_(_SAMPLES.c.taken_at > first, _SAMPLES.c.taken_at <= since),
    )

    def count(*conditions: Any) -> Any:
        return _sum(sa.literal(1), sa.and_(*conditions))

    row = connection.execute(
        sa.select(
            count(lately, adverse), count(lately), count(before, adverse), count(before)
        ).where(told)
    ).one()
    recent, earlier = Share(row[0], row[1]), Share(row[2], row[3])
    if rules.has_risen(recent, earlier, 1) and rules.has_risen(
        recent, earlier, _watched(connection, week_of(now))
    ):
        rocks = (
            connection.execute(sa.select(_SAMPLES.c.id).where(told, lately, adverse))
            .scalars()
            .all()
        )
        _propose(connection, Cause(Why.EFFECTS, None, site), rocks, _figures(recent, earlier), now)


def _figures(recent: Share, before: Share) -> dict[str, Any]:
    return {
        "recent": {"found": recent.found, "tested": recent.tested},
        "before": {"found": before.found, "tested": before.tested},
        "chance": float(f"{rules.chance_of(recent, before):.2g}"),
    }


def _propose(
    connection: Connection,
    cause: Cause,
    samples: Iterable[UUID],
    figures: dict[str, Any],
    now: datetime,
) -> None:
    """Open a proposal of this cause, or add these rocks to the one that lives."""
    rocks, week = list(samples), week_of(now)
    asked = {"b_live": str(cause), "b_now": now}
    living = connection.execute(_LIVING, asked).mappings().first()
    if living and living["state"] == PUBLISHED and not living["holds"]:
        _close(connection, living["id"], ENDED)
        living = None
    if living is None:
        if _answered_for(connection, cause, rocks, week):
            return
        connection.execute(
            _PROPOSE,
            {
                "id": uuid5(_IDS, f"{cause} {now.isoformat()}"),
                "live": str(cause),
                "why": cause.why.value,
                "subject": cause.subject,
                "site": cause.site,
                "state": OPEN,
                "proposed_at": now,
                "week": week,
                "figures": figures,
                "notice": None,
                "gone_at": None,
            },
        )
        living = connection.execute(_LIVING, asked).mappings().one()
    if rocks:
        connection.execute(_GROUND, [{"proposal": living["id"], "sample": rock} for rock in rocks])
    if living["gone_at"] is not None:
        _set(connection, living["id"], gone_at=None)


def _answered_for(connection: Connection, cause: Cause, rocks: Collection[UUID], week: int) -> bool:
    """Whether somebody has decided already about just this: these rocks, or this rise a few weeks ago."""
    earlier = sa.select(_PROPOSALS.c.id).where(
        _PROPOSALS.c.why == cause.why.value,
        _PROPOSALS.c.site == cause.site,
        _PROPOSALS.c.subject == cause.subject if cause.subject else _PROPOSALS.c.subject.is_(None),
        _PROPOSALS.c.live.is_(None),
    )
    if cause.why in (Why.MORE_OFTEN, Why.EFFECTS):
        earlier = earlier.where(_PROPOSALS.c.week > week - RECENT_WEEKS)
    else:
        resting = sa.select(_GROUNDS.c.proposal).where(_GROUNDS.c.sample.in_(rocks))
        earlier = earlier.where(_PROPOSALS.c.id.in_(resting))
    return connection.execute(earlier.limit(1)).first() is not None


# --- What is taken back -------------------------------------------------------------------------------


def _let_go(
    connection: Connection, sample: UUID, now: datetime, stands: Callable[[Cause], bool]
) -> None:
    """Take this rock from under the proposals that it no longer bears."""
    for row in connection.execute(_RESTING_ON, {"b_id": sample}).mappings().all():
        if stands(_cause(row)):
            continue
        connection.execute(
            _GROUNDS.delete().where(_GROUNDS.c.proposal == row["id"], _GROUNDS.c.sample == sample)
        )
        left = connection.execute(
            sa.select(sa.func.count()).where(_GROUNDS.c.proposal == row["id"])
        ).scalar_one()
        if left < (FEWEST if row["why"] == Why.EFFECTS else 1):
            _lose(connection, row, now)


def _review_rises(connection: Connection, names: Collection[str], site: str, now: datetime) -> None:
    """Whether what was found more often still was, as the counts of that week are now."""
    if not names:
        return
    query = sa.select(_PROPOSALS).where(
        _PROPOSALS.c.why == Why.MORE_OFTEN.value,
        _PROPOSALS.c.live.is_not(None),
        _PROPOSALS.c.subject.in_(names),
        _PROPOSALS.c.site.in_([NETWORK, site]),
    )
    rows = connection.execute(query).mappings().all()
    watched = {week: _watched(connection, week) for week in {row["week"] for row in rows}}
    for row in rows:
        tally = _look(connection, [row["subject"]], row["site"], row["week"]).get(
            (row["subject"], row["site"]), Tally()
        )
        if rules.has_risen(tally.recent, tally.before, watched[row["week"]]):
            _set(connection, row["id"], figures=_figures(tally.recent, tally.before))
        else:
            _lose(connection, row, now)


def _lose(connection: Connection, row: Any, now: datetime) -> None:
    """Its ground is gone: what nobody published goes with it, what was published is marked."""
    if row["state"] in (OPEN, SET_ASIDE):
        connection.execute(_PROPOSALS.delete().where(_PROPOSALS.c.id == row["id"]))
    elif row["state"] == PUBLISHED and row["gone_at"] is None:
        _set(connection, row["id"], gone_at=now)


def _set(connection: Connection, id: UUID, **values: Any) -> None:
    connection.execute(_PROPOSALS.update().where(_PROPOSALS.c.id == id).values(**values))


def _close(connection: Connection, id: UUID, state: str) -> None:
    _set(connection, id, live=None, state=state)


def _cause(row: Any) -> Cause:
    return Cause(Why(row["why"]), row["subject"], row["site"])


# --- What a coordinator reads and decides -------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposal with what it rests on. `first_on` and `last_on`: days (UTC) on which its rocks were taken in."""

    id: UUID
    cause: Cause
    state: str
    proposed_at: datetime
    figures: dict[str, Any]
    labels: tuple[str, ...]
    amounts_mg: tuple[float, ...]
    first_on: date | None
    last_on: date | None


def proposals(connection: Connection, *, of: UUID | None = None) -> list[Proposal]:
    """What waits for a decision, the last first; or one of any state."""
    query = sa.select(_PROPOSALS).order_by(_PROPOSALS.c.proposed_at.desc(), _PROPOSALS.c.id)
    query = (
        query.where(_PROPOSALS.c.state == OPEN)
        if of is None
        else query.where(_PROPOSALS.c.id == of)
    )
    rows = connection.execute(query).mappings().all()
    rocks = _rocks(connection, [row["id"] for row in rows])
    return [_proposal(connection, row, rocks.get(row["id"], [])) for row in rows]


def waiting(connection: Connection, id: UUID) -> Cause:
    """What a proposal that waits is of. Raises Problem where there is none, or it was decided."""
    row = connection.execute(sa.select(_PROPOSALS).where(_PROPOSALS.c.id == id)).mappings().first()
    if row is None:
        raise Problem("not-found")
    if row["state"] != OPEN:
        raise Problem("conflict", **({"held": {"id": row["notice"]}} if row["notice"] else {}))
    return _cause(row)


def grounds_gone(connection: Connection) -> dict[UUID, datetime]:
    """The notices whose every ground was taken back, and when."""
    query = sa.select(_PROPOSALS.c.notice, _PROPOSALS.c.gone_at).where(
        _PROPOSALS.c.state == PUBLISHED, _PROPOSALS.c.gone_at.is_not(None)
    )
    return {row.notice: row.gone_at for row in connection.execute(query)}


def published(connection: Connection, id: UUID, notice: UUID) -> None:
    """A proposal became this notice."""
    _set(connection, id, state=PUBLISHED, notice=notice)


def set_aside(connection: Connection, id: UUID) -> bool:
    """A coordinator has seen it and publishes nothing. False where it does not wait for that."""
    waits = _PROPOSALS.update().where(_PROPOSALS.c.id == id, _PROPOSALS.c.state == OPEN)
    return bool(connection.execute(waits.values(state=SET_ASIDE, live=None)).rowcount)


def ended(connection: Connection, notice: UUID) -> None:
    """A notice was withdrawn: what it rested on may be proposed again when it comes again."""
    connection.execute(
        _PROPOSALS.update().where(_PROPOSALS.c.notice == notice).values(state=ENDED, live=None)
    )


def _rocks(connection: Connection, proposals: Collection[UUID]) -> dict[UUID, list[Any]]:
    """The rocks that each of these rests on, as they were taken in."""
    found: dict[UUID, list[Any]] = {}
    query = (
        sa.select(_GROUNDS.c.proposal, _SAMPLES.c.id, _SAMPLES.c.lab_label, _SAMPLES.c.taken_at)
        .join(_SAMPLES, _SAMPLES.c.id == _GROUNDS.c.sample)
        .where(_GROUNDS.c.proposal.in_(proposals))
        .order_by(_SAMPLES.c.taken_at, _SAMPLES.c.lab_label)
    )
    for rock in connection.execute(query):
        found.setdefault(rock.proposal, []).append(rock)
    return found


def _proposal(connection: Connection, row: Any, rocks: Sequence[Any]) -> Proposal:
    days = [rock.taken_at.date() for rock in rocks]
    return Proposal(
        id=row["id"],
        cause=_cause(row),
        state=row["state"],
        proposed_at=row["proposed_at"],
        figures=row["figures"],
        labels=tuple(rock.lab_label for rock in rocks),
        amounts_mg=_amounts(connection, [rock.id for rock in rocks])
        if row["why"] == Why.BEYOND_SURVEY
        else (),
        first_on=min(days, default=None),
        last_on=max(days, default=None),
    )


def _amounts(connection: Connection, rocks: Iterable[UUID]) -> tuple[float, ...]:
    found = []
    for id in rocks:
        held = intake.find(connection, id)
        amount = find(held.sample, lab.of_sample(connection, id)).amount if held else None
        if amount is not None:
            found.append(amount.middle_mg)
    return tuple(found)


# --- Counting anew ------------------------------------------------------------------------------------


def fill(connection: Connection, now: datetime) -> None:
    """Count what is held, where nothing was counted yet; of several who start at once, one does.

    Nothing is proposed of the past.
    """
    _alone(connection)
    if connection.execute(sa.select(_TALLIED.c.sample).limit(1)).first() is None:
        rebuild(connection, now)


def rebuild(connection: Connection, now: datetime) -> Rebuilt:
    """Count every answered rock anew; what was counted wrongly before is not known."""
    _alone(connection)
    connection.execute(_TALLIED.delete())
    connection.execute(_TALLIES.delete())
    rows = []
    for id, site in intake.standing(connection, *intake.ANSWERED, State.IN_ANALYSIS):
        statements = lab.of_sample(connection, id) if site != SYNTHETIC else []
        if row := _counted(id, site, find(None, statements), statements):
            rows.append(row)
    tested = Counter(count for row in rows for count, _ in _counts(row))
    found = Counter(count for row in rows for count, was_found in _counts(row) if was_found)
    if rows:
        connection.execute(_COUNT, rows)
        connection.execute(
            _TALLIES.insert(),
            [
                {
                    "subject": count[0],
                    "site": count[1],
                    "week": count[2],
                    "tested": n,
                    "found": found[count],
                }
                for count, n in tested.items()
            ],
        )
    return Rebuilt(len(rows), 0)


PROJECTION = Projection("tallied", keep, forget, fill, rebuild)


def _alone(connection: Connection) -> None:
    lock_tables(connection, "tallied", "tallies")
