"""A FHIR R4 Bundle.

A Specimen a rock, a DiagnosticReport an analysis in force, an Observation a result, and one for
each substance that its panel looked for in vain. No Patient: the service knows none. A first test
stays `preliminary`, whoever signed it: it is no answer. A withdrawn analysis stays, as
`entered-in-error` and without results, so that whoever imported it before learns of it.
"""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID, uuid5

from service.evidence.standing import Standing, named, standings
from service.lab.assay import FIRST_TESTS, PUBLISHED, Assay, AssayVersion, Result
from service.observatory.export.rock import Circumstances, Rock
from service.vocabulary.codes import ENGLISH, NO_ANSWER, Basis, Outcome, Status
from service.vocabulary.substances import SUBSTANCES

SCHEMA = "fhir"
UCUM = "http://unitsofmeasure.org"
CAS = "urn:oid:2.16.840.1.113883.6.61"
SNOMED = "http://snomed.info/sct"
ABSENT = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
TEST_DATA = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "HTEST"}
STATUSES = {
    Status.PRELIMINARY: "preliminary",
    Status.FINAL: "final",
    Status.CORRECTED: "corrected",
    Status.WITHDRAWN: "entered-in-error",
}
DETECTED, NOT_THERE = ("260373001", "Detected"), ("260415000", "Not detected")
INTERPRETATION = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"
INTERPRETED = {
    Standing.CONFIRMED: ("DET", "Detected"),
    Standing.INDICATED: ("IND", "Indeterminate"),
    Standing.NOT_FOUND: ("ND", "Not detected"),
}
"""How surely this very analysis says it; no code where it says nothing sure."""
REACTED = "Reacted, not confirmed"

Resource = dict[str, Any]
"""A FHIR resource or a part of one, as it is written to JSON."""


def resources(rock: Rock, circumstances: Circumstances) -> Iterator[Resource]:
    """The entries of one rock, each under its own name; what refers to another stands after it."""
    specimen = circumstances.uid(SCHEMA, rock.id)
    yield _entry(_specimen(rock, specimen), circumstances)

    for version in rock.versions:
        assay = version.assay
        report = circumstances.uid(SCHEMA, assay.id)
        observations = list(_observations(version, specimen, report))
        for observation in observations:
            yield _entry(observation, circumstances)

        ids = [UUID(observation["id"]) for observation in observations]
        yield _entry(_report(assay, specimen, report, ids), circumstances)


def _entry(resource: Resource, circumstances: Circumstances) -> Resource:
    if circumstances.demo:
        resource.setdefault("meta", {})["tag"] = [TEST_DATA]
    return {"fullUrl": _url(UUID(resource["id"])), "resource": resource}


def _url(id: UUID) -> str:
    return f"urn:uuid:{id}"


def _specimen(rock: Rock, id: UUID) -> Resource:
    collection: Resource = {"collectedDateTime": rock.taken_on.isoformat()}
    weight_mg, sold_as = rock.facts["weight_mg"], rock.facts["sold_as"]
    if weight_mg is not None:
        collection["quantity"] = _quantity(weight_mg, "mg")

    specimen: Resource = {
        "resourceType": "Specimen",
        "id": str(id),
        "status": "available",
        "type": {"text": _seen(rock)},
        "collection": collection,
    }
    if sold_as not in (None, *NO_ANSWER):
        specimen["note"] = [{"text": f"Sold as: {sold_as.replace('_', ' ')}"}]
    return specimen


def _seen(rock: Rock) -> str:
    """Its colour and form, as far as they were told."""
    facts = (rock.facts["colour"], rock.facts["form"])
    told = [fact for fact in facts if fact not in (None, *NO_ANSWER, "other")]
    return " ".join(told).replace("_", " ") or "sample of a drug"


def _observations(version: AssayVersion, specimen: UUID, report: UUID) -> Iterator[Resource]:
    assay, own = version.assay, standings([version])
    if assay.rock_weight_mg is not None:
        yield {
            **_observation(assay, specimen, uuid5(report, "weight")),
            "code": {"text": "Weight of the rock in the laboratory"},
            "valueQuantity": _quantity(assay.rock_weight_mg, "mg"),
        }
    for result in assay.results:
        reached = own.get(named(result)[0])
        yield {
            **_observation(assay, specimen, uuid5(report, f"substance {result.substance}")),
            "code": _substance(result.substance),
            **_value(result, reached),
            **_interpretation(reached),
            **_notes(result.expressed_as, _limit(version, result)),
        }
    for substance, lod_percent in _in_vain(version, own):
        yield {
            **_observation(assay, specimen, uuid5(report, f"substance {substance}")),
            "code": _substance(substance),
            **_coded(NOT_THERE),
            **_interpretation(Standing.NOT_FOUND),
            **_notes(None, lod_percent),
        }


def _in_vain(
    version: AssayVersion, own: Mapping[str, Standing]
) -> Iterator[tuple[str, float | None]]:
    """What the panel looked for in vain and no row names, with its limit in percent."""
    if version.panel is None:
        return

    spoken = {named(result)[0] for result in version.assay.results}
    for substance, lod_percent in version.panel.looks_for.items():
        if substance not in spoken and own.get(substance) is Standing.NOT_FOUND:
            yield substance, lod_percent


