"""The bench: what waits for the laboratory, and files of instruments.

Plain forms that work by keyboard alone.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import Response

from service.access.actor import Actor
from service.intake import store as intake
from service.intake.pickup import read_label
from service.lab.formats import LAYOUTS
from service.lab.formats.sheet import ENCODINGS
from service.lab.labels.sheet import PAPERS
from service.lab.labels.unlabelled import unlabelled
from service.pages.bench.context import SeeingBench, Sent, known_method, see_other
from service.pages.bench.form import form_of
from service.pages.context import StaffTools, Tools
from service.pages.page import PAGE, SEEN_OTHER, page

router = APIRouter(tags=["bench"], default_response_class=Response)

WAITING = 500


@router.get("/bench/", responses=PAGE)
async def queue(
    actor: SeeingBench,
    tools: Tools,
    method: Annotated[str, Query(max_length=20)] = "",
    kept: Annotated[str | None, Query(max_length=20)] = None,
) -> Response:
    """What waits for the laboratory, oldest first, and where a label is typed or scanned."""
    label = read_label(kept) if kept else None
    return await _queue(tools, actor, known_method(method), kept=label)


@router.post("/bench/", responses=SEEN_OTHER, openapi_extra=form_of("label", "method"))
async def find(actor: SeeingBench, form: Sent, tools: Tools) -> Response:
    """To the sample of this label.

    A form, not an address: somebody may scan a person's code by mistake.
    """
    typed = form.text("label")
    method = known_method(form.text("method"))
    label = read_label(typed)

    sample = await tools.database.read(lambda connection: intake.at_the_bench(connection, label))
    if sample:
        query = {"method": method} if method else {}
        return see_other(f"/bench/samples/{label}", **query)

    problem = unlabelled(label)
    refusal = tools.title(problem)
    return await _queue(tools, actor, method, problem.status, typed=typed, refusal=refusal)


async def _queue(
    tools: StaffTools, actor: Actor, method: str, status: int = 200, **more: Any
) -> Response:
    waiting = await tools.database.read(lambda connection: intake.queue(connection, limit=WAITING))
    shown = {"typed": "", "refusal": None, "kept": None, **more}

    return page(
        tools.request,
        "bench.html",
        status,
        here="/bench/",
        actor=actor,
        waiting=waiting,
        limit=WAITING,
        papers=PAPERS,
        method=method,
        **shown,
    )


@router.get("/bench/files", responses=PAGE)
async def files(actor: SeeingBench, tools: Tools) -> Response:
    """A file of an instrument: judged row by row, then kept."""
    return page(
        tools.request,
        "bench_files.html",
        actor=actor,
        layouts=LAYOUTS,
        encodings=ENCODINGS,
        laboratory=tools.settings.laboratory,
    )
