"""A person's own result: a page that needs no script, and the same page read aloud."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import RedirectResponse, Response

from service.access.context import Limits
from service.access.permissions import Permission
from service.access.require import Require
from service.cards import audio
from service.cards.card import SAYS_AMOUNT, compose
from service.cards.context import Voices
from service.cards.html import data_uri
from service.evidence import scale
from service.evidence.context import Answering
from service.evidence.finding import Finding
from service.foundation.http import in_parts, preferred
from service.intake import pickup
from service.pages.page import PAGE, TEMPLATES
from service.wording.context import Composer
from service.wording.inventory import FALLBACK
from service.wording.message import MessageComposer
from service.wording.title import title_of

router = APIRouter(tags=["pages"], default_response_class=Response)

MP3 = "audio/mpeg"

HoldingCode = Annotated[None, Depends(Require(Permission.HOLD_A_CODE))]


@dataclass(frozen=True, slots=True)
class _Shown:
    """What a page for the holder of a code shows; `refusal` is the key of what it says instead."""

    finding: Finding | None = None
    preferred_language: str | None = None
    refusal: str | None = None
    address: str = "/r/"


@router.get("/r/", responses=PAGE)
async def enter_code(
    request: Request,
    _: HoldingCode,
    composer: Composer,
    code: Annotated[str | None, Query(max_length=80)] = None,
) -> Response:
    """Where a person without a camera types the code on their card."""
    typed = pickup.read(code) if code else ""
    if not typed:
        return _page(request, composer, "enter_code.html", _Shown())

    language = request.query_params.get("lang")
    kept = f"?lang={language}" if language in composer.catalogue.locales else ""
    return RedirectResponse(f"/r/{pickup.spelled(typed)}{kept}", 303)


@router.get("/r/{pickup_code}", responses=PAGE)
async def result(
    pickup_code: str,
    request: Request,
    _: HoldingCode,
    answers: Answering,
    composer: Composer,
    limits: Limits,
) -> Response:
    """A person's own result, in the language they choose, with French beside it.

    No script is needed.
    """
    code = pickup.read(pickup_code)
    known = await answers.by_code(pickup_code)

    if known is None:
        problem = limits.refusal(request, "unknown-code")
        unknown = problem.kind == "unknown-code"
        shown = _Shown(refusal="page-unknown-code" if unknown else "page-too-many")
        return _page(request, composer, "enter_code.html", shown, problem.status)

    shown = _Shown(
        finding=known.finding,
        preferred_language=next(iter(known.card_languages), None),
        address=f"/r/{pickup.spelled(code)}",
    )
    return _page(request, composer, "result.html", shown)


@dataclass(frozen=True, slots=True)
class _Reader:
    """What reads a card aloud."""

    composer: MessageComposer
    recordings: audio.Recordings


async def _reader(composer: Composer, recordings: Voices) -> _Reader:
    return _Reader(composer, recordings)


@router.get(
    "/r/{pickup_code}/voice",
    responses={
        200: {"content": {MP3: {"schema": {"type": "string", "format": "binary"}}}},
        206: {"description": "The part that was asked for"},
        416: {"description": "There is no such part"},
    },
)
async def voice(
    pickup_code: str,
    request: Request,
    _: HoldingCode,
    answers: Answering,
    reader: Annotated[_Reader, Depends(_reader)],
    limits: Limits,
    lang: Annotated[str | None, Query(max_length=20)] = None,
) -> Response:
    """The same page read aloud, in the language chosen or in French where no voice speaks it.

    MP3, in parts if asked: every phone plays that, and iPhones play nothing else (Ogg since 2025
    only).
    """
    code = pickup.read(pickup_code)
    known = await answers.by_code(pickup_code)
    if known is None:
        raise limits.refusal(request, "unknown-code")

    language = FALLBACK
    if lang and lang in reader.composer.catalogue.locales:
        language = lang

    card = compose(
        reader.composer,
        known.finding,
        _columns(language),
        code=code,
        public_url=answers.settings.public_url,
        zone=answers.settings.zone,
    )
    script = audio.script(card, reader.composer, reader.recordings)
    sound = await audio.render(script, "mp3")
    return in_parts(request, sound, MP3, {"Content-Language": script.language})


def _page(
    request: Request,
    composer: MessageComposer,
    template: str,
    shown: _Shown,
    status: int = 200,
) -> Response:
    """A page for whoever holds a code, in every language of the catalogue."""
    catalogue = composer.catalogue
    language = _language(request, tuple(catalogue.locales), shown.preferred_language)
    columns = _columns(language)
    messages = composer.messages(shown.finding, columns) if shown.finding else ()
    marks = [(column, composer.mark(messages, column)) for column in columns]

    body = TEMPLATES.get_template(template).render(
        say=lambda key: composer.frame(key, language),
        title=title_of(shown.finding),
        has_voice=audio.has_voice(language),
        says_amount=SAYS_AMOUNT,
        scale=_scale(shown.finding),
        marks=[(column, mark) for column, mark in marks if mark],
        pictograms=catalogue.pictograms,
        locale=catalogue.locales[language],
        locales=catalogue.locales,
        columns=columns,
        messages=messages,
        said=shown.refusal,
        address=shown.address,
    )
    headers = {"Retry-After": "60"} if status == 429 else None
    return Response(body, status, headers, media_type="text/html")


def _language(request: Request, offered: tuple[str, ...], card_language: str | None) -> str:
    """As `?lang=` wishes, else the card's own, else the browser's."""
    asked = request.query_params.get("lang")
    if asked is not None and asked in offered:
        return asked
    if card_language:
        return card_language
    return preferred(request.headers.get("accept-language"), offered) or FALLBACK


def _columns(language: str) -> tuple[str, ...]:
    """The language with French beside it; French alone once."""
    return tuple(dict.fromkeys((language, FALLBACK)))


def _scale(finding: Finding | None) -> str | None:
    """The drawing of an amount that is known."""
    amount = finding.known_amount if finding else None
    return data_uri(scale.drawn(amount)) if amount else None
