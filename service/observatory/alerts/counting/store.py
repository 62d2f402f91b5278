"""Queries of counted rocks, and of counts by week and site."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Connection
from sqlmodel import col

from service.foundation.database import insert_new
from service.observatory.alerts.counting.counts import Change, Count, CountedRock
from service.observatory.alerts.rules import NETWORK, FoundOfTested, Tallies, Tally
from service.observatory.alerts.tables import TalliedRow, TallyRow

_ID: sa.BindParameter[UUID] = sa.bindparam("b_id")
_COUNTED = sa.select(
    col(TalliedRow.sample), col(TalliedRow.site), col(TalliedRow.week), col(TalliedRow.seen)
).where(col(TalliedRow.sample) == _ID)
_ADD_COUNTED = sa.insert(TalliedRow)
_REMOVE_COUNTED = sa.delete(TalliedRow).where(col(TalliedRow.sample) == _ID)


def counted(connection: Connection, sample: UUID) -> CountedRock | None:
    """What this sample counts as."""
    row = connection.execute(_COUNTED, {"b_id": sample}).first()
    return CountedRock(*row) if row else None


def any_counted(connection: Connection) -> bool:
    """Whether any rock is counted."""
    return connection.execute(sa.select(col(TalliedRow.sample)).limit(1)).first() is not None


def add_counted(connection: Connection, rocks: Sequence[CountedRock]) -> None:
    rows = [
        {"sample": rock.sample, "site": rock.site, "week": rock.week, "seen": rock.seen}
        for rock in rocks
    ]
    connection.execute(_ADD_COUNTED, rows)


def remove_counted(connection: Connection, sample: UUID) -> None:
    connection.execute(_REMOVE_COUNTED, {"b_id": sample})


def remove_all_counts(connection: Connection) -> None:
    connection.execute(sa.delete(TalliedRow))
    connection.execute(sa.delete(TallyRow))


# --- Counts by week and site ---------------------------------------------------------------------

_THIS_COUNT = sa.and_(
    col(TallyRow.subject) == sa.bindparam("b_subject"),
    col(TallyRow.site) == sa.bindparam("b_site"),
    col(TallyRow.week) == sa.bindparam("b_week"),
)
_ADD_COUNT = sa.insert(TallyRow)
_ADD_COUNT_IF_NEW = insert_new(TallyRow, "subject", "site", "week")
_CHANGE_COUNT = (
    sa.update(TallyRow)
    .where(_THIS_COUNT)
    .values(
        tested=col(TallyRow.tested) + sa.bindparam("b_tested"),
        found=col(TallyRow.found) + sa.bindparam("b_found"),
    )
)
_REMOVE_EMPTY_COUNT = sa.delete(TallyRow).where(_THIS_COUNT, col(TallyRow.tested) == 0)


def _sum(column: sa.SQLColumnExpression[int], condition: ColumnElement[bool]) -> ColumnElement[int]:
    return sa.func.coalesce(sa.func.sum(sa.case((condition, column), else_=0)), 0)


_IS_RECENT = col(TallyRow.week) > sa.bindparam("b_recent")
_IS_BEFORE = sa.and_(
    col(TallyRow.week) <= sa.bindparam("b_recent"), col(TallyRow.week) > sa.bindparam("b_before")
)
_TALLIES = (
    sa.select(
        col(TallyRow.subject),
        col(TallyRow.site),
        _sum(col(TallyRow.found), _IS_RECENT).label("recent_found"),
        _sum(col(TallyRow.tested), _IS_RECENT).label("recent_tested"),
        _sum(col(TallyRow.found), _IS_BEFORE).label("before_found"),
        _sum(col(TallyRow.tested), _IS_BEFORE).label("before_tested"),
        _sum(col(TallyRow.found), col(TallyRow.week) <= sa.bindparam("b_recent")).label(
            "year_found"
        ),
    )
    .where(
        col(TallyRow.subject).in_(sa.bindparam("b_subjects", expanding=True)),
        col(TallyRow.site).in_(sa.bindparam("b_sites", expanding=True)),
        col(TallyRow.week) > sa.bindparam("b_year"),
        col(TallyRow.week) <= sa.bindparam("b_week"),
    )
    .group_by(col(TallyRow.subject), col(TallyRow.site))
)
_SUBJECTS = sa.select(sa.func.count(col(TallyRow.subject).distinct())).where(
    col(TallyRow.site) == NETWORK,
    col(TallyRow.week) > sa.bindparam("b_recent"),
    col(TallyRow.week) <= sa.bindparam("b_week"),
)


@dataclass(frozen=True, slots=True)
class Windows:
    """The weeks to compare: the recent ones up to `week`, the months and the year before them.

    Each of the others is the week after which its window begins.
    """

    week: int
    recent: int
    before: int
    year: int


def tallies(
    connection: Connection, subjects: Sequence[str], sites: Sequence[str], windows: Windows
) -> Tallies:
    """What was counted of these subjects at these sites, by subject and site."""
    values = {
        "b_subjects": subjects,
        "b_sites": sites,
        "b_week": windows.week,
        "b_recent": windows.recent,
        "b_before": windows.before,
        "b_year": windows.year,
    }

    found: Tallies = {}
    for row in connection.execute(_TALLIES, values):
        recent, before = FoundOfTested(row[2], row[3]), FoundOfTested(row[4], row[5])
        found[row[0], row[1]] = Tally(recent, before, row[6])
    return found


def number_of_subjects(connection: Connection, *, after: int, until: int) -> int:
    """How many subjects the network tested for, after one week and until another."""
    values = {"b_recent": after, "b_week": until}
    return connection.execute(_SUBJECTS, values).scalar_one()


def add_tallies(
    connection: Connection, tested: Mapping[Count, int], found: Mapping[Count, int]
) -> None:
    """Write counts into an empty table."""
    rows = [
        {
            "subject": count.subject,
            "site": count.site,
            "week": count.week,
            "tested": number,
            "found": found.get(count, 0),
        }
        for count, number in tested.items()
    ]
    connection.execute(_ADD_COUNT, rows)


def begin_counts(connection: Connection, counts: Iterable[Count]) -> None:
    """Make these counts begin at zero where they are new."""
    rows = [
        {
            "subject": count.subject,
            "site": count.site,
            "week": count.week,
            "tested": 0,
            "found": 0,
        }
        for count in counts
    ]
    connection.execute(_ADD_COUNT_IF_NEW, rows)


def change_counts(connection: Connection, changes: Iterable[Change]) -> None:
    rows = [
        {**_values(change.count), "b_tested": change.tested, "b_found": change.found}
        for change in changes
    ]
    connection.execute(_CHANGE_COUNT, rows)


def remove_empty_counts(connection: Connection, counts: Iterable[Count]) -> None:
    """Remove those of these counts that have come to nothing."""
    connection.execute(_REMOVE_EMPTY_COUNT, [_values(count) for count in counts])


def _values(count: Count) -> dict[str, str | int]:
    return {"b_subject": count.subject, "b_site": count.site, "b_week": count.week}
