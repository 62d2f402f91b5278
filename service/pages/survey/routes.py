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
from service.evidence.reference import LOWEST_CONTENT_PERCENT, SURVEY
from service.foundation import paper
from service.foundation.problems import Problem
from service.foundation.settings import ROOT
from service.foundation.strict import Text
from service.intake import store as intake
from service.observatory import store
from service.observatory.csv import written
from service.observatory.serialise import HEAD, lines, survey_out
from service.observatory.survey import Asked, ComputedAs, checked
from service.pages.page import PAGE, language_of, page, translator
from service.pages.survey.pictures import PICTURES, Shown, band
from service.pages.survey.words import Words

router = APIRouter(tags=["pages"])
LAYOUT = ROOT / "service" / "pages" / "survey" / "picture.typ"
DOTS_PER_MM = 9.0
ALL_TABLES = "survey"
MOST_AREAS = 300


@dataclass(frozen=True, slots=True)
class _Form:
    """What the form sent; an empty field asks for nothing."""

    since: str
    until: str
    area: str
    site: str
    basis: ComputedAs

    @property
    def query(self) -> str:
        told = {
            "from": self.since,
            "to": self.until,
            "area": self.area,
            "site": self.site,
            "basis": self.basis,
        }
        return urlencode({name: value for name, value in told.items() if value})


def form(
    since: Annotated[Text, Query(alias="from", max_length=40)] = "",
    until: Annotated[Text, Query(alias="to", max_length=40)] = "",
    area: Annotated[str, Query(pattern=r"^[0-9AB]{0,5}$")] = "",
    site: Annotated[Text, Query(max_length=40)] = "",
    basis: Annotated[ComputedAs, Query()] = ComputedAs.BASE,
) -> _Form:
    return _Form(since, until, area, site, basis)


Filled = Annotated[_Form, Depends(form)]
Coordinator = Annotated[Actor, Depends(Require(Permission.SEE_SURVEY))]


@router.get("/survey/", responses=PAGE)
async def survey(request: Request, actor: Coordinator, filled: Filled) -> Response:
    """The survey table with the published figures beside it, what goes with what, and the pictures."""
    shown = await _shown(request, filled)
    site = shown.asked.site
    counts, areas = await request.app.state.database.read_long(
        lambda connection: (intake.counts_by_state(connection, site), store.areas(connection))
    )
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
        pictures={name: Markup(draw(shown)) for name, draw in PICTURES.items()},  # noqa: S704  escaped in drawing.py
        published=SURVEY,
        references=[one for one in request.app.state.references.values() if one.key != SURVEY.key],
        limit=LOWEST_CONTENT_PERCENT,
        in_band=_in_band(shown),
        synthetic=shown.asked.site == SYNTHETIC,
        bases=ComputedAs,
    )


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
    request: Request,
    actor: Coordinator,
    filled: Filled,
    file: Annotated[str, Path(examples=["weight_mg.svg"])],
) -> Response:
    """One picture, as SVG or PNG, to put into a report."""
    name, _, kind = file.rpartition(".")
    if name not in PICTURES or kind not in ("svg", "png"):
        raise Problem("not-found")
    drawn = PICTURES[name](await _shown(request, filled))
    if kind == "svg":
        return _file(drawn.encode(), "image/svg+xml", file)
    return _file(await paper.in_a_thread(_png, drawn), "image/png", file)


@router.get(
    "/survey/tables/{file}",
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
)
async def table(
    request: Request,
    actor: Coordinator,
    filled: Filled,
    file: Annotated[str, Path(examples=["characteristics.csv"])],
) -> Response:
    """One table as CSV, or all of them: survey.csv. A figure a row, what was asked in the first rows."""
    name, _, kind = file.rpartition(".")
    shown = await _shown(request, filled)
    told = survey_out(shown.survey, shown.asked, request.app.state.references)
    if kind != "csv" or name not in {ALL_TABLES, *told}:
        raise Problem("not-found")
    wanted = (
        None if name == ALL_TABLES else {"n", "period", "area", "site", "synthetic", "basis", name}
    )
    return _file(
        written(HEAD, (line for line in lines(told) if wanted is None or {*line[:2]} & wanted)),
        "text/csv",
        file,
    )


def _png(svg: str) -> bytes:
    return paper.picture(LAYOUT, {"svg": svg}, DOTS_PER_MM)


def _file(body: bytes, media: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="caillou-{name}"'}
    return Response(body, 200, headers, media_type=media)


async def _shown(request: Request, filled: _Form) -> Shown:
    """The survey asked for, in the reader's words. Raises Unfit for what cannot be asked."""
    state, database = request.app.state, request.app.state.database
    sites: dict[str, str] = await database.read(access.sites)
    asked: Asked = checked(
        filled.since or None,
        filled.until or None,
        filled.area or None,
        filled.site or None,
        filled.basis,
        sites,
    )
    made = await state.survey_cache.survey(database, asked, state.settings.zone)
    translate = translator(request)
    words = Words(translate.say, translate.called, language_of(request))
    return Shown(made, asked, sites, words)


def _in_band(shown: Shown) -> int:
    """How many rocks lie where the published survey expects them by their weight."""
    low, _, high = band()
    return sum(low <= amount / weight <= high for weight, amount in shown.survey.plane.points)
