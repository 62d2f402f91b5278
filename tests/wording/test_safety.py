"""The safety rules, each under its number, as properties of whatever can be found."""

import copy
import math
import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import fields, replace
from datetime import UTC, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from service.app import create_app
from service.cards.card import GIVES_WAY, Card, compose, languages
from service.evidence.dose import Amount
from service.evidence.finding import Content, Finding
from service.evidence.standing import CONFIRMATORY, Standing
from service.foundation.settings import ROOT
from service.lab.assay import SPECTRA, Assay, AssayVersion, Result
from service.vocabulary.codes import Basis, Method, Outcome, Route, State, Status
from service.vocabulary.products import WATCHED_CLASSES
from service.vocabulary.stems import warned_family
from service.vocabulary.substances import (
    ALARMING,
    STIMULANTS,
    SUBSTANCES,
    Family,
    codes_in,
    resolve,
)
from service.wording.catalogue import Catalogue, Mg, Names, Text, plain
from service.wording.inventory import UNSOURCED, Severity, Signer, glossary
from service.wording.message import Message, MessageComposer
from service.wording.predicates.answer import Predicate
from service.wording.predicates.state import first_test_known
from service.wording.reviews import Review
from service.wording.rules import ON_PAPER, WHEN_TOLD, rules
from service.wording.talk import TALK
from tests.conftest import make_settings
from tests.wording.findings import Situation, findings, situations

PARIS = ZoneInfo("Europe/Paris")
MESSAGES = ROOT / "messages"
COMPOSER = MessageComposer(Catalogue(MESSAGES), rules(PARIS), only_approved=False)
WORDS = COMPOSER.catalogue
LANGUAGES = tuple(WORDS.locales)
NEVER = {language: "|".join(glossary(MESSAGES, language).never) for language in LANGUAGES}
ORDER = ("alert", "state", "result", "cut", "belief", "care")
BELIEFS = {key for key, wording in WORDS.wordings.items() if wording.slot == "belief"}
OPIOIDS = codes_in(Family.OPIOID, Family.VERY_STRONG_OPIOID)
OF_OTHERS = ("alert-recent", "alert-recent-indicated", "recent-elsewhere", "talk-recent")
GONE = ("warning-taken-back", "warning-not-found-again")
EXPECTED = ("expected-opioid", "expected-benzodiazepine")
ESTIMATES = {"estimate-by-weight", "estimate-may-hold-more"}
STANDS = {
    "state-waiting",
    "state-in-analysis",
    "state-first-test",
    "state-inconclusive",
    *(key for key in WORDS.wordings if key.startswith("state-closed-")),
}
QUIET = {
    Family.NOTHING_TO_SAY,
    Family.LOCAL_ANAESTHETIC,
    Family.HEART_SLEEP_MEDICINE,
    Family.FILLER,
}
COMPARISONS = {"compare-reference", "share-high", "dose-beyond-survey"}
REASSURING = {
    "effects-from-cocaine",
    "no-amphetamine-subutex",
    "residues-not-seen",
    "cut-phenacetin",
}
many = settings(max_examples=200, deadline=None)
languages_asked = st.lists(st.sampled_from(LANGUAGES), min_size=1, max_size=4, unique=True)


def said(finding: Finding, *spoken: str) -> dict[str, Message]:
    return {message.key: message for message in COMPOSER.messages(finding, spoken or ("en",))}


def told(finding: Finding, *spoken: str) -> dict[str, Message]:
    """Everything that can be said beside this finding, to the person or to the worker."""
    more = COMPOSER.compose((*TALK, *WHEN_TOLD, *ON_PAPER), finding, spoken or ("en",))
    return {**said(finding, *spoken), **{message.key: message for message in more}}


def printed(finding: Finding, *columns: str, composer: MessageComposer = COMPOSER) -> Card:
    url = "https://caillou.example"
    return compose(composer, finding, columns, code="7K3M9QXT4HBW2", public_url=url, zone=PARIS)


def alarming(finding: Finding) -> set[str]:
    """What this sample holds, surely or not, that nobody expected and that is a warning."""
    sold_as = finding.told.product
    expected = sold_as.expected if sold_as else frozenset()
    contents = {**finding.below, **finding.contents}
    a_little = {
        name for name in codes_in(Family.RESIDUE) if name in contents and contents[name] < 1
    }
    warns = {
        name
        for name in finding.seen
        if warned_family(name) is None or warned_family(name) in ALARMING
    }
    if sold_as and not finding.crack_rock and "cocaine" in finding.sure:
        warns.add("cocaine")
    return warns - expected - a_little


def expected_danger(finding: Finding) -> set[str]:
    """What it was sold as, and is dangerous all the same."""
    dangers = (Family.OPIOID, Family.VERY_STRONG_OPIOID, Family.BENZODIAZEPINE)
    return {name for name in finding.seen_in(*dangers) if finding.is_expected(name)}


