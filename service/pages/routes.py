"""The pages: start, documentation, signing in and out, and a person's own result."""

from datetime import timedelta
from typing import Annotated, Any
from urllib.parse import quote
from uuid import uuid4

from fastapi import APIRouter, Depends, Form, Query, Request
from starlette.responses import RedirectResponse, Response

from service.access import passwords, store, tokens
from service.access.actor import Actor
from service.access.permissions import Permission, Role
from service.access.require import COOKIE, Require, same_origin, token_of, who
from service.cards import audio
from service.cards.card import SAYS_AMOUNT, compose
from service.cards.html import data_uri
from service.evidence import scale
from service.evidence import store as evidence
from service.evidence.finding import Finding
from service.evidence.store import Known
from service.foundation import clock
from service.foundation.http import in_parts, preferred
from service.foundation.problems import Problem
from service.foundation.strict import Text
from service.intake import pickup
from service.pages.page import PAGE, TEMPLATES, page
from service.wording.inventory import FALLBACK
from service.wording.message import MessageComposer

router = APIRouter(tags=["pages"])

MP3 = "audio/mpeg"
HOURS_SIGNED_IN = 12
SIGNED_IN = "caillou-site"
"""For the tablet's page: of which site somebody is signed in, known without a network too. It opens nothing."""
HOME = {Role.OUTREACH: "/tablet/", Role.LAB: "/bench/", Role.COORDINATOR: "/survey/"}


@router.get("/", responses=PAGE)
async def start(
    request: Request, _: Annotated[None, Depends(Require(Permission.LOOK_AROUND))]
) -> Response:
    """What this is and where to go; in demo mode, how to try it."""
    return page(request, "start.html", actor=await who(request))


@router.get("/docs", responses=PAGE)
async def docs(
    request: Request, _: Annotated[None, Depends(Require(Permission.LOOK_AROUND))]
) -> Response:
    """Every endpoint of the API, to read and to try out."""
    return page(request, "docs.html")


@router.get("/sign-in", responses=PAGE)
async def sign_in_page(
    request: Request, _: Annotated[None, Depends(Require(Permission.LOOK_AROUND))]
) -> Response:
    return page(request, "sign_in.html")


@router.post("/sign-in", status_code=303, responses={303: {"description": "Signed in"}})
async def sign_in(
    request: Request,
    _: Annotated[None, Depends(Require(Permission.LOOK_AROUND))],
    name: Annotated[Text, Form(max_length=80, examples=["ana"])],
    password: Annotated[Text, Form(max_length=200, examples=["three green rivers"])],
) -> Response:
    """Name and password for a session: a revocable token in a cookie that scripts cannot read."""
    same_origin(request)
    rate_limit = request.app.state.rate_limit
    if not rate_limit.tried(request, "wrong-password", name):
        raise Problem("too-many-tries")
    database = request.app.state.database
    person = await database.read(lambda connection: store.person_named(connection, name))
    if not await passwords.verify(password, person["password"] if person else None):
        raise Problem("wrong-password")
    rate_limit.reset(request, "wrong-password", name)
    token, now = tokens.mint(), clock.now()

    def open_session(connection: Any) -> None:
        store.forget_ended(connection, now)
        store.add_credential(
            connection,
            store.NewCredential(
                id=uuid4().hex,
                digest=tokens.digest(token),
                kind=store.SESSION,
                label=person["name"],
                role=Role(person["role"]),
                site=person["site"],
                person=person["id"],
                made_at=now,
                ends_at=now + timedelta(hours=HOURS_SIGNED_IN),
            ),
        )

    await database.write(open_session)
    response = RedirectResponse(HOME.get(Role(person["role"]), "/"), 303)
    _set(response, COOKIE, token, httponly=True)
    _set(response, SIGNED_IN, quote(person["site"] or ""), httponly=False)
    return response


def _set(response: Response, name: str, value: str, *, httponly: bool) -> None:
    response.set_cookie(
        name,
        value,
        max_age=HOURS_SIGNED_IN * 3600,
        path="/",
        secure=True,
        httponly=httponly,
        samesite="strict",
    )


@router.post("/sign-out", status_code=303, responses={303: {"description": "Signed out"}})
async def sign_out(
    request: Request, actor: Annotated[Actor, Depends(Require(Permission.SIGN_OUT))]
) -> Response:
    """Ends the session."""
    if not actor.cookie:
        raise Problem("not-allowed")
    digest = tokens.digest(token_of(request) or "")
    await request.app.state.database.write(lambda connection: store.end_session(connection, digest))
    response = RedirectResponse("/", 303)
    for name in (COOKIE, SIGNED_IN):
        response.delete_cookie(name, path="/", secure=True, samesite="strict")
    return response


