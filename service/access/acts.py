"""Who acts, when, and what that leaves in the audit log."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from service.access import store
from service.access.actor import Actor
from service.access.audit import Action, AuditEntry
from service.foundation.projections import Projections


@dataclass(frozen=True, slots=True)
class Acting:
    """One actor and one time for a whole transaction, and the tables that are kept up in it."""

    actor: Actor
    now: datetime
    projections: Projections

    def record(
        self,
        connection: Connection,
        action: Action,
        *,
        sample: UUID | None = None,
        version: int | None = None,
        notice: UUID | None = None,
    ) -> None:
        """Leave a line in the audit log."""
        entry = AuditEntry(
            at=self.now,
            actor=self.actor.id,
            role=self.actor.role,
            action=action,
            sample=sample,
            version=version,
            notice=notice,
        )
        store.record(connection, entry)
