"""A survey as it is told to programs: names and numbers, the published ones beside them."""

from collections.abc import Mapping

from service.access.site import SYNTHETIC
from service.evidence.reference import SURVEY, Reference
from service.observatory.disclosure import (
    BluntCorrelation,
    BluntMiddle,
    BluntShare,
    Opened,
    Quarter,
)
from service.observatory.probability import Correlation, Difference
from service.observatory.shapes import (
    BeliefBesideFound,
    BluntCorrelationOut,
    BluntMiddleOut,
    BluntShareOut,
    CharacteristicOut,
    ComparedSource,
    ComparisonOut,
    CorrelationOut,
    DifferenceOut,
    DistributionOut,
    GroupOut,
    GuessOut,
    NewestQuarter,
    OpenQuarter,
    OpenSurvey,
    PublishedSurvey,
    ShareOut,
    SourceOut,
    SpanOut,
    SurveyOut,
)
from service.observatory.survey.asked import Asked
from service.observatory.survey.columns import (
    BOUGHT_AT_HOME,
    COLUMNS,
    PAIRS,
    SHARES,
    pair_name,
)
from service.observatory.survey.groups import Comparison, Group, Guess
from service.observatory.survey.shares import Share
from service.observatory.survey.spans import Span
from service.observatory.survey.substances import Belief
from service.observatory.survey.summary import Characteristic, Distribution
from service.observatory.survey.whole import Survey

# --- Exact ---------------------------------------------------------------------------------------


def survey_out(survey: Survey, asked: Asked, references: Mapping[str, Reference]) -> SurveyOut:
    """Every figure with its number of rocks, what was asked, and the published figures."""
    others = [reference for reference in references.values() if reference.key != SURVEY.key]
    distributions = survey.distributions.items()
    return {
        "n": survey.n,
        "counted": survey.counted,
        "hardly_any": survey.hardly_any,
        "period": {
            "from": asked.since,
            "to": asked.until,
            "first": survey.first,
            "last": survey.last,
        },
        "area": asked.area,
        "site": asked.site,
        "synthetic": asked.site == SYNTHETIC,
        "basis": {"asked": asked.basis, "expressed_as": survey.bases},
        "characteristics": _characteristics(survey.characteristics),
        "correlations": {pair: _correlation(of) for pair, of in survey.correlations.items()},
        "shares": _shares(survey.shares),
        "prevalence": _shares(survey.prevalence),
        "beliefs": {code: _belief(belief) for code, belief in survey.beliefs.items()},
        "guess_percent": _guess(survey.guess),
        "effects_blamed_on_cuts": _shares(survey.blamed),
        "comparisons": {name: _comparison(of) for name, of in survey.comparisons.items()},
        "distributions": {column: _distribution(of) for column, of in distributions},
        "by_quarter": [_span(span) for span in survey.by_quarter],
        "by_month": [_span(span) for span in survey.by_month],
        "by_area": [_span(span) for span in survey.by_area],
        "published": published_survey(),
        "compared_with": [_compared(reference) for reference in others],
    }


def _characteristic(of: Characteristic) -> CharacteristicOut:
    return {"n": of.n, "mean": of.mean, "median": of.median, "min": of.min, "max": of.max}


def _characteristics(columns: Mapping[str, Characteristic]) -> dict[str, CharacteristicOut]:
    return {column: _characteristic(of) for column, of in columns.items()}


def _correlation(of: Correlation) -> CorrelationOut:
    return {"n": of.n, "r": of.r, "low": of.low, "high": of.high, "p": of.p}


def _share(of: Share) -> ShareOut:
    return {
        "count": of.count,
        "n": of.n,
        "percent": of.percent,
        "low": of.low,
        "high": of.high,
    }


def _shares(shares: Mapping[str, Share]) -> dict[str, ShareOut]:
    return {name: _share(share) for name, share in shares.items()}


def _belief(belief: Belief) -> BeliefBesideFound:
    return {
        "believed": _share(belief.believed),
        "found": _share(belief.found),
        "found_where_believed": _share(belief.found_where_believed),
    }


def _guess(guess: Guess) -> GuessOut:
    return {
        "guessed": _characteristic(guess.guessed),
        "measured": _characteristic(guess.measured),
        "too_low": _share(guess.too_low),
    }


