"""What crosses HTTP of messages, languages and the vocabulary."""

from collections.abc import Sequence
from typing import Any

from service.evidence.finding import Finding
from service.vocabulary.codes import LISTS
from service.vocabulary.substances import SUBSTANCES
from service.wording.catalogue import Catalogue
from service.wording.message import Message, MessageComposer
from service.wording.rules import WHEN_TOLD
from service.wording.talk import TALK

MESSAGES_EXAMPLE = {
    "sample_id": "0192f3a1-7c3e-7000-8000-3d1f5a2b9c01",
    "state": "answered",
    "languages": ["en"],
    "marks": {"en": "Draft: no native speaker and no doctor has checked this text."},
    "interpreter": {},
    "messages": [
        {
            "key": "result-amount",
            "slot": "result",
            "severity": "serious",
            "pictogram": "scales",
            "text": {"en": "This rock weighs 138 mg. About 79 mg of it is cocaine."},
            "review": {"en": "draft"},
            "rule": "amount_known",
            "evidence": [
                {
                    "source": "OFDT/Inserm 2020",
                    "place": "table of main quantitative characteristics",
                    "figure": "mean 84 mg of cocaine in 148 mg",
                }
            ],
        }
    ],
}


def messages_out(
    composer: MessageComposer, finding: Finding, languages: Sequence[str]
) -> dict[str, Any]:
    """The messages and what has to be shown beside them, where there is something."""
    messages = composer.messages(finding, languages)
    return {
        "state": finding.state,
        "languages": languages,
        **beside(composer, messages, languages),
        "messages": messages,
    }


def beside(
    composer: MessageComposer, messages: Sequence[Message], languages: Sequence[str]
) -> dict[str, Any]:
    """`marks`: what is not approved, by language. `interpreter`: where French stands in for a language."""
    spoken = dict.fromkeys(
        (*languages, *(language for message in messages for language in message.text))
    )
    marks = {language: composer.mark(messages, language) for language in spoken}
    helped = {language: composer.interpreter(messages, language) for language in languages}
    return {
        "marks": {language: mark for language, mark in marks.items() if mark},
        "interpreter": {language: words for language, words in helped.items() if words},
    }


TALK_EXAMPLE = {
    "sample_id": "0192f3a1-7c3e-7000-8000-3d1f5a2b9c01",
    "state": "answered",
    "languages": ["en"],
    "marks": {"en": "Draft: no native speaker and no doctor has checked this text."},
    "interpreter": {},
    "points": [
        {
            "key": "talk-guess",
            "slot": "heard",
            "severity": None,
            "pictogram": None,
            "text": {"en": "Out of 10 parts, the person guessed 4 of cocaine."},
            "review": {"en": "draft"},
            "rule": "guess_given",
            "evidence": [
                {
                    "source": "OFDT/Inserm 2020",
                    "place": "section 2, Contents of the rocks",
                    "figure": "mean guess 45 %",
                }
            ],
        }
    ],
    "if_told_marks": {"en": "Draft: no native speaker and no doctor has checked this text."},
    "if_told": [
        {
            "key": "pregnancy",
            "slot": "care",
            "severity": "serious",
            "pictogram": "pregnant",
            "text": {
                "en": "Pregnant, or maybe? Care helps you and the baby. We will not judge you."
            },
            "review": {"en": "draft"},
            "rule": "told_to_the_worker",
            "evidence": [
                {"source": "Perinat BN", "place": "cocaine and pregnancy", "figure": "whole page"}
            ],
        }
    ],
}


def talk_out(
    composer: MessageComposer,
    finding: Finding,
    languages: Sequence[str],
    card_languages: Sequence[str],
) -> dict[str, Any]:
    """Talking points in the worker's language; what the person may be shown if they speak of it, in theirs too."""
    points = composer.say(TALK, finding, languages)
    if_told = composer.say(WHEN_TOLD, finding, dict.fromkeys((*card_languages, *languages)))
    return {
        "state": finding.state,
        "languages": languages,
        **beside(composer, points, languages),
        "points": points,
        "if_told": if_told,
        "if_told_marks": beside(composer, if_told, ())["marks"],
    }


def languages_out(catalogue: Catalogue) -> dict[str, Any]:
    return {
        "languages": [
            {
                "code": locale.code,
                "name": locale.name,
                "direction": locale.direction,
                "coverage": catalogue.coverage(locale.code),
                "review": catalogue.reviews(locale.code),
            }
            for locale in catalogue.locales.values()
        ]
    }


def vocabulary_out(catalogue: Catalogue, language: str) -> dict[str, Any]:
    """Code lists with their labels, and substances with their names, in this language."""
    lists = {
        name: [{"code": code, "label": catalogue.label(name, code, language)} for code in kind]
        for name, kind in LISTS.items()
    }
    substances = [
        {
            "code": substance.code,
            "label": catalogue.name(substance.code, language),
            "family": substance.family,
            "cas": substance.cas,
        }
        for substance in SUBSTANCES.values()
    ]
    return {"language": language, "lists": lists, "substances": substances}
