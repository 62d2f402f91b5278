"""What is told of notices: to those who speak with people, to coordinators, to anyone."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from typing_extensions import TypedDict

from service.evidence.notice import Kind, Notice
from service.observatory.notices.store import Published
from service.wording.message import Message, MessageComposer
from service.wording.notices import Spoken, spoken
from service.wording.reviews import Review

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
        "scope": scope_of(notice),
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


def scope_of(notice: Notice) -> Scope:
    """Whether it is of one site or of the whole network."""
    return "site" if notice.site else "network"
