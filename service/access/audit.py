"""Who did what to which sample or notice, or took all data along.

That is worth a line that is never changed.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class Action(StrEnum):
    TOOK_IN = "took_in"
    CHANGED = "changed"
    TOOK_BACK = "took_back"
    REPORTED = "reported"
    CORRECTED = "corrected"
    WITHDREW = "withdrew"
    CLOSED = "closed"
    REOPENED = "reopened"
    CONFIRMED = "confirmed"
    DECLARED = "declared"
    PUBLISHED = "published"
    UPDATED = "updated"
    ENDED = "ended"
    EXPORTED = "exported"


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One line of the audit log: of a sample, of a notice, or of neither where data left in bulk
    or a panel was declared.

    `version` is the revision or version that the action left in force, if it is of one of them.
    """

    at: datetime
    actor: str
    role: str
    action: Action
    sample: UUID | None
    version: int | None
    notice: UUID | None = None
