"""Health, readiness, and the document of all endpoints."""

from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Request
from starlette.responses import Response
from typing_extensions import TypedDict

from service.access.permissions import Permission
from service.access.require import Require
from service.foundation.context import Db
from service.foundation.http import answer, gives

router = APIRouter(tags=["operator"], default_response_class=Response)

_PING = sa.text("SELECT 1")


class Health(TypedDict):
    """Whether the service runs: ok, or ready."""

    status: str


@router.get("/healthz", responses=gives(Health, {"status": "ok"}))
async def healthz(_: Annotated[None, Depends(Require(Permission.ASK_HEALTH))]) -> Response:
    """The process answers."""
    return answer({"status": "ok"})


@router.get(
    "/readyz",
    responses={**gives(Health, {"status": "ready"}), 503: {"description": "Not ready"}},
)
async def readyz(
    database: Db, _: Annotated[None, Depends(Require(Permission.ASK_HEALTH))]
) -> Response:
    """The database can be read and written."""
    await database.read(lambda connection: connection.execute(_PING))
    await database.write(lambda connection: connection.execute(_PING))
    return answer({"status": "ready"})


@router.get("/openapi.json", responses=gives(dict[str, Any], {"openapi": "3.1.0"}))
async def openapi(
    request: Request, _: Annotated[None, Depends(Require(Permission.LOOK_AROUND))]
) -> Response:
    """Every endpoint, for programs."""
    return answer(request.app.openapi())
