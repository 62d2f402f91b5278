"""Gathers what a finding is made from: a bounded number of queries, however long the history."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlmodel import col

from service.access import store as access
from service.access.site import SYNTHETIC
from service.evidence import dose
from service.evidence.calibration import Measured, month_of
from service.evidence.dose import HALF_LIVES_KEPT, PUBLISHED, Market, step_of
from service.evidence.finding import Finding, find, is_measured, taught
from service.evidence.tables import MeasuredCountRow, MeasuredRow, NoticeRow
from service.foundation.database import insert_new, lock_tables
from service.foundation.problems import Problem
from service.foundation.projections import Projection, Rebuilt
from service.foundation.settings import Settings
from service.intake import store as intake
from service.intake.sample import Sample
from service.intake.store import Held
from service.lab import store as lab
from service.lab.assay import Statement
from service.vocabulary.codes import Size, Weighed
from service.vocabulary.substances import Family, codes_in, is_alarming

# What another rock's answer changes here: opioids are announced, stimulants and residues silence a reassurance.
WATCHED = codes_in(Family.OPIOID, Family.VERY_STRONG_OPIOID, Family.STIMULANT, Family.RESIDUE)
NO_SAMPLE = UUID(int=0)
PUBLISHED_NOTICE, WITHDRAWN_NOTICE = "published", "withdrawn"
REPLAYED = 20_000

_COUNTS = sa.select(
    col(MeasuredCountRow.month), col(MeasuredCountRow.step), col(MeasuredCountRow.rocks)
).where(col(MeasuredCountRow.month) > sa.bindparam("b_first"))
_FIRST = insert_new(MeasuredCountRow, "month", "step")
_RECOUNT = (
    sa.update(MeasuredCountRow)
    .where(
        col(MeasuredCountRow.month) == sa.bindparam("b_month"),
        col(MeasuredCountRow.step) == sa.bindparam("b_step"),
    )
    .values(rocks=col(MeasuredCountRow.rocks) + sa.bindparam("b_rocks"))
)
_EMPTIED = sa.delete(MeasuredCountRow).where(
    col(MeasuredCountRow.month) == sa.bindparam("b_month"), col(MeasuredCountRow.rocks) == 0
)
_OF_SAMPLE = sa.select(MeasuredRow).where(col(MeasuredRow.sample) == sa.bindparam("b_sample"))
_ADD = sa.insert(MeasuredRow)
_FORGET = sa.delete(MeasuredRow).where(col(MeasuredRow.sample) == sa.bindparam("b_sample"))
_LAST = sa.select(MeasuredRow).order_by(col(MeasuredRow.taken_at).desc(), col(MeasuredRow.sample))
NOTICE_HOLDS: Any = sa.and_(
    col(NoticeRow.in_force),
    col(NoticeRow.state) == PUBLISHED_NOTICE,
    col(NoticeRow.until) > sa.bindparam("b_now"),
)
"""The last version of a notice, neither withdrawn nor ended by now (`b_now`)."""
_WARNED_OF = sa.select(col(NoticeRow.substance)).where(
    NOTICE_HOLDS,
    sa.or_(col(NoticeRow.site).is_(None), col(NoticeRow.site) == sa.bindparam("b_site")),
)


@dataclass(frozen=True, slots=True)
class Known:
    """A finding, the languages its card is in, and the sealed code that leads to it."""

    finding: Finding
    card_languages: tuple[str, ...]
    sealed_code: str


def of_site(
    connection: Connection, id: UUID, site: str, now: datetime, settings: Settings
) -> Known:
    """What is known of this site's sample. Raises Problem where the site holds no such sample."""
    held = intake.find(connection, id)
    if held is None or held.site != site:
        raise Problem("not-found")
    return _known(connection, held, now, settings)


