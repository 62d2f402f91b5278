"""Random findings, for properties that must always hold: samples, beliefs, versions of assays."""

import uuid
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from service.access.site import Offers
from service.evidence.classify import find
from service.evidence.dose import PUBLISHED, Past
from service.evidence.finding import Finding, Nearby
from service.intake.sample import Beliefs, Person, Sample, Use
from service.lab.assay import FIRST_TESTS, MAX_WEIGHT_MG, Assay, AssayVersion, Result
from service.lab.panel import Panel
from service.vocabulary.codes import (
    AgeBand,
    AlsoUses,
    Basis,
    BlamedEffect,
    Closing,
    Effect,
    Form,
    Method,
    Outcome,
    Quality,
    Reason,
    Route,
    SoldAs,
    Status,
    Weighed,
)
from service.vocabulary.languages import Language
from service.vocabulary.substances import Family, codes_in

PROVEN = replace(PUBLISHED, past=Past(rocks=52, held=0.8))
DAY = datetime(2026, 11, 20, 12, tzinfo=UTC)
substances = st.one_of(
    st.sampled_from(
        ["amphetamine", "buprenorphine", "ammonia", "levamisole", "phenacetin", "creatine"]
    ),
    st.sampled_from(Family).flatmap(lambda family: st.sampled_from(sorted(codes_in(family)))),
    st.sampled_from(["Substance X-17", "an odd thing", "{name}", "مادة", "100% mystery {0}"]),
    st.sampled_from(["fentanyl?", "Substance X-17?", "heroin?"]),
    st.sampled_from(
        [
            "nitazenes",
            "benzodiazepines",
            "N-pyrrolidino isotodesnitazene",
            "nitazène (isomère non déterminé)",
            "désalkylxylazépam",
            "QMB-NINACA",
        ]
    ),
)
"""Codes of every family, names that nobody knows, names in doubt, classes and stems."""
beliefs = st.builds(
    Beliefs,
    guess_percent=st.none() | st.floats(0, 100),
    believed_cuts=st.none()
    | st.sampled_from(
        [(), ("amphetamine",), ("amphetamine", "buprenorphine"), ("levamisole", "buprenorphine")]
    ),
    effects_blamed_on_cuts=st.none()
    | st.lists(st.sampled_from(BlamedEffect), unique=True).map(tuple),
    basing_cleans=st.none() | st.booleans(),
    ammonia_left=st.sampled_from([None, True, True, False]),
    quality=st.none() | st.sampled_from(Quality),
)
uses = st.builds(
    Use,
    unexpected_effects=st.none() | st.booleans(),
    also_uses=st.none() | st.lists(st.sampled_from(AlsoUses), unique=True).map(tuple),
    route=st.none() | st.sampled_from(Route),
    effects_felt=st.none() | st.lists(st.sampled_from(Effect), max_size=2).map(tuple),
)
recents = st.sampled_from(
    [
        frozenset(some)
        for some in (
            (),
            (),
            ("fentanyl",),
            ("heroin",),
            ("amphetamine",),
            ("ammonia",),
            ("amphetamine", "ammonia", "heroin"),
            ("heroin", "monoacetylmorphine", "acetylcodeine", "isotonitazene", "methadone"),
        )
    ]
)
indicated_here = st.sampled_from(
    [frozenset(some) for some in ((), (), (), ("fentanyl",), ("nitazène (isomère non déterminé)",))]
)
crack = st.sampled_from([(None, None), (SoldAs.CRACK, Form.ROCK), (SoldAs.UNKNOWN, None)])
products = st.tuples(
    st.sampled_from(SoldAs)
    | st.sampled_from([SoldAs.POWDER_COCAINE, SoldAs.HEROIN, SoldAs.MDMA, SoldAs.BENZODIAZEPINE]),
    st.sampled_from([Form.POWDER, Form.POWDER, *Form]),
)
"""What it was sold as, and its form: of each, what is a rock of crack too."""
plain_samples = st.builds(
    Sample,
    id=st.just(uuid.UUID(int=1)),
    revision=st.just(1),
    taken_at=st.just(DAY),
    pickup=st.just("x"),
    card_languages=st.just((Language("ru"),)),
    weight_mg=st.none() | st.floats(0.1, MAX_WEIGHT_MG),
    weighed=st.sampled_from([Weighed.WHOLE_ROCK, Weighed.WHOLE_ROCK, *Weighed, None]),
    already_used=st.sampled_from([None, False, False, True]),
    beliefs=beliefs,
    use=uses,
    reason=st.none() | st.sampled_from(Reason),
    person=st.builds(Person, age_band=st.none() | st.sampled_from(AgeBand)),
)


