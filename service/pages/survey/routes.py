"""The survey page: plain HTML and a form; every picture and table can be taken along."""

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Path, Query, Request
from markupsafe import Markup
from starlette.responses import Response

from service.access import store as access
from service.access.actor import Actor
from service.access.permissions import Permission
from service.access.require import Require
from service.access.site import SYNTHETIC
from service.evidence.context import References
from service.evidence.reference import LOWEST_CONTENT_PERCENT, SURVEY
from service.foundation import paper
from service.foundation.context import Config, Db
from service.foundation.problems import Problem
from service.foundation.settings import ROOT
from service.foundation.strict import Text
from service.intake import store as intake
from service.observatory import store
from service.observatory.context import Surveys
from service.observatory.csv import csv_file
from service.observatory.rows import HEAD, figure_rows
from service.observatory.serialise import survey_out
from service.observatory.survey.asked import ComputedAs, Filters
from service.pages.page import PAGE, language_of, page, translator
from service.pages.survey.pictures import PICTURES, Shown, band
from service.pages.survey.words import Words

router = APIRouter(tags=["pages"], default_response_class=Response)
LAYOUT = ROOT / "service" / "pages" / "survey" / "picture.typ"
DOTS_PER_MM = 9.0
ALL_TABLES = "survey"
MOST_AREAS = 300
WHAT_WAS_ASKED = frozenset({"n", "period", "area", "site", "synthetic", "basis"})


@dataclass(frozen=True, slots=True)
class SurveyForm:
    """What the form sent; an empty field asks for nothing."""

    since: str
    until: str
    area: str
    site: str
    basis: ComputedAs

    @property
    def filters(self) -> Filters:
        return Filters(
            since=self.since or None,
            until=self.until or None,
            area=self.area or None,
            site=self.site or None,
            basis=self.basis,
        )

    @property
    def query(self) -> str:
        """The same, for an address."""
        fields = {
            "from": self.since,
            "to": self.until,
            "area": self.area,
            "site": self.site,
            "basis": self.basis,
        }
        return urlencode({name: value for name, value in fields.items() if value})


async def _survey_form(
    since: Annotated[Text, Query(alias="from", max_length=40)] = "",
    until: Annotated[Text, Query(alias="to", max_length=40)] = "",
    area: Annotated[str, Query(pattern=r"^[0-9AB]{0,5}$")] = "",
    site: Annotated[Text, Query(max_length=40)] = "",
    basis: Annotated[ComputedAs, Query()] = ComputedAs.BASE,
) -> SurveyForm:
    return SurveyForm(since, until, area, site, basis)


Coordinator = Annotated[Actor, Depends(Require(Permission.SEE_SURVEY))]
Filled = Annotated[SurveyForm, Depends(_survey_form)]


@dataclass(frozen=True, slots=True)
class Answered:
    """What was asked by the form, and the survey of it."""

    filled: SurveyForm
    shown: Shown


async def _answered(
    request: Request, filled: Filled, database: Db, settings: Config, surveys: Surveys
) -> Answered:
    """The survey asked for, in the reader's words. Raises Unfit for what cannot be asked."""
    sites = await database.read(access.sites)
    asked = filled.filters.checked(sites)
    survey = await surveys.survey(database, asked, settings.zone)

    translate = translator(request)
    words = Words(translate.say, translate.called, language_of(request))
    return Answered(filled, Shown(survey, asked, sites, words))


Asking = Annotated[Answered, Depends(_answered)]
"""After the actor in a signature: who may not see it makes nobody count."""


@router.get("/survey/", responses=PAGE)
async def survey(
    request: Request,
    actor: Coordinator,
    answered: Asking,
    database: Db,
    published: References,
) -> Response:
    """The survey table beside the published figures, what goes with what, and the pictures."""
    filled, shown = answered.filled, answered.shown
    site = shown.asked.site
    counts, areas = await database.read_long(
        lambda connection: (intake.counts_by_state(connection, site), store.areas(connection))
    )
    others = [reference for reference in published.values() if reference.key != SURVEY.key]

    return page(
        request,
        "survey.html",
        actor=actor,
        counts=counts,
        shown=shown,
        survey=shown.survey,
        words=shown.words,
        asked=shown.asked,
        filled=filled,
        query=filled.query,
        sites=shown.sites,
        areas=areas[:MOST_AREAS],
        pictures={name: _safe(draw(shown)) for name, draw in PICTURES.items()},
        published=SURVEY,
        references=others,
        limit=LOWEST_CONTENT_PERCENT,
        in_band=_in_band(shown),
        synthetic=site == SYNTHETIC,
        bases=ComputedAs,
    )


def _known_picture(file: str) -> None:
    """Raises Problem before anything is counted."""
    name, _dot, kind = file.rpartition(".")
    if name not in PICTURES or kind not in ("svg", "png"):
        raise Problem("not-found")


@router.get(
    "/survey/pictures/{file}",
    responses={
        200: {
            "content": {
                "image/svg+xml": {"schema": {"type": "string"}},
                "image/png": {"schema": {"type": "string", "format": "binary"}},
            }
        }
    },
)
async def picture(
    actor: Coordinator,
    file: Annotated[str, Path(examples=["weight_mg.svg"])],
    _: Annotated[None, Depends(_known_picture)],
    answered: Asking,
) -> Response:
    """One picture, as SVG or PNG, to put into a report."""
    name, _dot, kind = file.rpartition(".")
    svg = PICTURES[name](answered.shown)

    if kind == "svg":
        return _file(svg.encode(), "image/svg+xml", file)
    return _file(await paper.in_a_thread(_png, svg), "image/png", file)


@router.get(
    "/survey/tables/{file}",
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
)
async def table(
    actor: Coordinator,
    file: Annotated[str, Path(examples=["characteristics.csv"])],
    answered: Asking,
    published: References,
) -> Response:
    """One table as CSV, or all of them: survey.csv.

    A figure a row, what was asked in the first rows.
    """
    name, _dot, kind = file.rpartition(".")
    shown = answered.shown
    figures = survey_out(shown.survey, shown.asked, published)
    if kind != "csv" or name not in {ALL_TABLES, *figures}:
        raise Problem("not-found")

    rows = figure_rows(figures)
    if name != ALL_TABLES:
        wanted = WHAT_WAS_ASKED | {name}
        rows = (row for row in rows if wanted.intersection((row.table, row.row)))
    return _file(csv_file(HEAD, rows), "text/csv", file)


def _safe(svg: str) -> Markup:
    return Markup(svg)  # noqa: S704  escaped in drawing/sheet.py


def _png(svg: str) -> bytes:
    return paper.picture(LAYOUT, {"svg": svg}, DOTS_PER_MM)


def _file(body: bytes, media: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="caillou-{name}"'}
    return Response(body, 200, headers, media_type=media)


def _in_band(shown: Shown) -> int:
    """How many rocks lie where the published survey expects them by their weight."""
    expected = band()
    return sum(
        expected.low <= amount / weight <= expected.high
        for weight, amount in shown.survey.plane.points
    )