def by_code(connection: Connection, digest: str, now: datetime, settings: Settings) -> Known | None:
    """What a pickup code leads to; None where it leads nowhere.

    A code whose sample is still on a tablet leads to a finding that waits.
    """
    code = intake.by_code(connection, digest, now)
    if code is None:
        return None
    if code.sample is None:
        offers = access.offers(connection, code.site)
        near = recent(connection, code.site, now, settings)
        return Known(find(None, (), recent=near, offers=offers), (), "")
    held = intake.find(connection, code.sample)
    return _known(connection, held, now, settings) if held else None


def recent(connection: Connection, site: str, now: datetime, settings: Settings) -> frozenset[str]:
    """What was found lately, or a notice names, that changes what is said of a rock nobody has analysed."""
    found = lab.recent(connection, WATCHED, but=NO_SAMPLE, since=_since(now, settings))
    return found | warned_of(connection, site, now)


@dataclass(frozen=True, slots=True)
class Changed:
    """A sample whose answer was replaced since its person was last told."""

    held: Held
    changed_at: datetime
    grave: bool
    """A warning came or went with the change."""


def changed(connection: Connection, site: str) -> list[Changed]:
    """Whom this site has to reach again, the grave ones first, then the oldest."""
    found = []
    for sample, changed_at in lab.changed_answers(connection, site):
        held = intake.find(connection, sample)
        if held:
            statements = lab.of_sample(connection, sample)
            known = find(held.sample, statements)
            before = {
                one.substance
                for s in statements
                if not s.in_force
                for one in s.assay.results
                if one.found
            }
            came = [
                name
                for name in (*known.found, *known.found_early)
                if is_alarming(name) and name not in before
            ]
            found.append(Changed(held, changed_at, bool(known.warned or came)))
    return sorted(found, key=lambda one: (not one.grave, one.changed_at))


def _known(connection: Connection, held: Held, now: datetime, settings: Settings) -> Known:
    found = lab.recent(connection, WATCHED, but=held.sample.id, since=_since(now, settings))
    statements = lab.of_sample(connection, held.sample.id)
    # Of what this very rock holds, a notice may rest on this rock alone: that is no other rock.
    own = {one.substance for s in statements if s.in_force for one in s.assay.results if one.found}
    finding = find(
        held.sample,
        statements,
        market=PUBLISHED if is_measured(statements) else market(connection, now, settings),
        recent=found | (warned_of(connection, held.site, now) - own),
        recent_here=lab.found_at(
            connection, found, held.site, but=held.sample.id, since=_since(now, settings)
        ),
        offers=access.offers(connection, held.site),
    )
    languages = tuple(language.value for language in held.sample.card_languages)
    return Known(finding, languages, held.sealed_code)


def warned_of(connection: Connection, site: str, now: datetime) -> frozenset[str]:
    """What the notices in force for this site name, of what changes other rocks' answers."""
    return WATCHED.intersection(
        connection.execute(_WARNED_OF, {"b_now": now, "b_site": site}).scalars()
    )


def _since(now: datetime, settings: Settings) -> datetime:
    return now - timedelta(days=settings.recent_days)


# --- What is learnt from measured rocks ---------------------------------------------------------------


def market(connection: Connection, now: datetime, settings: Settings) -> Market:
    """What content rocks have now: at most eight half-lives of counts, however long the history."""
    month = month_of(now)
    first = month - int(HALF_LIVES_KEPT * settings.half_life_months)
    counts = connection.execute(_COUNTS, {"b_first": first}).all()
    return dose.market(counts, month, settings.half_life_months)


def keep(connection: Connection, sample: UUID, now: datetime) -> None:
    """Count a sample by its answer in force, and no longer by the one before, in the same transaction."""
    statements = lab.of_sample(connection, sample)
    if not statements:
        return  # as every sample is at first
    before = connection.execute(_OF_SAMPLE, {"b_sample": sample}).mappings().first()
    held = intake.find(connection, sample)
    after = _measured(held.sample, statements) if held and held.site != SYNTHETIC else None
    if before == after:
        return
    if before:
        _forget(connection, before)
    if after:
        connection.execute(_ADD, after)
        _count(connection, _place(after), 1)