@st.composite
def samples(draw: st.DrawFn) -> Sample:
    """Every other one a rock of crack, the others anything that is sold."""
    sold_as, form = draw(st.one_of(crack, products))
    name = draw(st.sampled_from(["ketamine", "mdma", "somebody's word"]))
    return replace(
        draw(plain_samples),
        sold_as=sold_as,
        sold_as_name=name if sold_as is SoldAs.OTHER else None,
        form=form,
    )


@st.composite
def results(draw: st.DrawFn) -> tuple[Result, ...]:
    """A few substances, whose contents add up to at most a hundred."""
    names = ["cocaine"] if draw(st.booleans()) else []
    names += draw(
        st.lists(substances.filter(lambda name: name != "cocaine"), max_size=5, unique=True)
    )
    left, made = 100.0, []
    for name in names:
        outcome = draw(st.sampled_from(Outcome))
        content = None
        if outcome is Outcome.QUANTIFIED:
            content = draw(st.floats(0, left) | st.floats(0, min(left, 12)))
            left -= content
        made.append(
            Result(
                substance=name,
                outcome=outcome,
                content_percent=content,
                expressed_as=draw(st.none() | st.sampled_from(Basis))
                if content is not None
                else None,
                uncertainty_percent=draw(st.none() | st.floats(0, 100))
                if content is not None
                else None,
                loq_percent=draw(st.none() | st.floats(0, 20))
                if outcome is Outcome.DETECTED
                else None,
                lod_percent=draw(st.none() | st.floats(0, 1))
                if outcome is Outcome.NOT_DETECTED
                else None,
            )
        )
    return tuple(made) or (Result(substance="cocaine", outcome=Outcome.NOT_TESTED),)


panels = st.builds(
    Panel,
    id=st.just(uuid.UUID(int=9)),
    laboratory=st.just("lab"),
    method=st.just(Method.GC_MS),
    valid_from=st.just(DAY),
    looks_for=st.dictionaries(
        st.sampled_from(["fentanyl", "isotonitazene", "heroin", "bromazolam", "mdma", "cocaine"]),
        st.floats(0.01, 1),
        min_size=1,
    ),
)


@st.composite
def analyses(draw: st.DrawFn) -> list[AssayVersion]:
    """One analysis in one to three versions, the last in force."""
    id = draw(st.uuids())
    panel = draw(st.none() | st.none() | panels)
    last = draw(st.integers(1, 3))
    statuses = [draw(st.sampled_from([Status.PRELIMINARY, Status.FINAL]))]
    statuses += [
        draw(st.sampled_from([Status.CORRECTED, Status.WITHDRAWN])) for _ in range(last - 1)
    ]
    return [
        AssayVersion(
            assay=Assay(
                id=id,
                lab_label="AAAA-AAAA",
                version=version,
                status=status,
                laboratory="lab",
                method=draw(st.sampled_from(Method)),
                analysed_at=DAY,
                reason="a reason" if status in (Status.CORRECTED, Status.WITHDRAWN) else None,
                rock_weight_mg=draw(st.none() | st.floats(0.1, MAX_WEIGHT_MG)),
                results=draw(results()),
            ),
            received_at=DAY + timedelta(days=version),
            in_force=version == last,
            panel=panel,
        )
        for version, status in enumerate(statuses, 1)
    ]


