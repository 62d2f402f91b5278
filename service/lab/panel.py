"""What a method looks for: declared once by a laboratory, so that a list of positives is enough."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from service.vocabulary.codes import Method


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
