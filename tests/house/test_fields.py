"""A fact that is added to a sample is added everywhere: what is forgotten is named with its file.

CONTRIBUTING, "A new field of a sample", has the steps.
"""

import re
from collections.abc import Iterable

from service.foundation.settings import ROOT
from service.foundation.strict import Strict
from service.intake.sample import FACTS, GROUP_FACTS, OWN_FACTS
from service.intake.tables import SampleRow
from service.intake.wire import (
    SAMPLE_EXAMPLE,
    BeliefsIn,
    PersonIn,
    SampleIn,
    SampleOut,
    TransactionIn,
    UseIn,
)

WIRE_GROUPS: dict[str, type[Strict]] = {
    "transaction": TransactionIn,
    "beliefs": BeliefsIn,
    "use": UseIn,
    "person": PersonIn,
}
# What a tablet sends without asking: it counts and looks at its clock.
NEVER_ASKED = frozenset({"revision", "taken_at"})
SCRIPT = "service/pages/static/tablet/fields.js"
ASKED = re.compile(r'(?:oneOf|severalOf|yesNo)\(\s*"([\w/]+)"|path: "([\w/]+)"')


def differences(where: str, has: Iterable[str], *, wanted: Iterable[str] = FACTS) -> list[str]:
    """What is missing or too much there, in words that say where to mend it."""
    missing = [f"{where} says nothing of {name!r}: add it" for name in set(wanted) - set(has)]
    strange = [f"{where} has {name!r}, which no sample has" for name in set(has) - set(wanted)]
    return sorted(missing + strange)


def paths() -> list[str]:
    """Every fact by its path in the body, as in `beliefs/quality`."""
    grouped = [f"{group}/{name}" for group, names in GROUP_FACTS.items() for name in names]
    return [*OWN_FACTS, *grouped]


def paths_in(body: dict[str, object]) -> list[str]:
    found: list[str] = []
    for name, value in body.items():
        found += [f"{name}/{inner}" for inner in value] if isinstance(value, dict) else [name]
    return found


def test_the_table_has_a_column_for_each() -> None:
    added_by_the_service = {
        "id",
        "site",
        "lab_label",
        "state",
        "closed",
        "received_at",
        "updated_at",
    }
    columns = set(SampleRow.model_fields) - added_by_the_service
    assert differences("SampleRow in service/intake/tables.py", columns) == []


def test_it_can_be_sent() -> None:
    top = set(SampleIn.model_fields) - {*WIRE_GROUPS, "pickup_code", "card_languages"}
    found = differences("SampleIn in service/intake/wire.py", top, wanted=OWN_FACTS)

    for group, model in WIRE_GROUPS.items():
        where = f"{model.__name__} in service/intake/wire.py"
        found += differences(where, model.model_fields, wanted=GROUP_FACTS[group])
    assert found == []


def test_the_example_shows_each() -> None:
    shown = set(paths_in(SAMPLE_EXAMPLE)) - {"pickup_code", "card_languages"}
    where = "SAMPLE_EXAMPLE in service/intake/wire.py"
    assert differences(where, shown, wanted=paths()) == []


def test_it_comes_back() -> None:
    where = "SampleOut in service/intake/wire.py"
    assert (
        differences(where, set(SampleOut.__annotations__) & set(OWN_FACTS), wanted=OWN_FACTS) == []
    )


def test_a_tablet_asks_for_it() -> None:
    text = (ROOT / SCRIPT).read_text()
    screens = text[: text.index("export const FIELDS")]
    asked = {called or path for called, path in ASKED.findall(screens)}

    where = f"SCREENS in {SCRIPT}"
    wanted = set(paths()) - NEVER_ASKED
    assert differences(where, asked - {"card_languages"}, wanted=wanted) == []


def test_what_is_forgotten_is_named_with_its_file() -> None:
    found = differences("SampleIn in service/intake/wire.py", FACTS, wanted=(*FACTS, "planted"))
    assert found == ["SampleIn in service/intake/wire.py says nothing of 'planted': add it"]
