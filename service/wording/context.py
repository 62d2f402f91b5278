"""What wording holds while the service runs: the catalogue, under the words policy."""

from typing import Annotated

from fastapi import Depends

from service.foundation.context import Provided
from service.wording.message import MessageComposer

COMPOSER: Provided[MessageComposer] = Provided("composer")

Composer = Annotated[MessageComposer, Depends(COMPOSER)]
