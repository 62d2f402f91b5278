"""The tablet's doors: its shell for anyone, its way in, whether that still stands, its kit and its pads."""

import asyncio
import secrets
from functools import partial
from typing import Annotated, Any
from uuid import uuid4

import orjson
from fastapi import APIRouter, Depends, Request
from sqlalchemy import Connection
from starlette.responses import Response

from service.access import store as access
from service.access.actor import Actor
from service.access.permissions import Permission
from service.access.require import Require
from service.access.site import Offers
from service.evidence import known
from service.evidence import store as evidence
from service.evidence.dose import Market
from service.foundation import clock
from service.foundation.http import answer, gives, parse, tagged, takes
from service.foundation.problems import Problem
from service.foundation.settings import Settings
from service.intake import pickup
from service.intake import store as intake
from service.pages.page import PAGE
from service.pages.tablet.kit import packed, page_of_pad
from service.pages.tablet.shell import MANIFEST, POLICY, Shell
from service.pages.tablet.wire import (
    ENROLLED_EXAMPLE,
    PAD_EXAMPLE,
    STANDING_EXAMPLE,
    EnrolIn,
    PagesIn,
    StandingIn,
)

router = APIRouter(tags=["tablet"])

Anyone = Annotated[None, Depends(Require(Permission.LOOK_AROUND))]


def _made(medium: str) -> dict[int | str, dict[str, Any]]:
    return {200: {"content": {medium: {"schema": {"type": "string"}}}}}


@router.get("/tablet/", responses=PAGE)
async def page(request: Request, _: Anyone) -> Response:
    """The tablet's page, the same for everybody: it holds nothing until a tablet or a worker is let in."""
    return Response(
        request.app.state.shell.page,
        media_type="text/html",
        headers={"Content-Security-Policy": POLICY},
    )


@router.get("/tablet/worker.js", responses=_made("text/javascript"))
async def worker(request: Request, _: Anyone) -> Response:
    """The service worker, whose cache is named after what the shell is made of."""
    shell: Shell = request.app.state.shell
    return Response(shell.worker(), media_type="text/javascript")


@router.get("/tablet/manifest.webmanifest", responses=_made("application/manifest+json"))
async def manifest(_: Anyone) -> Response:
    """What makes the page installable."""
    return Response(orjson.dumps(MANIFEST), media_type="application/manifest+json")


@router.get("/tablet/texts.json")
async def texts(request: Request, _: Anyone) -> Response:
    """The page's texts, by language and English."""
    return answer(request.app.state.shell.texts)


@router.post(
    "/v1/tablet/enrolment",
    openapi_extra=takes(EnrolIn),
    status_code=201,
    responses={
        **gives(None, ENROLLED_EXAMPLE, 201, "In"),
        404: {"description": "Mistyped, used or too old: all alike"},
    },
)
async def enrol(request: Request, _: Anyone) -> Response:
    """A tablet comes in by the code that `enrol tablet` showed, and is known by its own token from now on.

    The token is drawn on the tablet and only its hash comes here, so a retry after a lost answer is one and the
    same enrolment. Misses are limited.
    """
    sent, state, now = await parse(request, EnrolIn), request.app.state, clock.now()
    if state.rate_limit.exceeded(request, "enrolment-over"):
        raise Problem("too-many-tries")
    code = state.keys.digest(pickup.read_label(sent.code))

    def let_in(connection: Connection) -> Actor | None:
        return access.let_in(
            connection, code=code, token=sent.token_sha256, id=uuid4().hex, now=now
        )

    actor: Actor | None = await state.database.write(let_in)
    if actor is None:
        raise state.rate_limit.refusal(request, "enrolment-over")
    return answer({"label": actor.id, "site": actor.site}, 201)


@router.post(
    "/v1/tablet/standing",
    openapi_extra=takes(StandingIn),
    responses=gives(None, STANDING_EXAMPLE),
)
async def standing(request: Request, _: Anyone) -> Response:
    """Whether a token still opens doors, asked by its hash, so that a locked tablet can ask too."""
    sent, now = await parse(request, StandingIn), clock.now()
    actor = await request.app.state.database.read(
        lambda connection: access.actor_of(connection, sent.token_sha256, now)
    )
    return answer({"token_sha256": sent.token_sha256, "stands": actor is not None})


@router.get(
    "/v1/tablet/kit",
    responses={
        200: {"description": "Everything for the day"},
        304: {"description": "As it is known already"},
    },
)
async def get_kit(
    request: Request, actor: Annotated[Actor, Depends(Require(Permission.SEE_TABLET))]
) -> Response:
    """What a tablet needs where there is no network: lists, languages, estimates, what is said while waiting."""
    state, now, site = request.app.state, clock.now(), actor.own_site()
    settings: Settings = state.settings

    def read(connection: Connection) -> tuple[Market, frozenset[str], Offers]:
        return (
            evidence.market(connection, now, settings),
            known.recent(connection, site, now, settings),
            access.offers(connection, site),
        )

    market, recent, offers = await state.database.read(read)
    public_key = state.carried.public
    make = partial(
        packed,
        state.composer,
        site=site,
        market=market,
        recent=recent,
        offers=offers,
        public_key=public_key,
    )
    body, tag = await asyncio.to_thread(make)
    return tagged(request.headers.get("if-none-match"), tag, body, "application/json", {})


@router.post(
    "/v1/tablet/pad",
    openapi_extra=takes(PagesIn),
    status_code=201,
    responses=gives(None, PAD_EXAMPLE, 201),
)
async def post_pad(
    request: Request, actor: Annotated[Actor, Depends(Require(Permission.ISSUE_CODES))]
) -> Response:
    """Pickup codes as `POST /v1/pickup-pads` issues them, each with its square code drawn: a tablet draws none."""
    sent, state, site = await parse(request, PagesIn), request.app.state, actor.own_site()
    codes = state.keys.drawn(sent.count, secrets.randbelow)
    ends_at = pickup.end(clock.now(), state.settings.code_months)
    await state.database.write(
        lambda connection: intake.issue(connection, codes.values(), site=site, ends_at=ends_at)
    )
    drawn = await asyncio.to_thread(
        lambda: [page_of_pad(code, state.settings.public_url) for code in codes]
    )
    return answer({"codes": drawn}, 201)
