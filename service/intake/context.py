"""What intake holds while the service runs, and what each way of taking rocks in needs."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends

from service.access.actor import Actor
from service.access.acts import Acting
from service.access.permissions import Permission
from service.access.require import Require
from service.foundation import clock
from service.foundation.context import Config, Db, KeptUp, Provided, Refusals, Refuser
from service.foundation.database import Database
from service.foundation.projections import Projections
from service.foundation.settings import Settings
from service.intake import pickup
from service.intake.carried import CarriedKey
from service.intake.pickup import Keys, Terms

PICKUP_KEYS: Provided[Keys] = Provided("keys")
CARRIED_KEY: Provided[CarriedKey] = Provided("carried")

PickupKeys = Annotated[Keys, Depends(PICKUP_KEYS)]
CarryingKey = Annotated[CarriedKey, Depends(CARRIED_KEY)]
TakingIn = Annotated[Actor, Depends(Require(Permission.TAKE_IN))]


@dataclass(frozen=True, slots=True)
class IntakeTools:
    """What each way of taking rocks in needs."""

    database: Database
    settings: Settings
    keys: Keys
    projections: Projections
    refuser: Refuser

    def acting(self, actor: Actor) -> Acting:
        return Acting(actor, clock.now(), self.projections)

    def terms(self, now: datetime) -> Terms:
        ends_at = pickup.end(now, self.settings.code_months)
        return Terms(lambda: pickup.new_label(secrets.randbelow), ends_at)


async def _tools(
    database: Db, settings: Config, keys: PickupKeys, projections: KeptUp, refuser: Refusals
) -> IntakeTools:
    return IntakeTools(database, settings, keys, projections, refuser)


Tools = Annotated[IntakeTools, Depends(_tools)]
