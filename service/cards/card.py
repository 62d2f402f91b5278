"""Messages laid into a card: two languages side by side, and what may give way when paper is short.

Nothing on it says whose it is: no name, place, price, seller or day of purchase. The person's
language and French stand side by side, so that a doctor can read it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from service.evidence import scale
from service.evidence.finding import Finding
from service.foundation.problems import Flaw, Unfit
from service.intake import pickup
from service.vocabulary.codes import State
from service.wording.inventory import FALLBACK, Severity
from service.wording.message import Message, MessageComposer
from service.wording.rules import ON_PAPER
from service.wording.title import title_of

# On paper, what gives way first stands first. What is not named stays: alerts, state, the words of
# a low result, emergency signs. If those do not fit, nothing is printed.
GIVES_WAY = (
    "also-indicated",
    "compare-reference",
    "body-care",
    "body-care-no-rest",
    "price-look-tell-nothing",
    "residues-not-seen",
    "no-amphetamine-subutex",
    "guess-vs-measured",
    "guess-too-low",
    "quality-vs-measured",
    "cut-residue",
    "mix-alcohol",
    "pipe-own",
    "own-straw",
    "own-injection-kit",
    "card-no-name",
    "cut-filler",
    "support-your-choice",
    "helpline",
    "cut-caffeine",
    "cut-paracetamol",
    "basing-keeps-cuts",
    "effects-from-cocaine",
    "dose-beyond-survey",
    "share-high",
    "never-harmless",
    "mix-benzodiazepine",
    "mix-opioid",
    "already-used",
    "dose-follows-size",
    "cut-local-anaesthetic",
    "cut-phenacetin",
    "cut-phenacetin-plain",
    "cut-heart-sleep-medicine",
    "found-too-little-to-measure",
    "cocaine-found-not-measured",
    "result-share",
    "result-share-under-one",
    "product-share",
    "estimate-by-weight",
    "estimate-may-hold-more",
    "dose-high",
    "cut-levamisole",
    "limits-not-detected",
    "limits-one-piece",
    "first-test-settled",
    "cocaine-not-measured",
    "first-test-did-not-react",
    "first-test-reacted",
    "limits-not-tested",
    "product-found",
    "product-told-found",
    "result-amount-range",
    "result-amount",
)
BELIEFS_ON_PAPER = 1
# What was found, and what nobody looked for, is told on the back of the card rather than nowhere.
FOUND = "cut"
TURNS_OVER = frozenset(
    {
        "product-told-found",
        "product-found",
        "product-share",
        "first-test-reacted",
        "first-test-did-not-react",
        "first-test-settled",
        "limits-not-tested",
    }
)
# Where the drawing of how much it holds belongs: under the words that say so.
SAYS_AMOUNT = frozenset(
    {"result-amount", "result-amount-range", "estimate-by-weight", "estimate-may-hold-more"}
)
# It goes just before the words that it draws.
SCALE_GIVES_WAY = GIVES_WAY.index("dose-follows-size") - 0.5


@dataclass(frozen=True, slots=True)
class Column:
    """One language of the card.

    `mark` tells that its texts are drafts; `interpreter`, that some are missing. A card has its
    answer's day, or, while the answer is waited for, what to come back with.
    """

    language: str
    direction: str
    title: str
    answer_of: str | None
    come_back: str | None
    read_again: str
    mark: str | None
    interpreter: str | None


@dataclass(frozen=True, slots=True)
class Row:
    """One message: a text a column, None where it may not be shown.

    `pictogram` (SVG) tells who reads nothing what it is about, and stands in for a text that may
    not be shown. `gives_way` is its place among what gives way, None for what stays.
    """

    key: str
    slot: str
    texts: tuple[str | None, ...]
    gives_way: int | None
    turns_over: bool
    """It goes on to the back rather than nowhere."""
    pictogram: str | None
    says_amount: bool


@dataclass(frozen=True, slots=True)
class Card:
    """What is handed over: one or two languages, rows of messages, the code and its address."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    scale: str | None
    """A drawing (SVG) of how much it holds among others; it stands under the row that says so."""
    scale_said: str | None
    """The same for whoever cannot see it."""
    scale_gives_way: float
    code: str
    url: str
    words: str
    """Which words were printed: the catalogue's version."""


def languages(asked: Sequence[str], card_languages: Sequence[str]) -> tuple[str, ...]:
    """The card's columns: one language and French, or French alone.

    Raises Unfit for two beside French.
    """
    others = [language for language in asked if language != FALLBACK]
    if len(others) > 1:
        raise Unfit(Flaw("/lang", "too-long", {"limit": 1}))
    if not asked:
        others = [language for language in card_languages if language != FALLBACK][:1]
    return (*others, FALLBACK)


def compose(
    composer: MessageComposer,
    finding: Finding,
    languages: Sequence[str],
    *,
    code: str,
    public_url: str,
    zone: ZoneInfo,
) -> Card:
    """The card of a finding; `code` is stored spelling, `public_url` has no final slash."""
    messages = _for_paper(composer.messages(finding, languages))
    messages += composer.compose(ON_PAPER, finding, languages)

    answered_on = finding.answered_at.astimezone(zone).date() if finding.answered_at else None
    is_waiting = finding.state is State.WAITING
    title = title_of(finding)
    columns = [
        _column(composer, language, messages, title, answered_on, is_waiting)
        for language in languages
    ]
    rows = [_row(composer, message, languages) for message in messages]

    amount = finding.known_amount
    spelled = pickup.spelled(code)
    return Card(
        columns=tuple(columns),
        rows=tuple(rows),
        scale=scale.drawn(amount) if amount else None,
        scale_said=scale.said(amount) if amount else None,
        scale_gives_way=SCALE_GIVES_WAY,
        code=spelled,
        url=f"{public_url}/r/{spelled}",
        words=composer.catalogue.version,
    )


def _for_paper(messages: Sequence[Message]) -> list[Message]:
    """Every message but the beliefs beyond the first: paper has room for one."""
    beliefs = [message for message in messages if message.slot == "belief"]
    beyond = beliefs[BELIEFS_ON_PAPER:]
    return [message for message in messages if message not in beyond]


def _column(
    composer: MessageComposer,
    language: str,
    messages: Sequence[Message],
    title: str,
    answered_on: date | None,
    is_waiting: bool,
) -> Column:
    answer_of = come_back = None
    if answered_on is not None:
        answer_of = composer.frame("card-answer-of", language, date=answered_on)
    if is_waiting:
        come_back = composer.frame("card-come-back", language)

    return Column(
        language=language,
        direction=composer.catalogue.locales[language].direction,
        title=composer.frame(title, language),
        answer_of=answer_of,
        come_back=come_back,
        read_again=composer.frame("card-read-again", language),
        mark=composer.mark(messages, language),
        interpreter=composer.interpreter(messages, language),
    )


def _turns_over(message: Message) -> bool:
    grave_cut = message.slot == FOUND and message.severity is not Severity.USEFUL
    return grave_cut or message.key in TURNS_OVER


def _row(composer: MessageComposer, message: Message, languages: Sequence[str]) -> Row:
    return Row(
        key=message.key,
        slot=message.slot,
        texts=tuple(message.text.get(language) for language in languages),
        gives_way=GIVES_WAY.index(message.key) if message.key in GIVES_WAY else None,
        turns_over=_turns_over(message),
        pictogram=composer.catalogue.pictograms.get(message.pictogram or ""),
        says_amount=message.key in SAYS_AMOUNT,
    )
