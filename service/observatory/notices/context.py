"""What notices hold while the service runs: who listens for them."""

from typing import Annotated

from fastapi import Depends

from service.foundation.context import Provided
from service.observatory.notices.stream import Listeners

LISTENERS: Provided[Listeners] = Provided("listeners")

Streams = Annotated[Listeners, Depends(LISTENERS)]
