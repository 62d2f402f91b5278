"""The endpoint of laboratory labels on paper."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from service.access.actor import Actor
from service.access.permissions import Permission
from service.access.require import Require
from service.foundation.context import Db
from service.foundation.problems import Flaw, Problem, Unfit
from service.intake import store as intake
from service.intake.pickup import read_label
from service.lab.labels.sheet import PAPERS, LabelSheet, render
from service.lab.labels.unlabelled import unlabelled

router = APIRouter(tags=["lab"], default_response_class=Response)

PDF = "application/pdf"
MAX_LABELS, MAX_COPIES = 500, 10
MAX_PLACES = max(paper.places for paper in PAPERS.values())


@router.get(
    "/v1/lab/labels",
    responses={
        200: {"content": {PDF: {"schema": {"type": "string", "format": "binary"}}}},
        404: {
            "description": "No sample, or none of this site, has one of these labels; or none waits"
        },
    },
)
async def get_labels(
    actor: Annotated[Actor, Depends(Require(Permission.PRINT_LABELS))],
    database: Db,
    label: Annotated[list[str] | None, Query(max_length=MAX_LABELS)] = None,
    paper: Literal["roll-50x25", "a4-24", "a4-65"] = "roll-50x25",
    copies: Annotated[int, Query(ge=1, le=MAX_COPIES)] = 1,
    skip: Annotated[int, Query(ge=0, lt=MAX_PLACES)] = 0,
) -> Response:
    """Laboratory labels to stick on bags and vials: those named, or all that wait.

    A site sees its own alone. `copies` of each; `skip` is how many places of the first sheet are
    used up.
    """
    wanted = [read_label(text) for text in label or ()]
    known = await database.read(
        lambda connection: intake.labels(connection, actor.site, wanted, limit=MAX_LABELS)
    )

    for wanted_label in wanted:
        if wanted_label not in known:
            raise unlabelled(wanted_label)
    if not known:
        raise Problem("not-found")

    chosen = PAPERS[paper]
    if skip >= chosen.places:
        raise Unfit(Flaw("/skip", "too-big", {"limit": chosen.places - 1}))

    printed = [text for text in wanted or known for _ in range(copies)]
    pdf = await render(LabelSheet(chosen, printed, skip))
    return Response(
        pdf, media_type=PDF, headers={"Content-Disposition": 'inline; filename="labels.pdf"'}
    )
