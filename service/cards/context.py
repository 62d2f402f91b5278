"""What cards hold while the service runs: where people have read messages aloud."""

from typing import Annotated

from fastapi import Depends

from service.cards.audio import Recordings
from service.foundation.context import Provided

RECORDINGS: Provided[Recordings] = Provided("recordings")

Voices = Annotated[Recordings, Depends(RECORDINGS)]
