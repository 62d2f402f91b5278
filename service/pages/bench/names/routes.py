"""Names that nobody knows: to say what they mean, or to take an explanation back."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from starlette.responses import Response

from service.access.actor import Actor
from service.access.permissions import Permission
from service.access.require import Require
from service.foundation.problems import Unfit
from service.lab.names import acts, store
from service.pages.bench.context import SeeingBench, Sent
from service.pages.bench.form import form_of
from service.pages.context import StaffTools, Tools
from service.pages.page import PAGE, SEEN_OTHER, page
from service.vocabulary.substances import SUBSTANCES

router = APIRouter(tags=["bench"], default_response_class=Response)

Explaining = Annotated[Actor, Depends(Require(Permission.EXPLAIN_NAMES))]


@router.get("/bench/names", responses=PAGE)
async def names(actor: SeeingBench, tools: Tools) -> Response:
    """Names that nobody knows, to say what they mean."""
    return await _names(tools, actor)


@router.post("/bench/names", responses=SEEN_OTHER, openapi_extra=form_of("name", "substance", "do"))
async def explain(actor: Explaining, form: Sent, tools: Tools) -> Response:
    """Say which substance a name means; or take that back (`do=forget`).

    Either way, every analysis that was read by it is corrected.
    """
    name = form.text("name")
    substance = None if form.raw("do") == "forget" else form.text("substance")
    by = tools.acting(actor)

    try:
        corrected = await tools.database.write(
            lambda connection: acts.explain_name(connection, by, name, substance)
        )
    except Unfit as error:
        refusal = tools.sentence(error.flaws[0])
        return await _names(tools, actor, 422, refusal=refusal, about=name)

    return await _names(tools, actor, corrected=corrected, about=name)


async def _names(tools: StaffTools, actor: Actor, status: int = 200, **more: Any) -> Response:
    unknown, explained = await tools.database.read(
        lambda connection: (store.unknown_names(connection), store.meanings(connection))
    )

    return page(
        tools.request,
        "bench_names.html",
        status,
        actor=actor,
        unknown=unknown,
        explained=explained.values(),
        substances=SUBSTANCES,
        **more,
    )
