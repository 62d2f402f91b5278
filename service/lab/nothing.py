"""Words that stand in the place of a substance's name and name none: "Neg", "none detected".

That nothing was found says something only beside a panel, which says what was looked for. That
nobody can tell what it is says something only of a spectrum: the instrument was in doubt. "No
fentanyl" is no name either: printed after "we found", it would say the opposite of a warning.
"""

import itertools
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from service.foundation.problems import Flaw, Unfit
from service.lab.assay import SPECTRA, Assay, Result
from service.lab.names.meaning import Meaning, fold
from service.lab.panel import Panel
from service.vocabulary.codes import Outcome
from service.vocabulary.outcomes import outcome_of
from service.vocabulary.stems import is_denial, is_no_name
from service.vocabulary.substances import resolve

_MAY_BE_NOTHING = frozenset({Outcome.DETECTED, Outcome.IN_DOUBT, Outcome.NOT_DETECTED})


def names_nothing(assay: Assay) -> bool:
    """Whether a name in it may be no substance's."""
    return any(is_no_name(result.substance) for result in assay.results)


def read_words(assay: Assay, panel: Panel | None, meanings: Mapping[str, Meaning]) -> Assay:
    """The assay with an outcome in the place of each word that names no substance.

    Nothing found is "not detected" for all of the panel that no other row names, down to its
    limits; a row in doubt ("fentanyl?") names it, and so does a name that a laboratory has
    explained (`meanings`). Raises Unfit for a word that can be no outcome here.
    """
    named = {_substance(result, meanings) for result in assay.results}
    rest = _not_detected(panel, named)
    results: list[Result] = []
    nothing_found = False

    for index, result in enumerate(assay.results):
        pointer = f"/results/{index}/substance"
        match outcome_of(result.substance):
            case None if is_denial(result.substance):
                raise Unfit(Flaw(pointer, "no-substance"))
            case None:
                results.append(result)
            case "doubt":
                results.append(_in_doubt(assay, result, pointer))
            case "nothing":
                _check_nothing(result, panel, pointer)
                results.extend(itertools.islice(rest, 1))  # in its place: the rows keep theirs
                nothing_found = True

    if nothing_found:
        results.extend(rest)
    return replace(assay, results=tuple(results))


def _substance(result: Result, meanings: Mapping[str, Meaning]) -> str:
    """What a row speaks of, however surely and in whatever words."""
    name = result.substance.rstrip("? ")
    meaning = meanings.get(fold(name))
    return meaning.substance if meaning else resolve(name)


def _not_detected(panel: Panel | None, named: Collection[str]) -> Iterator[Result]:
    """A row for each substance of the panel that no other row names."""
    looks_for = panel.looks_for if panel else {}

    for substance, lod_percent in looks_for.items():
        if substance not in named:
            outcome = Outcome.NOT_DETECTED
            yield Result(substance=substance, outcome=outcome, lod_percent=lod_percent)


def _in_doubt(assay: Assay, result: Result, pointer: str) -> Result:
    proposed = result.outcome in (Outcome.DETECTED, Outcome.IN_DOUBT)
    if assay.method not in SPECTRA or not proposed:
        raise Unfit(Flaw(pointer, "no-substance"))

    return replace(result, outcome=Outcome.IN_DOUBT)


def _check_nothing(result: Result, panel: Panel | None, pointer: str) -> None:
    if result.outcome not in _MAY_BE_NOTHING:
        raise Unfit(Flaw(pointer, "no-substance"))
    if panel is None:
        raise Unfit(Flaw(pointer, "nothing-without-panel"))
