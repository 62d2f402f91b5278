"""The kit: what a tablet needs where there is no network, made anew from what is known now.

Code lists have labels in the languages of the staff's pages only; what a person is told has every
language. An estimate is a table by whole mg, then by steps; between two rows it is straight. What
is said while a rock waits depends on three things that the tablet knows, so the keys are listed for
each case and the sentences once.

A newer page may read an older kit where there is no network: a name in it is added or left, and
never comes to mean something else.
"""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

import orjson

from service.access.site import Offers
from service.evidence import dose
from service.evidence.dose import Amount, Market
from service.evidence.finding import NO_ROCKS, Finding
from service.evidence.reference import MAX_COCAINE_MG
from service.foundation.paper import square_code
from service.intake import pickup
from service.intake.sample import CODED_FACTS, MAX_NOTE, MAX_PRICE_EUR, MAX_WEIGHT_MG, Use
from service.pages.tablet.wire import (
    KitCase,
    KitEstimates,
    KitLanguage,
    KitMessage,
    PadPage,
    TabletKit,
)
from service.vocabulary.codes import LISTS, AlsoUses, Size, SoldAs, State
from service.vocabulary.languages import Locale
from service.vocabulary.substances import SUBSTANCES
from service.wording.catalogue import Catalogue, plain
from service.wording.message import Message, MessageComposer
from service.wording.rules import ON_PAPER, WHEN_TOLD

FINE_MG = 600
"""Up to here every whole mg.

The published weights (median 138 mg, sigma 0.374) pass it once in 20,000 rocks.
"""
STEP_MG = 50
FIELDS = (*CODED_FACTS, "state")
# What people in the published survey believed first, then what laboratories find most.
ASKED_FIRST = (
    "amphetamine",
    "buprenorphine",
    "levamisole",
    "phenacetin",
    "caffeine",
    "lidocaine",
    "paracetamol",
)
FRAMES = ("card-title", "card-come-back", "card-read-again", "voice-machine")
# Stand-ins for the three numbers of an estimate, which the tablet puts in.
WEIGHT, LOW, HIGH = 900009.0, 900001.0, 900005.0
_SQUARE = re.compile(r'viewBox="0 0 (?P<width>\d+) \d+".* d="(?P<path>[^"]+)"', re.DOTALL)
_PLACES = {"900009": "{weight}", "900001": "{low}", "900005": "{high}"}


@dataclass(frozen=True, slots=True)
class Known:
    """What a site's kit is made of: its name, its market, what was found lately, what it offers.

    `public_key` is the service's, for rocks that are carried by hand.
    """

    site: str
    market: Market
    recent: frozenset[str]
    offers: Offers
    public_key: str


@lru_cache(32)
def packed(composer: MessageComposer, known: Known) -> tuple[bytes, str]:
    """The kit as it is sent, and its tag; made once for as long as nothing is new."""
    body = orjson.dumps(kit(composer, known))
    return body, hashlib.sha256(body).hexdigest()[:32]


def kit(composer: MessageComposer, known: Known) -> TabletKit:
    """Everything in one answer; the same knowledge gives the same kit."""
    catalogue = composer.catalogue
    languages = tuple(catalogue.locales)
    cases, messages = _waiting(composer, known)
    marks = {language: composer.mark(messages, language) for language in languages}
    interpreter = {language: composer.interpreter(messages, language) for language in languages}

    return {
        "site": known.site,
        "words": catalogue.version,
        "public_key": known.public_key,
        "languages": [_language(locale) for locale in catalogue.locales.values()],
        "lists": {field: [code.value for code in LISTS[field]] for field in FIELDS},
        "labels": {language: _labels(catalogue, language) for language in catalogue.page_languages},
        "substances": _substances(),
        "limits": {"weight_mg": MAX_WEIGHT_MG, "price_eur": MAX_PRICE_EUR, "note": MAX_NOTE},
        "no_rock": {"form": sorted(NO_ROCKS), "sold_as": [SoldAs.POWDER_COCAINE]},
        "estimate": {"most_mg": MAX_COCAINE_MG, **estimates(known.market)},
        "waiting": cases,
        "messages": {message.key: _message(message) for message in messages},
        "pictograms": catalogue.pictograms,
        "frames": {language: _frames(composer, language) for language in languages},
        "marks": {language: mark for language, mark in marks.items() if mark},
        "interpreter": {language: text for language, text in interpreter.items() if text},
    }


