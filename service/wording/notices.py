"""A notice -> which messages, in reading order: of the catalogue, so that it speaks every language.

The first paragraph of each predicate is printed, for clinicians, in docs/what-we-say.md.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from service.evidence.notice import Kind, Notice
from service.vocabulary.substances import Family, family_of
from service.wording.catalogue import Names
from service.wording.inventory import FALLBACK
from service.wording.message import Message, MessageComposer
from service.wording.reviews import Review, least


@dataclass(frozen=True, slots=True)
class NoticeRule:
    """`key` is said when `when` holds."""

    key: str
    when: Callable[[Notice], bool]


def names_a_very_strong_opioid(n: Notice) -> bool:
    """The notice names a nitazene, fentanyl or a relative."""
    return _family(n) is Family.VERY_STRONG_OPIOID


def names_another_opioid(n: Notice) -> bool:
    """The notice names another opioid."""
    return _family(n) is Family.OPIOID


def names_an_opioid(n: Notice) -> bool:
    """The notice names an opioid."""
    return names_a_very_strong_opioid(n) or names_another_opioid(n)


def says_what_was_found(n: Notice) -> bool:
    """A substance that is no opioid was found."""
    return n.kind is Kind.FOUND and not names_an_opioid(n)


def says_what_is_found_more_often(n: Notice) -> bool:
    """A substance that is no opioid is found in more rocks than before."""
    return n.kind is Kind.MORE_OFTEN and not names_an_opioid(n)


def says_that_people_felt_bad(n: Notice) -> bool:
    """Several people at a site told of effects that they did not expect, or of serious ones."""
    return n.kind is Kind.EFFECTS


def says_much_cocaine(n: Notice) -> bool:
    """A rock held more cocaine than any of the published survey: for the team alone."""
    return n.kind is Kind.MUCH_COCAINE


def _family(n: Notice) -> Family | None:
    return family_of(n.substance) if n.substance else None


# A site's stock may run out while a notice is in force: what to do is said so that it holds
# anywhere.
NOTICES = (
    NoticeRule("notice-very-strong", names_a_very_strong_opioid),
    NoticeRule("notice-opioid", names_another_opioid),
    NoticeRule("notice-found", says_what_was_found),
    NoticeRule("notice-more-often", says_what_is_found_more_often),
    NoticeRule("notice-effects", says_that_people_felt_bad),
    NoticeRule("notice-much-cocaine", says_much_cocaine),
    NoticeRule("do-opioid-no-stock", names_an_opioid),
    NoticeRule("emergency-signs", says_that_people_felt_bad),
)


def messages_of(
    composer: MessageComposer, notice: Notice, languages: tuple[str, ...]
) -> tuple[Message, ...]:
    """What a notice says, in each of these languages that may be shown."""
    names = {"name": Names((notice.substance,))} if notice.substance else {}
    return tuple(
        composer.message(rule.key, rule.when.__name__, names, languages)
        for rule in NOTICES
        if rule.when(notice)
    )


@dataclass(frozen=True, slots=True)
class Spoken:
    """A notice's messages; its whole text by language, and how far that was reviewed."""

    messages: tuple[Message, ...]
    text: dict[str, str]
    review: dict[str, Review]


def spoken(composer: MessageComposer, notice: Notice, languages: Iterable[str]) -> Spoken:
    """The whole text in each language that may be shown, else in French."""
    wished = tuple(languages)
    messages = messages_of(composer, notice, wished)
    whole = _said_whole(messages, wished)
    if len(whole) < len(wished) and FALLBACK not in wished:
        wished = (*wished, FALLBACK)
        messages = messages_of(composer, notice, wished)
        whole = _said_whole(messages, wished)

    return Spoken(
        messages=messages,
        text={language: _text(messages, language) for language in whole},
        review={language: _least_reviewed(messages, language) for language in wished},
    )


def _said_whole(messages: Iterable[Message], languages: Iterable[str]) -> list[str]:
    """The languages in which every message may be shown."""
    shown = [set(message.text) for message in messages]
    return [language for language in languages if all(language in texts for texts in shown)]


def _text(messages: Iterable[Message], language: str) -> str:
    return " ".join(message.text[language] for message in messages)


def _least_reviewed(messages: Iterable[Message], language: str) -> Review:
    return least(message.review[language] for message in messages)
