"""What the tablet's endpoints hold while the service runs: the files of its page."""

from typing import Annotated

from fastapi import Depends

from service.foundation.context import Provided
from service.pages.tablet.shell import Shell

SHELL: Provided[Shell] = Provided("shell")

TabletShell = Annotated[Shell, Depends(SHELL)]
