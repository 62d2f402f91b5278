"""The kit: what a tablet needs where there is no network, made anew from what is known now.

Code lists have labels in the languages of the staff's pages only; what a person is told has every language. An
estimate is a table by whole mg, then by steps; between two rows it is straight. What is said while a rock waits
depends on three things that the tablet knows, so the keys are listed for each case and the sentences once.

A newer page may read an older kit where there is no network: a name in it is added or left, and never comes to
mean something else.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import product
from typing import Any

import orjson

from service.access.site import Offers
from service.evidence import dose
from service.evidence.dose import Amount, Market
from service.evidence.finding import NO_ROCKS, Finding
from service.evidence.reference import MAX_COCAINE_MG
from service.foundation.paper import square_code
from service.intake import pickup
from service.intake.sample import CODED_FACTS, MAX_NOTE, MAX_PRICE_EUR, MAX_WEIGHT_MG, Use
from service.vocabulary.codes import LISTS, AlsoUses, Size, SoldAs, State
from service.vocabulary.substances import SUBSTANCES
from service.wording.catalogue import Catalogue, plain
from service.wording.message import Message, MessageComposer
from service.wording.rules import ON_PAPER, WHEN_TOLD

FINE_MG = 600
"""Up to here every whole mg: the published weights (median 138 mg, sigma 0.374) pass it once in 20,000 rocks."""
STEP_MG = 50
FIELDS = (*CODED_FACTS, "state")
# The survey's own beliefs first (fields.md), then what laboratories find most.
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


@lru_cache(32)
def packed(
    composer: MessageComposer,
    *,
    site: str,
    market: Market,
    recent: frozenset[str],
    offers: Offers,
    public_key: str,
) -> tuple[bytes, str]:
    """The kit as it is sent, and its tag; made once for as long as nothing is new."""
    body = orjson.dumps(
        kit(composer, site=site, market=market, recent=recent, offers=offers, public_key=public_key)
    )
    return body, hashlib.sha256(body).hexdigest()[:32]


def kit(
    composer: MessageComposer,
    *,
    site: str,
    market: Market,
    recent: frozenset[str],
    offers: Offers,
    public_key: str,
) -> dict[str, Any]:
    """Everything in one answer; the same knowledge gives the same kit."""
    catalogue = composer.catalogue
    languages = tuple(catalogue.locales)
    cases, messages = _waiting(composer, recent, offers)
    return {
        "site": site,
        "words": catalogue.version,
        "public_key": public_key,
        "languages": [
            {"code": one.code, "name": one.name, "direction": one.direction}
            for one in catalogue.locales.values()
        ],
        "lists": {field: [code.value for code in LISTS[field]] for field in FIELDS},
        "labels": {one: _labels(catalogue, one) for one in catalogue.page_languages},
        "substances": [
            *ASKED_FIRST,
            *(code for code in SUBSTANCES if code not in (*ASKED_FIRST, "cocaine")),
        ],
        "limits": {"weight_mg": MAX_WEIGHT_MG, "price_eur": MAX_PRICE_EUR, "note": MAX_NOTE},
        "no_rock": {"form": sorted(NO_ROCKS), "sold_as": [SoldAs.POWDER_COCAINE]},
        "estimate": {"most_mg": MAX_COCAINE_MG, **estimates(market)},
        "waiting": cases,
        "messages": {message.key: _said(message) for message in messages},
        "pictograms": catalogue.pictograms,
        "frames": {one: {key: composer.frame(key, one) for key in FRAMES} for one in languages},
        "marks": {one: mark for one in languages if (mark := composer.mark(messages, one))},
        "interpreter": {
            one: said for one in languages if (said := composer.interpreter(messages, one))
        },
    }


def _labels(catalogue: Catalogue, language: str) -> dict[str, Any]:
    return {
        **{
            field: {code.value: catalogue.label(field, code, language) for code in LISTS[field]}
            for field in FIELDS
        },
        "substance": {code: plain(catalogue.name(code, language)) for code in SUBSTANCES},
    }


def _waiting(
    composer: MessageComposer, recent: frozenset[str], offers: Offers
) -> tuple[list[dict[str, Any]], list[Message]]:
    """The keys for each case, in reading order, and every message among them once."""
    languages, said, cases = tuple(composer.catalogue.locales), dict[str, Message](), []
    for weighed, alcohol, opioids in product((False, True), repeat=3):
        uses = [
            use for use, has in ((AlsoUses.ALCOHOL, alcohol), (AlsoUses.OPIOIDS, opioids)) if has
        ]
        finding = Finding(
            state=State.WAITING,
            use=Use(also_uses=tuple(uses)),
            weight_mg=WEIGHT if weighed else None,
            expected=Amount(LOW, LOW, HIGH, dose.LEVEL) if weighed else None,
            recent=recent,
            offers=offers,
        )
        messages = composer.messages(finding, languages)
        said.update((message.key, message) for message in messages)
        cases.append(
            {"weighed": weighed, "also_uses": uses, "keys": [message.key for message in messages]}
        )
    unasked = composer.compose(
        (*WHEN_TOLD, *ON_PAPER), Finding(state=State.WAITING, offers=offers), languages
    )
    return cases, [*said.values(), *unasked]


def _said(message: Message) -> dict[str, Any]:
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
def estimates(market: Market) -> Mapping[str, Any]:
    """What rocks hold by weight in mg and by size: low, middle and high, in mg, to a tenth."""
    coarse = range(FINE_MG, int(MAX_WEIGHT_MG) + 1, STEP_MG)
    looked = {
        size.value: dose.weight_from_size(size) for size in (Size.SMALL, Size.MEDIUM, Size.LARGE)
    }
    return {
        "fine": _table(range(1, FINE_MG + 1), market),
        "coarse": {"from_mg": FINE_MG, "step_mg": STEP_MG, "rows": _table(coarse, market)},
        "sizes": {
            size: _row(dose.expected(weight or (), market.share)) for size, weight in looked.items()
        },
    }


def _table(weights: Iterable[int], market: Market) -> list[list[float]]:
    return [
        _row(amount)
        for amount in dose.expected_each([dose.field_weighed(mg) for mg in weights], market)
    ]


def _row(amount: Amount) -> list[float]:
    return [round(mg, 1) for mg in (amount.low_mg or 0.0, amount.middle_mg, amount.high_mg or 0.0)]


def page_of_pad(code: str, public_url: str) -> dict[str, str]:
    """A code as it is handed out, and its square code: the path of an SVG and how wide that is in modules."""
    spelled = pickup.spelled(code)
    (drawn,) = _SQUARE.finditer(square_code(f"{public_url}/r/{spelled}"))
    return {"code": spelled, **drawn.groupdict()}
