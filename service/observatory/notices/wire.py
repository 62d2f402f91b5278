"""What crosses HTTP of warnings, and of what was proposed."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from pydantic import ConfigDict, Field

from service.evidence.notice import MAX_VERSION, Kind, Notice
from service.foundation.problems import Flaw, Unfit
from service.foundation.strict import Instant, Name, Strict, Text
from service.lab.assay import MAX_NAME, MAX_REASON
from service.observatory.alerts.rules import Cause
from service.observatory.alerts.store import Proposal
from service.observatory.notices.draft import (
    ends,
    next_version,
    of_own_choice,
    of_proposal,
    proposed,
    reason_given,
)
from service.observatory.notices.store import Published
from service.wording.message import MessageComposer
from service.wording.notices import Spoken, spoken

ID_EXAMPLE = "0192f3c4-5a00-7000-8000-1f2e3d4c5b6a"

NOTICE_EXAMPLE = {
    "id": ID_EXAMPLE,
    "version": 1,
    "state": "published",
    "kind": "found",
    "substance": "isotonitazene",
    "scope": "network",
    "site": None,
    "public": True,
    "published_at": "2026-11-23T09:12:00Z",
    "until": "2027-02-21T09:12:00Z",
    "text": {
        "en": "Warning: in a rock here we found isotonitazene. It can stop your breathing. One naloxone dose may "
        "not be enough. Do not stay alone. Someone will not wake up, or breathes badly? Call 15 or 112. Then give "
        "them naloxone. Stay until help comes. Ask us where to get naloxone."
    },
    "review": {"en": "draft"},
}
NOTICES_EXAMPLE = {
    "notices": [NOTICE_EXAMPLE],
    "marks": {"en": "Draft: no native speaker has checked this."},
}
VERSIONS_EXAMPLE = {
    "versions": [{**NOTICE_EXAMPLE, "by": "ana", "reason": None, "in_force": True}],
    "ground_gone_at": None,
}
OPEN_EXAMPLE = {
    "notices": [
        {key: NOTICE_EXAMPLE[key] for key in ("id", "kind", "substance", "text", "review")}
        | {"week": "2026-W48"}
    ]
}
PROPOSALS_EXAMPLE = {
    "proposals": [
        {
            "id": "7d4b9b52-1f0e-5a8b-8f53-3a0d3c1f5e77",
            "why": "opioid",
            "kind": "found",
            "substance": "isotonitazene",
            "scope": "network",
            "site": None,
            "proposed_at": "2026-11-23T08:50:00Z",
            "ground": {
                "rocks": 1,
                "lab_labels": ["Q7K3-M9XK"],
                "first_on": "2026-11-20",
                "last_on": "2026-11-20",
                "amounts_mg": [],
                "figures": {},
            },
            "text": NOTICE_EXAMPLE["text"],
            "review": NOTICE_EXAMPLE["review"],
        }
    ],
    "grounds_gone": [{"notice": ID_EXAMPLE, "gone_at": "2026-11-24T07:00:00Z"}],
}


class NoticeIn(Strict):
    """A notice: of a proposal, or of one's own choice with its kind and, where it names one, its substance.

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
        until = ends(self.until, now) if self.until else now + usual
        if cause is None:
            return of_own_choice(
                id, self.kind, self.substance, site=self.site, public=self.public, until=until
            )
        for field in ("kind", "substance"):
            if field in self.model_fields_set:
                raise Unfit(Flaw(f"/{field}", "proposal-says-it"))
        site = self.site if "site" in self.model_fields_set else proposed(id, cause, until).site
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
        return next_version(held, **{**dict(self), "until": ends(self.until, now, held=held.until)})


class EndIn(Strict):
    """Why a notice is withdrawn."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"reason": "the laboratory took its answer back"}}
    )

    reason: Annotated[Name, Field(min_length=1, max_length=MAX_REASON)]

    def checked(self) -> str:
        """The reason. Raises Unfit where it seems to tell of a person."""
        return reason_given(self.reason)


# --- Out ----------------------------------------------------------------------------------------------


def notice_out(
    composer: MessageComposer, held: Published, languages: Sequence[str]
) -> dict[str, Any]:
    return _notice(held, spoken(composer, held.notice, languages))


def _notice(held: Published, told: Spoken) -> dict[str, Any]:
    notice = held.notice
    return {
        "id": notice.id,
        "version": notice.version,
        "state": held.state,
        "kind": notice.kind,
        "substance": notice.substance,
        "scope": "site" if notice.site else "network",
        "site": notice.site,
        "public": notice.public,
        "published_at": held.published_at,
        "until": notice.until,
        **_texts(told),
    }


def notices_out(
    composer: MessageComposer, held: Sequence[Published], languages: Sequence[str]
) -> dict[str, Any]:
    """Notices, and what stands beside texts that nobody has approved, by language."""
    told = [spoken(composer, one.notice, languages) for one in held]
    messages = [message for one in told for message in one.messages]
    marks = {one: mark for one in languages if messages and (mark := composer.mark(messages, one))}
    return {
        "notices": [_notice(one, words) for one, words in zip(held, told, strict=True)],
        "marks": marks,
    }


def versions_out(
    composer: MessageComposer,
    held: Sequence[Published],
    languages: Sequence[str],
    gone_at: datetime | None,
) -> dict[str, Any]:
    """Every version, and since when nothing that the notice rested on is left."""
    versions = [
        {
            **notice_out(composer, one, languages),
            "by": one.by,
            "reason": one.reason,
            "in_force": one.in_force,
        }
        for one in held
    ]
    return {"versions": versions, "ground_gone_at": gone_at}


def open_out(
    composer: MessageComposer, held: Sequence[Published], languages: Sequence[str]
) -> dict[str, Any]:
    """For anyone: no site, no day, no strength."""
    return {
        "notices": [
            {
                "id": one.notice.id,
                "kind": one.notice.kind,
                "substance": one.notice.substance,
                "week": one.published_at.strftime("%G-W%V"),
                **_texts(spoken(composer, one.notice, languages)),
            }
            for one in held
        ]
    }


def proposal_out(
    composer: MessageComposer, proposal: Proposal, languages: Sequence[str], now: datetime
) -> dict[str, Any]:
    cause = proposal.cause
    notice = proposed(proposal.id, cause, now)
    return {
        "id": proposal.id,
        "why": cause.why,
        "kind": notice.kind,
        "substance": notice.substance,
        "scope": "site" if notice.site else "network",
        "site": notice.site,
        "proposed_at": proposal.proposed_at,
        "ground": {
            "rocks": len(proposal.labels),
            "lab_labels": proposal.labels,
            "first_on": proposal.first_on,
            "last_on": proposal.last_on,
            "amounts_mg": proposal.amounts_mg,
            "figures": proposal.figures,
        },
        **_texts(spoken(composer, notice, languages)),
    }


def _texts(told: Spoken) -> dict[str, Any]:
    return {"text": told.text, "review": told.review}
