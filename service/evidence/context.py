"""What evidence holds while the service runs: published drug concentrations to compare with."""

from typing import Annotated

from fastapi import Depends

from service.evidence.reference import Reference
from service.foundation.context import Provided

REFERENCES: Provided[dict[str, Reference]] = Provided("references")

Published = Annotated[dict[str, Reference], Depends(REFERENCES)]