def sold_as_cocaine(finding: Finding) -> bool:
    sold_as = finding.told.product
    return finding.crack_rock or (sold_as is not None and "cocaine" in sold_as.sold)


def without_names(text: str, language: str, finding: Finding) -> str:
    """The sentence without the substances inserted in it."""
    text = plain(text)
    named = {
        *finding.standings,
        *finding.nearby.found,
        *finding.nearby.indicated_here,
        *finding.not_looked_for,
        "heroin",
    }
    named |= set(finding.beliefs.believed_cuts or ())
    named |= {finding.told.product.name} if finding.told.product else set()
    for name in sorted(
        {plain(WORDS.name(code, language)) for code in named}, key=len, reverse=True
    ):
        text = text.replace(name, "")
    return text


# --- 1: alerts first, in every printed language, never cut ----------------------------------------


@many
@given(findings())
def test_1_alerts_come_first_in_every_language(finding: Finding) -> None:
    messages = said(finding, *LANGUAGES).values()
    slots = [ORDER.index(message.slot) for message in messages]
    assert slots == sorted(slots)
    for message in messages:
        assert set(message.text) == set(LANGUAGES), message.key
        assert all(message.text.values())


@many
@given(findings(), st.sampled_from(LANGUAGES))
def test_1_no_alert_gives_way_on_paper(finding: Finding, language: str) -> None:
    card = printed(finding, *dict.fromkeys((language, "fr")))
    alerts = [key for key, message in said(finding).items() if message.slot == "alert"]
    assert [row.key for row in card.rows[: len(alerts)]] == alerts
    assert all(row.gives_way is None and all(row.texts) for row in card.rows[: len(alerts)])


def test_1_what_is_vital_never_gives_way_and_the_useful_goes_first() -> None:
    severities = {
        key: wording.severity for key, wording in WORDS.wordings.items() if wording.is_message
    }
    on_paper = {key for key in severities if key != "pregnancy"}
    assert set(GIVES_WAY) == {key for key in on_paper if severities[key] is not Severity.VITAL}
    order = [severities[key] for key in GIVES_WAY]
    assert order == sorted(order, key=lambda severity: severity is Severity.SERIOUS)
    assert all(
        severities[key] is Severity.VITAL
        for key in severities
        if WORDS.wordings[key].slot == "alert"
    )


@many
@given(findings())
def test_1_every_alarming_substance_is_named_in_an_alert(finding: Finding) -> None:
    alerts = [
        m
        for m in said(finding, *LANGUAGES).values()
        if m.slot == "alert" and m.key not in (*OF_OTHERS, *GONE)
    ]
    dangers = alarming(finding) | expected_danger(finding)
    for language in LANGUAGES:
        spoken = " ".join(plain(message.text[language]) for message in alerts)
        for code in dangers:
            assert plain(WORDS.name(code, language)) in spoken
    assert bool(alerts) == bool(dangers)
    keys = {message.key for message in alerts}
    if finding.seen_in(Family.OPIOID, Family.VERY_STRONG_OPIOID):
        assert ("do-opioid" in keys) == finding.offers.naloxone
        assert ("do-opioid-no-stock" in keys) != finding.offers.naloxone
        assert ("alert-very-strong" in keys) == bool(finding.seen_in(Family.VERY_STRONG_OPIOID))


@many
@given(findings())
def test_1_an_opioid_of_late_is_told_once_under_the_persons_own_result(finding: Finding) -> None:
    messages = said(finding)
    told_here = {"alert-recent", "recent-elsewhere"} & set(messages)
    of_late = finding.nearby.found & OPIOIDS
    assert bool(told_here) == (finding.crack_rock and bool(of_late))
    if told_here:
        (key,) = told_here
        has_result = finding.answered and not finding.inconclusive
        assert key == ("recent-elsewhere" if has_result else "alert-recent")
        text = plain(messages[key].text["en"])
        named = [code for code in SUBSTANCES if WORDS.name(code, "en") in text]
        shown = {code for code in named if code in of_late or code == "heroin"}
        assert 1 <= len(shown) <= 2
        assert "monoacetylmorphine" not in shown
        strongest = of_late & codes_in(Family.VERY_STRONG_OPIOID)
        assert not strongest or shown & strongest
    if not finding.crack_rock:
        assert not set(OF_OTHERS) & set(told(finding))


