"""Signing in and out: a session is a revocable token in a cookie that scripts cannot read."""

from typing import Annotated
from urllib.parse import quote
from uuid import uuid4

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from service.access import passwords, store, tokens
from service.access.actor import Actor
from service.access.context import Limits
from service.access.permissions import Permission, Role
from service.access.require import COOKIE, Require, same_origin, token_of
from service.foundation import clock
from service.foundation.context import Db
from service.foundation.problems import Problem
from service.foundation.strict import Text
from service.pages.page import PAGE, page
from service.pages.sign_in.acts import HOURS_SIGNED_IN, open_session

router = APIRouter(tags=["pages"], default_response_class=Response)

SIGNED_IN = "caillou-site"
"""For the tablet's page: of which site somebody is signed in, known without a network too.

It opens nothing.
"""
HOME = {Role.OUTREACH: "/tablet/", Role.LAB: "/bench/", Role.COORDINATOR: "/survey/"}

Anyone = Annotated[None, Depends(Require(Permission.LOOK_AROUND))]
SigningOut = Annotated[Actor, Depends(Require(Permission.SIGN_OUT))]


@router.get("/sign-in", responses=PAGE)
async def sign_in_page(request: Request, _: Anyone) -> Response:
    return page(request, "sign_in.html")


@router.post("/sign-in", status_code=303, responses={303: {"description": "Signed in"}})
async def sign_in(
    request: Request,
    _: Anyone,
    database: Db,
    limits: Limits,
    name: Annotated[Text, Form(max_length=80, examples=["ana"])],
    password: Annotated[Text, Form(max_length=200, examples=["three green rivers"])],
) -> Response:
    """Name and password for a session: a revocable token in a cookie that scripts cannot read."""
    same_origin(request)
    if not limits.tried(request, "wrong-password", name):
        raise Problem("too-many-tries")

    person = await database.read(lambda connection: store.person_named(connection, name))
    right = await passwords.verify(password, person["password"] if person else None)
    if person is None or not right:
        raise Problem("wrong-password")

    limits.reset(request, "wrong-password", name)
    id, token, now = uuid4().hex, tokens.mint(), clock.now()
    await database.write(
        lambda connection: open_session(connection, person, id=id, token=token, now=now)
    )

    response = RedirectResponse(HOME.get(Role(person["role"]), "/"), 303)
    _set_cookie(response, COOKIE, token, httponly=True)
    _set_cookie(response, SIGNED_IN, quote(person["site"] or ""), httponly=False)
    return response


@router.post("/sign-out", status_code=303, responses={303: {"description": "Signed out"}})
async def sign_out(request: Request, actor: SigningOut, database: Db) -> Response:
    """Ends the session."""
    if not actor.cookie:
        raise Problem("not-allowed")

    digest = tokens.digest(token_of(request) or "")
    await database.write(lambda connection: store.end_session(connection, digest))

    response = RedirectResponse("/", 303)
    for name in (COOKIE, SIGNED_IN):
        response.delete_cookie(name, path="/", secure=True, samesite="strict")
    return response


def _set_cookie(response: Response, name: str, value: str, *, httponly: bool) -> None:
    response.set_cookie(
        name,
        value,
        max_age=HOURS_SIGNED_IN * 3600,
        path="/",
        secure=True,
        httponly=httponly,
        samesite="strict",
    )
