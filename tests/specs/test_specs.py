"""The specs hold, reach every message, and the page printed from them is the one in docs/."""

from zoneinfo import ZoneInfo

import pytest

from service.foundation.settings import ROOT
from service.wording.catalogue import Catalogue
from service.wording.message import MessageComposer
from service.wording.notices import NOTICES
from service.wording.rules import ON_PAPER, WHEN_TOLD, rules
from service.wording.talk import TALK
from tests.specs.reading import Spec, specs
from tests.specs.what_we_say import PAGE, in_words, page

COMPOSER = MessageComposer(
    Catalogue(ROOT / "messages"), rules(ZoneInfo("Europe/Paris")), only_approved=False
)
SPECS = specs()


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.title)
def test_what_is_said_of_a_rock(spec: Spec) -> None:
    assert tuple(message.key for message in COMPOSER.messages(spec.finding, ("en",))) == spec.says


@pytest.mark.parametrize(
    "spec", [spec for spec in SPECS if spec.talks is not None], ids=lambda spec: spec.title
)
def test_what_the_worker_is_told_of_a_rock(spec: Spec) -> None:
    told = COMPOSER.compose(TALK, spec.finding, ("en",))
    assert tuple(message.key for message in told) == spec.talks


def test_every_message_has_a_rock_that_calls_for_it() -> None:
    shown = {key for spec in SPECS for key in spec.says}
    assert {rule.key for rule in COMPOSER.rules} == shown


def test_every_text_has_a_rule_and_every_rule_a_text() -> None:
    ruled = [rule.key for rule in (*COMPOSER.rules, *WHEN_TOLD, *ON_PAPER, *TALK)]
    # What to do is said after a notice in the words of a message.
    ruled += [rule.key for rule in NOTICES if rule.key not in ruled]
    assert sorted(ruled) == sorted(
        key for key, wording in COMPOSER.catalogue.wordings.items() if wording.slot != "frame"
    )


def test_every_predicate_says_in_words_what_it_asks() -> None:
    for rule in (*COMPOSER.rules, *WHEN_TOLD, *ON_PAPER, *TALK):
        for predicate in (rule.when, *rule.unless):
            assert in_words(predicate).endswith("."), predicate.__name__
    for notice_rule in NOTICES:
        assert in_words(notice_rule.when).endswith("."), notice_rule.key


def test_the_page_for_clinicians_is_up_to_date() -> None:
    """If this fails, `make words` prints it anew: read what changed, then commit it."""
    assert PAGE.read_text("utf-8") == page(COMPOSER, SPECS)
