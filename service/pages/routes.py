"""The start page, the documentation, and addresses typed without their slash."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from service.access.permissions import Permission
from service.access.require import Require, who
from service.pages.page import PAGE, page

router = APIRouter(tags=["pages"], default_response_class=Response)

Anyone = Annotated[None, Depends(Require(Permission.LOOK_AROUND))]


@router.get("/", responses=PAGE)
async def start(request: Request, _: Anyone) -> Response:
    """What this is and where to go; in demo mode, how to try it."""
    return page(request, "start.html", actor=await who(request))


@router.get("/docs", responses=PAGE)
async def docs(request: Request, _: Anyone) -> Response:
    """Every endpoint of the API, to read and to try out."""
    return page(request, "docs.html")


@router.get("/tablet", include_in_schema=False)
@router.get("/bench", include_in_schema=False)
@router.get("/survey", include_in_schema=False)
@router.get("/notices", include_in_schema=False)
@router.get("/r", include_in_schema=False)
async def with_its_slash(request: Request, _: Anyone) -> Response:
    """Pages end in a slash; people leave it out. The redirect names no scheme and no host."""
    return RedirectResponse(request.url.path + "/", 307)
