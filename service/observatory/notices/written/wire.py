"""What a coordinator sends: a notice, a higher version of one, why it ends."""

from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, Field

from service.evidence.notice import MAX_VERSION, Kind, Notice
from service.foundation.problems import Flaw, Unfit
from service.foundation.strict import Instant, Name, Strict, Text
from service.lab.assay import MAX_NAME, MAX_REASON
from service.observatory.alerts.rules import Cause
from service.observatory.notices.draft import (
    ends,
    next_version,
    of_own_choice,
    of_proposal,
    proposed,
    reason_given,
)


class NoticeIn(Strict):
    """A notice of a proposal, or of one's own choice.

    The latter has its kind and, where that names one, its substance.
    `site: null` is the whole network; left out with a proposal, it is where that was proposed.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"kind": "found", "substance": "isotonitazene", "public": True}
        }
    )

    proposal: UUID | None = None
    kind: Kind | None = None
    substance: Annotated[Text, Field(max_length=40)] | None = None
    site: Annotated[Text, Field(max_length=40)] | None = None
    public: bool = False
    until: Instant | None = None

    def notice(self, id: UUID, cause: Cause | None, now: datetime, usual: timedelta) -> Notice:
        """The notice, checked. Raises Unfit."""
        until = now + usual
        if self.until:
            until = ends(self.until, now)

        if cause is None:
            return of_own_choice(
                id, self.kind, self.substance, site=self.site, public=self.public, until=until
            )

        for field in ("kind", "substance"):
            if field in self.model_fields_set:
                raise Unfit(Flaw(f"/{field}", "proposal-says-it"))

        site = proposed(id, cause, until).site
        if "site" in self.model_fields_set:
            site = self.site
        return of_proposal(id, cause, site=site, public=self.public, until=until)


class UpdateIn(Strict):
    """A higher version of a notice, whole: what stood before is kept beside it."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "version": 2,
                "kind": "found",
                "substance": "isotonitazene",
                "site": None,
                "public": True,
                "until": "2027-03-01T00:00:00Z",
            }
        }
    )

    version: Annotated[int, Field(ge=1, le=MAX_VERSION)]
    kind: Kind
    substance: Annotated[Text, Field(max_length=MAX_NAME)] | None
    site: Annotated[Text, Field(max_length=40)] | None
    public: bool
    until: Instant

    def notice(self, held: Notice, now: datetime) -> Notice:
        """The version, checked. Raises Unfit."""
        sent = Notice(
            id=held.id,
            version=self.version,
            kind=self.kind,
            substance=self.substance,
            site=self.site,
            public=self.public,
            until=ends(self.until, now, held=held.until),
        )
        return next_version(held, sent)


class EndIn(Strict):
    """Why a notice is withdrawn."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"reason": "the laboratory took its answer back"}}
    )

    reason: Annotated[Name, Field(min_length=1, max_length=MAX_REASON)]

    def checked(self) -> str:
        """The reason. Raises Unfit where it seems to tell of a person."""
        return reason_given(self.reason)