@many
@given(situations())
def test_1_whatever_any_analysis_in_force_found_is_warned_of(situation: Situation) -> None:
    """Expected from what the laboratory sent, not from what the service made of it."""
    in_force = [statement for statement in situation.statements if statement.in_force]
    sent = [
        (result, statement)
        for statement in in_force
        for result in statement.assay.results
        if result.outcome is Outcome.DETECTED
        or (result.outcome is Outcome.QUANTIFIED and result.content_percent)
    ]
    finding = situation.finding
    messages = said(finding)
    spoken = " ".join(plain(m.text["en"]) for m in messages.values() if m.slot == "alert")
    harmless = {
        "cocaine",
        "levamisole",
        "tetramisole",
        "phenacetin",
        "caffeine",
        "paracetamol",
        "creatine",
    }
    for result, statement in sent:
        written = result.substance
        name = resolve(written.rstrip("? ")) if written.endswith("?") else written
        if written.endswith("?") and statement.assay.method in SPECTRA:
            continue
        family = warned_family(name)
        quiet = name in harmless or family in QUIET or finding.is_expected(name)
        quiet |= family is Family.RESIDUE and name in {*finding.contents, *finding.below}
        if settled(name, in_force):
            settling = messages.get("first-test-settled")
            assert quiet or (settling and WORDS.name(name, "en") in plain(settling.text["en"]))
            continue
        assert quiet or WORDS.name(name, "en") in spoken, name
        if family in (Family.OPIOID, Family.VERY_STRONG_OPIOID):
            assert {"do-opioid", "do-opioid-no-stock"} & set(messages)


def settled(name: str, in_force: list[AssayVersion]) -> bool:
    """Whether nobody confirmed it and a signed chromatograph looked down to a limit in vain."""
    confirmed = looked = False
    for statement in in_force:
        rows = [result for result in statement.assay.results if result.substance == name]
        separates = statement.assay.method in CONFIRMATORY
        measured = statement.assay.method is Method.HPLC_UV
        confirmed |= any(
            row.found and (separates or (measured and row.outcome is Outcome.QUANTIFIED))
            for row in rows
        )
        signed = statement.assay.status in (Status.FINAL, Status.CORRECTED)
        panel = statement.panel.looks_for if statement.panel else {}
        limits = [
            row.lod_percent if row.lod_percent is not None else panel.get(name)
            for row in rows
            if row.absent
        ]
        spoken_of = any(result.substance.rstrip("? ") == name for result in statement.assay.results)
        if not spoken_of and name in panel:
            limits.append(panel[name])
        looked |= separates and signed and any(limit is not None for limit in limits)
    vague = name in VAGUE or (name not in SUBSTANCES and warned_family(name) is not None)
    return looked and (vague or not confirmed)


VAGUE = {"nitazenes", "benzodiazepines", "opioids", "fentanyls", "cathinones", "sedatives"}


# --- 2: no approved text -> French, a drawing, and an interpreter ---------------------------------


def approved_at_random(signed: st.DataObject) -> MessageComposer:
    """The shipped words under `approved`, French signed whole, anything else signed or not."""
    catalogue = copy.copy(WORDS)
    states = st.sampled_from([Review.APPROVED, Review.REVIEWED, Review.DRAFT])
    drawn = {
        language: signed.draw(states, label=language) for language in LANGUAGES if language != "fr"
    }
    odd = signed.draw(
        st.sets(st.sampled_from(sorted(WORDS.wordings))), label="keys signed the other way"
    )
    other = {
        Review.APPROVED: Review.DRAFT,
        Review.REVIEWED: Review.APPROVED,
        Review.DRAFT: Review.APPROVED,
    }

    def state(language: str, key: str) -> Review:
        if language == "fr":
            return Review.APPROVED
        return other[drawn[language]] if key in odd else drawn[language]

    catalogue._texts = {k: Text(t.text, state(*k)) for k, t in WORDS._texts.items()}
    catalogue._names = {k: Text(t.text, state(*k)) for k, t in WORDS._names.items()}
    return MessageComposer(catalogue, COMPOSER.rules, only_approved=True)


@settings(max_examples=100, deadline=None)
@given(findings(), st.data(), languages_asked)
def test_2_what_nobody_approved_is_said_in_french(
    finding: Finding, signed: st.DataObject, asked: list[str]
) -> None:
    composer = approved_at_random(signed)
    messages = composer.messages(finding, asked)
    for message in messages:
        assert message.text
        for language in message.text:
            assert message.review[language] is Review.APPROVED
        if set(message.text) < set(asked):
            assert "fr" in message.text
    for language in asked:
        hidden = any(language not in message.text for message in messages)
        assert bool(composer.interpreter(messages, language)) == hidden
        assert composer.mark(messages, language) is None
    assert [m.key for m in messages] == [m.key for m in COMPOSER.messages(finding, asked)]
    card = printed(finding, asked[0], "fr", composer=composer)
    for row in card.rows:
        assert row.texts[-1]
        assert row.pictogram


