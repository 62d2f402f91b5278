"""What the coordinator's endpoints use: the form of a notice, and what every page needs."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Form

from service.access.actor import Actor
from service.access.permissions import Permission
from service.access.require import Require
from service.evidence.notice import MAX_VERSION, Kind
from service.foundation.strict import Text
from service.pages.notices.form import Typed

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


Sent = Annotated[NoticeForm, Depends(NoticeForm)]
