"""What crosses HTTP of a finding."""

from typing import Any
from uuid import UUID

from service.evidence.dose import Amount
from service.evidence.finding import Finding, families
from service.evidence.reference import SOURCE, YEARS
from service.vocabulary.codes import Basis

FINDING_EXAMPLE = {
    "sample_id": "0192f3a1-7c3e-7000-8000-3d1f5a2b9c01",
    "state": "answered",
    "weight_mg": 138.4,
    "content": {
        "percent": 57.0,
        "basis": "base",
        "uncertainty_percent": 5,
        "method": "gc_ms",
        "assay": "0192f3b0-1d2e-7000-8000-6a7b8c9d0e01",
    },
    "also_measured": [],
    "amount": {"low_mg": 74.9, "middle_mg": 78.9, "high_mg": 82.8, "level": 0.95, "basis": "base"},
    "estimate": None,
    "found": ["cocaine", "levamisole"],
    "found_early": [],
    "below_loq": {},
    "not_found": ["amphetamine"],
    "not_tested": ["buprenorphine"],
    "unexpected": [],
    "families": {"cocaine": "found", "levamisole": "found", "stimulant": "not_found", "opioid": "not_tested"},
    "warned": [],
    "inconclusive": False,
    "answered_at": "2026-11-22T10:12:00Z",
    "replaced_at": None,
    "recent": [],
}


def finding_out(id: UUID, finding: Finding) -> dict[str, Any]:
    """Amounts in mg, contents in percent by weight; while waiting the expected amount and what it rests on."""
    content = finding.content
    return {
        "sample_id": id,
        "state": finding.state,
        "weight_mg": finding.weight_mg,
        "content": content,
        "also_measured": finding.measured[1:],
        "amount": _amount(finding.amount, content.basis if content else Basis.UNKNOWN),
        "estimate": (
            {**(_amount(finding.expected, Basis.BASE) or {}), "rests_on": {"source": SOURCE, "years": YEARS}}
            if finding.expected
            else None
        ),
        "found": finding.found,
        "below_loq": finding.below,
        "not_found": sorted(finding.not_found),
        "not_tested": sorted(finding.not_tested),
        "found_early": finding.found_early,
        "unexpected": finding.seen_unknown,
        "families": families(finding),
        "warned": sorted(finding.warned),
        "inconclusive": finding.inconclusive,
        "answered_at": finding.answered_at,
        "replaced_at": finding.replaced_at,
        "recent": sorted(finding.recent),
    }


def _amount(amount: Amount | None, basis: Basis) -> dict[str, Any] | None:
    if amount is None:
        return None
    return {
        "low_mg": amount.low_mg,
        "middle_mg": amount.middle_mg,
        "high_mg": amount.high_mg,
        "level": amount.level,
        "basis": basis,
    }
