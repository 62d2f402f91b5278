"""How surely a substance is in a sample: one function, from what each assay in force says of it.

A clinician and a chemist sign the sets of methods below; each is named so that it can be signed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from service.lab.assay import FIRST_TESTS, SPECTRA, AssayVersion, Result
from service.vocabulary.codes import Method, Outcome, Status
from service.vocabulary.stems import family_by_stem, is_no_name
from service.vocabulary.substances import is_class, resolve

CONFIRMATORY = frozenset({Method.GC_MS, Method.LC_MS, Method.LC_HRMS})
"""Separates, and identifies against a reference: what it finds is there."""


class Standing(StrEnum):
    """How surely a substance is in a sample, the surest first."""

    CONFIRMED = "confirmed"
    """Separated and identified against a reference."""
    INDICATED = "indicated"
    """A method that can be wrong reacted."""
    RULED_OUT = "ruled_out"
    """Indicated, then looked for down to a stated limit by a method that confirms, in vain."""
    NOT_FOUND = "not_found"
    """Looked for in vain, by the methods that spoke and by their panels."""
    IN_DOUBT = "in_doubt"
    """A library proposed it, under its threshold: no more than the instrument's record."""
    NOT_LOOKED_FOR = "not_looked_for"
    """No row and no panel names it, or a row says that it was not tested."""


PRESENT = frozenset({Standing.CONFIRMED, Standing.INDICATED})
"""It is there, surely or not."""


@dataclass(frozen=True, slots=True)
class Statement:
    """What one assay in force says of one substance.

    `in_doubt` tells that the name itself was written with a question mark. `lod_percent` is the
    limit that it states, in percent by weight.
    """

    method: Method
    outcome: Outcome
    final: bool
    in_doubt: bool = False
    lod_percent: float | None = None


def standing(statements: Sequence[Statement]) -> Standing:
    """How surely a substance is there, by all that is said of it.

    Found wins among equals: only a method that confirms, that is final and that states its limit,
    rules out what no method confirmed.
    """
    alone = {_alone(statement) for statement in statements}

    if Standing.CONFIRMED in alone:
        return Standing.CONFIRMED
    if Standing.INDICATED in alone:
        settled = any(_settles(statement) for statement in statements)
        return Standing.RULED_OUT if settled else Standing.INDICATED

    # "Not tested" is told, and a doubt changes nothing that is told.
    for weaker in (Standing.NOT_FOUND, Standing.NOT_LOOKED_FOR, Standing.IN_DOUBT):
        if weaker in alone:
            return weaker
    return Standing.NOT_LOOKED_FOR


def _alone(statement: Statement) -> Standing:
    """How surely it is there if nobody else had spoken."""
    match statement.outcome:
        case Outcome.NOT_DETECTED:
            return Standing.NOT_FOUND if _may_deny(statement) else Standing.NOT_LOOKED_FOR
        case Outcome.IN_DOUBT:
            return Standing.IN_DOUBT
        case Outcome.NOT_TESTED:
            return Standing.NOT_LOOKED_FOR

    if statement.in_doubt:
        by_library = statement.method in SPECTRA
        return Standing.IN_DOUBT if by_library else Standing.INDICATED
    return Standing.CONFIRMED if _confirms(statement) else Standing.INDICATED


def _may_deny(statement: Statement) -> bool:
    """Whether its "not there" counts: a first test's at once, any other's once it is signed."""
    return statement.final or statement.method in FIRST_TESTS


def _confirms(statement: Statement) -> bool:
    """Whether this method identifies what it finds; liquid with ultraviolet, what it measures."""
    if statement.method is Method.HPLC_UV:
        return statement.outcome is Outcome.QUANTIFIED

    return statement.method in CONFIRMATORY


def _settles(statement: Statement) -> bool:
    """Whether it looked down to a stated limit, by a method that confirms, and found none."""
    absent = statement.outcome is Outcome.NOT_DETECTED
    looked_well = statement.method in CONFIRMATORY and statement.lod_percent is not None
    return absent and looked_well and statement.final


# --- From assays ----------------------------------------------------------------------------------


def standings(versions: Sequence[AssayVersion]) -> dict[str, Standing]:
    """Each substance that an assay in force names or has on its panel, in the order of the rows.

    A name that nobody knows, and an entry that stands for a whole class, is never confirmed: what
    it is has not been said.
    """
    statements: dict[str, list[Statement]] = {}
    for version in versions:
        if version.in_force:
            for substance, statement in _statements(version):
                statements.setdefault(substance, []).append(statement)

    return {substance: _capped(substance, standing(said)) for substance, said in statements.items()}


def _capped(substance: str, reached: Standing) -> Standing:
    vague = is_class(substance) or family_by_stem(substance) is not None
    return Standing.INDICATED if vague and reached is Standing.CONFIRMED else reached


def _statements(version: AssayVersion) -> Iterator[tuple[str, Statement]]:
    """What the rows say; then, in vain, what the panel looks for and no row names."""
    spoken = set()
    for result in version.assay.results:
        if is_no_name(result.substance):
            continue  # as older rows may
        substance, in_doubt = named(result)
        spoken.add(substance)
        yield substance, _statement(version, result, in_doubt)

    if version.panel is None or version.assay.status is Status.WITHDRAWN:
        return
    for substance, lod_percent in version.panel.looks_for.items():
        if substance not in spoken:
            yield (
                substance,
                Statement(
                    method=version.assay.method,
                    outcome=Outcome.NOT_DETECTED,
                    final=version.published,
                    lod_percent=lod_percent,
                ),
            )


def named(result: Result) -> tuple[str, bool]:
    """The substance, and whether its name stands with a question mark."""
    if not result.substance.endswith("?"):
        return result.substance, False

    return resolve(result.substance.rstrip("? ")), True


def _statement(version: AssayVersion, result: Result, in_doubt: bool) -> Statement:
    return Statement(
        method=version.assay.method,
        outcome=_outcome(result),
        final=version.published,
        in_doubt=in_doubt,
        lod_percent=_limit(version, result),
    )


def _outcome(result: Result) -> Outcome:
    """A measured content of zero is how some instruments write that it is not there."""
    return Outcome.NOT_DETECTED if result.absent else result.outcome


def _limit(version: AssayVersion, result: Result) -> float | None:
    """The limit that the row states, else that of the panel."""
    if result.lod_percent is not None or version.panel is None:
        return result.lod_percent

    return version.panel.looks_for.get(result.substance)
