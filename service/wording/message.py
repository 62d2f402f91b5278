"""Messages in reading order, in each language asked for; no markup, no medium."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from service.evidence.finding import Finding
from service.foundation import log
from service.foundation.problems import Flaw, Unfit
from service.wording.catalogue import Catalogue, Value
from service.wording.inventory import FALLBACK, Severity
from service.wording.reviews import Review, least
from service.wording.rules import Rule


@dataclass(frozen=True, slots=True)
class Message:
    """One message.

    `text` lacks a language that may not be shown, and then says it in French; `review` says why,
    for every language. `pictogram` names a drawing of the catalogue; talking points have none.
    """

    key: str
    slot: str
    severity: Severity | None
    pictogram: str | None
    text: Mapping[str, str]
    review: Mapping[str, Review]
    rule: str
    evidence: Sequence[Mapping[str, str]]


@dataclass(frozen=True)
class MessageComposer:
    """The catalogue under the operator's words policy: marked shows drafts, approved does not."""

    catalogue: Catalogue
    rules: tuple[Rule, ...]
    only_approved: bool

    def messages(self, finding: Finding, languages: Iterable[str]) -> tuple[Message, ...]:
        """Every message that applies, in reading order."""
        return self.compose(self.rules, finding, languages)

    def compose(
        self, rules: Iterable[Rule], finding: Finding, languages: Iterable[str]
    ) -> tuple[Message, ...]:
        """What these rules call for, in their order."""
        wished = tuple(languages)
        messages = (self._called_for(rule, finding, wished) for rule in rules)
        return tuple(message for message in messages if message is not None)

    def languages(self, asked: Iterable[str] | None) -> tuple[str, ...]:
        """The languages asked for, once each. Raises Unfit for one we do not speak."""
        known = self.catalogue.locales
        wished = tuple(dict.fromkeys(asked or ()))
        if not set(wished) <= set(known):
            raise Unfit(Flaw("/lang", "unknown-code", {"known": ", ".join(known)}))
        return wished

    def frame(self, key: str, language: str, **values: Value) -> str:
        """A text around the messages, in French where the language's own may not be shown."""
        if self._may_show(self.catalogue.review(key, language), language):
            return self.catalogue.say(key, language, values)
        return self.catalogue.isolate(self.catalogue.say(key, FALLBACK, values), language)

    def mark(self, messages: Iterable[Message], language: str) -> str | None:
        """What stands beside texts that nobody has approved.

        It says how far the least of them was reviewed.
        """
        state = least(message.review[language] for message in messages if language in message.text)
        if state is Review.APPROVED:
            return None
        return self.frame("reviewed-mark" if state is Review.REVIEWED else "draft-mark", language)

    def interpreter(self, messages: Iterable[Message], language: str) -> str | None:
        """What stands where a text may not be shown in this language: ask for an interpreter."""
        if all(language in message.text for message in messages):
            return None
        return self.frame("interpreter-needed", language)

    def message(
        self, key: str, rule: str, values: Mapping[str, Value], languages: tuple[str, ...]
    ) -> Message:
        """One message in these languages. Raises KeyError for a value that is missing."""
        catalogue, wording = self.catalogue, self.catalogue.wordings[key]
        review = {language: catalogue.review(key, language, values) for language in languages}
        shown = [language for language in languages if self._may_show(review[language], language)]
        if len(shown) < len(languages) and FALLBACK not in shown:
            shown.append(FALLBACK)
            review[FALLBACK] = catalogue.review(key, FALLBACK, values)

        return Message(
            key=key,
            slot=wording.slot,
            severity=wording.severity,
            pictogram=wording.pictogram,
            text={language: catalogue.say(key, language, values) for language in shown},
            review=review,
            rule=rule,
            evidence=wording.evidence,
        )

    def _called_for(
        self, rule: Rule, finding: Finding, languages: tuple[str, ...]
    ) -> Message | None:
        """The rule's message, where it applies; none where a number in it would be impossible."""
        try:
            if not rule.applies(finding):
                return None
            values = rule.values(finding)
        except (ValueError, ArithmeticError):
            log.events.error("not said, a number is impossible: %s", rule.key)
            return None
        return self.message(rule.key, rule.name, values, languages)

    def _may_show(self, review: Review, language: str) -> bool:
        """A draft is shown only in a language that can say that it is one."""
        if self.only_approved:
            return review is Review.APPROVED
        can_mark = self.catalogue.text("draft-mark", language) is not None
        return can_mark and review is not Review.MISSING
