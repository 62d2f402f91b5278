"""What a name means: names that laboratories write, read as the substances of the vocabulary.

A laboratory explains a name once; assays that come later are read by it, and those in force that
found the name are corrected. A result that was read by an explanation remembers what was written.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from service.foundation.problems import Flaw, Unfit
from service.lab.assay import MAX_NAME, PUBLISHED, Assay, Result, flaws_of_text
from service.vocabulary.codes import Status
from service.vocabulary.substances import SUBSTANCES, resolve


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a name was explained to mean: the name as it was spelled, and the substance's code."""

    spelled: str
    substance: str


@dataclass(frozen=True, slots=True)
class ForeignName:
    """A name in force that is not the vocabulary's own: as it was written, and as it is read."""

    written: str
    read_as: str


def fold(name: str) -> str:
    """A name as names are compared: without its capitals and its spaces too many."""
    return " ".join(name.casefold().split())


def written(result: Result) -> str:
    """The name that the laboratory wrote."""
    return result.as_written or result.substance


def as_sent(assay: Assay) -> Assay:
    """The assay with the names that were sent, whatever they have been said to mean since."""
    results = (
        replace(result, substance=written(result), as_written=None) for result in assay.results
    )
    return replace(assay, results=tuple(results))


def renamed(result: Result, code: str) -> Result:
    """The result under this code; it remembers what was written."""
    name = written(result)
    return replace(result, substance=code, as_written=None if code == name else name)


def greatest(results: Iterable[Result]) -> tuple[Result, ...]:
    """One result a substance: where one stands twice, the greater finding stays.

    Found wins over not found, measured over found, more over less: a name never makes a finding
    smaller.
    """
    merged: dict[str, Result] = {}

    for result in results:
        earlier = merged.get(result.substance, result)
        merged[result.substance] = max(earlier, result, key=_greatness)

    return tuple(merged.values())


def _greatness(result: Result) -> tuple[bool, float, bool]:
    content = result.content_percent or 0.0
    return result.found, content if result.found else 0.0, result.absent


def all_known(assay: Assay) -> bool:
    """Whether every name in the assay is a code of the vocabulary."""
    return all(result.substance in SUBSTANCES for result in assay.results)


def read_by(meanings: Mapping[str, Meaning], assay: Assay) -> Assay:
    """The assay with its code in the place of every name that a laboratory has explained.

    `meanings` are by folded name. Raises Unfit where a substance then stands twice.
    """
    results: list[Result] = []
    seen: set[str] = set()

    for index, result in enumerate(assay.results):
        read = _read_by(meanings, result)
        if read.substance in seen:
            raise Unfit(Flaw(f"/results/{index}/substance", "twice"))

        seen.add(read.substance)
        results.append(read)

    return replace(assay, results=tuple(results))


def _read_by(meanings: Mapping[str, Meaning], result: Result) -> Result:
    if result.substance in SUBSTANCES:
        return result

    meaning = meanings.get(fold(result.substance))
    return renamed(result, meaning.substance) if meaning else result


def correction(assay: Assay, name: str, code: str | None) -> Assay | None:
    """The next version of an assay in force, with this name read as this code, or as itself again.

    None where it is read so already. The name and the code are the version's reason.
    """
    results = greatest(_reread(assay.results, name, code))
    if results == assay.results:
        return None

    published = assay.status in PUBLISHED
    return replace(
        assay,
        version=assay.version + 1,
        status=Status.CORRECTED if published else assay.status,
        reason=f"{name} = {code or '?'}",
        results=results,
        confirmed=(),
    )


def _reread(results: Iterable[Result], name: str, code: str | None) -> Iterator[Result]:
    folded = fold(name)

    for result in results:
        if fold(written(result)) == folded:
            yield renamed(result, code or written(result))
        else:
            yield result


def spellings(name: str, names: Iterable[ForeignName]) -> list[str]:
    """Every way in which this name is written, each once."""
    folded = fold(name)
    alike = (foreign.written for foreign in names if fold(foreign.written) == folded)
    return list(dict.fromkeys(alike))


def newly_known(
    names: Sequence[ForeignName], meanings: Mapping[str, Meaning]
) -> Iterator[tuple[str, str]]:
    """Names that the vocabulary has learnt since they were written, each with its code.

    A name that a laboratory has explained keeps that meaning.
    """
    for foreign in names:
        code = resolve(foreign.written)
        known = code in SUBSTANCES and code != foreign.read_as
        if known and fold(foreign.written) not in meanings:
            yield foreign.written, code


def check_name(name: str) -> None:
    """Raise Unfit for a name that is empty, too long, or holds a character nobody sees."""
    if not name.strip():
        raise Unfit(Flaw("/name", "missing"))

    flaws = tuple(flaws_of_text("/name", name, MAX_NAME))
    if flaws:
        raise Unfit(*flaws)


def check_meaning(name: str, code: str) -> None:
    """Raise Unfit for an explanation that would hide something.

    A name in doubt is settled one sample at a time; what the vocabulary knows already needs none.
    """
    if name.endswith("?"):
        raise Unfit(Flaw("/name", "name-in-doubt"))
    if resolve(name) in SUBSTANCES:
        raise Unfit(Flaw("/name", "name-known"))
    if code not in SUBSTANCES:
        raise Unfit(Flaw("/substance", "unknown-substance"))
