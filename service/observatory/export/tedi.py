"""Rows in the schema that the TEDI network proposes for shared data.

There is one a rock with a final answer. Required and left empty is what the service does not know:
nothing is made up to fill it. The schema has no place for how surely a substance is there, so only
what is confirmed is named.
"""

from collections.abc import Iterator, Sequence

from service.evidence.contents import BEST_METHODS
from service.evidence.standing import Standing, named
from service.lab.assay import Assay, Result
from service.observatory.export.rock import Circumstances, Rock
from service.vocabulary.codes import ENGLISH, NO_ANSWER, Method, SoldAs
from service.vocabulary.substances import SUBSTANCES

SCHEMA = "tedi"
PLACES = 9
METHODS = {
    Method.FTIR: "FTIR/ RAMAN",
    Method.RAMAN: "FTIR/ RAMAN",
    Method.TLC: "TLC",
    Method.TEST_STRIP: "ANTIBODY TEST STRIPS",
    Method.HPLC_UV: "(U)HPLC-UV",
    Method.LC_MS: "(U)HPLC-MS",
    Method.GC_MS: "GC-MS",
    Method.LC_HRMS: "LC-HRMS",
    Method.DIRECT_MS: "DIRECT MS",
}
GENDERS = {"woman": "F", "man": "M", "other": "NB"}


def _names(place: int) -> tuple[str, str, str]:
    return f"substance_{place}", f"subs{place}_quant", f"subs{place}_unit"


HEADER = (
    "sample_uid",
    "date",
    "organisation",
    "country",
    "city",
    "service_type",
    "test_method",
    "alert",
    "sold_as",
    "alias",
    "sample_form",
    "colour",
    "weight",
    "height",
    "width",
    "thickness",
    "logo",
    "image",
    *(name for place in range(1, PLACES + 1) for name in _names(place)),
    "unit_price",
    "price_currency",
    "geo_context",
    "provider_relation",
    "used_prior_test",
    "age",
    "gender",
)


def row(
    rock: Rock, found: Sequence[Result], circumstances: Circumstances
) -> dict[str, object] | None:
    """One rock, and what was found in it, by the schema's names.

    None where no final answer is in force.
    """
    if not rock.answering:
        return None

    best = min(rock.answering, key=_rank)
    facts = rock.facts
    cells: dict[str, object] = dict.fromkeys(HEADER)
    cells |= {
        "sample_uid": circumstances.uid(SCHEMA, rock.id),
        "date": max(assay.analysed_at for assay in rock.answering).date(),
        "organisation": circumstances.organisation,
        "country": "France",
        "test_method": METHODS.get(best.method),
        "alert": rock.warned_of,
        "sold_as": _sold_as(facts["sold_as"], facts["sold_as_name"]),
        "sample_form": _told(facts["form"]),
        "colour": _told(facts["colour"]),
        "weight": best.rock_weight_mg or facts["weight_mg"],
        "unit_price": facts["price_eur"],
        "price_currency": "EUR" if facts["price_eur"] is not None else None,
        "geo_context": _told(facts["place_type"]),
        "provider_relation": _told(facts["seller_type"]),
        "used_prior_test": facts["already_used"],
        "gender": GENDERS.get(facts["gender"] or ""),
    }
    for place, result in enumerate(found[:PLACES], 1):
        cells |= _substance(place, result)
    return cells


def _substance(place: int, result: Result) -> dict[str, object]:
    name, quantity, unit = _names(place)
    known = SUBSTANCES.get(result.substance)

    cells: dict[str, object] = {name: known.name if known else result.substance}
    if result.content_percent is not None:
        cells |= {quantity: result.content_percent, unit: "%"}
    return cells


def found(rock: Rock) -> list[Result]:
    """What is confirmed, each substance once, the most first.

    It is the result of the best method that measured it.
    """
    best: dict[str, Result] = {}
    for assay in sorted(rock.answering, key=_rank):
        for result in assay.results:
            if not result.found or rock.standings[named(result)[0]] is not Standing.CONFIRMED:
                continue

            held = best.get(result.substance)
            if held is None or _measures_what_was_seen(result, held):
                best[result.substance] = result

    return sorted(best.values(), key=lambda result: -(result.content_percent or 0.0))


def _measures_what_was_seen(result: Result, held: Result) -> bool:
    return held.content_percent is None and bool(result.content_percent)


def _rank(assay: Assay) -> int:
    """The best method first."""
    return BEST_METHODS.index(assay.method)


def _told(code: str | None) -> str | None:
    if code is None or code in NO_ANSWER:
        return None
    return code.replace("_", " ")


def _sold_as(code: str | None, name: str | None) -> str | None:
    """What it was sold as, in words; the name where it was something else."""
    if code == SoldAs.OTHER and name:
        known = SUBSTANCES.get(name)
        return f"other: {known.name if known else name}"

    return ENGLISH.get(code, _told(code)) if code else None


MADE_FROM = {
    "sample_uid": "the sample, under a name of its own that leads back only with the service's key",
    "date": "the last day of analysis",
    "organisation": "as the export was asked for",
    "country": "France",
    "test_method": "the best method of those that answered",
    "alert": "whether a published notice rests on it that was not withdrawn",
    "sold_as": "sold_as; where it is other, its name",
    "sample_form": "form",
    "colour": "colour",
    "weight": "rock_weight_mg, else weight_mg",
    "unit_price": "price_eur, for the rock",
    "price_currency": "EUR where there is a price",
    "geo_context": "place_type",
    "provider_relation": "seller_type",
    "used_prior_test": "already_used: some of it was used",
    "gender": "woman F, man M, other NB",
}


def codebook() -> Iterator[list[str]]:
    """Which of our columns each of the schema's names is made from."""
    yield ["name", "made from"]
    for name in HEADER:
        usual = "substance, the most first" if name.startswith("subs") else "not known"
        yield [name, MADE_FROM.get(name, usual)]


LOSSES = (
    "- **What was looked for and not found**, and what was not tested: the schema names only what "
    "is there.",
    "- **Limits and uncertainty** of each result, and what a content is expressed as (base or "
    "hydrochloride).",
    "- **More than nine substances**: the nine with the most by weight are named.",
    "- **Several analyses**: one method is named, the best; a substance is as the method has it "
    "that measured it.",
    "- **Rocks without a final answer** are not in the file; a strip, a plate or a spectrum alone "
    "is none.",
    "- **What is not confirmed**: the schema has no place for how surely a substance is there, so "
    "what only a method that can be wrong reacted to is not named.",
    "- **Age**: the schema wants a number; we ask for a band, and would have to make one up. Left "
    "empty.",
    "- **City**: we hold no city, only the site; to name a small site would be to name a few "
    "people. Left empty.",
    "- **Service type**: the schema has no list yet. **Weight** is the rock's; the schema means "
    "tablets.",
    "- **Method 'other'** has no place in the list and is left empty.",
    "- Beliefs, effects and everything else that people told: the schema has no place for it.",
)