@many
@given(findings(), languages_asked)
def test_2_a_draft_is_always_marked(finding: Finding, asked: list[str]) -> None:
    messages = COMPOSER.messages(finding, asked)
    for language in asked:
        assert COMPOSER.mark(messages, language) == WORDS.say("draft-mark", language)


# --- 3: nothing unfilled, impossible or negative --------------------------------------------------


@many
@given(findings())
def test_3_no_placeholder_and_no_impossible_number_ever_leaves(finding: Finding) -> None:
    raw = [name for name in finding.standings if "{" in name]
    for message in told(finding, *LANGUAGES).values():
        for text in message.text.values():
            for name in raw:
                text = text.replace(name, "")
            assert not re.search(r"\{\w*\}|\b(nan|inf)\u00a0(mg|%)|None", text), text
            assert not re.search(r"(?<![\w–])[-−]\d", text), text
    if finding.amount is not None and finding.weight_mg is not None:
        assert 0 <= finding.amount.middle_mg <= finding.weight_mg * (1 + 1e-9)
        assert math.isfinite(finding.amount.middle_mg)
    if finding.content is not None:
        assert 0 <= finding.content.percent <= 100


@pytest.mark.parametrize("impossible", [math.nan, math.inf, -math.inf, -1.0])
def test_3_an_impossible_weight_cannot_be_written(impossible: float) -> None:
    with pytest.raises(ValueError, match="no weight"):
        Mg(impossible)


@pytest.mark.parametrize("impossible", [math.nan, math.inf, -1.0, 139.0])
def test_3_a_message_with_an_impossible_number_is_left_out_and_its_alert_stays(
    impossible: float,
) -> None:
    broken = Finding(
        state=State.ANSWERED,
        weight_mg=138.0,
        content=Content(57.0, Basis.BASE, None, Method.GC_MS),
        amount=Amount(impossible),
        found=("cocaine", "heroin"),
        standings={"cocaine": Standing.CONFIRMED, "heroin": Standing.CONFIRMED},
    )
    assert "alert-opioid" in said(broken)
    assert not {"result-amount", "dose-high"} & set(said(broken))


# --- 4: an unknown name is an alert ---------------------------------------------------------------


@many
@given(findings())
def test_4_an_unknown_name_is_always_an_alert(finding: Finding) -> None:
    for name in finding.seen_unknown:
        key = "alert-unknown" if name in finding.sure else "first-unexpected"
        for text in said(finding, *LANGUAGES)[key].text.values():
            assert name in plain(text)
        assert {"talk-opioid", "talk-unknown", "ask-opioid"} <= set(told(finding))


@many
@given(findings())
def test_4_the_end_of_a_name_warns_and_confirms_nothing(finding: Finding) -> None:
    for name in finding.standings:
        if name not in SUBSTANCES and warned_family(name) is not None:
            assert name not in finding.sure
            assert name in finding.indicated or name not in finding.seen


# --- 5: no reassurance beside what contradicts it -------------------------------------------------


@many
@given(findings())
def test_5_no_reassurance_beside_a_contradicting_finding(finding: Finding) -> None:
    keys = set(said(finding))
    stimulants = codes_in(*STIMULANTS)
    opioid_recent = finding.crack_rock and bool(finding.nearby.found & OPIOIDS)
    if alarming(finding):
        assert not {"never-harmless", *BELIEFS, *REASSURING, *COMPARISONS, *ESTIMATES} & keys
    if opioid_recent:
        assert not (REASSURING - {"effects-from-cocaine", "residues-not-seen"}) & keys
    if "effects-from-cocaine" in keys:
        assert "amphetamine" in finding.not_found
        assert not finding.found_in(Family.CAFFEINE, *STIMULANTS)
        assert not finding.nearby.found & stimulants
    if "no-amphetamine-subutex" in keys:
        assert not finding.nearby.found & stimulants
        named = plain(said(finding)["no-amphetamine-subutex"].text["en"])
        assert ("amphetamine" in named) <= ("amphetamine" in finding.not_found)
        assert ("buprenorphine" in named) <= ("buprenorphine" in finding.not_found)
    if "residues-not-seen" in keys:
        assert "ammonia" in finding.not_found
        assert "ammonia" not in finding.nearby.found


@many
@given(findings())
def test_5_nothing_is_compared_across_bases(finding: Finding) -> None:
    if COMPARISONS & set(said(finding)):
        assert finding.content is not None
        assert finding.content.basis is Basis.BASE


# --- 6, 7: corrections; waiting and failed --------------------------------------------------------


@many
@given(findings())
def test_6_an_answer_that_no_longer_stands_is_said_to_be_replaced(finding: Finding) -> None:
    assert ("state-corrected" in said(finding)) == (finding.replaced_at is not None)
    if finding.replaced_at is not None:
        day = finding.replaced_at.astimezone(PARIS).strftime("%d/%m/%Y")
        for text in said(finding, *LANGUAGES)["state-corrected"].text.values():
            assert day in plain(text)