@st.composite
def first_tests(draw: st.DrawFn) -> list[AssayVersion]:
    """A strip, a plate or a spectrum that reacted to something, and not to something else."""
    dangers = ["fentanyl", "heroin", "bromazolam", "xylazine", "adb_butinaca", "nitazenes"]
    others = ["cocaine", "caffeine", "mdma", "ketamine", "acetone", "Substance X-17"]
    reacted = st.sampled_from(dangers) | st.sampled_from(others)
    seen = draw(st.lists(reacted, max_size=2, unique=True))
    vain = draw(st.sampled_from(["metonitazene", "amphetamine", "alprazolam", "levamisole"]))
    doubtful = draw(st.none() | st.just("isotonitazene"))
    status = draw(st.sampled_from([Status.PRELIMINARY, Status.PRELIMINARY, Status.FINAL]))
    assay = Assay(
        id=draw(st.uuids()),
        lab_label="AAAA-AAAA",
        version=1,
        status=status,
        laboratory="site",
        method=draw(st.sampled_from(sorted(FIRST_TESTS))),
        analysed_at=DAY,
        results=(
            *(Result(substance=name, outcome=Outcome.DETECTED) for name in seen),
            Result(substance=vain, outcome=Outcome.NOT_DETECTED),
            *((Result(substance=doubtful, outcome=Outcome.IN_DOUBT),) if doubtful else ()),
        ),
    )
    return [AssayVersion(assay=assay, received_at=DAY + timedelta(days=1), in_force=True)]


@st.composite
def settling_analyses(draw: st.DrawFn) -> list[AssayVersion]:
    """A chromatograph that looks for what first tests react to, with a limit or without."""
    looked_for = draw(
        st.lists(
            st.sampled_from(["fentanyl", "heroin", "bromazolam", "mdma", "cocaine", "ketamine"]),
            min_size=1,
            unique=True,
        )
    )
    limit = draw(st.none() | st.just(0.05))
    denied = [
        Result(substance=name, outcome=Outcome.NOT_DETECTED, lod_percent=limit)
        for name in looked_for
    ]
    more = draw(st.none() | st.sampled_from(["3_mmc", "caffeine", "acetone", "lidocaine"]))
    found = (
        Result(substance=more, outcome=Outcome.QUANTIFIED, content_percent=30.0) if more else None
    )
    assay = Assay(
        id=draw(st.uuids()),
        lab_label="AAAA-AAAA",
        version=1,
        status=draw(st.sampled_from([Status.FINAL, Status.FINAL, Status.PRELIMINARY])),
        laboratory="lab",
        method=draw(st.sampled_from([Method.GC_MS, Method.LC_MS, Method.HPLC_UV])),
        analysed_at=DAY,
        results=(*denied, *((found,) if found else ())),
    )
    return [AssayVersion(assay=assay, received_at=DAY + timedelta(days=3), in_force=True)]


def _odd(name: str, a_little: float | None) -> Result:
    """One thing that is not in most rocks: simply found, or measured and little of it."""
    if a_little is None:
        return Result(substance=name, outcome=Outcome.DETECTED)
    return Result(substance=name, outcome=Outcome.QUANTIFIED, content_percent=a_little)