def _comparison(comparison: Comparison) -> ComparisonOut:
    return {
        "groups": {answer: _group(group) for answer, group in comparison.groups.items()},
        "difference": _difference(comparison.difference),
    }


def _group(group: Group) -> GroupOut:
    return {"n": group.n, "median": group.median}


def _difference(of: Difference) -> DifferenceOut:
    return {"n": of.n, "groups": of.groups, "h": of.h, "epsilon2": of.epsilon2, "p": of.p}


def _distribution(of: Distribution) -> DistributionOut:
    return {"n": of.n, "step": of.step, "counts": of.counts}


def _span(span: Span) -> SpanOut:
    return {
        "name": span.name,
        "rocks": span.rocks,
        "characteristics": _characteristics(span.characteristics),
        "prevalence": _shares(span.prevalence),
    }


# --- Published -----------------------------------------------------------------------------------


def published_survey() -> PublishedSurvey:
    """The published survey under the names of our own, with its years."""
    pairs = [pair_name(x, y) for x, y in PAIRS]
    shares = [*SHARES, BOUGHT_AT_HOME]
    return {
        **_source(SURVEY),
        "characteristics": {column: SURVEY.numbers(column) for column in COLUMNS},
        "correlations": {pair: SURVEY.numbers(pair) for pair in pairs},
        "shares": {name: SURVEY.numbers(f"{name}_percent") for name in shares},
        "prevalence": SURVEY.numbers("found_percent"),
        "beliefs": SURVEY.numbers("believed_percent"),
        "beliefs_people": SURVEY.numbers("believed_people"),
        "guess_percent": SURVEY.numbers("guess_percent"),
        "effects_blamed_on_cuts": SURVEY.numbers("blamed_percent"),
    }


def _compared(reference: Reference) -> ComparedSource:
    return {
        **_source(reference),
        "figures": [
            {"of": of, "figure": name, "value": figure.value, "place": figure.place}
            for (of, name), figure in reference.figures.items()
        ],
    }


def _source(reference: Reference) -> SourceOut:
    return {
        "reference": reference.key,
        "source": reference.source,
        "years": reference.years,
        "population": reference.population,
        "basis": reference.basis,
    }


# --- Blunted -------------------------------------------------------------------------------------

_NONE_YET: NewestQuarter = {
    "period": None,
    "n": None,
    "characteristics": None,
    "correlations": None,
    "shares": None,
    "prevalence": None,
    "believed": None,
    "effects_blamed_on_cuts": None,
    "guess_percent": None,
}


def open_out(opened: Opened) -> OpenSurvey:
    """The newest open quarter, those before it, and by which threshold they were blunted."""
    quarters = [_quarter(quarter) for quarter in opened.quarters]
    newest: NewestQuarter = {**quarters[0]} if quarters else _NONE_YET
    return {
        **newest,
        "threshold": opened.threshold,
        "basis": "base",
        "earlier": quarters[1:],
        "published": published_survey(),
    }


def _quarter(quarter: Quarter) -> OpenQuarter:
    characteristics, correlations = quarter.characteristics, quarter.correlations
    return {
        "period": quarter.period,
        "n": quarter.n,
        "characteristics": {name: _blunt_middle(of) for name, of in characteristics.items()},
        "correlations": {pair: _blunt_correlation(of) for pair, of in correlations.items()},
        "shares": _blunt_shares(quarter.shares),
        "prevalence": _blunt_shares(quarter.prevalence),
        "believed": _blunt_shares(quarter.believed),
        "effects_blamed_on_cuts": _blunt_shares(quarter.effects_blamed_on_cuts),
        "guess_percent": _blunt_middle(quarter.guess_percent),
    }


def _blunt_shares(shares: Mapping[str, BluntShare]) -> dict[str, BluntShareOut]:
    return {name: _blunt_share(share) for name, share in shares.items()}


def _blunt_share(of: BluntShare) -> BluntShareOut:
    return {
        "count": of.count,
        "n": of.n,
        "percent": of.percent,
        "low": of.low,
        "high": of.high,
    }


def _blunt_middle(of: BluntMiddle) -> BluntMiddleOut:
    return {"n": of.n, "mean": of.mean, "median": of.median, "step": of.step}


def _blunt_correlation(of: BluntCorrelation) -> BluntCorrelationOut:
    return {"n": of.n, "r": of.r}
