"""Bodies as a tablet and a laboratory send them."""

from typing import Any


def rock_body(code: str, **facts: Any) -> dict[str, Any]:
    """A sample with every field filled, as in the contract; `facts` replace top-level fields."""
    return {
        "revision": 1,
        "taken_at": "2026-11-20T23:10:00+01:00",
        "pickup_code": code,
        "reason": "wants_to_know",
        "sold_as": "crack",
        "form": "rock",
        "colour": "off_white",
        "smell": "none",
        "weight_mg": 138,
        "weighed": "whole_rock",
        "size": None,
        "already_used": False,
        "transaction": {
            "price_eur": 20,
            "no_price_because": None,
            "bought_on": "2026-11-20",
            "place_type": "street",
            "area": "75118",
            "seller_type": "street_seller",
        },
        "beliefs": {
            "guess_percent": 40,
            "quality": "average",
            "believed_cuts": ["amphetamine", "buprenorphine"],
            "effects_blamed_on_cuts": ["tight_jaw"],
            "basing_cleans": True,
            "ammonia_left": False,
        },
        "use": {
            "route": "smoked",
            "effects_sought": [],
            "effects_felt": ["tight_jaw"],
            "unexpected_effects": False,
            "also_uses": ["alcohol"],
        },
        "person": {"age_band": "35-44", "gender": "woman"},
        "card_languages": ["ru", "fr"],
        "note_to_lab": None,
        **facts,
    }


def result(substance: str, outcome: str = "detected", **more: Any) -> dict[str, Any]:
    return {"substance": substance, "outcome": outcome, **more}


def cocaine(percent: float, expressed_as: str = "base") -> dict[str, Any]:
    return result("cocaine", "quantified", content_percent=percent, expressed_as=expressed_as)


USUAL = (
    result(
        "cocaine",
        "quantified",
        content_percent=57.0,
        expressed_as="base",
        uncertainty_percent=5,
        lod_percent=0.1,
        loq_percent=0.5,
    ),
    result("levamisole"),
    result("amphetamine", "not_detected", lod_percent=0.1),
    result("buprenorphine", "not_tested"),
)


def assay_body(label: str, *results: dict[str, Any], **facts: Any) -> dict[str, Any]:
    """An assay as in the contract; `facts` replace top-level fields."""
    return {
        "lab_label": label,
        "version": 1,
        "status": "final",
        "reason": None,
        "laboratory": "chu-lille-toxicology",
        "method": "gc_ms",
        "analysed_at": "2026-11-22T09:00:00+01:00",
        "rock_weight_mg": 138.4,
        "results": list(results or USUAL),
        **facts,
    }
