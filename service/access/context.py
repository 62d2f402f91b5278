"""What access holds while the service runs."""

from typing import Annotated

from fastapi import Depends

from service.access.rate_limit import RateLimit
from service.foundation.context import Provided

RATE_LIMIT: Provided[RateLimit] = Provided("rate_limit")

Limits = Annotated[RateLimit, Depends(RATE_LIMIT)]