def _limit(version: AssayVersion, result: Result) -> float | None:
    """Down to where it was looked for in vain, by the row or by the panel."""
    if not result.absent or result.lod_percent is not None or version.panel is None:
        return result.lod_percent if result.absent else None

    return version.panel.looks_for.get(result.substance)


def _observation(assay: Assay, specimen: UUID, id: UUID) -> Resource:
    return {
        "resourceType": "Observation",
        "id": str(id),
        "status": _status(assay),
        "category": [{"coding": [{"system": CATEGORY, "code": "laboratory"}]}],
        "specimen": {"reference": _url(specimen)},
        "effectiveDateTime": assay.analysed_at.date().isoformat(),
        "performer": [{"display": assay.laboratory}],
        "method": {"text": ENGLISH.get(assay.method, assay.method.replace("_", " "))},
    }


def _status(assay: Assay) -> str:
    """A first test is never final: the laboratory's answer is to come."""
    signed = assay.status in PUBLISHED
    if signed and assay.method in FIRST_TESTS:
        return STATUSES[Status.PRELIMINARY]

    return STATUSES[assay.status]


def _substance(name: str) -> Resource:
    known = SUBSTANCES.get(name)
    if known is None:
        return {"text": name}
    if known.cas is None:
        return {"text": known.name}

    return {
        "coding": [{"system": CAS, "code": known.cas, "display": known.name}],
        "text": known.name,
    }


def _value(result: Result, reached: Standing | None) -> Resource:
    """What the analysis says; that it is there, in words that tell how surely."""
    if result.outcome is Outcome.QUANTIFIED:
        return {"valueQuantity": _quantity(result.content_percent or 0.0, "%")}
    if result.outcome is Outcome.NOT_TESTED:
        return {"dataAbsentReason": {"coding": [{"system": ABSENT, "code": "not-performed"}]}}
    if not result.found:
        return _coded(NOT_THERE)
    return _coded(DETECTED) if reached is Standing.CONFIRMED else _reacted()


def _coded(concept: tuple[str, str]) -> Resource:
    code, words = concept
    coding = [{"system": SNOMED, "code": code, "display": words}]
    return {"valueCodeableConcept": {"coding": coding, "text": words}}


def _reacted() -> Resource:
    """Without a code: whoever counts what was detected does not count it."""
    return {"valueCodeableConcept": {"text": REACTED}}


def _interpretation(reached: Standing | None) -> Resource:
    if reached is None or reached not in INTERPRETED:
        return {}

    code, words = INTERPRETED[reached]
    coding = [{"system": INTERPRETATION, "code": code, "display": words}]
    return {"interpretation": [{"coding": coding, "text": reached.value.replace("_", " ")}]}


def _notes(expressed_as: Basis | None, lod_percent: float | None) -> Resource:
    notes = []
    if expressed_as not in (None, Basis.UNKNOWN):
        notes.append({"text": f"Percent by weight, expressed as {expressed_as}"})
    if lod_percent is not None:
        notes.append({"text": f"Limit of detection: {lod_percent:g} percent by weight"})
    return {"note": notes} if notes else {}


def _quantity(value: float, unit: str) -> Resource:
    return {"value": value, "unit": unit, "system": UCUM, "code": unit}


def _report(assay: Assay, specimen: UUID, id: UUID, observations: list[UUID]) -> Resource:
    report: Resource = {
        "resourceType": "DiagnosticReport",
        "id": str(id),
        "meta": {"versionId": str(assay.version)},
        "status": _status(assay),
        "code": {"text": "What is in the sample"},
        "effectiveDateTime": assay.analysed_at.date().isoformat(),
        "performer": [{"display": assay.laboratory}],
        "specimen": [{"reference": _url(specimen)}],
    }
    if observations:
        report["result"] = [{"reference": _url(observation)} for observation in observations]
    return report


LOSSES = (
    "- **What the person told** (price, place, beliefs, effects, age band, gender) has no place in "
    "these resources without a Patient, and the service knows no patient.",
    "- **How surely**: `interpretation` is of this one analysis: DET where the method identifies "
    "what it finds, IND where it can be wrong (a strip, a plate, a spectrum), ND where it looked "
    "in vain. What is IND is never coded as detected.",
    "- **First tests** are `preliminary`, signed or corrected: they answer no sample.",
    "- **What a library proposed under its threshold** is in doubt, and not in the file.",
    "- **Limit of detection**: as a note where something was not found, from the row or from the "
    "method's panel; what the panel looked for and no row names has an Observation of its own.",
    "- **Limit of quantification, uncertainty**: R4 has no element for them in an Observation; "
    "they are in the export `samples`.",
    "- **Versions that were replaced**: each report is as it stands now; `meta.versionId` is its "
    "version.",
    "- **Method**: as text; no code system has all of these.",
    "- **Ids** are made for this export and lead back only with the service's key.",
    "- **Withdrawn** analyses are `entered-in-error`, FHIR's word for a report taken back after "
    "its release, and have no results.",
)
