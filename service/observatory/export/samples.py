"""Everything the network may keep of its rocks, as a table: one row a result.

Its columns are read off the models. A rock without an answer has one row with empty results, so
that what waits is counted too.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import get_args, get_origin, get_type_hints
from uuid import UUID

from service.evidence.standing import Standing, named
from service.intake.sample import FACTS, GROUPS, Sample
from service.lab.assay import Assay, AssayVersion, Result
from service.observatory.csv import BETWEEN, fact_text
from service.observatory.export.rock import LEFT_OUT, Circumstances, Rock
from service.vocabulary.codes import LISTS
from service.vocabulary.substances import SUBSTANCES, family_of

SAMPLE_FACTS = tuple(name for name in FACTS if name not in LEFT_OUT and name != "taken_at")
ASSAY_FACTS = ("version", "status", "laboratory", "method", "rock_weight_mg")
RESULT_FACTS = tuple(name for name in Result.__dataclass_fields__ if name not in LEFT_OUT)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row stands: a rock, the number of its analysis, a result."""

    rock: Rock
    number: int | None
    version: AssayVersion | None
    result: Result | None
    circumstances: Circumstances

    @property
    def assay(self) -> Assay | None:
        return self.version.assay if self.version else None


Value = Callable[[Place], object]
EXPORTED_STANDINGS = tuple(standing for standing in Standing if standing is not Standing.IN_DOUBT)
"""What is in doubt is not exported."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: how it is read, and its line in the codebook."""

    name: str
    kind: str
    says: str
    value: Value
    unit: str = ""
    codes: tuple[str, ...] = ()


# What each says, in the words of the field list; every column has its line (tests hold it).
SAYS = {
    "reason": "Why it was handed in.",
    "sold_as": "What it was sold as.",
    "sold_as_name": "Its name, where it was sold as something else.",
    "form": "What is seen, not what is believed.",
    "colour": "Seen.",
    "smell": "Smelt.",
    "weight_mg": "On the field scale.",
    "weighed": "What lay on the field scale.",
    "size": "Where there was no scale: under 90 mg, 90 to 220, over 220.",
    "already_used": "Whether some of it was used before.",
    "price_eur": "What was paid.",
    "no_price_because": "Why there is no price.",
    "bought_on": "The day it was bought.",
    "place_type": "The kind of place, never an address.",
    "area": "INSEE code of the commune or arrondissement, or coarser.",
    "seller_type": "The kind of seller, never a name.",
    "guess_percent": "How much cocaine the person thought was in it, before the result.",
    "quality": "What the person thought of it, before the result.",
    "believed_cuts": (
        "What the person thought was mixed in. Empty: was not asked, or named nothing."
    ),
    "effects_blamed_on_cuts": "Effects that the person puts down to the cuts.",
    "basing_cleans": "Whether the person thinks that basing takes out what was mixed in.",
    "ammonia_left": "Whether the person thinks that ammonia is left.",
    "route": "How it is used.",
    "effects_sought": "Told.",
    "effects_felt": "Told.",
    "unexpected_effects": "Whether there were any.",
    "also_uses": "Told.",
    "age_band": "Coarse, and only if they wished.",
    "gender": "Only if they wished.",
    "version": "Of the statement in force; a higher one replaces a lower.",
    "status": "FHIR's words; of a withdrawn analysis nothing else is left.",
    "laboratory": "Who analysed it.",
    "method": "TEDI's list.",
    "rock_weight_mg": (
        "In the laboratory; of the whole rock, unless a piece was weighed or some was used."
    ),
    "substance": (
        "A code of the vocabulary, or the name as the laboratory wrote it where nobody knows it."
    ),
    "outcome": "Of this analysis: 'not_tested' is not 'not_detected', and see `standing`.",
    "content_percent": "As reported, by weight; with the outcome 'quantified' only.",
    "expressed_as": "What the content is expressed as; 1 mg of hydrochloride is 0.893 mg of base.",
    "uncertainty_percent": "Of the value, k = 2.",
    "lod_percent": "Limit of detection.",
    "loq_percent": "Limit of quantification.",
    "replicates": "Contents by the same method, in percent, of which the content is the mean.",
    "as_written": "What the laboratory wrote, where that was explained to mean this substance.",
}
# SINTES' own names of fields, as far as we know them from what it publishes.
# The rest is not guessed.
SINTES = {"reason": "motif de collecte", "sold_as": "appellation annoncée"}
TEDI = {
    "sold_as": "sold_as",
    "form": "sample_form",
    "colour": "colour",
    "price_eur": "unit_price",
    "place_type": "geo_context",
    "seller_type": "provider_relation",
    "already_used": "used_prior_test",
    "gender": "gender",
    "rock_weight_mg": "weight",
    "method": "test_method",
    "substance": "substance_1 to substance_9",
    "content_percent": "subs1_quant to subs9_quant",
}


UNITS = {"_mg": "mg", "_percent": "%", "_eur": "EUR"}
"""The unit of a column by how its name ends."""
KINDS: dict[object, str] = {
    bool: "yes or no",
    int: "whole number",
    float: "number",
    str: "text",
}


