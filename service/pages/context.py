"""What pages hold while the service runs: the tablet's files, and what a demo shows of itself."""

from typing import Annotated

from fastapi import Depends

from service.foundation.context import Provided
from service.pages.tablet.shell import Shell

SHELL: Provided[Shell] = Provided("shell")
DEMO: Provided[dict[str, str] | None] = Provided("demo")

TabletShell = Annotated[Shell, Depends(SHELL)]
Demo = Annotated[dict[str, str] | None, Depends(DEMO)]
