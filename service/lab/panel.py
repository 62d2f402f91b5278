"""What a method looks for: declared once by a laboratory, so that a list of positives is enough."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from service.foundation.problems import Flaw, Unfit
from service.vocabulary.codes import Method
from service.vocabulary.substances import SUBSTANCES, resolve


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One laboratory's panel of one method, from a day on.

    `looks_for` has each substance's limit of detection in percent by weight, None where it is not
    stated. A later panel of the same laboratory and method takes its place from its own day on.
    """

    id: UUID
    laboratory: str
    method: Method
    valid_from: datetime
    looks_for: Mapping[str, float | None]


class Declaration(NamedTuple):
    """That a panel was declared: whose it is, from when it holds, and when that was said."""

    id: UUID
    laboratory: str
    method: Method
    valid_from: datetime
    declared_at: datetime


def panel_in_force(
    declarations: Iterable[Declaration],
    *,
    laboratory: str,
    method: Method,
    analysed_at: datetime,
    received_at: datetime,
) -> UUID | None:
    """The panel that counts for an assay that names none: the latest that held when it was made.

    One that was declared after the assay came in never counts, from whatever day it holds: an
    answer that was given does not change by it.
    """
    holding = [
        declaration
        for declaration in declarations
        if (declaration.laboratory, declaration.method) == (laboratory, method)
        and declaration.valid_from <= analysed_at
        and declaration.declared_at <= received_at
    ]
    if not holding:
        return None

    return max(holding, key=lambda declaration: declaration.valid_from).id


def looked_for(rows: Sequence[tuple[str, float | None]]) -> dict[str, float | None]:
    """Names with their limits of detection, by the vocabulary's codes.

    Raises Unfit for a name that nobody knows and for a substance that stands twice.
    """
    looks_for: dict[str, float | None] = {}
    flaws: list[Flaw] = []

    for index, (name, lod_percent) in enumerate(rows):
        code = resolve(name)
        pointer = f"/substances/{index}/substance"
        if code not in SUBSTANCES:
            flaws.append(Flaw(pointer, "unknown-substance"))
        elif code in looks_for:
            flaws.append(Flaw(pointer, "twice"))
        else:
            looks_for[code] = lod_percent

    if flaws:
        raise Unfit(*flaws)
    return looks_for
