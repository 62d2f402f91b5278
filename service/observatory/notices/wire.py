"""What crosses HTTP of warnings, and of what was proposed."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Annotated, Literal
from uuid import UUID

from pydantic import ConfigDict, Field
from typing_extensions import TypedDict

from service.evidence.notice import MAX_VERSION, Kind, Notice
from service.foundation.problems import Flaw, Unfit
from service.foundation.strict import Instant, Name, Strict, Text
from service.lab.assay import MAX_NAME, MAX_REASON
from service.observatory.alerts.proposal import Proposal, RiseFigures
from service.observatory.alerts.rules import Cause, Why
from service.observatory.notices.draft import (
    ends,
    next_version,
    of_own_choice,
    of_proposal,
    proposed,
    reason_given,
)
from service.observatory.notices.store import Published
from service.wording.message import Message, MessageComposer
from service.wording.notices import Spoken, spoken
from service.wording.reviews import Review

# --- In ------------------------------------------------------------------------------------------


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


# --- Out -----------------------------------------------------------------------------------------

ID_EXAMPLE = "0192f3c4-5a00-7000-8000-1f2e3d4c5b6a"
TEXT_EXAMPLE = {
    "en": (
        "Warning: in a rock here we found isotonitazene. It can stop your breathing. One naloxone "
        "dose may not be enough. Do not stay alone. Someone will not wake up, or breathes badly? "
        "Call 15 or 112. Then give them naloxone. Stay until help comes. Ask us where to get "
        "naloxone."
    )
}
REVIEW_EXAMPLE = {"en": "draft"}

Scope = Literal["site", "network"]


class NoticeOut(TypedDict):
    """One version of a notice. `text` and `review` are by language."""

    id: UUID
    version: int
    state: str
    kind: Kind
    substance: str | None
    scope: Scope
    site: str | None
    public: bool
    published_at: datetime
    until: datetime
    text: dict[str, str]
    review: dict[str, Review]


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
    "text": TEXT_EXAMPLE,
    "review": REVIEW_EXAMPLE,
}
WITHDRAWN_EXAMPLE = {**NOTICE_EXAMPLE, "version": 2, "state": "withdrawn"}


class NoticeList(TypedDict):
    """Notices in force; `marks` stand beside texts that nobody has approved, by language."""

    notices: list[NoticeOut]
    marks: dict[str, str]


NOTICES_EXAMPLE = {
    "notices": [NOTICE_EXAMPLE],
    "marks": {"en": "Draft: no native speaker has checked this."},
}


class NoticeVersion(NoticeOut):
    """A version as coordinators read it: who wrote it, and why it was withdrawn."""

    by: str
    reason: str | None
    in_force: bool


class NoticeVersions(TypedDict):
    """Every version, and since when nothing that the notice rested on is left."""

    versions: list[NoticeVersion]
    ground_gone_at: datetime | None


VERSIONS_EXAMPLE = {
    "versions": [
        {**NOTICE_EXAMPLE, "by": "ana", "reason": None, "in_force": False},
        {**WITHDRAWN_EXAMPLE, "by": "ana", "reason": "it was another vial", "in_force": True},
    ],
    "ground_gone_at": "2026-11-24T07:00:00Z",
}


class OpenNotice(TypedDict):
    """A notice for anyone: no site, no day, no strength. `week` (ISO 8601): when it came out."""

    id: UUID
    kind: Kind
    substance: str | None
    week: str
    text: dict[str, str]
    review: dict[str, Review]


class OpenNotices(TypedDict):
    notices: list[OpenNotice]


OPEN_EXAMPLE = {
    "notices": [
        {
            "id": ID_EXAMPLE,
            "kind": "found",
            "substance": "isotonitazene",
            "week": "2026-W48",
            "text": TEXT_EXAMPLE,
            "review": REVIEW_EXAMPLE,
        }
    ]
}


class ProposalGround(TypedDict):
    """What a proposal rests on. The days (UTC) are those on which its rocks were taken in."""

    rocks: int
    lab_labels: Sequence[str]
    first_on: date | None
    last_on: date | None
    amounts_mg: Sequence[float]
    figures: RiseFigures


class ProposalOut(TypedDict):
    """What a rule proposes, and what would be said of it."""

    id: UUID
    why: Why
    kind: Kind
    substance: str | None
    scope: Scope
    site: str | None
    proposed_at: datetime
    ground: ProposalGround
    text: dict[str, str]
    review: dict[str, Review]


class GroundGone(TypedDict):
    """A notice of which nothing is left that it rested on."""

    notice: UUID
    gone_at: datetime


class ProposalList(TypedDict):
    """What waits for a decision, and which notices have lost their ground."""

    proposals: list[ProposalOut]
    grounds_gone: list[GroundGone]


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
            "text": TEXT_EXAMPLE,
            "review": REVIEW_EXAMPLE,
        },
        {
            "id": "3c0f2d6e-8a41-5d3b-9e20-64b1a7c95f18",
            "why": "more_often",
            "kind": "more_often",
            "substance": "levamisole",
            "scope": "site",
            "site": "paris-18",
            "proposed_at": "2026-11-22T16:05:00Z",
            "ground": {
                "rocks": 0,
                "lab_labels": [],
                "first_on": None,
                "last_on": None,
                "amounts_mg": [],
                "figures": {
                    "recent": {"found": 14, "tested": 20},
                    "before": {"found": 26, "tested": 130},
                    "chance": 1.3e-05,
                },
            },
            "text": {"en": "We find levamisole in more rocks than before."},
            "review": REVIEW_EXAMPLE,
        },
    ],
    "grounds_gone": [{"notice": ID_EXAMPLE, "gone_at": "2026-11-24T07:00:00Z"}],
}


def notice_out(
    composer: MessageComposer, version: Published, languages: Sequence[str]
) -> NoticeOut:
    return _notice(version, spoken(composer, version.notice, languages))


def _notice(version: Published, words: Spoken) -> NoticeOut:
    notice = version.notice
    return {
        "id": notice.id,
        "version": notice.version,
        "state": version.state,
        "kind": notice.kind,
        "substance": notice.substance,
        "scope": _scope(notice),
        "site": notice.site,
        "public": notice.public,
        "published_at": version.published_at,
        "until": notice.until,
        "text": words.text,
        "review": words.review,
    }


def notices_out(
    composer: MessageComposer, versions: Sequence[Published], languages: Sequence[str]
) -> NoticeList:
    notices: list[NoticeOut] = []
    messages: list[Message] = []
    for version in versions:
        words = spoken(composer, version.notice, languages)
        notices.append(_notice(version, words))
        messages.extend(words.messages)
    return {"notices": notices, "marks": _marks(composer, messages, languages)}


def _marks(
    composer: MessageComposer, messages: Sequence[Message], languages: Sequence[str]
) -> dict[str, str]:
    marks: dict[str, str] = {}
    if not messages:
        return marks

    for language in languages:
        mark = composer.mark(messages, language)
        if mark:
            marks[language] = mark
    return marks


def versions_out(
    composer: MessageComposer,
    versions: Sequence[Published],
    languages: Sequence[str],
    gone_at: datetime | None,
) -> NoticeVersions:
    return {
        "versions": [_notice_version(composer, version, languages) for version in versions],
        "ground_gone_at": gone_at,
    }


def _notice_version(
    composer: MessageComposer, version: Published, languages: Sequence[str]
) -> NoticeVersion:
    return {
        **notice_out(composer, version, languages),
        "by": version.by,
        "reason": version.reason,
        "in_force": version.in_force,
    }


def open_out(
    composer: MessageComposer, versions: Sequence[Published], languages: Sequence[str]
) -> OpenNotices:
    return {"notices": [_open(composer, version, languages) for version in versions]}


def _open(composer: MessageComposer, version: Published, languages: Sequence[str]) -> OpenNotice:
    notice = version.notice
    words = spoken(composer, notice, languages)
    return {
        "id": notice.id,
        "kind": notice.kind,
        "substance": notice.substance,
        "week": version.published_at.strftime("%G-W%V"),
        "text": words.text,
        "review": words.review,
    }


def proposals_out(
    composer: MessageComposer,
    proposals: Sequence[Proposal],
    grounds_gone: Mapping[UUID, datetime],
    languages: Sequence[str],
    now: datetime,
) -> ProposalList:
    return {
        "proposals": [_proposal(composer, proposal, languages, now) for proposal in proposals],
        "grounds_gone": [
            {"notice": notice, "gone_at": gone_at} for notice, gone_at in grounds_gone.items()
        ],
    }


def _proposal(
    composer: MessageComposer, proposal: Proposal, languages: Sequence[str], now: datetime
) -> ProposalOut:
    notice = proposed(proposal.id, proposal.cause, now)
    words = spoken(composer, notice, languages)
    return {
        "id": proposal.id,
        "why": proposal.cause.why,
        "kind": notice.kind,
        "substance": notice.substance,
        "scope": _scope(notice),
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
        "text": words.text,
        "review": words.review,
    }


def _scope(notice: Notice) -> Scope:
    return "site" if notice.site else "network"
