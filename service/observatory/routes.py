"""The doors to the survey: exact for coordinators, blunted for everyone."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from service.access import store as access
from service.access.actor import Actor
from service.access.permissions import Permission
from service.access.require import Require
from service.foundation import clock
from service.foundation.http import answer, medium_of
from service.foundation.strict import Text
from service.intake.sample import AREA
from service.observatory.csv import written
from service.observatory.serialise import HEAD, lines, open_out, survey_out
from service.observatory.survey import ComputedAs, checked
from service.observatory.wire import OPEN_EXAMPLE, SURVEY_EXAMPLE

router = APIRouter(tags=["observatory"])

JSON, CSV = "application/json", "text/csv"
DAY = r"^\d{4}-\d{2}-\d{2}$"
MEDIA: dict[int | str, dict[str, Any]] = {
    406: {"description": "Neither JSON nor CSV was asked for"}
}


@router.get(
    "/v1/survey",
    responses={
        200: {"content": {JSON: {"example": SURVEY_EXAMPLE}, CSV: {"schema": {"type": "string"}}}},
        **MEDIA,
    },
)
async def get_survey(
    request: Request,
    actor: Annotated[Actor, Depends(Require(Permission.SEE_SURVEY))],
    since: Annotated[str | None, Query(alias="from", pattern=DAY)] = None,
    until: Annotated[str | None, Query(alias="to", pattern=DAY)] = None,
    area: Annotated[str | None, Query(pattern=AREA)] = None,
    site: Annotated[Text | None, Query(max_length=40)] = None,
    basis: Annotated[ComputedAs, Query()] = ComputedAs.BASE,
) -> Response:
    """Every figure of the survey, exact, of the rocks taken in from one day to another, in an area, by a site.

    JSON, or CSV with a figure a row. Contents count as base where that can be known, or as reported.
    """
    medium = medium_of(request, (JSON, CSV))
    state = request.app.state
    known = await state.database.read(access.sites)
    asked = checked(since, until, area, site, basis, known)
    survey = await state.survey_cache.survey(state.database, asked, state.settings.zone)
    return _as(medium, survey_out(survey, asked, state.references))


@router.get(
    "/v1/open/survey",
    responses={
        200: {"content": {JSON: {"example": OPEN_EXAMPLE}, CSV: {"schema": {"type": "string"}}}},
        **MEDIA,
    },
)
async def get_open_survey(
    request: Request, _: Annotated[None, Depends(Require(Permission.READ_OPEN_DATA))]
) -> Response:
    """What all rocks together teach, by quarters that are over, blunted so that no rock can be told from others.

    It takes no arguments: the same for everyone. JSON, or CSV with a figure a row.
    """
    medium = medium_of(request, (JSON, CSV))
    state = request.app.state
    zone = state.settings.zone
    today: date = clock.now().astimezone(zone).date()
    told = await state.survey_cache.opened(
        state.database, zone, today, state.settings.disclosure_threshold
    )
    return _as(medium, open_out(told))


def _as(medium: str, told: dict[str, Any]) -> Response:
    if medium == JSON:
        return answer(told)
    return Response(written(HEAD, lines(told)), media_type=f"{CSV}; charset=utf-8")