@many
@given(findings())
def test_6_a_warning_that_is_gone_is_announced_and_nothing_reassures_beside_it(
    finding: Finding,
) -> None:
    messages = said(finding, *LANGUAGES)
    spoken = {"warning-taken-back", "warning-not-found-again"} & set(messages)
    assert bool(spoken) == bool(finding.warned)
    if finding.warned:
        assert len(spoken) == 1
        assert not {*REASSURING, *ESTIMATES} & set(messages)
        (key,) = spoken
        assert messages[key].slot == "alert"
        if key == "warning-not-found-again":
            assert finding.warned <= finding.not_found
            assert not alarming(finding)
            assert finding.answered


@many
@given(findings())
def test_7_waiting_and_failed_say_no_number_and_no_not_found(finding: Finding) -> None:
    messages = said(finding, *LANGUAGES)
    if finding.answered and not finding.inconclusive:
        assert not {*STANDS, *ESTIMATES} & set(messages)
        return
    tested = first_test_known(finding)
    results = {m.key for m in messages.values() if m.slot in ("result", "cut")}
    assert results <= ({"limits-not-tested"} if tested else set())
    assert len(STANDS & set(messages)) == 1
    assert not (finding.inconclusive and ESTIMATES & set(messages))
    assert not (finding.state is State.CLOSED and ESTIMATES & set(messages))
    did_not_react = {"first-test-did-not-react"} & set(messages)
    assert not did_not_react or finding.first_not_found | finding.not_found
    for message in messages.values():
        if message.slot == "state" and message.key not in (*ESTIMATES, "state-corrected"):
            for language, text in message.text.items():
                spoken = without_names(text, language, finding)
                assert not re.search(r"\d", spoken), message.key


@many
@given(findings())
def test_7_a_first_test_says_what_it_saw_and_what_it_did_not_look_for(finding: Finding) -> None:
    if finding.state is not State.FIRST_RESULT:
        return
    messages = said(finding)
    everything = " ".join(plain(message.text["en"]) for message in messages.values())
    assert "state-first-test" in messages
    assert ("cocaine-not-measured" in messages) == sold_as_cocaine(finding)
    for name in (*finding.seen, *finding.not_found, *finding.first_not_found):
        if warned_family(name) is not Family.RESIDUE or name not in finding.sure:
            assert finding.sure or WORDS.name(name, "en") in everything
    for name in finding.not_looked_for:
        assert WORDS.name(name, "en") in plain(messages["limits-not-tested"].text["en"])
    assert printed(finding, "fr").columns[-1].title == WORDS.say("card-title-first", "fr")


# --- 8, 9, 10: words that are never said; not tested; the same digits -----------------------------


@many
@given(findings())
def test_8_no_word_reassures_in_any_language(finding: Finding) -> None:
    for message in told(finding, *LANGUAGES).values():
        for language, text in message.text.items():
            spoken = without_names(text, language, finding)
            assert not re.search(NEVER[language], spoken, re.IGNORECASE), (
                language,
                message.key,
                spoken,
            )


@many
@given(findings())
def test_9_not_tested_is_never_said_to_be_absent(finding: Finding) -> None:
    messages = told(finding)
    assert not finding.not_tested & finding.not_found
    for key in ("no-amphetamine-subutex", "talk-believed-not-found"):
        if key in messages:
            for code in finding.not_tested & SUBSTANCES.keys():
                assert WORDS.name(code, "en") not in plain(messages[key].text["en"])
    if finding.answered and not finding.inconclusive:
        assert "limits-one-piece" in messages
        assert "limits-not-detected" in messages
        for code in finding.not_tested & codes_in(*ALARMING):
            classes = [name for name in finding.not_looked_for if code in WATCHED_CLASSES[name]]
            text = plain(messages["limits-not-tested"].text["en"])
            assert any(WORDS.name(name, "en") in text for name in (code, *classes))
        for name in finding.not_looked_for:
            assert WORDS.name(name, "en") in plain(messages["limits-not-tested"].text["en"])
            assert not WATCHED_CLASSES[name] & {*finding.seen}
        assert ("talk-not-tested" in messages) == bool(finding.not_tested)


@many
@given(findings())
def test_10_the_same_numbers_in_every_language(finding: Finding) -> None:
    for message in told(finding, *LANGUAGES).values():
        raw = {*finding.standings, *finding.nearby.indicated_here} - SUBSTANCES.keys()
        if any(name in plain(message.text["en"]) for name in raw):
            continue
        numbers = {
            language: tuple(sorted(re.findall(r"\d+", without_names(text, language, finding))))
            for language, text in message.text.items()
        }
        assert len(set(numbers.values())) == 1, (message.key, numbers)
        assert re.fullmatch("[0-9]*", "".join("".join(found) for found in numbers.values()))


