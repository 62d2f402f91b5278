"""A sample as it is held, and what becomes of one that is sent."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from service.intake.merge import MergeOutcome
from service.intake.sample import GROUP_FACTS, GROUPS, OWN_FACTS, Sample
from service.vocabulary.codes import LISTS, Closing, State
from service.vocabulary.languages import LOCALES, Language


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


class InTheField(NamedTuple):
    """What was seen of a sample in the field, by the tablet's clock and scale, in mg."""

    taken_at: datetime
    whole_rock_mg: float | None


@dataclass(frozen=True, slots=True)
class Labelled:
    """What a laboratory label leads to: the sample, its site, and why it will get no answer."""

    sample: UUID
    site: str
    closed: Closing | None


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a sample that was sent, and what is held (None after a withdrawal)."""

    outcome: MergeOutcome
    held: Held | None


@dataclass(frozen=True, slots=True)
class Pickup:
    """What a pickup code leads to; `sample` is None until the tablet has sent it."""

    sample: UUID | None
    site: str
    card_languages: tuple[str, ...]


class Row(Protocol):
    """A row of the database, by its columns' names."""

    def __getitem__(self, name: str, /) -> Any: ...


def held_of(row: Row) -> Held:
    """A row of samples, joined with its code's digest, sealed code and card languages."""
    return Held(
        sample=_sample_of(row),
        site=row["site"],
        lab_label=row["lab_label"],
        state=State(row["state"]),
        received_at=row["received_at"],
        updated_at=row["updated_at"],
        sealed_code=row["sealed"],
        closed=Closing(row["closed"]) if row["closed"] else None,
    )


def _sample_of(row: Row) -> Sample:
    groups = {name: _group_of(name, row) for name in GROUPS}
    languages: list[str] = row["card_languages"]
    # A language that is no longer spoken is passed over: the card falls back to French.
    spoken = tuple(Language(code) for code in languages if code in LOCALES)

    return Sample(
        id=row["id"],
        pickup=row["digest"],
        card_languages=spoken,
        **_facts_of(OWN_FACTS, row),
        **groups,
    )


def _group_of(group: str, row: Row) -> Any:
    return GROUPS[group](**_facts_of(GROUP_FACTS[group], row))


def _facts_of(names: tuple[str, ...], row: Row) -> dict[str, Any]:
    return {name: _fact(name, row[name]) for name in names}


def _fact(name: str, value: object) -> object:
    """A column's value as the core holds it: codes as their list's members, lists as tuples."""
    codes = LISTS.get(name)

    if isinstance(value, list):
        members: list[str] = value
        return tuple(codes(member) if codes else member for member in members)
    if codes is not None and isinstance(value, str):
        return codes(value)
    return value
