"""rocks.toml -> findings: reads the small language in which the specs are written."""

import tomllib
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from service.access.site import Offers
from service.evidence.classify import find
from service.evidence.dose import PUBLISHED, Past
from service.evidence.finding import Finding, Nearby
from service.intake.sample import Beliefs, Person, Sample, Use
from service.lab.assay import Assay, AssayVersion, Result
from service.lab.panel import Panel
from service.vocabulary.codes import (
    AgeBand,
    AlsoUses,
    Basis,
    BlamedEffect,
    Closing,
    Effect,
    Form,
    Method,
    Outcome,
    Quality,
    Reason,
    Route,
    SoldAs,
    Status,
    Weighed,
)

E = TypeVar("E", bound=StrEnum)
PROVEN = replace(PUBLISHED, past=Past(rocks=52, held=0.8))
"""What the survey gives, after predictions that held."""
KNOWN = frozenset(
    {
        "age_band",
        "already_used",
        "analyses",
        "beliefs",
        "closed",
        "estimate_unproved",
        "form",
        "indicated_here",
        "panel",
        "reason",
        "recent",
        "site",
        "sold_as",
        "sold_as_name",
        "use",
        "weighed",
        "weight_mg",
    }
)
DAY = datetime(2026, 11, 20, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Spec:
    """One rock: its title, how it is told, what is known of it, the keys to be said, in order."""

    title: str
    told: dict[str, Any]
    finding: Finding
    says: tuple[str, ...]
    talks: tuple[str, ...] | None
    """What the worker is told, in order; None where the spec does not say."""


def specs() -> list[Spec]:
    read = tomllib.loads((Path(__file__).parent / "rocks.toml").read_text("utf-8"))
    return [_spec(title, dict(entry)) for title, entry in read.items()]


def _spec(title: str, told: dict[str, Any]) -> Spec:
    says = tuple(told.pop("says"))
    talks = tuple(told.pop("talks")) if "talks" in told else None
    assert told.keys() <= KNOWN, f"{title}: {told.keys() - KNOWN}"
    sample = Sample(
        id=UUID(int=1),
        revision=1,
        taken_at=DAY,
        pickup="x",
        weight_mg=told.get("weight_mg"),
        weighed=Weighed(told["weighed"]) if "weighed" in told else None,
        already_used=told.get("already_used"),
        sold_as=_code(SoldAs, told.get("sold_as")),
        sold_as_name=told.get("sold_as_name"),
        form=_code(Form, told.get("form")),
        reason=_code(Reason, told.get("reason")),
        beliefs=_beliefs(told.get("beliefs", {})),
        use=_use(told.get("use", {})),
        person=Person(age_band=_code(AgeBand, told.get("age_band"))),
    )
    statements = [
        statement
        for number, versions in enumerate(told.get("analyses", ()), 2)
        for statement in _statements(number, versions, told.get("panel"))
    ]
    finding = find(
        sample,
        statements,
        closed=_code(Closing, told.get("closed")),
        market=PUBLISHED if told.get("estimate_unproved") else PROVEN,
        nearby=Nearby(
            found=frozenset(told.get("recent", ())),
            indicated_here=frozenset(told.get("indicated_here", ())),
        ),
        offers=Offers(**told.get("site", {})),
    )
    return Spec(title, told, finding, says, talks)


def _code(kind: type[E], told: str | None) -> E | None:
    return kind(told) if told else None


def _use(told: dict[str, Any]) -> Use:
    return Use(
        also_uses=tuple(AlsoUses(use) for use in told.get("also_uses", ())),
        effects_felt=tuple(Effect(effect) for effect in told.get("effects_felt", ())),
        route=_code(Route, told.get("route")),
    )


def _beliefs(told: dict[str, Any]) -> Beliefs:
    lists: dict[str, Any] = {}
    if "believed_cuts" in told:
        lists["believed_cuts"] = tuple(told["believed_cuts"])
    if "effects_blamed_on_cuts" in told:
        lists["effects_blamed_on_cuts"] = tuple(
            BlamedEffect(one) for one in told["effects_blamed_on_cuts"]
        )
    if "quality" in told:
        lists["quality"] = Quality(told["quality"])
    return Beliefs(**{**told, **lists})


def _statements(
    number: int, versions: list[str], panel: dict[str, float] | None
) -> list[AssayVersion]:
    return [
        AssayVersion(
            assay=_assay(number, version, line),
            received_at=DAY + timedelta(days=version),
            in_force=version == len(versions),
            panel=_panel(panel) if panel and _confirms(line) else None,
        )
        for version, line in enumerate(versions, 1)
    ]


def _confirms(line: str) -> bool:
    """A spec's panel is that of its laboratory's chromatograph."""
    return "_ms:" in line


def _panel(looks_for: dict[str, float]) -> Panel:
    return Panel(
        id=UUID(int=99),
        laboratory="lab",
        method=Method.GC_MS,
        valid_from=DAY,
        looks_for=looks_for,
    )


def _assay(number: int, version: int, line: str) -> Assay:
    head, _, results = line.partition(":")
    status, method = head.split()
    return Assay(
        id=UUID(int=number),
        lab_label="AAAA-AAAA",
        version=version,
        status=Status(status),
        laboratory="lab",
        method=Method(method),
        analysed_at=DAY,
        reason="a reason",
        results=tuple(_result(one.strip()) for one in results.split(",") if one.strip()),
    ).checked(DAY)


def _result(told: str) -> Result:
    if told.startswith("no "):
        substance, _, limit = told.removeprefix("no ").partition(" at ")
        return Result(
            substance=substance,
            outcome=Outcome.NOT_DETECTED,
            lod_percent=float(limit) if limit else None,
        )
    if told.startswith("perhaps "):
        return Result(substance=told.removeprefix("perhaps "), outcome=Outcome.IN_DOUBT)
    if told.endswith(" not tested"):
        return Result(substance=told.removesuffix(" not tested"), outcome=Outcome.NOT_TESTED)
    if " < " in told:
        substance, limit = told.split(" < ")
        return Result(substance=substance, outcome=Outcome.DETECTED, loq_percent=float(limit))
    words = told.split()
    if len(words) > 1 and words[1].replace(".", "").isdigit():
        return Result(
            substance=words[0],
            outcome=Outcome.QUANTIFIED,
            content_percent=float(words[1]),
            expressed_as=Basis(words[2]) if len(words) > 2 else None,
        )
    return Result(substance=told, outcome=Outcome.DETECTED)