# --- 11, 12, 13 -----------------------------------------------------------------------------------


@many
@given(findings())
def test_11_no_mg_without_the_whole_rocks_weight(finding: Finding) -> None:
    if finding.weight_mg is None:
        for message in told(finding, *LANGUAGES).values():
            for text in message.text.values():
                assert "\u00a0mg" not in text


def test_11_a_finding_knows_no_price_place_or_seller() -> None:
    assert not {"transaction", "price", "place", "seller", "site", "person", "area"} & {
        field.name for field in fields(Finding)
    }


@many
@given(findings())
def test_12_little_cocaine_never_without_do_not_take_more(finding: Finding) -> None:
    messages = said(finding)
    if not sold_as_cocaine(finding):
        assert not {"very-little-cocaine", "share-low", "dose-high", *COMPARISONS} & set(messages)
        return
    little = finding.answered and finding.content is not None and finding.content.percent <= 6
    if finding.answered and finding.content is None and finding.below.get("cocaine", 100.0) <= 30:
        assert {"very-little-cocaine", "share-low"} & set(messages)
    traces = (
        finding.answered and finding.content is None and finding.below.get("cocaine", 100.0) <= 6
    )
    if little or traces:
        assert "Do not take more" in messages["very-little-cocaine"].text["en"]
    low = finding.answered and finding.content is not None and 6 < finding.content.percent < 30
    if (
        low
        and "dose-high" not in messages
        and not (finding.amount and finding.amount.middle_mg >= 160)
    ):
        assert "Do not take more" in messages["share-low"].text["en"]
    denied = finding.not_found | finding.ruled_out
    if "cocaine" in denied and finding.answered and finding.content is None:
        assert "very-little-cocaine" in messages
    assert not {"share-low", "dose-high"} <= set(messages)
    for key in ("very-little-cocaine", "share-low"):
        assert key not in GIVES_WAY
    if "very-little-cocaine" in messages:
        assert not {
            "result-amount",
            "result-share",
            "result-share-under-one",
            "dose-follows-size",
        } & set(messages)
        assert not COMPARISONS & set(messages)
    if "found-too-little-to-measure" in messages:
        assert "not the same as none" in messages["found-too-little-to-measure"].text["en"]


@many
@given(findings(), st.sampled_from(LANGUAGES))
def test_13_emergency_signs_are_on_every_card(finding: Finding, language: str) -> None:
    messages = said(finding, *LANGUAGES)
    assert {"emergency-signs", "support-your-choice", "helpline"} <= set(messages)
    routes = {
        Route.SMOKED: "pipe-own",
        Route.INJECTED: "own-injection-kit",
        Route.SNIFFED: "own-straw",
    }
    unsaid = finding.use.route in (None, Route.OTHER, Route.UNKNOWN, Route.NOT_SAID)
    wanted = (
        "pipe-own"
        if unsaid and finding.crack_rock
        else routes.get(finding.use.route or Route.NOT_SAID)
    )
    assert set(routes.values()) & set(messages) == ({wanted} if wanted else set())
    for text in messages["emergency-signs"].text.values():
        assert re.findall(r"\d+", text) == ["15", "112"]
    card = printed(finding, *dict.fromkeys((language, "fr")))
    (row,) = [row for row in card.rows if row.key == "emergency-signs"]
    assert row.gives_way is None


def test_13_the_number_for_shelter_is_never_beside_the_one_for_emergencies() -> None:
    for text in WORDS._texts.values():
        assert not re.search(r"(?<!\d)115(?!\d)", plain(text.text))


# --- 14, 15, 16, 17 -------------------------------------------------------------------------------


@many
@given(findings())
def test_14_what_the_person_told_of_their_health_is_never_on_paper(finding: Finding) -> None:
    keys = {row.key for row in printed(finding, "ru", "fr").rows}
    assert "pregnancy" not in keys
    assert "pregnancy" not in said(finding)
    assert not {key for key in keys if WORDS.wordings[key].slot not in ORDER}
    assert [message.key for message in COMPOSER.compose(WHEN_TOLD, finding, ("fr",))] == [
        "pregnancy"
    ]


@many
@given(findings())
def test_15_the_same_finding_says_the_same(finding: Finding) -> None:
    assert COMPOSER.messages(finding, LANGUAGES) == COMPOSER.messages(finding, LANGUAGES)
    assert printed(finding, "ar", "fr") == printed(finding, "ar", "fr")
    assert printed(finding, "fr").words == WORDS.version


