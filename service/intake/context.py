"""What intake holds while the service runs: the keys of pickup codes and of carried files."""

from typing import Annotated

from fastapi import Depends

from service.foundation.context import Provided
from service.intake.carried import CarriedKey
from service.intake.pickup import Keys

PICKUP_KEYS: Provided[Keys] = Provided("keys")
CARRIED_KEY: Provided[CarriedKey] = Provided("carried")

PickupKeys = Annotated[Keys, Depends(PICKUP_KEYS)]
CarryingKey = Annotated[CarriedKey, Depends(CARRIED_KEY)]
