"""What the coordinator's endpoints use: the form of a notice, and what every page needs."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Form, Request

from service.access.actor import Actor
from service.access.acts import Acting
from service.access.permissions import Permission
from service.access.require import Require
from service.evidence.notice import MAX_VERSION, Kind
from service.foundation import clock
from service.foundation.context import Config, Db, KeptUp, Refusals, Refuser
from service.foundation.database import Database
from service.foundation.problems import Flaw, Problem
from service.foundation.projections import Projections
from service.foundation.settings import Settings
from service.foundation.strict import Text
from service.pages.notices.form import Typed
from service.pages.page import PAGE
from service.wording.context import Composer
from service.wording.message import MessageComposer

SEEN_OTHER: dict[int | str, dict[str, Any]] = {
    **PAGE,
    303: {"description": "Done; the page to go on with"},
}

Coordinator = Annotated[Actor, Depends(Require(Permission.PUBLISH_NOTICES))]
Line = Annotated[Text, Form(max_length=120)]


@dataclass(frozen=True, slots=True)
class NoticeForm:
    """The fields of the form; an empty one says nothing."""

    do: Line = "check"
    proposal: Annotated[UUID | None, Form()] = None
    notice: Annotated[UUID | None, Form()] = None
    version: Annotated[int, Form(ge=1, le=MAX_VERSION)] = 1
    kind: Annotated[Kind | None, Form()] = None
    substance: Line = ""
    site: Line = ""
    until: Annotated[date | None, Form()] = None
    public: Line = ""
    read_back: Line = ""

    @property
    def typed(self) -> Typed:
        return Typed(
            version=self.version,
            kind=self.kind,
            substance=self.substance or None,
            site=self.site or None,
            until=self.until,
            public=bool(self.public),
        )


@dataclass(frozen=True, slots=True)
class NoticeTools:
    """What the pages of notices need beside the request."""

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
) -> NoticeTools:
    return NoticeTools(request, database, settings, projections, refuser, composer)


Sent = Annotated[NoticeForm, Depends(NoticeForm)]
Tools = Annotated[NoticeTools, Depends(_tools)]
