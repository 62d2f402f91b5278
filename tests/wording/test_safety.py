"""The safety rules (messages.md, section D) as properties of whatever can be found."""

import math
import re
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from service.cards.card import GIVES_WAY, compose, languages
from service.evidence.finding import Finding
from service.foundation.settings import ROOT
from service.vocabulary.substances import Family
from service.wording.catalogue import Catalogue, Names, plain
from service.wording.message import Message, Speaker
from service.wording.rules import rules
from tests.wording.findings import findings

PARIS = ZoneInfo("Europe/Paris")
SPEAKER = Speaker(Catalogue(ROOT / "messages"), rules(PARIS), only_approved=False)
LANGUAGES = tuple(SPEAKER.catalogue.locales)
ORDER = ("alert", "state", "result", "cut", "belief", "care")
BELIEFS = {key for key, wording in SPEAKER.catalogue.wordings.items() if wording.slot == "belief"}
many = settings(max_examples=300, deadline=None)


def said(finding: Finding) -> dict[str, Message]:
    return {message.key: message for message in SPEAKER.messages(finding, LANGUAGES)}


def alarming(finding: Finding) -> bool:
    harmless = {
        Family.COCAINE,
        Family.COCA_ALKALOID,
        Family.LEVAMISOLE,
        Family.PHENACETIN,
        Family.LOCAL_ANAESTHETIC,
        Family.CAFFEINE,
        Family.PARACETAMOL,
        Family.HEART_SLEEP_MEDICINE,
        Family.FILLER,
    }
    return bool({*finding.found, *finding.found_early} - set(finding.seen_in(*harmless)))


@many
@given(findings())
def test_1_alerts_come_first_in_every_language(finding: Finding) -> None:
    slots = [ORDER.index(message.slot) for message in SPEAKER.messages(finding, LANGUAGES)]
    assert slots == sorted(slots)
    for message in said(finding).values():
        assert set(message.text) == set(LANGUAGES), message.key


@many
@given(findings())
def test_1_no_alert_gives_way_on_paper(finding: Finding) -> None:
    card = compose(
        SPEAKER, finding, ("ar", "fr"), code="7K3M9QXT4HBW2", public_url="https://caillou.example", zone=PARIS
    )
    alerts = [key for key, message in said(finding).items() if message.slot == "alert"]
    printed = [row for row in card.rows if row.slot == "alert"]
    assert [row.key for row in printed] == alerts
    assert all(row.gives_way is None for row in printed)
    for key in ("emergency-signs", "very-little-cocaine", "state-corrected", "state-waiting"):
        assert key not in GIVES_WAY


@many
@given(findings())
def test_3_no_placeholder_and_no_impossible_number_ever_leaves(finding: Finding) -> None:
    raw = [name for name in (*finding.found, *finding.found_early) if "{" in name]
    for message in said(finding).values():
        for text in message.text.values():
            for name in raw:
                text = text.replace(name, "")
            assert not re.search(r"\{\w*\}|nan|inf\b|None", text), text
            assert not re.search(r"(?<!\w)[-−]\d", text), text
    if finding.amount is not None and finding.weight_mg is not None:
        assert 0 <= finding.amount.middle_mg <= finding.weight_mg * (1 + 1e-9)
        assert math.isfinite(finding.amount.middle_mg)
    if finding.content is not None:
        assert 0 <= finding.content.percent <= 100


@many
@given(findings())
def test_4_an_unknown_name_is_always_an_alert(finding: Finding) -> None:
    for name in finding.seen_unknown:
        assert name in plain(said(finding)["alert-unexpected"].text["en"])


@many
@given(findings())
def test_every_alarming_substance_is_named_in_an_alert(finding: Finding) -> None:
    alerts = " ".join(
        plain(m.text["en"]) for m in said(finding).values() if m.slot == "alert" and m.key != "alert-recent"
    )
    for family in (
        Family.OPIOID,
        Family.VERY_STRONG_OPIOID,
        Family.STIMULANT,
        Family.BENZODIAZEPINE,
        Family.SYNTHETIC_CANNABINOID,
        Family.RESIDUE,
        Family.OTHER_ACTIVE,
    ):
        for code in finding.seen_in(family):
            assert SPEAKER.catalogue.name(code, "en") in alerts
    assert bool(alerts) == alarming(finding)
    if finding.seen_in(Family.OPIOID, Family.VERY_STRONG_OPIOID):
        assert ("do-opioid" in said(finding)) == finding.offers.naloxone
        assert ("do-opioid-no-stock" in said(finding)) != finding.offers.naloxone


