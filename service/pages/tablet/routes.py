"""The tablet: its shell for anyone, its way in, whether that still stands, its kit and its pads."""

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
from service.access.context import Limits
from service.access.permissions import Permission
from service.access.require import Require
from service.evidence import known as findings
from service.evidence import store as evidence
from service.foundation import clock
from service.foundation.context import Config, Db
from service.foundation.http import answer, gives, parse, tagged, takes
from service.foundation.problems import Problem
from service.intake import pickup
from service.intake import store as intake
from service.intake.context import CarryingKey, PickupKeys
from service.pages.page import PAGE
from service.pages.tablet.context import TabletShell
from service.pages.tablet.kit import Known, packed, page_of_pad
from service.pages.tablet.shell import MANIFEST, POLICY
from service.pages.tablet.wire import (
    ENROLLED_EXAMPLE,
    KIT_EXAMPLE,
    PAD_EXAMPLE,
    STANDING_EXAMPLE,
    DrawnPad,
    EnrolIn,
    Enrolment,
    PagesIn,
    StandingIn,
    TabletKit,
    TabletStanding,
)
from service.wording.context import Composer

router = APIRouter(tags=["tablet"], default_response_class=Response)

Anyone = Annotated[None, Depends(Require(Permission.LOOK_AROUND))]
SeeingTablet = Annotated[Actor, Depends(Require(Permission.SEE_TABLET))]
IssuingCodes = Annotated[Actor, Depends(Require(Permission.ISSUE_CODES))]


def _text_in(medium: str) -> dict[int | str, dict[str, Any]]:
    return {200: {"content": {medium: {"schema": {"type": "string"}}}}}


@router.get("/tablet/", responses=PAGE)
async def page(_: Anyone, shell: TabletShell) -> Response:
    """The tablet's page, the same for everybody.

    It holds nothing until a tablet or a worker is let in.
    """
    headers = {"Content-Security-Policy": POLICY}
    return Response(shell.page, media_type="text/html", headers=headers)


@router.get("/tablet/worker.js", responses=_text_in("text/javascript"))
async def worker(_: Anyone, shell: TabletShell) -> Response:
    """The service worker, whose cache is named after what the shell is made of."""
    return Response(shell.worker(), media_type="text/javascript")


@router.get("/tablet/manifest.webmanifest", responses=_text_in("application/manifest+json"))
async def manifest(_: Anyone) -> Response:
    """What makes the page installable."""
    return Response(orjson.dumps(MANIFEST), media_type="application/manifest+json")


@router.get(
    "/tablet/texts.json",
    responses=gives(dict[str, dict[str, str]], {"fr": {"Yes": "Oui"}}),
)
async def texts(_: Anyone, shell: TabletShell) -> Response:
    """The page's texts, by language and English."""
    return answer(shell.texts)


@router.post(
    "/v1/tablet/enrolment",
    openapi_extra=takes(EnrolIn),
    status_code=201,
    responses={
        **gives(Enrolment, ENROLLED_EXAMPLE, 201, "In"),
        404: {"description": "Mistyped, used or too old: all alike"},
    },
)
async def enrol(
    request: Request, _: Anyone, database: Db, keys: PickupKeys, limits: Limits
) -> Response:
    """A tablet comes in by the code that `enrol tablet` showed, and is known by its own token.

    The token is drawn on the tablet and only its hash comes here, so a retry after a lost answer
    is one and the same enrolment. Misses are limited.
    """
    sent = await parse(request, EnrolIn)
    if limits.exceeded(request, "enrolment-over"):
        raise Problem("too-many-tries")

    code = keys.digest(pickup.read_label(sent.code))
    id, now = uuid4().hex, clock.now()
    actor = await database.write(
        lambda connection: access.let_in(
            connection, code=code, token=sent.token_sha256, id=id, now=now
        )
    )
    if actor is None:
        raise limits.refusal(request, "enrolment-over")

    enrolment: Enrolment = {"label": actor.id, "site": actor.site}
    return answer(enrolment, 201)


@router.post(
    "/v1/tablet/standing",
    openapi_extra=takes(StandingIn),
    responses=gives(TabletStanding, STANDING_EXAMPLE),
)
async def standing(request: Request, _: Anyone, database: Db) -> Response:
    """Whether a token still opens doors, asked by its hash, so that a locked tablet can ask too."""
    sent = await parse(request, StandingIn)
    now = clock.now()
    actor = await database.read(
        lambda connection: access.actor_of(connection, sent.token_sha256, now)
    )

    standing: TabletStanding = {"token_sha256": sent.token_sha256, "stands": actor is not None}
    return answer(standing)


@router.get(
    "/v1/tablet/kit",
    responses={
        **gives(TabletKit, KIT_EXAMPLE, 200, "Everything for the day"),
        304: {"description": "As it is known already"},
    },
)
async def get_kit(
    request: Request,
    actor: SeeingTablet,
    database: Db,
    settings: Config,
    composer: Composer,
    key: CarryingKey,
) -> Response:
    """What a tablet needs without a network.

    Lists, languages, estimates, and what is said while a rock waits.
    """
    now, site = clock.now(), actor.own_site()

    def read(connection: Connection) -> Known:
        return Known(
            site=site,
            market=evidence.market(connection, now),
            nearby=findings.nearby(connection, site, now, settings),
            offers=access.offers(connection, site),
            public_key=key.public,
        )

    known = await database.read(read)
    body, tag = await asyncio.to_thread(partial(packed, composer, known))
    return tagged(request.headers.get("if-none-match"), tag, body, "application/json", {})


@router.post(
    "/v1/tablet/pad",
    openapi_extra=takes(PagesIn),
    status_code=201,
    responses=gives(DrawnPad, PAD_EXAMPLE, 201),
)
async def post_pad(
    request: Request, actor: IssuingCodes, database: Db, settings: Config, keys: PickupKeys
) -> Response:
    """Pickup codes as `POST /v1/pickup-pads` issues them.

    Each has its square code drawn: a tablet draws none.
    """
    sent, site = await parse(request, PagesIn), actor.own_site()
    codes = keys.drawn(sent.count, secrets.randbelow)
    ends_at = pickup.end(clock.now(), settings.code_months)

    await database.write(
        lambda connection: intake.issue(connection, codes.values(), site=site, ends_at=ends_at)
    )
    pages = await asyncio.to_thread(
        lambda: [page_of_pad(code, settings.public_url) for code in codes]
    )
    pad: DrawnPad = {"codes": pages}
    return answer(pad, 201)
