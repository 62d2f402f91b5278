"""What crosses HTTP of messages, languages and the vocabulary."""

from collections.abc import Mapping, Sequence
from typing import NotRequired
from uuid import UUID

from typing_extensions import TypedDict

from service.evidence.finding import Finding
from service.vocabulary.codes import LISTS, State
from service.vocabulary.substances import SUBSTANCES, Family
from service.wording.catalogue import Catalogue
from service.wording.message import Message, MessageComposer
from service.wording.rules import WHEN_TOLD
from service.wording.talk import TALK


class MessagesOut(TypedDict):
    """The messages, and what has to be shown beside them.

    `marks`: what is not approved, by language. `interpreter`: where French stands in for a
    language. The sample's id is told to its own site alone.
    """

    sample_id: NotRequired[UUID]
    state: State
    languages: Sequence[str]
    marks: Mapping[str, str]
    interpreter: Mapping[str, str]
    messages: Sequence[Message]


class TalkOut(TypedDict):
    """Talking points for the worker; `if_told` is said only when the person speaks of it."""

    sample_id: NotRequired[UUID]
    state: State
    languages: Sequence[str]
    marks: Mapping[str, str]
    interpreter: Mapping[str, str]
    points: Sequence[Message]
    if_told: Sequence[Message]
    if_told_marks: Mapping[str, str]


class LanguageOut(TypedDict):
    """A language that we speak. `coverage` is the share of texts that it says."""

    code: str
    name: str
    direction: str
    coverage: float
    review: Mapping[str, int]


class LanguagesOut(TypedDict):
    """The languages that we speak."""

    languages: Sequence[LanguageOut]


class CodeOut(TypedDict):
    """A code of a list, with its label."""

    code: str
    label: str


class SubstanceOut(TypedDict):
    """A substance of the vocabulary, with its name."""

    code: str
    label: str
    family: Family
    cas: str | None


class VocabularyOut(TypedDict):
    """The code list of every field and the substances, in one language."""

    language: str
    lists: Mapping[str, Sequence[CodeOut]]
    substances: Sequence[SubstanceOut]


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
) -> MessagesOut:
    """The messages and what has to be shown beside them, where there is something."""
    messages = composer.messages(finding, languages)
    return {
        "state": finding.state,
        "languages": languages,
        "marks": marks_of(composer, messages, languages),
        "interpreter": interpreters_of(composer, messages, languages),
        "messages": messages,
    }


def marks_of(
    composer: MessageComposer, messages: Sequence[Message], languages: Sequence[str]
) -> dict[str, str]:
    """What is not approved, by each language that is asked for or spoken."""
    spoken = [language for message in messages for language in message.text]
    marks = {
        language: composer.mark(messages, language)
        for language in dict.fromkeys((*languages, *spoken))
    }
    return {language: mark for language, mark in marks.items() if mark}


def interpreters_of(
    composer: MessageComposer, messages: Sequence[Message], languages: Sequence[str]
) -> dict[str, str]:
    """Where French stands in for a language: ask for an interpreter."""
    sentences = {language: composer.interpreter(messages, language) for language in languages}
    return {language: sentence for language, sentence in sentences.items() if sentence}


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
) -> TalkOut:
    """Talking points in the worker's language.

    What the person may be shown if they speak of it stands in theirs too.
    """
    points = composer.compose(TALK, finding, languages)
    if_told = composer.compose(WHEN_TOLD, finding, dict.fromkeys((*card_languages, *languages)))
    return {
        "state": finding.state,
        "languages": languages,
        "marks": marks_of(composer, points, languages),
        "interpreter": interpreters_of(composer, points, languages),
        "points": points,
        "if_told": if_told,
        "if_told_marks": marks_of(composer, if_told, ()),
    }


LANGUAGES_EXAMPLE = {
    "languages": [
        {
            "code": "ka",
            "name": "ქართული",
            "direction": "ltr",
            "coverage": 1.0,
            "review": {"draft": 230},
        }
    ]
}


def languages_out(catalogue: Catalogue) -> LanguagesOut:
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


VOCABULARY_EXAMPLE = {
    "language": "en",
    "lists": {"form": [{"code": "rock", "label": "rock"}]},
    "substances": [
        {"code": "cocaine", "label": "cocaine", "family": "cocaine", "cas": "50-36-2"},
    ],
}


def vocabulary_out(catalogue: Catalogue, language: str) -> VocabularyOut:
    """Code lists with their labels, and substances with their names, in this language."""
    lists: dict[str, list[CodeOut]] = {
        name: [{"code": code, "label": catalogue.label(name, code, language)} for code in kind]
        for name, kind in LISTS.items()
    }
    substances: list[SubstanceOut] = [
        {
            "code": substance.code,
            "label": catalogue.name(substance.code, language),
            "family": substance.family,
            "cas": substance.cas,
        }
        for substance in SUBSTANCES.values()
    ]
    return {"language": language, "lists": lists, "substances": substances}
