"""One rock as an export reads it: no code, no label, no language, no note, no hour."""

import hashlib
import hmac
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from uuid import UUID

from service.evidence.standing import Standing, named, standings
from service.lab.assay import Assay, AssayVersion

# Why each of these is in no export, by its name in the models.
LEFT_OUT = {
    "pickup": "The pickup code belongs to the person: with it, anybody could read their answer.",
    "card_languages": "The language of a card would tell who somebody is beside what they brought.",
    "note_to_lab": "Free text may tell of a person, whatever we refuse in it.",
    "lab_label": (
        "The laboratory label is on paper in the laboratory's drawer: it would join what the "
        "person told to what lies there. The sample's id leads a coordinator, and nobody else, to "
        "its label."
    ),
    "id of an analysis": (
        "It stands in the laboratory's own files, and would join them to what the person told."
    ),
    "hours": "Every time is given as its day: an hour and a place are a meeting that somebody saw.",
    "reason of a correction": "Free text of the laboratory.",
    "score": "What a spectrometer proposes, and how well it fits, is the bench's own record.",
    "revision": "How often the tablet sent it says nothing of the rock.",
}


@dataclass(frozen=True, slots=True)
class Rock:
    """What leaves of one sample. `facts` are by their names in the models, codes as written."""

    id: UUID
    site: str
    taken_on: date
    facts: Mapping[str, Any]
    versions: tuple[AssayVersion, ...] = ()
    """Those in force, withdrawn ones too, in the order in which they came; without doubts."""
    standings: Mapping[str, Standing] = field(default_factory=dict)
    """How surely each substance that was spoken of is there, by all of them."""
    warned_of: bool = False
    """Whether a published warning rests on it that was not withdrawn, be it over by now."""

    @property
    def answering(self) -> tuple[Assay, ...]:
        """The final analyses that are more than a first test."""
        return tuple(version.assay for version in self.versions if version.answers)


def without_doubts(version: AssayVersion) -> AssayVersion:
    """A version without what a library proposed under its threshold: the bench's own record.

    Of that its panel says nothing either.
    """
    reached = standings([version])
    doubted = {name for name, standing in reached.items() if standing is Standing.IN_DOUBT}
    if not doubted:
        return version

    results = (result for result in version.assay.results if named(result)[0] not in doubted)
    assay = replace(version.assay, results=tuple(results))
    if version.panel is None:
        return replace(version, assay=assay)

    looks_for = {name: lod for name, lod in version.panel.looks_for.items() if name not in doubted}
    return replace(version, assay=assay, panel=replace(version.panel, looks_for=looks_for))


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What holds of the whole file."""

    organisation: str
    demo: bool
    secret: bytes = field(repr=False)

    def uid(self, schema: str, id: UUID) -> UUID:
        """A name for what leaves the network: always the same, and nobody's without the key."""
        key = hmac.digest(self.secret, b"names of exports", "sha256")
        digest = hmac.digest(key, schema.encode() + id.bytes, hashlib.sha256)
        return UUID(bytes=digest[:16], version=5)


def left_out() -> Iterator[str]:
    """The lines of a loss list that are the same for every schema."""
    for name, why in LEFT_OUT.items():
        yield f"- **{name}**: {why}"
