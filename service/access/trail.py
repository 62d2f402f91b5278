"""Who did what to which sample or notice: what is worth a line that is never changed."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class Deed(StrEnum):
    TOOK_IN = "took_in"
    CHANGED = "changed"
    TOOK_BACK = "took_back"
    REPORTED = "reported"
    CORRECTED = "corrected"
    WITHDREW = "withdrew"
    PUBLISHED = "published"
    UPDATED = "updated"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the trail, of a sample or of a notice.

    `version` is the revision or version that the deed left in force.
    """

    at: datetime
    actor: str
    role: str
    deed: Deed
    sample: UUID | None
    version: int
    notice: UUID | None = None