@st.composite
def quiet_analyses(draw: st.DrawFn) -> list[AssayVersion]:
    """One analysis of a rock like most.

    Cocaine, cuts, what people fear looked for in vain, one odd thing.
    """
    percent = draw(st.floats(7, 40) | st.floats(40, 95) | st.floats(6.1, 9.9))
    cuts = draw(st.lists(st.sampled_from(["levamisole", "lidocaine", "creatine"]), unique=True))
    phenacetin = draw(st.none() | st.floats(0.1, 5) | st.floats(20.1, 60))
    feared = draw(
        st.sampled_from(
            [(), ("amphetamine",), ("amphetamine", "buprenorphine", "ammonia"), ("ammonia",)]
        )
    )
    outcome = st.sampled_from([Outcome.NOT_DETECTED, Outcome.NOT_DETECTED, Outcome.NOT_TESTED])
    odd = draw(
        st.none()
        | st.sampled_from(["heroin", "bromazolam", "ketamine", "caffeine", "Substance X-17"])
        | st.sampled_from(["mdma", "xylazine", "acetone", "paracetamol", "hydroxyzine"])
    )
    a_little = draw(st.none() | st.floats(0, 0.9))
    measured = Result(
        substance="cocaine",
        outcome=Outcome.QUANTIFIED,
        content_percent=percent,
        expressed_as=draw(st.sampled_from(Basis)),
        uncertainty_percent=5.0,
    )
    assay = Assay(
        id=draw(st.uuids()),
        lab_label="AAAA-AAAA",
        version=1,
        status=draw(st.sampled_from([Status.FINAL, Status.FINAL, Status.PRELIMINARY])),
        laboratory="lab",
        method=Method.GC_MS,
        analysed_at=DAY,
        rock_weight_mg=draw(st.none() | st.floats(20, 250) | st.floats(250, 1500)),
        results=(
            measured,
            *(Result(substance=name, outcome=Outcome.DETECTED) for name in cuts),
            *(Result(substance=name, outcome=draw(outcome)) for name in feared),
            *(
                (
                    Result(
                        substance="phenacetin",
                        outcome=Outcome.QUANTIFIED,
                        content_percent=phenacetin,
                    ),
                )
                if phenacetin is not None and phenacetin + percent <= 100
                else ()
            ),
            *((_odd(odd, a_little),) if odd else ()),
        ),
    )
    now = AssayVersion(assay=assay, received_at=DAY + timedelta(days=2), in_force=True)
    if odd or not draw(st.booleans()):
        return [now]
    warned = replace(
        assay, results=(*assay.results, Result(substance="heroin", outcome=Outcome.DETECTED))
    )
    looked = replace(
        assay,
        version=2,
        results=(*assay.results, Result(substance="heroin", outcome=draw(outcome))),
    )
    before = AssayVersion(assay=warned, received_at=DAY + timedelta(days=1), in_force=False)
    return [before, replace(now, assay=looked)]


@dataclass(frozen=True)
class Situation:
    """What the laboratory and the person sent, and what the service knows from it."""

    sample: Sample | None
    statements: list[AssayVersion]
    closed: Closing | None
    finding: Finding

    def with_more(self, more: list[AssayVersion]) -> Finding:
        """What is known once these came in too."""
        return self.anew([*self.statements, *more])

    def anew(self, statements: list[AssayVersion]) -> Finding:
        """What is known of the same sample where these are all the statements."""
        return find(
            self.sample,
            statements,
            closed=self.closed,
            market=self.finding.market,
            nearby=self.finding.nearby,
            offers=self.finding.offers,
        )


@st.composite
def situations(draw: st.DrawFn) -> Situation:
    """Anything at all, or a rock like most, of which far more is said; before or beside it, often
    a first test.
    """
    quiet = quiet_analyses().map(lambda one: [one])
    quiet_twice = st.tuples(quiet_analyses(), quiet_analyses()).map(list)
    tested = st.lists(first_tests(), min_size=1, max_size=2)
    settled = st.tuples(first_tests(), settling_analyses()).map(list)
    tested_quiet = st.tuples(first_tests(), quiet_analyses()).map(list)
    anything = st.lists(analyses(), max_size=3)
    some = st.one_of(quiet, anything, quiet_twice, tested, settled, tested_quiet, anything, quiet)
    statements = [s for analysis in draw(some) for s in analysis]
    sample = draw(st.one_of(st.none(), samples(), samples(), samples()))
    closed = draw(st.none() | st.none() | st.sampled_from(Closing))
    finding = find(
        sample,
        statements,
        closed=closed,
        market=draw(st.sampled_from([PUBLISHED, PROVEN])),
        nearby=Nearby(found=draw(recents), indicated_here=draw(indicated_here)),
        offers=Offers(draw(st.booleans()), draw(st.booleans())),
    )
    return Situation(sample, statements, closed, finding)


def findings() -> st.SearchStrategy[Finding]:
    return situations().map(lambda situation: situation.finding)