def _columns() -> Iterator[Column]:
    yield Column("sample", "uuid", "The sample, as the service knows it.", lambda at: at.rock.id)
    yield Column(
        "demo",
        "yes or no",
        "Whether this is made up: a demo's rows are.",
        lambda at: at.circumstances.demo,
    )
    yield Column("site", "text", "Which site took it in.", lambda at: at.rock.site)
    yield Column(
        "taken_on",
        "day",
        "The day it was taken in, in the service's zone.",
        lambda at: at.rock.taken_on,
    )
    types = get_type_hints(Sample)
    for group in GROUPS.values():
        types |= get_type_hints(group)
    for name in SAMPLE_FACTS:
        yield _column(name, types[name], _of_rock(name))
    yield Column(
        "analysis", "whole number", "Which analysis of this sample, from 1.", lambda at: at.number
    )
    for name in ASSAY_FACTS:
        yield _column(name, get_type_hints(Assay)[name], _of_assay(name))
    yield Column(
        "analysed_on",
        "day",
        "The day of the analysis.",
        _analysed_on,
    )
    yield Column(
        "panel",
        "uuid",
        "The panel of the analysis: what its method looks for beyond the rows.",
        _panel,
    )
    for name in RESULT_FACTS:
        yield _column(name, get_type_hints(Result)[name], _of_result(name))
    yield Column(
        "standing",
        "code",
        "How surely the substance is in the sample, by all its analyses in force: 'confirmed' is "
        "separated and identified against a reference; 'indicated' is a method that can be wrong; "
        "'ruled_out' was indicated, then looked for in vain by a method that confirms.",
        _standing,
        codes=tuple(standing.value for standing in EXPORTED_STANDINGS),
    )
    yield Column(
        "family",
        "code",
        "The substance's family, which decides what is said of it.",
        _family,
    )
    yield Column("cas", "text", "The substance's CAS registry number.", _cas)


def _of_rock(name: str) -> Value:
    return lambda at: at.rock.facts[name]


def _of_assay(name: str) -> Value:
    return lambda at: getattr(at.assay, name, None)


def _of_result(name: str) -> Value:
    return lambda at: getattr(at.result, name, None)


def _analysed_on(at: Place) -> date | None:
    return at.assay.analysed_at.date() if at.assay else None


def _panel(at: Place) -> UUID | None:
    return at.version.panel.id if at.version and at.version.panel else None


def _standing(at: Place) -> str | None:
    return at.rock.standings.get(named(at.result)[0]) if at.result else None


def _family(at: Place) -> str | None:
    return family_of(at.result.substance) if at.result else None


def _cas(at: Place) -> str | None:
    known = SUBSTANCES.get(at.result.substance) if at.result else None
    return known.cas if known else None


def _column(name: str, hint: object, value: Value) -> Column:
    codes = tuple(str(code.value) for code in LISTS.get(name, ()))
    kind = _kind(hint, coded=bool(codes))
    return Column(name, kind, _says(name), value, _unit(name), codes)


def _unit(name: str) -> str:
    for ending, unit in UNITS.items():
        if name.endswith(ending):
            return unit
    return ""


def _says(name: str) -> str:
    """The column's line in the codebook. Raises LookupError where nobody has written it."""
    if name not in SAYS:
        raise LookupError(
            f"codebook: SAYS in service/observatory/export/samples.py says nothing of {name!r}. "
            "Add a line there that tells what it holds, or leave it out of exports (LEFT_OUT in "
            "service/observatory/export/rock.py)."
        )
    return SAYS[name]


def _kind(hint: object, *, coded: bool) -> str:
    held = _without_none(hint)
    if get_origin(held) is tuple:
        numbers = get_args(held)[0] is float
        return f"{'numbers' if numbers else 'codes'} between {BETWEEN}"
    if coded:
        return "code"
    return KINDS.get(held, "day")


def _without_none(hint: object) -> object:
    """Of "a number or None", a number."""
    inner: tuple[object, ...] = get_args(hint)
    if type(None) not in inner:
        return hint
    return next(held for held in inner if held is not type(None))


COLUMNS = tuple(_columns())
HEADER = tuple(column.name for column in COLUMNS)


def rows(rock: Rock, circumstances: Circumstances) -> Iterator[list[str]]:
    """The rows of one rock: a row a result, or one without any."""
    for number, version in enumerate(rock.versions, 1):
        for result in version.assay.results or (None,):
            yield _row(Place(rock, number, version, result, circumstances))
    if not rock.versions:
        yield _row(Place(rock, None, None, None, circumstances))


def _row(at: Place) -> list[str]:
    return [fact_text(column.value(at)) for column in COLUMNS]


def codebook() -> Iterator[list[str]]:
    """The codebook: a row a column."""
    yield ["column", "kind", "unit", "says", "codes", "tedi", "sintes"]
    for column in COLUMNS:
        yield [
            column.name,
            column.kind,
            column.unit,
            column.says,
            BETWEEN.join(column.codes),
            TEDI.get(column.name, ""),
            SINTES.get(column.name, ""),
        ]


LOSSES = (
    "- **What a panel looks for and no row names**: not found, and no row says so; the column "
    "`panel` names the panel.",
    "- **What a spectrometer's library proposed under its threshold**: it is in doubt, and counted "
    "nowhere.",
    "- **Versions that were replaced**: an analysis stands as it does now; `version` tells how "
    "often it changed.",
    "- **What was not asked and what was answered with nothing**: both are empty in a list of "
    "codes.",
    "- **SINTES**: only the field names that we know stand in the codebook (column `sintes`); no "
    "file of its own was at hand to follow.",
    "- **A cell that a spreadsheet would take for a formula** (it begins with = + - @) has an "
    "apostrophe first.",
)
