"""What pages hold while the service runs, and what those of the staff use beside the request."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from service.access.actor import Actor
from service.access.acts import Acting
from service.foundation import clock
from service.foundation.context import Config, Db, KeptUp, Provided, Refusals, Refuser
from service.foundation.database import Database
from service.foundation.problems import Flaw, Problem
from service.foundation.projections import Projections
from service.foundation.settings import Settings
from service.wording.context import Composer
from service.wording.message import MessageComposer

DEMO: Provided[dict[str, str] | None] = Provided("demo")


@dataclass(frozen=True, slots=True)
class StaffTools:
    """What the pages of those who work here need beside the request."""

    request: Request
    database: Database
    settings: Settings
    projections: Projections
    refuser: Refuser
    composer: MessageComposer

    def acting(self, actor: Actor) -> Acting:
        return Acting(actor, clock.now(), self.projections)

    def title(self, problem: Problem) -> str:
        """The problem in a few words of the reader's language."""
        return str(self.refuser.describe(problem, self.request)["title"])

    def sentence(self, flaw: Flaw) -> str:
        return self.refuser.describe_flaw(flaw, self.request)


async def _tools(
    request: Request,
    database: Db,
    settings: Config,
    projections: KeptUp,
    refuser: Refusals,
    composer: Composer,
) -> StaffTools:
    return StaffTools(request, database, settings, projections, refuser, composer)


Tools = Annotated[StaffTools, Depends(_tools)]
