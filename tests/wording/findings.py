"""Random findings, for properties that must always hold: samples, beliefs, versions of assays."""

import uuid
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from service.access.site import Offers
from service.evidence.classify import find
from service.evidence.finding import Finding, Nearby
from service.intake.sample import Beliefs, Sample, Use
from service.lab.assay import MAX_WEIGHT_MG, Assay, AssayVersion, Result
from service.vocabulary.codes import AlsoUses, Basis, BlamedEffect, Method, Outcome, Status, Weighed
from service.vocabulary.languages import Language
from service.vocabulary.substances import Family, codes_in

DAY = datetime(2026, 11, 20, 12, tzinfo=UTC)
substances = st.one_of(
    st.sampled_from(
        ["amphetamine", "buprenorphine", "ammonia", "levamisole", "phenacetin", "creatine"]
    ),
    st.sampled_from(Family).flatmap(lambda family: st.sampled_from(sorted(codes_in(family)))),
    st.sampled_from(["Substance X-17", "uncertain match", "{name}", "مادة", "100% mystery {0}"]),
)
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
)
uses = st.builds(
    Use,
    unexpected_effects=st.none() | st.booleans(),
    also_uses=st.none() | st.lists(st.sampled_from(AlsoUses), unique=True).map(tuple),
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
        )
    ]
)
samples = st.builds(
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
            )
        )
    return tuple(made) or (Result(substance="cocaine", outcome=Outcome.NOT_TESTED),)


@st.composite
def analyses(draw: st.DrawFn) -> list[AssayVersion]:
    """One analysis in one to three versions, the last in force."""
    id = draw(st.uuids())
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
        )
        for version, status in enumerate(statuses, 1)
    ]


@st.composite
def quiet_analyses(draw: st.DrawFn) -> list[AssayVersion]:
    """One analysis of a rock like most.

    Cocaine, cuts, what people fear looked for in vain, one odd thing.
    """
    percent = draw(st.floats(7, 40) | st.floats(40, 95))
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
    )
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
            *((Result(substance=odd, outcome=Outcome.DETECTED),) if odd else ()),
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
    """What the laboratory sent, and what the service knows from it."""

    statements: list[AssayVersion]
    finding: Finding


@st.composite
def situations(draw: st.DrawFn) -> Situation:
    """Anything at all; every other time a rock like most, of which far more is said."""
    some = (
        quiet_analyses().map(lambda one: [one])
        if draw(st.booleans())
        else st.lists(analyses(), max_size=3)
    )
    statements = [s for analysis in draw(some) for s in analysis]
    finding = find(
        draw(st.one_of(st.none(), samples, samples, samples)),
        statements,
        nearby=Nearby(found=draw(recents)),
        offers=Offers(draw(st.booleans()), draw(st.booleans())),
    )
    return Situation(statements, finding)


def findings() -> st.SearchStrategy[Finding]:
    return situations().map(lambda situation: situation.finding)