@many
@given(findings())
def test_5_no_reassurance_beside_a_contradicting_finding(finding: Finding) -> None:
    if "effects-from-cocaine" in said(finding):
        assert "amphetamine" in finding.not_found
        assert not finding.seen_in(Family.STIMULANT)
        assert not finding.found_in(Family.CAFFEINE)
        assert not finding.recent
        assert not alarming(finding)
    if alarming(finding):
        assert "cut-phenacetin" not in said(finding)
        assert not {"never-harmless", *BELIEFS} & set(said(finding))


@many
@given(findings())
def test_6_an_answer_that_no_longer_stands_is_said_to_be_replaced(finding: Finding) -> None:
    assert ("state-corrected" in said(finding)) == (finding.replaced_at is not None)


@many
@given(findings())
def test_7_waiting_and_failed_say_no_number_and_no_not_found(finding: Finding) -> None:
    if not finding.answered or finding.inconclusive:
        told = [m for m in said(finding).values() if m.slot in ("result", "cut")]
        assert told == []
        assert {"state-waiting", "state-in-analysis", "state-inconclusive"} & set(said(finding))


@many
@given(findings())
def test_9_every_not_found_comes_with_what_the_test_can_miss(finding: Finding) -> None:
    messages = said(finding)
    if finding.answered and not finding.inconclusive and finding.not_found:
        assert "limits-not-detected" in messages
    if finding.answered and not finding.inconclusive:
        assert "limits-one-piece" in messages


@many
@given(findings())
def test_10_the_same_numbers_in_every_language(finding: Finding) -> None:
    for message in said(finding).values():
        if any(name in plain(message.text["en"]) for name in finding.seen_unknown):
            continue
        numbers = {}
        for language, text in message.text.items():
            written = plain(text)
            for code in (*finding.found, *finding.found_early, *finding.recent):
                written = written.replace(plain(SPEAKER.catalogue.name(code, language)), "")
            numbers[language] = sorted(re.findall(r"\d+", written))
        assert len({tuple(found) for found in numbers.values()}) == 1, (message.key, numbers)


@many
@given(findings())
def test_11_no_mg_without_the_whole_rocks_weight(finding: Finding) -> None:
    if finding.weight_mg is None:
        for message in said(finding).values():
            assert "\u00a0mg" not in message.text["en"]


@many
@given(findings())
def test_12_little_cocaine_never_without_do_not_take_more(finding: Finding) -> None:
    messages = said(finding)
    little = finding.answered and finding.content is not None and finding.content.percent <= 6
    if little:
        assert "Do not take more" in messages["very-little-cocaine"].text["en"]
    if "very-little-cocaine" in messages:
        assert not {"result-amount", "result-share", "result-share-under-one", "dose-follows-size"} & set(messages)


@many
@given(findings())
def test_13_emergency_signs_and_help_are_always_there(finding: Finding) -> None:
    messages = said(finding)
    assert {"emergency-signs", "support-your-choice", "helpline"} <= set(messages)
    for text in messages["emergency-signs"].text.values():
        assert re.findall(r"\d+", text) == ["15", "112"]


@many
@given(findings())
def test_15_the_same_finding_says_the_same(finding: Finding) -> None:
    assert SPEAKER.messages(finding, LANGUAGES) == SPEAKER.messages(finding, LANGUAGES)


@given(findings())
def test_a_card_has_french_and_at_most_one_other_language(finding: Finding) -> None:
    for asked in ((), ("ru",), ("fr",), ("ru", "fr"), ("fr", "ru")):
        assert languages(asked, ())[-1] == "fr"
        assert len(languages(asked, ("ar", "ru"))) <= 2


def test_the_strategy_reaches_what_matters() -> None:
    """A property that never meets its condition proves nothing."""
    seen: dict[str, int] = dict.fromkeys((rule.key for rule in SPEAKER.rules), 0)

    @settings(max_examples=2000, deadline=None, database=None)
    @given(findings())
    def meet(finding: Finding) -> None:
        for key in said(finding):
            seen[key] += 1

    meet()
    assert [key for key, times in seen.items() if times == 0] == []


names = st.text(min_size=1, max_size=30).filter(lambda text: text.strip())


@given(names)
def test_a_raw_name_can_never_break_a_sentence(name: str) -> None:
    for language in LANGUAGES:
        text = SPEAKER.catalogue.say("alert-unexpected", language, {"name": Names((name,))})
        assert name in text
