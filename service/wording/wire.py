"""What crosses HTTP of messages, languages and the vocabulary."""

from collections.abc import Sequence
from typing import Any

from service.evidence.finding import Finding
from service.vocabulary.codes import LISTS
from service.vocabulary.substances import SUBSTANCES
from service.wording.catalogue import Catalogue
from service.wording.message import Speaker

MESSAGES_EXAMPLE = {
    "sample_id": "0192f3a1-7c3e-7000-8000-3d1f5a2b9c01",
    "state": "answered",
    "languages": ["en"],
    "draft_mark": {"en": "Draft text: not yet checked by a native speaker."},
    "messages": [
        {
            "key": "result-amount",
            "slot": "result",
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


def messages_out(speaker: Speaker, finding: Finding, languages: Sequence[str]) -> dict[str, Any]:
    """`draft_mark` is the translated mark to show beside every text that is still a draft."""
    return {
        "state": finding.state,
        "languages": languages,
        "draft_mark": {language: speaker.frame("draft-mark", language) for language in languages},
        "messages": speaker.messages(finding, languages),
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
