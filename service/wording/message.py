"""Messages in reading order, in each language asked for; no markup, no medium."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from service.evidence.finding import Finding
from service.foundation.problems import Flaw, Unfit
from service.wording.catalogue import Catalogue
from service.wording.reviews import Review
from service.wording.rules import Rule


@dataclass(frozen=True, slots=True)
class Message:
    """One message. `text` lacks a language that may not be shown; `review` says why, for every language."""

    key: str
    slot: str
    text: Mapping[str, str]
    review: Mapping[str, Review]
    rule: str
    evidence: Sequence[Mapping[str, str]]


@dataclass(frozen=True)
class Speaker:
    """The catalogue under the operator's words policy: marked shows drafts, approved does not."""

    catalogue: Catalogue
    rules: tuple[Rule, ...]
    only_approved: bool

    def messages(self, finding: Finding, languages: Iterable[str]) -> tuple[Message, ...]:
        """Every message that applies, in reading order."""
        spoken = tuple(languages)
        return tuple(self._message(rule, finding, spoken) for rule in self.rules if rule.when(finding))

    def languages(self, asked: Iterable[str] | None) -> tuple[str, ...]:
        """The languages asked for, once each. Raises Unfit for one we do not speak."""
        known = self.catalogue.locales
        wished = tuple(dict.fromkeys(asked or ()))
        if not set(wished) <= set(known):
            raise Unfit(Flaw("/lang", "unknown-code", {"known": ", ".join(known)}))
        return wished

    def frame(self, key: str, language: str, **values: object) -> str:
        """A text around the messages, in French where the language's own may not be shown."""
        shown = language if self.shows(key, language) else "fr"
        return self.catalogue.say(key, shown, values)  # type: ignore[arg-type]

    def shows(self, key: str, language: str) -> bool:
        review = self.catalogue.review(key, language)
        return review is Review.APPROVED if self.only_approved else review is not Review.MISSING

    def _message(self, rule: Rule, finding: Finding, languages: tuple[str, ...]) -> Message:
        wording = self.catalogue.wordings[rule.key]
        values = rule.values(finding)
        return Message(
            key=rule.key,
            slot=wording.slot,
            text={
                language: self.catalogue.say(rule.key, language, values)
                for language in languages
                if self.shows(rule.key, language)
            },
            review={language: self.catalogue.review(rule.key, language) for language in languages},
            rule=rule.name,
            evidence=wording.evidence,
        )


def has_draft(messages: Sequence[Message], language: str) -> bool:
    """Whether a text shown in this language has not been approved."""
    return any(
        language in message.text and message.review[language] is not Review.APPROVED for message in messages
    )
