"""A FHIR R4 Bundle.

A Specimen a rock, a DiagnosticReport an analysis in force, an Observation a result. No Patient: the
service knows none. A withdrawn analysis stays, as `entered-in-error` and without results, so that
whoever imported it before learns of it.
"""

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid5

from service.lab.assay import Assay, Result
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
PRESENT, NOT_THERE = ("260373001", "Detected"), ("260415000", "Not detected")


Resource = dict[str, Any]
"""A FHIR resource or a part of one, as it is written to JSON."""


def resources(rock: Rock, circumstances: Circumstances) -> Iterator[Resource]:
    """The entries of one rock, each under its own name; what refers to another stands after it."""
    specimen = circumstances.uid(SCHEMA, rock.id)
    yield _entry(_specimen(rock, specimen), circumstances)

    for assay in rock.assays:
        report = circumstances.uid(SCHEMA, assay.id)
        observations = list(_observations(assay, specimen, report))
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


def _observations(assay: Assay, specimen: UUID, report: UUID) -> Iterator[Resource]:
    if assay.rock_weight_mg is not None:
        yield {
            **_observation(assay, specimen, uuid5(report, "weight")),
            "code": {"text": "Weight of the rock in the laboratory"},
            "valueQuantity": _quantity(assay.rock_weight_mg, "mg"),
        }
    for result in assay.results:
        yield {
            **_observation(assay, specimen, uuid5(report, f"substance {result.substance}")),
            "code": _substance(result.substance),
            **_value(result),
        }


def _observation(assay: Assay, specimen: UUID, id: UUID) -> Resource:
    return {
        "resourceType": "Observation",
        "id": str(id),
        "status": STATUSES[assay.status],
        "category": [{"coding": [{"system": CATEGORY, "code": "laboratory"}]}],
        "specimen": {"reference": _url(specimen)},
        "effectiveDateTime": assay.analysed_at.date().isoformat(),
        "performer": [{"display": assay.laboratory}],
        "method": {"text": ENGLISH.get(assay.method, assay.method.replace("_", " "))},
    }


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


def _value(result: Result) -> Resource:
    match result.outcome:
        case Outcome.QUANTIFIED:
            return _content(result)
        case Outcome.NOT_TESTED:
            return {"dataAbsentReason": {"coding": [{"system": ABSENT, "code": "not-performed"}]}}
        case _:
            code, words = PRESENT if result.found else NOT_THERE
            return {
                "valueCodeableConcept": {
                    "coding": [{"system": SNOMED, "code": code, "display": words}],
                    "text": words,
                }
            }


def _content(result: Result) -> Resource:
    content: Resource = {"valueQuantity": _quantity(result.content_percent or 0.0, "%")}
    if result.expressed_as not in (None, Basis.UNKNOWN):
        content["note"] = [{"text": f"Percent by weight, expressed as {result.expressed_as}"}]
    return content


def _quantity(value: float, unit: str) -> Resource:
    return {"value": value, "unit": unit, "system": UCUM, "code": unit}


def _report(assay: Assay, specimen: UUID, id: UUID, observations: list[UUID]) -> Resource:
    report: Resource = {
        "resourceType": "DiagnosticReport",
        "id": str(id),
        "meta": {"versionId": str(assay.version)},
        "status": STATUSES[assay.status],
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
    "- **Limits of detection and quantification, uncertainty**: R4 has no element for them in an "
    "Observation; they are in the export `samples`.",
    "- **Versions that were replaced**: each report is as it stands now; `meta.versionId` is its "
    "version.",
    "- **Method**: as text; no code system has all of these.",
    "- **Ids** are made for this export and lead back only with the service's key.",
    "- **Withdrawn** analyses are `entered-in-error`, FHIR's word for a report taken back after "
    "its release, and have no results.",
)
