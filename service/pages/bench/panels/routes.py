"""Panels: what each laboratory looks for, and the form in which it declares what it does now."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.responses import Response

from service.access.acts import Acting
from service.foundation.problems import Flaw, Problem, Unfit
from service.lab.assay import MAX_NAME
from service.lab.formats.sheet import ENCODINGS
from service.lab.names import store as names
from service.lab.panel import Panel
from service.lab.panels import acts, store
from service.lab.panels.typed import OF_A_LINE, TypedPanel, begun, blank, read
from service.pages.bench.context import SeeingBench, see_other
from service.pages.bench.panels.context import FORM, USUAL_ENCODING, Declaring, Sent
from service.pages.context import StaffTools, Tools
from service.pages.page import PAGE, SEEN_OTHER, page
from service.vocabulary.codes import Method

router = APIRouter(tags=["bench"], default_response_class=Response)


@dataclass(frozen=True, slots=True)
class _Shown:
    """What the page shows beside the panels that are held."""

    typed: TypedPanel
    flaws: tuple[Flaw, ...] = ()
    encoding: str = USUAL_ENCODING
    just_declared: UUID | None = None

    def flaws_of_fields(self) -> list[Flaw]:
        return [flaw for flaw in self.flaws if not flaw.pointer.startswith(OF_A_LINE)]

    def flaws_of_lines(self) -> list[tuple[int, Flaw]]:
        """Each with its line's number, from 1."""
        return [
            (int(flaw.pointer.removeprefix(OF_A_LINE)), flaw)
            for flaw in self.flaws
            if flaw.pointer.startswith(OF_A_LINE)
        ]


class _WrongLine(NamedTuple):
    """A line that was refused: its number from 1, as it was written, and why."""

    number: int
    written: str
    sentence: str


@router.get("/bench/panels", responses=PAGE)
async def panels(
    actor: SeeingBench, tools: Tools, begin: UUID | None = None, declared: UUID | None = None
) -> Response:
    """Every panel, and the form for another: blank, or as one that is there (`begin`)."""
    by = tools.acting(actor)
    held = await _held(tools)
    today = by.now.astimezone(tools.settings.zone).date()

    if begin is None:
        typed = blank(tools.settings.laboratory, today)
    else:
        typed = begun(_panel(held, begin), today)

    return _page(tools, by, held, _Shown(typed, just_declared=declared))


@router.post("/bench/panels", responses=SEEN_OTHER, openapi_extra=dict(FORM))
async def declare(actor: Declaring, sent: Sent, tools: Tools) -> Response:
    """Declare a panel: it takes its place from its day on, and is never edited."""
    by = tools.acting(actor)
    typed = sent.typed

    try:
        typed = sent.whole()
        declared = await tools.database.write(
            lambda connection: _declare(connection, by, typed, tools.settings.zone)
        )
    except Unfit as error:
        held = await _held(tools)
        return _page(tools, by, held, _Shown(typed, error.flaws, sent.encoding))

    return see_other("/bench/panels", declared=str(declared.panel.id))


def _declare(
    connection: Connection, by: Acting, typed: TypedPanel, zone: ZoneInfo
) -> acts.Declared:
    """Raises Unfit for what cannot be read, and where nobody could tell which panel holds."""
    panel = read(typed, uuid4(), names.meanings(connection), zone)
    return acts.declare(connection, by, panel)


async def _held(tools: StaffTools) -> list[Panel]:
    """Every panel, by laboratory and method, from the oldest on."""
    _, held = await tools.database.read(store.all_declared)
    return list(held.values())


def _panel(held: Sequence[Panel], id: UUID) -> Panel:
    """Raises Problem where there is none."""
    for panel in held:
        if panel.id == id:
            return panel

    raise Problem("not-found")


def _page(tools: StaffTools, by: Acting, held: Sequence[Panel], shown: _Shown) -> Response:
    """The panels with the form, and what is wrong with its fields and its lines."""
    typed = shown.typed
    flaws = {flaw.pointer.strip("/"): tools.sentence(flaw) for flaw in shown.flaws_of_fields()}
    wrong_lines = [
        _WrongLine(number, typed.line(number), tools.sentence(flaw))
        for number, flaw in shown.flaws_of_lines()
    ]

    return page(
        tools.request,
        "bench_panels.html",
        422 if shown.flaws else 200,
        here="/bench/panels",
        actor=by.actor,
        panels=held,
        declared=[panel for panel in held if panel.id == shown.just_declared],
        typed=typed,
        flaws=flaws,
        wrong_lines=wrong_lines,
        methods=Method,
        encodings=ENCODINGS,
        encoding=shown.encoding,
        longest_name=MAX_NAME,
    )
