"""The endpoints of the survey: exact for coordinators, blunted for everyone."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from service.access import store as access
from service.access.actor import Actor
from service.access.permissions import Permission
from service.access.require import Require
from service.evidence.context import References
from service.foundation import clock
from service.foundation.context import Config, Db
from service.foundation.database import Database
from service.foundation.http import answer, check_parameters, gives, medium_of
from service.foundation.settings import Settings
from service.foundation.strict import Text
from service.intake.sample import AREA
from service.observatory.cache import SurveyCache
from service.observatory.context import Surveys
from service.observatory.csv import csv_file
from service.observatory.disclosure import Opened
from service.observatory.rows import HEAD, figure_rows
from service.observatory.serialise import open_out, survey_out
from service.observatory.shapes import OpenSurvey, SurveyOut
from service.observatory.survey.asked import Asked, ComputedAs, Filters
from service.observatory.survey.whole import Survey
from service.observatory.wire import OPEN_EXAMPLE, SURVEY_EXAMPLE

router = APIRouter(tags=["observatory"], default_response_class=Response)

JSON, CSV = "application/json", "text/csv"
DAY = r"^\d{4}-\d{2}-\d{2}$"


def _gives_both(shape: type, example: object) -> dict[int | str, dict[str, Any]]:
    """An answer of this shape, or its figures as CSV."""
    described = gives(shape, example)
    described[200]["content"][CSV] = {"schema": {"type": "string"}}
    return {**described, 406: {"description": "Neither JSON nor CSV was asked for"}}


async def _filters(
    request: Request,
    since: Annotated[str | None, Query(alias="from", pattern=DAY)] = None,
    until: Annotated[str | None, Query(alias="to", pattern=DAY)] = None,
    area: Annotated[str | None, Query(pattern=AREA)] = None,
    site: Annotated[Text | None, Query(max_length=40)] = None,
    basis: Annotated[ComputedAs, Query()] = ComputedAs.BASE,
) -> Filters:
    check_parameters(request, "from", "to", "area", "site", "basis")
    return Filters(since=since, until=until, area=area, site=site, basis=basis)


@dataclass(frozen=True, slots=True)
class Surveying:
    """What surveys are made with; days begin in the service's zone."""

    database: Database
    surveys: SurveyCache
    settings: Settings

    async def exact(self, filters: Filters) -> tuple[Survey, Asked]:
        """The survey that was asked for. Raises Unfit for what cannot be asked."""
        sites = await self.database.read(access.sites)
        asked = filters.checked(sites)
        survey = await self.surveys.survey(self.database, asked, self.settings.zone)
        return survey, asked

    async def opened(self) -> Opened:
        """What everyone may know by today."""
        zone = self.settings.zone
        today = clock.now().astimezone(zone).date()
        threshold = self.settings.disclosure_threshold
        return await self.surveys.opened(self.database, zone, today, threshold)


async def _surveying(database: Db, surveys: Surveys, settings: Config) -> Surveying:
    return Surveying(database, surveys, settings)


Room = Annotated[Surveying, Depends(_surveying)]


@router.get("/v1/survey", responses=_gives_both(SurveyOut, SURVEY_EXAMPLE))
async def get_survey(
    request: Request,
    actor: Annotated[Actor, Depends(Require(Permission.SEE_SURVEY))],
    filters: Annotated[Filters, Depends(_filters)],
    room: Room,
    published: References,
) -> Response:
    """Every figure of the survey, exact.

    Of the rocks taken in from one day to another, in an area, by a site. JSON, or CSV with a figure
    a row. Contents count as base where that can be known, or as reported.
    """
    medium = medium_of(request, (JSON, CSV))
    survey, asked = await room.exact(filters)
    return _as(medium, survey_out(survey, asked, published))


@router.get("/v1/open/survey", responses=_gives_both(OpenSurvey, OPEN_EXAMPLE))
async def get_open_survey(
    request: Request,
    _: Annotated[None, Depends(Require(Permission.READ_OPEN_DATA))],
    room: Room,
) -> Response:
    """What all rocks together teach, by quarters that are over.

    It is blunted so that no rock can be told from others, takes no arguments and is the same for
    everyone. JSON, or CSV with a figure a row.
    """
    check_parameters(request)
    medium = medium_of(request, (JSON, CSV))
    return _as(medium, open_out(await room.opened()))


def _as(medium: str, survey: SurveyOut | OpenSurvey) -> Response:
    if medium == JSON:
        return answer(survey)
    return Response(csv_file(HEAD, figure_rows(survey)), media_type=f"{CSV}; charset=utf-8")