def forget(connection: Connection, sample: UUID, now: datetime) -> None:
    """Count a sample no longer: it is about to be erased."""
    before = connection.execute(_OF_SAMPLE, {"b_sample": sample}).mappings().first()
    if before:
        _forget(connection, before)


def _forget(connection: Connection, row: Any) -> None:
    if connection.execute(_FORGET, {"b_sample": row["sample"]}).rowcount:
        _count(connection, _place(row), -1)


def _measured(sample: Sample, statements: Sequence[Statement]) -> dict[str, Any] | None:
    """The row of a rock that teaches what rocks hold; None for any other sample."""
    finding = find(sample, statements)
    percent = taught(finding, sample, statements)
    if percent is None or finding.answered_at is None:
        return None
    return {
        "sample": sample.id,
        "taken_at": sample.taken_at.astimezone(UTC),
        "answered_at": finding.answered_at,
        "percent": percent,
        "whole_mg": finding.weight_mg,
        "field_mg": sample.weight_mg
        if finding.weight_mg and sample.weighed is Weighed.WHOLE_ROCK
        else None,
        "size": sample.size.value if sample.size else None,
    }


def _place(row: Any) -> tuple[int, int]:
    return month_of(row["taken_at"]), step_of(row["percent"] / 100)


def _count(connection: Connection, place: tuple[int, int], rocks: int) -> None:
    month, step = place
    connection.execute(_FIRST, {"month": month, "step": step, "rocks": 0})
    connection.execute(_RECOUNT, {"b_month": month, "b_step": step, "b_rocks": rocks})
    if rocks < 0:
        connection.execute(_EMPTIED, {"b_month": month})


def past(connection: Connection, limit: int) -> list[Measured]:
    """The rocks measured last, to replay: at most `limit`."""
    return [
        Measured(
            taken_at=row.taken_at,
            answered_at=row.answered_at,
            content=row.percent / 100,
            whole_mg=row.whole_mg,
            field_mg=row.field_mg,
            size=Size(row.size) if row.size else None,
        )
        for row in connection.execute(_LAST.limit(limit))
    ]


def fill(connection: Connection, now: datetime) -> None:
    """Learn what is held, where nothing was learnt yet; of several who start at once, one does."""
    _alone(connection)
    if connection.execute(_LAST.limit(1)).first() is None:
        rebuild(connection, now)


def rebuild(connection: Connection, now: datetime) -> Rebuilt:
    """Learn everything anew from samples and assays: how many rocks, and how much of what was kept was wrong."""
    _alone(connection)
    counted = Counter(
        {(row[0], row[1]): row[2] for row in connection.execute(_COUNTS, {"b_first": 0})}
    )
    kept_up = {
        row["sample"]: dict(row) for row in connection.execute(sa.select(MeasuredRow)).mappings()
    }
    rows = []
    for id, site in intake.standing(connection, *intake.ANSWERED):
        held = intake.find(connection, id) if site != SYNTHETIC else None
        if held and (row := _measured(held.sample, lab.of_sample(connection, id))):
            rows.append(row)
    counts = Counter(map(_place, rows))
    anew = {row["sample"]: row for row in rows}
    wrong = sum(counts[place] != counted[place] for place in {*counts, *counted})
    wrong += sum(anew.get(id) != kept_up.get(id) for id in {*anew, *kept_up})
    connection.execute(sa.delete(MeasuredRow))
    connection.execute(sa.delete(MeasuredCountRow))
    if rows:
        connection.execute(_ADD, rows)
        connection.execute(
            sa.insert(MeasuredCountRow),
            [{"month": m, "step": s, "rocks": rocks} for (m, s), rocks in counts.items()],
        )
    return Rebuilt(len(rows), wrong)


PROJECTION = Projection("measured", keep, forget, fill, rebuild)


def _alone(connection: Connection) -> None:
    lock_tables(connection, "measured", "measured_counts")