@many
@given(findings(), languages_asked)
def test_16_no_choice_takes_an_alert_away(finding: Finding, asked: list[str]) -> None:
    everything = [key for key, message in said(finding).items() if message.slot == "alert"]
    chosen = COMPOSER.messages(finding, asked)
    assert [message.key for message in chosen if message.slot == "alert"] == everything
    assert ("talk-warning-first" in told(finding)) == bool(everything)
    if finding.seen_in(Family.OPIOID, Family.VERY_STRONG_OPIOID):
        assert "dose-high" not in everything
        assert not {"dose-high", "ask-dose"} & set(told(finding))


def test_16_no_endpoint_of_the_words_has_a_switch_for_alerts() -> None:
    paths = create_app(make_settings("sqlite://", ROOT)).openapi()["paths"]
    for path in ("messages", "talk", "card"):
        parameters = paths[f"/v1/samples/{{id}}/{path}"]["get"]["parameters"]
        assert {one["name"] for one in parameters} <= {"id", "lang", "paper"}


def test_17_whatever_has_no_source_waits_for_a_clinician() -> None:
    for wording in WORDS.wordings.values():
        if any(one["source"] == UNSOURCED for one in wording.evidence):
            assert Signer.CLINICIAN in wording.review
        if wording.is_message:
            assert Signer.CLINICIAN in wording.review


# --- 18: as sure as what is known -----------------------------------------------------------------


DENIES = re.compile(r"not find|found none|not found|did not react|[Nn]ot tested|look for:")
FOUND = re.compile(r"\b[Ff]ound\b")
REACTED = re.compile(r"\breacted\b")


def may_name(key: str, finding: Finding) -> set[str]:
    """What a sentence may put in its {name}, by what it claims of it."""
    text = WORDS.wordings[key].english
    looked_for = finding.not_found | finding.first_not_found | finding.ruled_out
    by_key: dict[str, Iterable[str]] = {
        "alert-recent-indicated": finding.nearby.indicated_here - finding.nearby.found,
        "first-test-settled": finding.ruled_out,
        "talk-settled": finding.ruled_out,
        "product-told-not-found": finding.found,
        "limits-not-tested": {*finding.not_looked_for, *finding.not_tested},
        "talk-not-tested": finding.not_tested,
        "talk-believed": finding.beliefs.believed_cuts or (),
    }
    for recent in ("alert-recent", "recent-elsewhere", "talk-recent"):
        by_key[recent] = finding.nearby.found | {"heroin"}

    if key in by_key:
        return set(by_key[key])
    if DENIES.search(text):
        return set(looked_for)
    if REACTED.search(text):
        return set(finding.indicated)
    return set(finding.sure if FOUND.search(text) else finding.seen)


@many
@given(findings())
def test_18_no_message_claims_more_than_the_best_standing(finding: Finding) -> None:
    """By the substances that go into each sentence: they are the same in every language."""
    for rule in (*COMPOSER.rules, *TALK):
        if rule.applies(finding) and "{name}" in WORDS.wordings[rule.key].english:
            with suppress(ValueError):  # an impossible number: not said at all
                named = rule.values(finding)["name"]
                assert isinstance(named, Names)
                assert named.substances, f"{rule.key} names nothing"
                assert {*named.substances} <= may_name(rule.key, finding), rule.key
    if "cocaine" not in finding.sure:
        claims = {"cocaine-found-not-measured", "result-share", "result-amount"}
        assert not claims & set(said(finding))


def test_18_the_sentences_that_claim_are_known_by_their_words() -> None:
    """If a new sentence names a substance, somebody has to say what it claims of it."""
    naming = {key: wording.english for key, wording in WORDS.wordings.items()}
    certain = {
        key
        for key, text in naming.items()
        if "{name}" in text and FOUND.search(text) and not DENIES.search(text)
    }
    assert {"alert-opioid", "alert-unknown", "product-found", "cut-filler"} <= certain
    unsure = {key for key, text in naming.items() if "{name}" in text and REACTED.search(text)}
    assert {key for key in unsure if key.startswith("alert-")} == {"alert-recent-indicated"}
    assert not unsure & certain


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "kind", ["opioid", "synthetic-cannabinoid", "benzodiazepine", "sedative", "unexpected"]
)
def test_18_what_is_indicated_is_told_in_other_words(language: str, kind: str) -> None:
    def claim(key: str) -> str:
        text = plain(WORDS.say(key, language, {"name": Names(("Substance X",))}))
        return next(part for part in re.split(r"[.!؟?።]", text) if "Substance X" in part)

    assert claim(f"alert-{kind}") != claim(f"first-{kind}")


