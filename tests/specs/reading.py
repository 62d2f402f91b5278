"""rocks.toml -> findings: reads the small language in which the specs are written."""

import tomllib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from service.access.site import Offers
from service.evidence.classify import find
from service.evidence.finding import Finding
from service.intake.sample import Beliefs, Sample, Use
from service.lab.assay import Assay, AssayVersion, Result
from service.vocabulary.codes import AlsoUses, Basis, BlamedEffect, Method, Outcome, Status, Weighed

DAY = datetime(2026, 11, 20, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Spec:
    """One rock: its title, how it is told, what is known of it, the keys to be said, in order."""

    title: str
    told: dict[str, Any]
    finding: Finding
    says: tuple[str, ...]


def specs() -> list[Spec]:
    read = tomllib.loads((Path(__file__).parent / "rocks.toml").read_text("utf-8"))
    return [_spec(title, dict(entry)) for title, entry in read.items()]


def _spec(title: str, told: dict[str, Any]) -> Spec:
    says = tuple(told.pop("says"))
    known = {"weight_mg", "weighed", "beliefs", "use", "analyses", "recent", "site"}
    assert told.keys() <= known, f"{title}: {told.keys() - known}"
    sample = Sample(
        id=UUID(int=1),
        revision=1,
        taken_at=DAY,
        pickup="x",
        weight_mg=told.get("weight_mg"),
        weighed=Weighed(told["weighed"]) if "weighed" in told else None,
        beliefs=_beliefs(told.get("beliefs", {})),
        use=Use(also_uses=tuple(AlsoUses(one) for one in told.get("use", {}).get("also_uses", ()))),
    )
    statements = [
        statement
        for number, versions in enumerate(told.get("analyses", ()), 2)
        for statement in _statements(number, versions)
    ]
    finding = find(
        sample,
        statements,
        recent=frozenset(told.get("recent", ())),
        offers=Offers(**told.get("site", {})),
    )
    return Spec(title, told, finding, says)


def _beliefs(told: dict[str, Any]) -> Beliefs:
    lists: dict[str, Any] = {}
    if "believed_cuts" in told:
        lists["believed_cuts"] = tuple(told["believed_cuts"])
    if "effects_blamed_on_cuts" in told:
        lists["effects_blamed_on_cuts"] = tuple(
            BlamedEffect(one) for one in told["effects_blamed_on_cuts"]
        )
    return Beliefs(**{**told, **lists})


def _statements(number: int, versions: list[str]) -> list[AssayVersion]:
    return [
        AssayVersion(
            assay=_assay(number, version, line),
            received_at=DAY + timedelta(days=version),
            in_force=version == len(versions),
        )
        for version, line in enumerate(versions, 1)
    ]


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
        return Result(substance=told.removeprefix("no "), outcome=Outcome.NOT_DETECTED)
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
