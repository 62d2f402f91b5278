"""What stands in the braces of a message: names, amounts and days, from a finding.

A value raises ValueError where a number would be impossible: such a message is not said.
"""

from collections.abc import Callable, Mapping
from zoneinfo import ZoneInfo

from service.evidence.dose import Amount
from service.evidence.finding import Finding
from service.vocabulary.substances import Family
from service.wording.catalogue import Mg, Names, Value, whole
from service.wording.predicates import alerts, result

Values = Callable[[Finding], Mapping[str, Value]]


def names(chosen: Callable[[Finding], tuple[str, ...]]) -> Values:
    """These substances, each by its name."""
    return lambda f: {"name": Names(chosen(f))}


def found(*families: Family) -> Values:
    return names(lambda f: f.found_in(*families))


def sure(*families: Family) -> Values:
    return names(lambda f: alerts.sure_of(f, *families))


def indicated(*families: Family) -> Values:
    return names(lambda f: alerts.only_indicated_of(f, *families))


def expected_substances(*families: Family) -> Values:
    return names(lambda f: alerts.expected_of(f, *families))


def told_and_found(f: Finding) -> Mapping[str, Value]:
    return {"told": Names(result.told_names(f)), "name": Names(result.named(f))}


def told_alone(f: Finding) -> Mapping[str, Value]:
    return {"told": Names(result.told_names(f))}


def share(f: Finding) -> Mapping[str, Value]:
    measured = result.measured_most(f)
    if measured is None or measured[1] > 100:
        raise ValueError("no content from 0 to 100 %")
    name, percent = measured
    return {"name": Names((name,)), "parts": whole(percent / 10)}


def amount_range(f: Finding) -> Mapping[str, Value]:
    return {"weight": amounts(f)["weight"], **bounds(f.amount)}


def guess_and_parts(f: Finding) -> Mapping[str, Value]:
    return {"guess": result.guess(f), "parts": result.parts(f)}


def amounts(f: Finding) -> Mapping[str, Value]:
    """The rock's weight and its cocaine.

    Raises ValueError where they cannot be said in whole mg.
    """
    if f.weight_mg is None or f.amount is None or f.amount.middle_mg > f.weight_mg * (1 + 1e-9):
        raise ValueError("an amount needs a weight, and is no larger")

    if f.weight_mg < 1:
        raise ValueError("'0 mg' says nothing")
    return {"weight": Mg(f.weight_mg), "amount": Mg(f.amount.middle_mg)}


def bounds(amount: Amount | None) -> Mapping[str, Value]:
    """The ends of an interval. Raises ValueError where there is none."""
    if amount is None or amount.low_mg is None or amount.high_mg is None:
        raise ValueError("no interval")
    return {"low": Mg(amount.low_mg), "high": Mg(amount.high_mg)}


def expected_amount(f: Finding) -> Mapping[str, Value]:
    if f.weight_mg is None or f.weight_mg < 1:
        raise ValueError("an estimate needs a weight in whole mg")
    return {"weight": Mg(f.weight_mg), **bounds(f.expected)}


def replaced_on(zone: ZoneInfo) -> Values:
    def values(f: Finding) -> Mapping[str, Value]:
        if f.replaced_at is None:
            raise ValueError("nothing was replaced")
        return {"date": f.replaced_at.astimezone(zone).date()}

    return values
