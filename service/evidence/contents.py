"""How much there is of each substance: the best method's content, never an average.

A strip or a plate shows that something is there, not how much; what a first test measured counts
for nothing.
"""

from collections.abc import Collection, Iterator, Sequence
from uuid import UUID

from service.evidence.finding import Content
from service.evidence.standing import CONFIRMATORY
from service.lab.assay import FIRST_TESTS, AssayVersion, Result
from service.vocabulary.codes import Basis, Method, Outcome
from service.vocabulary.substances import COCAINE_BASE_PER_HYDROCHLORIDE

BEST_METHODS = (
    Method.GC_MS,
    Method.LC_MS,
    Method.LC_HRMS,
    Method.HPLC_UV,
    Method.DIRECT_MS,
    Method.FTIR,
    Method.RAMAN,
    Method.TLC,
    Method.TEST_STRIP,
    Method.OTHER,
)
"""Best first, for a content: separation and reference standards before spectra and strips."""

NO_NUMBERS = frozenset({Method.TEST_STRIP, Method.TLC})
"""What shows that something is there, and not how much of it."""

RANKS = (
    CONFIRMATORY,
    frozenset({Method.HPLC_UV}),
    frozenset({Method.DIRECT_MS}),
    frozenset({Method.OTHER}),
)
"""Methods whose contents weigh the same: where two of them disagree, neither is believed more."""

ASSUMED_UNCERTAINTY_PERCENT = 10.0
"""Of a content whose laboratory stated none, in percent of the value. Ours, to be signed."""

MEASURING = CONFIRMATORY | {Method.HPLC_UV}
"""What would have measured cocaine, had there been some: its "not detected" is a content of 0."""


def contents_of(answering: Sequence[AssayVersion]) -> dict[str, float]:
    """Percent by weight of each measured substance, by the best method that measured it.

    A first test measures nothing.
    """
    best_last = sorted(answering, key=lambda version: -BEST_METHODS.index(version.assay.method))
    return {
        result.substance: result.content_percent
        for result in results_of(best_last)
        if result.content_percent is not None
    }


def limits_of(answering: Sequence[AssayVersion]) -> dict[str, float]:
    """Substances found but never quantified, each with its lowest stated limit in percent."""
    results = [result for result in results_of(answering) if result.found]
    measured = {result.substance for result in results if result.outcome is Outcome.QUANTIFIED}
    limits: dict[str, float] = {}

    for result in results:
        limit = result.loq_percent
        if limit is not None and result.substance not in measured:
            limits[result.substance] = min(limit, limits.get(result.substance, limit))

    return limits


def measured_by(final: Sequence[AssayVersion]) -> tuple[Content, ...]:
    """Cocaine's content by every method that measured it, as base where that can be known.

    The best stands first, a measured nothing last; of two by the same method the greater stands
    first. A strip or a plate shows that it is there, not how much.
    """
    contents: list[Content] = []

    for version in final:
        assay = version.assay
        if assay.method in NO_NUMBERS:
            continue
        contents.extend(
            _content(result, assay.method, assay.id)
            for result in assay.results
            if result.substance == "cocaine" and result.content_percent is not None
        )

    return tuple(sorted(contents, key=_best_first))


def _content(result: Result, method: Method, assay: UUID) -> Content:
    percent, basis = as_base(result)
    return Content(percent, basis, result.uncertainty_percent, method, assay)


def _best_first(content: Content) -> tuple[bool, int, float]:
    return not content.percent, BEST_METHODS.index(content.method), -content.percent


def best_measurement(measured: Sequence[Content], found: Collection[str]) -> Content | None:
    """The content to go by; None where nothing was measured.

    Where any method found cocaine, a measured nothing does not count: found wins.
    """
    answers = [content for content in measured if content.method not in FIRST_TESTS]
    if not answers:
        return None

    best = answers[0]
    contradicted = not best.percent and "cocaine" in found
    return None if contradicted else best


def as_base(result: Result) -> tuple[float, Basis]:
    """A content of cocaine as base.

    As reported, with its basis unknown, where the laboratory did not say.
    """
    percent = result.content_percent or 0.0
    if result.expressed_as is Basis.HYDROCHLORIDE:
        return percent * COCAINE_BASE_PER_HYDROCHLORIDE, Basis.BASE

    return percent, result.expressed_as or Basis.UNKNOWN


def rivals(measured: Sequence[Content], best: Content | None) -> tuple[Content, ...]:
    """The content that counts, and those of its rank that differ from it by more than both can be
    wrong. None of them is averaged.
    """
    if best is None:
        return ()

    rank = next(rank for rank in (*RANKS, {best.method}) if best.method in rank)
    others = (
        content
        for content in measured
        if content is not best and content.percent and content.method in rank
    )
    return (best, *(other for other in others if _differ(best, other)))


def _differ(one: Content, other: Content) -> bool:
    if one.basis is not other.basis:
        return False
    return abs(one.percent - other.percent) > _margin(one) + _margin(other)


def _margin(content: Content) -> float:
    uncertainty = content.uncertainty_percent
    if uncertainty is None:
        uncertainty = ASSUMED_UNCERTAINTY_PERCENT
    return content.percent * uncertainty / 100


def results_of(versions: Sequence[AssayVersion]) -> Iterator[Result]:
    """Every result of these assays, in their order."""
    for version in versions:
        yield from version.assay.results
