"""The form that says why no answer will come, or that one will after all."""

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import Response

from service.access.actor import Actor
from service.access.permissions import Permission
from service.access.require import Require
from service.foundation.problems import Flaw, Unfit
from service.intake.pickup import read_label
from service.lab.closing import acts
from service.pages.bench.context import Sent, see_other
from service.pages.bench.form import form_of
from service.pages.context import Tools
from service.pages.page import SEEN_OTHER
from service.vocabulary.codes import Closing

router = APIRouter(tags=["bench"], default_response_class=Response)

ClosingSample = Annotated[Actor, Depends(Require(Permission.CLOSE_SAMPLE))]


@router.post(
    "/bench/samples/{lab_label}/closing", responses=SEEN_OTHER, openapi_extra=form_of("because")
)
async def close(lab_label: str, actor: ClosingSample, form: Sent, tools: Tools) -> Response:
    """No answer will come, and why; `because` left empty: it will, after all."""
    label = read_label(lab_label)
    because = _reason(form.text("because"))
    by = tools.acting(actor)

    await tools.database.write(lambda connection: acts.close(connection, by, label, because))
    return see_other(f"/bench/samples/{label}")


def _reason(code: str) -> Closing | None:
    """The reason of this code, None for an empty one. Raises Unfit."""
    if not code:
        return None
    if code not in list(Closing):
        raise Unfit(Flaw("/because", "unknown-code", {"known": ", ".join(Closing)}))

    return Closing(code)
