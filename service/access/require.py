"""The dependency each endpoint must name: who asks, and whether the table lets them through."""

from fastapi import FastAPI, Request
from fastapi.routing import APIRoute

from service.access import store, tokens
from service.access.actor import Actor
from service.access.permissions import PUBLIC, Permission, may
from service.foundation import clock
from service.foundation.context import DATABASE
from service.foundation.problems import Problem

COOKIE = "__Host-caillou"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class Require:
    """`Depends(Require(permission))` gives the Actor, or None where anybody may. Raises Problem."""

    def __init__(self, permission: Permission) -> None:
        self.permission = permission

    async def __call__(self, request: Request) -> Actor | None:
        if self.permission in PUBLIC:
            return None

        actor = await who(request)
        if actor is None:
            raise Problem("not-signed-in")
        if not may(actor.role, self.permission):
            raise Problem("not-allowed")

        if actor.cookie and request.method not in SAFE_METHODS:
            same_origin(request)
        return actor


async def who(request: Request) -> Actor | None:
    """The holder of the bearer token or session cookie.

    A cookie does not save a bad bearer token.
    """
    token = token_of(request)
    if token is None:
        return None

    digest = tokens.digest(token)
    now = clock.now()
    app: FastAPI = request.app
    database = DATABASE.of(app)
    actor = await database.read(lambda connection: store.actor_of(connection, digest, now))

    # A session's token counts only in its cookie, where SameSite and the Origin check guard it.
    if actor and actor.cookie and "authorization" in request.headers:
        return None
    return actor


def token_of(request: Request) -> str | None:
    header = request.headers.get("authorization")
    if header is not None:
        scheme, _, token = header.partition(" ")
        return token.strip() if scheme.lower() == "bearer" else None
    return request.cookies.get(COOKIE)


def same_origin(request: Request) -> None:
    """Refuse a write that another site's page made with our cookie."""
    _, _, origin = request.headers.get("origin", "").partition("://")
    if not origin or origin != request.headers.get("host"):
        raise Problem("foreign-origin")


def permission_of(route: APIRoute) -> Permission:
    """The permission a route names. Raises LookupError where it names none, or more than one."""
    dependencies = route.dependant.dependencies
    called = (dependency.call for dependency in dependencies)
    required = [call for call in called if isinstance(call, Require)]

    if len(required) != 1:
        raise LookupError(f"{route.path} must require exactly one permission")
    return required[0].permission
