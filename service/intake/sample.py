"""What was handed in: one sample and the circumstances of its purchase, as the person told them.

Whatever breaks a rule is refused with the field named, when it comes in (`checked`). A sample never
holds who brought it, who sold it or where exactly.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime, timedelta
from itertools import chain
from typing import Any, Self
from uuid import UUID

from service.foundation.problems import Flaw, Unfit, out_of
from service.intake.note import gives_away
from service.vocabulary.codes import (
    LISTS,
    AgeBand,
    AlsoUses,
    BlamedEffect,
    Colour,
    Effect,
    Form,
    Gender,
    NoPrice,
    PlaceType,
    Quality,
    Reason,
    Route,
    SellerType,
    Size,
    Smell,
    SoldAs,
    Weighed,
)
from service.vocabulary.languages import Language
from service.vocabulary.substances import SUBSTANCES

MAX_REVISION = 1_000_000
MAX_WEIGHT_MG = 10_000  # 10 g: nothing handed in as a rock weighs more
MAX_PRICE_EUR = 10_000
MAX_NOTE = 200
MAX_SOLD_AS = 40
MAX_CODES = 30
MAX_CARD_LANGUAGES = 2
# INSEE: a region or department (2 or 3 characters), or a commune or arrondissement (5).
AREA = r"^(?:\d{2}|2[AB])(?:\d|\d{3})?$"
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    price_eur: float | None = None
    no_price_because: NoPrice | None = None
    bought_on: date | None = None
    place_type: PlaceType | None = None
    area: str | None = None
    seller_type: SellerType | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Beliefs:
    """What the person thought before any result. None: was not asked; an empty list: nothing."""

    guess_percent: float | None = None
    quality: Quality | None = None
    believed_cuts: tuple[str, ...] | None = None
    effects_blamed_on_cuts: tuple[BlamedEffect, ...] | None = None
    basing_cleans: bool | None = None
    ammonia_left: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    route: Route | None = None
    effects_sought: tuple[Effect, ...] | None = None
    effects_felt: tuple[Effect, ...] | None = None
    unexpected_effects: bool | None = None
    also_uses: tuple[AlsoUses, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Coarse, and only if they wish."""

    age_band: AgeBand | None = None
    gender: Gender | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One rock. Weights in mg, money in EUR.

    `pickup` is the digest of the person's code, never the code.
    """

    id: UUID
    revision: int
    taken_at: datetime
    pickup: str
    card_languages: tuple[Language, ...] = ()
    reason: Reason | None = None
    sold_as: SoldAs | None = None
    sold_as_name: str | None = None
    form: Form | None = None
    colour: Colour | None = None
    smell: Smell | None = None
    weight_mg: float | None = None
    weighed: Weighed | None = None
    size: Size | None = None
    already_used: bool | None = None
    note_to_lab: str | None = None
    transaction: Transaction = field(default_factory=Transaction)
    beliefs: Beliefs = field(default_factory=Beliefs)
    use: Use = field(default_factory=Use)
    person: Person = field(default_factory=Person)

    def checked(self, now: datetime) -> Self:
        """This sample. Raises Unfit where it breaks a rule; what is stored is not asked again."""
        flaws = tuple(_flaws(self, now))
        if flaws:
            raise Unfit(*flaws)
        return self


def _flaws(sample: Sample, now: datetime) -> Iterator[Flaw]:
    yield from out_of("/revision", sample.revision, 1, MAX_REVISION)
    if sample.taken_at < EARLIEST:
        yield Flaw("/taken_at", "too-long-ago")
    if sample.taken_at > now + A_DAY:
        yield Flaw("/taken_at", "in-the-future")

    yield from out_of("/weight_mg", sample.weight_mg, 0, MAX_WEIGHT_MG, above=True)
    if len(sample.card_languages) > MAX_CARD_LANGUAGES:
        yield Flaw("/card_languages", "too-long", {"limit": MAX_CARD_LANGUAGES})
    if sample.sold_as_name is not None:
        if sample.sold_as is not SoldAs.OTHER:
            yield Flaw("/sold_as_name", "name-of-nothing-else")
        if len(sample.sold_as_name) > MAX_SOLD_AS:
            yield Flaw("/sold_as_name", "too-long", {"limit": MAX_SOLD_AS})
        if gives_away(sample.sold_as_name):
            yield Flaw("/sold_as_name", "personal-data")
    if sample.note_to_lab is not None:
        yield from _flaws_of_note(sample.note_to_lab)

    taken_at = min(sample.taken_at, now + A_DAY)
    yield from _flaws_of_transaction(sample.transaction, taken_at)
    yield from _flaws_of_beliefs(sample.beliefs)


def _flaws_of_note(note: str) -> Iterator[Flaw]:
    if len(note) > MAX_NOTE:
        yield Flaw("/note_to_lab", "too-long", {"limit": MAX_NOTE})
    if gives_away(note):
        yield Flaw("/note_to_lab", "personal-data")


def _flaws_of_beliefs(beliefs: Beliefs) -> Iterator[Flaw]:
    yield from out_of("/beliefs/guess_percent", beliefs.guess_percent, 0, 100)
    for place, code in enumerate(beliefs.believed_cuts or ()):
        if code not in SUBSTANCES:
            yield Flaw(f"/beliefs/believed_cuts/{place}", "unknown-substance")


def _flaws_of_transaction(transaction: Transaction, taken_at: datetime) -> Iterator[Flaw]:
    yield from out_of("/transaction/price_eur", transaction.price_eur, 0, MAX_PRICE_EUR)
    if transaction.price_eur is not None and transaction.no_price_because is not None:
        yield Flaw("/transaction/no_price_because", "price-and-no-price")
    if transaction.bought_on is not None:
        if transaction.bought_on > taken_at.date() + A_DAY:
            yield Flaw("/transaction/bought_on", "after-taken")
        if transaction.bought_on < EARLIEST.date():
            yield Flaw("/transaction/bought_on", "too-long-ago")
    if transaction.area is not None and not re.fullmatch(AREA, transaction.area):
        yield Flaw("/transaction/area", "wrong-pattern")


# The groups of a sample, and every recorded fact by its name, which is unique across groups.
GROUPS: dict[str, type[Any]] = {
    "transaction": Transaction,
    "beliefs": Beliefs,
    "use": Use,
    "person": Person,
}
OWN_FACTS = tuple(
    f.name for f in fields(Sample) if f.name not in (*GROUPS, "id", "pickup", "card_languages")
)
GROUP_FACTS = {group: tuple(f.name for f in fields(kind)) for group, kind in GROUPS.items()}
FACTS = (*OWN_FACTS, *chain.from_iterable(GROUP_FACTS.values()))
"""The one list of what is recorded of a rock: table, codebook, kit and tests go by it."""
CODED_FACTS = tuple(name for name in FACTS if name in LISTS)
"""Those that are answered with a code of a list of their own name."""


def facts(sample: Sample) -> dict[str, Any]:
    """What the sample's row holds: every fact by its name, without id, code and card languages."""
    row = {name: getattr(sample, name) for name in OWN_FACTS}
    for group, names in GROUP_FACTS.items():
        part = getattr(sample, group)
        row.update((name, getattr(part, name)) for name in names)
    return row
