"""What evidence holds while the service runs, and how other rooms' endpoints ask what is known.

Dependencies are coroutines: FastAPI would call a class or a plain function in a thread of its pool.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Depends
from sqlalchemy import Connection

from service.access.actor import Actor
from service.evidence import known
from service.evidence.known import Known
from service.evidence.reference import Reference
from service.foundation import clock
from service.foundation.context import Config, Db, Provided
from service.foundation.database import Database
from service.foundation.settings import Settings
from service.intake import pickup
from service.intake.context import PickupKeys
from service.intake.pickup import Keys

REFERENCES: Provided[dict[str, Reference]] = Provided("references")

References = Annotated[dict[str, Reference], Depends(REFERENCES)]


@dataclass(frozen=True, slots=True)
class Answers:
    """Finds what is known, for whoever may know it."""

    database: Database
    settings: Settings
    keys: Keys

    async def of_site(self, actor: Actor, id: UUID) -> Known:
        """What is known of a sample of the actor's own site. Raises Problem where there is none."""
        (answer,) = await self.of_each(actor, [id])
        return answer

    async def of_each(self, actor: Actor, ids: Sequence[UUID]) -> list[Known]:
        """As `of_site`, of several samples at one moment."""
        now, site = clock.now(), actor.own_site()

        def read(connection: Connection) -> list[Known]:
            return [known.of_site(connection, id, site, now, self.settings) for id in ids]

        return await self.database.read(read)

    async def by_code(self, code: str) -> Known | None:
        """What a pickup code leads to, as it was typed; None where it leads nowhere."""
        digest, now = self.keys.digest(pickup.read(code)), clock.now()
        return await self.database.read(
            lambda connection: known.by_code(connection, digest, now, self.settings)
        )


async def _answers(database: Db, settings: Config, keys: PickupKeys) -> Answers:
    return Answers(database, settings, keys)


Answering = Annotated[Answers, Depends(_answers)]