def _language(locale: Locale) -> KitLanguage:
    return {"code": locale.code, "name": locale.name, "direction": locale.direction}


def _labels(catalogue: Catalogue, language: str) -> dict[str, dict[str, str]]:
    """The label of each code of each field, and the name of each substance."""
    labels: dict[str, dict[str, str]] = {}

    for field in FIELDS:
        codes = LISTS[field]
        labels[field] = {code.value: catalogue.label(field, code, language) for code in codes}

    names = {code: plain(catalogue.name(code, language)) for code in SUBSTANCES}
    return {**labels, "substance": names}


def _substances() -> list[str]:
    """What people can say they believe is in it: cocaine is not asked for."""
    asked_first = (*ASKED_FIRST, "cocaine")
    return [*ASKED_FIRST, *(code for code in SUBSTANCES if code not in asked_first)]


def _frames(composer: MessageComposer, language: str) -> dict[str, str]:
    return {key: composer.frame(key, language) for key in FRAMES}


def _waiting(composer: MessageComposer, known: Known) -> tuple[list[KitCase], list[Message]]:
    """The keys for each case, in reading order, and every message among them once."""
    languages = tuple(composer.catalogue.locales)
    messages: dict[str, Message] = {}
    cases: list[KitCase] = []

    for weighed, alcohol, opioids in product((False, True), repeat=3):
        taken = ((AlsoUses.ALCOHOL, alcohol), (AlsoUses.OPIOIDS, opioids))
        uses = [use for use, is_taken in taken if is_taken]

        of_case = composer.messages(_finding(known, uses, weighed=weighed), languages)
        messages.update((message.key, message) for message in of_case)
        keys = [message.key for message in of_case]
        cases.append({"weighed": weighed, "also_uses": uses, "keys": keys})

    unasked = composer.compose(
        (*WHEN_TOLD, *ON_PAPER), Finding(state=State.WAITING, offers=known.offers), languages
    )
    return cases, [*messages.values(), *unasked]


def _finding(known: Known, uses: Sequence[AlsoUses], *, weighed: bool) -> Finding:
    """Of a rock that waits; numbers stand in for those that the tablet puts in."""
    return Finding(
        state=State.WAITING,
        use=Use(also_uses=tuple(uses)),
        weight_mg=WEIGHT if weighed else None,
        expected=Amount(LOW, LOW, HIGH, dose.LEVEL) if weighed else None,
        market=known.market,
        recent=known.recent,
        offers=known.offers,
    )


def _message(message: Message) -> KitMessage:
    return {
        "slot": message.slot,
        "text": {language: _with_places(text) for language, text in message.text.items()},
        "pictogram": message.pictogram,
    }


def _with_places(text: str) -> str:
    for number, place in _PLACES.items():
        text = text.replace(number, place)
    return text


@lru_cache(4)
def estimates(market: Market) -> KitEstimates:
    """What rocks hold by weight in mg and by size: low, middle and high, in mg, to a tenth."""
    fine = range(1, FINE_MG + 1)
    coarse = range(FINE_MG, int(MAX_WEIGHT_MG) + 1, STEP_MG)
    sizes = (Size.SMALL, Size.MEDIUM, Size.LARGE)

    return {
        "fine": _table(fine, market),
        "coarse": {"from_mg": FINE_MG, "step_mg": STEP_MG, "rows": _table(coarse, market)},
        "sizes": {size.value: _row_of_size(size, market) for size in sizes},
    }


def _table(weights: Iterable[int], market: Market) -> list[list[float]]:
    weighed = [dose.field_weighed(mg) for mg in weights]
    return [_row(amount) for amount in dose.expected_each(weighed, market)]


def _row_of_size(size: Size, market: Market) -> list[float]:
    weight = dose.weight_from_size(size)
    return _row(dose.expected(weight or (), market.share))


def _row(amount: Amount) -> list[float]:
    columns = (amount.low_mg or 0.0, amount.middle_mg, amount.high_mg or 0.0)
    return [round(mg, 1) for mg in columns]


def page_of_pad(code: str, public_url: str) -> PadPage:
    """A code as it is handed out, with its square code: how wide it is, and the path of an SVG."""
    spelled = pickup.spelled(code)
    (drawn,) = _SQUARE.finditer(square_code(f"{public_url}/r/{spelled}"))
    return {"code": spelled, "width": drawn["width"], "path": drawn["path"]}
