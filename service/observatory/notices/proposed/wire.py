"""What a coordinator reads of proposals, and of notices that have lost their ground."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from typing_extensions import TypedDict

from service.evidence.notice import Kind
from service.observatory.alerts.proposal import Proposal, RiseFigures
from service.observatory.alerts.rules import Why
from service.observatory.notices.draft import (
    proposed,
)
from service.observatory.notices.wire import (
    ID_EXAMPLE,
    REVIEW_EXAMPLE,
    TEXT_EXAMPLE,
    Scope,
    scope_of,
)
from service.wording.message import MessageComposer
from service.wording.notices import spoken
from service.wording.reviews import Review


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
        "scope": scope_of(notice),
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