@router.get("/r/", responses=PAGE)
async def enter_code(
    request: Request,
    _: Annotated[None, Depends(Require(Permission.HOLD_A_CODE))],
    code: Annotated[str | None, Query(max_length=80)] = None,
) -> Response:
    """Where a person without a camera types the code on their card."""
    if code and (typed := pickup.read(code)):
        asked = request.query_params.get("lang")
        kept = f"?lang={asked}" if asked in request.app.state.composer.catalogue.locales else ""
        return RedirectResponse(f"/r/{pickup.spelled(typed)}{kept}", 303)
    return _person_page(request, "enter_code.html")


@router.get("/r/{pickup_code}", responses=PAGE)
async def result(
    pickup_code: str, request: Request, _: Annotated[None, Depends(Require(Permission.HOLD_A_CODE))]
) -> Response:
    """A person's own result, in the language they choose, with French beside it. No script is needed."""
    code = pickup.read(pickup_code)
    known = await _held_by(request, code)
    if known is None:
        refusal = request.app.state.rate_limit.refusal(request, "unknown-code")
        said = "page-unknown-code" if refusal.kind == "unknown-code" else "page-too-many"
        return _person_page(request, "enter_code.html", refusal.status, said=said)
    return _person_page(
        request,
        "result.html",
        finding=known.finding,
        preferred_language=next(iter(known.card_languages), None),
        address=f"/r/{pickup.spelled(code)}",
    )


async def _held_by(request: Request, code: str) -> Known | None:
    """What is known of the rock that a code leads to; None where it leads nowhere."""
    state, now = request.app.state, clock.now()
    digest = state.keys.digest(code)
    known: Known | None = await state.database.read(
        lambda connection: evidence.by_code(connection, digest, now, state.settings)
    )
    return known


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
    _: Annotated[None, Depends(Require(Permission.HOLD_A_CODE))],
    lang: Annotated[str | None, Query(max_length=20)] = None,
) -> Response:
    """The same page read aloud, in the language chosen or in French where no voice speaks it.

    MP3, in parts if asked: every phone plays that, and iPhones play nothing else (Ogg since 2025 only).
    """
    state, settings, code = request.app.state, request.app.state.settings, pickup.read(pickup_code)
    known = await _held_by(request, code)
    if known is None:
        raise state.rate_limit.refusal(request, "unknown-code")
    language = lang if lang and lang in state.composer.catalogue.locales else FALLBACK
    columns, zone = tuple(dict.fromkeys((language, FALLBACK))), settings.zone
    card = compose(
        state.composer, known.finding, columns, code=code, public_url=settings.public_url, zone=zone
    )
    told = audio.script(card, state.composer, state.recordings)
    sound = await audio.render(told, "mp3")
    return in_parts(request, sound, MP3, {"Content-Language": told.language})


def _person_page(
    request: Request,
    template: str,
    status: int = 200,
    *,
    finding: Finding | None = None,
    said: str | None = None,
    preferred_language: str | None = None,
    address: str = "/r/",
) -> Response:
    """A page for whoever holds a code, in every language of the catalogue."""
    composer: MessageComposer = request.app.state.composer
    locales = composer.catalogue.locales
    asked = request.query_params.get("lang")
    negotiated = preferred(request.headers.get("accept-language"), tuple(locales)) or FALLBACK
    language = asked if asked in locales else preferred_language or negotiated
    columns = tuple(dict.fromkeys((language, FALLBACK)))
    messages = composer.messages(finding, columns) if finding else ()
    body = TEMPLATES.get_template(template).render(
        say=lambda key: composer.frame(key, language),
        has_voice=audio.has_voice(language),
        says_amount=SAYS_AMOUNT,
        scale=data_uri(scale.drawn(amount))
        if finding and (amount := finding.known_amount)
        else None,
        marks=[(one, mark) for one in columns if (mark := composer.mark(messages, one))],
        pictograms=composer.catalogue.pictograms,
        locale=locales[language],
        locales=locales,
        columns=columns,
        messages=messages,
        said=said,
        address=address,
    )
    headers = {"Retry-After": "60"} if status == 429 else None
    return Response(body, status, headers, media_type="text/html")


@router.get("/tablet", include_in_schema=False)
@router.get("/bench", include_in_schema=False)
@router.get("/survey", include_in_schema=False)
@router.get("/notices", include_in_schema=False)
@router.get("/r", include_in_schema=False)
async def with_its_slash(
    request: Request, _: Annotated[None, Depends(Require(Permission.LOOK_AROUND))]
) -> Response:
    """Pages end in a slash; people leave it out. The redirect names no scheme and no host."""
    return RedirectResponse(request.url.path + "/", 307)
