"""What the endpoints of panels use: the sent form, which may hold a file."""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any

from fastapi import Depends, Request
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from service.access.actor import Actor
from service.access.permissions import Permission
from service.access.require import Require
from service.foundation.bodies import FORM_BYTES
from service.foundation.http import limited
from service.foundation.problems import Flaw, Problem, Unfit
from service.lab.panels.typed import TypedPanel, lines_in
from service.pages.bench.form import SentForm

MEDIUM = "multipart/form-data"
USUAL_ENCODING = "utf-8"
MAX_FILES, MAX_FIELDS = 1, 20
FIELDS = ("laboratory", "method", "valid_from", "lines", "encoding")
FORM: Mapping[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            MEDIUM: {
                "schema": {
                    "type": "object",
                    "properties": {
                        **{name: {"type": "string"} for name in FIELDS},
                        "file": {"type": "string", "format": "binary"},
                    },
                }
            }
        },
    }
}
"""OpenAPI's description of the form."""

Declaring = Annotated[Actor, Depends(Require(Permission.DECLARE_PANELS))]


@dataclass(frozen=True, slots=True)
class SentPanel:
    """A panel as it was sent: the form, and the file where one was chosen."""

    typed: TypedPanel
    file: bytes | None
    encoding: str

    def whole(self) -> TypedPanel:
        """The form with the lines of the file.

        Raises Unfit for a file that cannot be read, and where there are lines beside it.
        """
        if self.file is None:
            return self.typed
        if self.typed.lines.strip():
            raise Unfit(Flaw("/file", "lines-and-file"))

        return replace(self.typed, lines=lines_in(self.file, self.encoding))


async def _sent_panel(request: Request) -> SentPanel:
    """The form. Raises Problem for what is no such form, or too large."""
    sent = await _parts(request)
    texts = {name: [value] for name, value in sent.items() if isinstance(value, str)}
    form = SentForm(texts)
    typed = TypedPanel(
        laboratory=form.text("laboratory"),
        method=form.text("method"),
        valid_from=form.text("valid_from"),
        lines=form.raw("lines") or "",
    )

    file = await _chosen(sent)
    await sent.close()
    return SentPanel(typed, file, form.text("encoding") or USUAL_ENCODING)


async def _parts(request: Request) -> FormData:
    """Raises Problem. The body is whole before a file is made of any of it."""
    body = b"".join([part async for part in limited(request, FORM_BYTES)])
    if not request.headers.get("content-type", "").startswith(MEDIUM):
        raise Problem("not-a-form")

    parser = MultiPartParser(
        request.headers, _at_once(body), max_files=MAX_FILES, max_fields=MAX_FIELDS
    )
    try:
        return await parser.parse()
    except (MultiPartException, KeyError, ValueError):
        raise Problem("not-a-form") from None


async def _at_once(body: bytes) -> AsyncGenerator[bytes, None]:
    yield body


async def _chosen(sent: FormData) -> bytes | None:
    """The file; a browser sends one without a name and without content where none was chosen."""
    upload = sent.get("file")
    if isinstance(upload, UploadFile) and upload.filename:
        return await upload.read()

    return None


Sent = Annotated[SentPanel, Depends(_sent_panel)]
"""After the actor in a signature: who may not declare is refused before the form is read."""