@many
@given(findings())
def test_18_what_is_ruled_out_is_told_once_and_is_no_all_clear(finding: Finding) -> None:
    messages = told(finding, *LANGUAGES)
    worth_telling = {
        name
        for name in finding.ruled_out
        if name not in SUBSTANCES or SUBSTANCES[name].family in ALARMING
    }
    assert ("first-test-settled" in messages) == bool(worth_telling)
    assert ("talk-settled" in messages) == bool(worth_telling)
    assert not finding.ruled_out & {*finding.seen, *finding.not_found}
    if not worth_telling:
        return
    for language in LANGUAGES:
        text = plain(messages["first-test-settled"].text[language])
        assert all(plain(WORDS.name(name, language)) in text for name in worth_telling)
        spoken = without_names(text, language, finding)
        assert not re.search(NEVER[language], spoken, re.IGNORECASE)
    assert "It can miss" in messages["first-test-settled"].text["en"]
    assert "no all-clear" in messages["talk-settled"].text["en"]
    if not finding.inconclusive:
        assert {"limits-one-piece", "limits-not-detected"} <= set(messages)
    for key in REASSURING & set(messages):
        assert not any(
            WORDS.name(name, "en") in plain(messages[key].text["en"])
            for name in finding.ruled_out - finding.not_found
        )


@many
@given(situations(), st.lists(st.sampled_from(["fentanyl", "X-17", "heroin"]), unique=True))
def test_18_what_is_in_doubt_reaches_nobody(situation: Situation, names: list[str]) -> None:
    doubts = [Result(substance=name, outcome=Outcome.IN_DOUBT) for name in names]
    doubts += [Result(substance=f"{name}?", outcome=Outcome.DETECTED) for name in names]
    sure = [Result(substance="caffeine", outcome=Outcome.DETECTED)]
    before = situation.with_more([spectrum(sure)])
    after = situation.with_more([spectrum([*sure, *doubts])])
    assert replace(after, standings={}) == replace(before, standings={})
    assert told(after) == told(before)
    assert after.warns_others == before.warns_others
    assert after.warns_its_site == before.warns_its_site


def spectrum(results: list[Result]) -> AssayVersion:
    quick = quick_test(results)
    return replace(quick, assay=replace(quick.assay, method=Method.FTIR))


def quick_test(results: list[Result]) -> AssayVersion:
    return AssayVersion(
        assay=Assay(
            id=UUID(int=77),
            lab_label="AAAA-AAAA",
            version=1,
            status=Status.PRELIMINARY,
            laboratory="site",
            method=Method.TEST_STRIP,
            analysed_at=datetime(2026, 11, 20, tzinfo=UTC),
            results=tuple(results),
        ),
        received_at=datetime(2026, 11, 21, tzinfo=UTC),
        in_force=True,
    )


@many
@given(situations())
def test_18_what_is_no_rock_is_never_called_one(situation: Situation) -> None:
    finding = situation.finding
    if finding.crack_rock:
        return
    assert not finding.warns_others
    assert not finding.warns_its_site
    for message in said(finding).values():
        assert not re.search(r"\brocks?\b", message.text["en"]), message.key


# --- The strategy itself, and names ---------------------------------------------------------------


@given(findings())
def test_a_card_has_french_and_at_most_one_other_language(finding: Finding) -> None:
    for asked in ((), ("ru",), ("fr",), ("ru", "fr"), ("fr", "ru")):
        assert languages(asked, ())[-1] == "fr"
        assert len(languages(asked, ("ar", "ru"))) <= 2


def both(when: Predicate, unless: Predicate) -> Predicate:
    return lambda finding: when(finding) and unless(finding)


@pytest.mark.timeout(400)
def test_the_strategy_reaches_every_rule_and_every_suppression() -> None:
    """A property that never meets its condition proves nothing."""
    wanted: dict[str, Predicate] = {}
    for rule in (*COMPOSER.rules, *TALK):
        wanted[rule.key] = rule.applies
        for unless in rule.unless:
            wanted[f"{rule.key} unless {unless.__name__}"] = both(rule.when, unless)

    @settings(
        max_examples=8_000, deadline=None, database=None, derandomize=True, phases=[Phase.generate]
    )
    @given(findings())
    def meet(finding: Finding) -> None:
        for name in [name for name, condition in wanted.items() if condition(finding)]:
            del wanted[name]
        if not wanted:
            raise AllMet

    with suppress(AllMet):
        meet()
    assert not wanted, f"no finding ever met: {sorted(wanted)}"


class AllMet(Exception):
    """Nothing is left to meet."""


names = st.text(min_size=1, max_size=30).filter(
    lambda text: text.strip() and text not in SUBSTANCES
)


@given(names)
def test_a_raw_name_can_never_break_a_sentence(name: str) -> None:
    for language in LANGUAGES:
        text = WORDS.say("alert-unexpected", language, {"name": Names((name,))})
        assert name in text


def test_a_correction_in_winter_names_the_day_in_paris() -> None:
    late = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
    corrected = said(Finding(state=State.CORRECTED, replaced_at=late))
    assert "21/11/2026" in corrected["state-corrected"].text["en"]
