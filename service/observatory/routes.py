"""The endpoints of the survey: exact for coordinators, blunted for everyone."""

from dataclasses import dataclass
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from service.access import store as access
from service.access.actor import Actor
from service.access.permissions import Permission
from service.access.require import Require
from service.evidence.context import References
from service.foundation import clock
from service.foundation.context import Config, Db
from service.foundation.http import answer, medium_of
from service.foundation.strict import Text
from service.intake.sample import AREA
from service.observatory.context import Surveys
from service.observatory.csv import written
from service.observatory.serialise import HEAD, lines, open_out, survey_out
from service.observatory.survey import ComputedAs, checked
from service.observatory.wire import OPEN_EXAMPLE, SURVEY_EXAMPLE

router = APIRouter(tags=["observatory"], default_response_class=Response)

JSON, CSV = "application/json", "text/csv"
DAY = r"^\d{4}-\d{2}-\d{2}$"
MEDIA: dict[int | str, dict[str, Any]] = {
    406: {"description": "Neither JSON nor CSV was asked for"}
}


@dataclass(frozen=True, slots=True)
class _Filters:
    """Which rocks were asked for, as it was sent; days begin in the service's zone."""

    since: str | None
    until: str | None
    area: str | None
    site: str | None
    basis: ComputedAs
    zone: ZoneInfo


def _filters(
    settings: Config,
    since: Annotated[str | None, Query(alias="from", pattern=DAY)] = None,
    until: Annotated[str | None, Query(alias="to", pattern=DAY)] = None,
    area: Annotated[str | None, Query(pattern=AREA)] = None,
    site: Annotated[Text | None, Query(max_length=40)] = None,
    basis: Annotated[ComputedAs, Query()] = ComputedAs.BASE,
) -> _Filters:
    return _Filters(since, until, area, site, basis, settings.zone)


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
    filters: Annotated[_Filters, Depends(_filters)],
    database: Db,
    published: References,
    surveys: Surveys,
) -> Response:
    """Every figure of the survey, exact, of the rocks taken in from one day to another, in an area, by a site.

    JSON, or CSV with a figure a row. Contents count as base where that can be known, or as reported.
    """
    medium = medium_of(request, (JSON, CSV))
    sites = await database.read(access.sites)
    asked = checked(filters.since, filters.until, filters.area, filters.site, filters.basis, sites)

    survey = await surveys.survey(database, asked, filters.zone)
    return _as(medium, survey_out(survey, asked, published))


@router.get(
    "/v1/open/survey",
    responses={
        200: {"content": {JSON: {"example": OPEN_EXAMPLE}, CSV: {"schema": {"type": "string"}}}},
        **MEDIA,
    },
)
async def get_open_survey(
    request: Request,
    _: Annotated[None, Depends(Require(Permission.READ_OPEN_DATA))],
    database: Db,
    settings: Config,
    surveys: Surveys,
) -> Response:
    """What all rocks together teach, by quarters that are over, blunted so that no rock can be told from others.

    It takes no arguments: the same for everyone. JSON, or CSV with a figure a row.
    """
    medium = medium_of(request, (JSON, CSV))
    today = clock.now().astimezone(settings.zone).date()

    survey = await surveys.opened(database, settings.zone, today, settings.disclosure_threshold)
    return _as(medium, open_out(survey))


def _as(medium: str, survey: dict[str, Any]) -> Response:
    if medium == JSON:
        return answer(survey)
    return Response(written(HEAD, lines(survey)), media_type=f"{CSV}; charset=utf-8")
