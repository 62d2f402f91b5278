"""The endpoint of exports: exact data, for the network's coordinator alone."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date, timedelta
from functools import partial
from typing import Annotated
from urllib.parse import urlsplit
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Request
from sqlalchemy import Connection
from starlette.responses import Response, StreamingResponse

from service.access import store as access
from service.access.actor import Actor
from service.access.audit import Action, AuditEntry
from service.access.permissions import Permission
from service.access.require import Require
from service.foundation import clock
from service.foundation.context import Config, Db
from service.foundation.database import Database
from service.foundation.http import check_parameters
from service.foundation.strict import Text
from service.intake.sample import EARLIEST
from service.observatory.export import store
from service.observatory.export.asked import ExportRequest
from service.observatory.export.files import Schema, zipped
from service.observatory.export.rock import Circumstances, Rock
from service.observatory.export.store import Wanted
from service.observatory.store import midnight

router = APIRouter(tags=["exports"], default_response_class=Response)
ROCKS_A_PAGE = 50
LAST = date(2999, 12, 31)
ZIP = "application/zip"


async def _export_request(
    request: Request,
    schema: Schema,
    first: Annotated[date | None, Query(alias="from", ge=EARLIEST.date(), le=LAST)] = None,
    last: Annotated[date | None, Query(alias="to", ge=EARLIEST.date(), le=LAST)] = None,
    site: Annotated[Text | None, Query(max_length=40)] = None,
    organisation: Annotated[Text | None, Query(max_length=120)] = None,
) -> ExportRequest:
    check_parameters(request, "schema", "from", "to", "site", "organisation")
    return ExportRequest(
        schema=schema, first=first, last=last, site=site, organisation=organisation
    )


@router.get(
    "/v1/export",
    responses={200: {"content": {ZIP: {"schema": {"type": "string", "format": "binary"}}}}},
)
async def get_export(
    database: Db,
    settings: Config,
    actor: Annotated[Actor, Depends(Require(Permission.EXPORT_DATA))],
    asked: Annotated[ExportRequest, Depends(_export_request)],
) -> Response:
    """A zip of the data, its codebook and what the schema cannot hold: none travels alone.

    `from` and `to` are days on which rocks were taken in, both
    included. `organisation` is whom TEDI's rows name: by default the host of this service.
    """
    asked.check(await database.read(access.sites))

    zone = settings.zone
    wanted = _wanted(asked, zone)
    circumstances = Circumstances(
        organisation=asked.organisation or urlsplit(settings.public_url).hostname or "",
        demo=settings.demo,
        secret=settings.pickup_secret,
    )

    line = AuditEntry(clock.now(), actor.id, actor.role, Action.EXPORTED, None, None)
    await database.write(lambda connection: access.record(connection, line))

    name = asked.file_name(demo=settings.demo)
    return StreamingResponse(
        zipped(asked.schema, _pages(database, wanted, zone), circumstances),
        media_type=ZIP,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _wanted(asked: ExportRequest, zone: ZoneInfo) -> Wanted:
    """The same in instants; days begin in the service's zone."""
    day_after = asked.last + timedelta(days=1) if asked.last else None
    return Wanted(
        since=midnight(asked.first, zone) if asked.first else None,
        until=midnight(day_after, zone) if day_after else None,
        site=asked.site,
    )


async def _pages(database: Database, wanted: Wanted, zone: ZoneInfo) -> AsyncIterator[list[Rock]]:
    after = store.FIRST
    while True:
        page = await database.read(partial(_page, wanted, after, zone))
        if not page:
            return

        after = page[-1].id
        yield page
        await asyncio.sleep(0)  # whoever waits meanwhile goes first


def _page(wanted: Wanted, after: UUID, zone: ZoneInfo, connection: Connection) -> list[Rock]:
    return store.page(connection, wanted, after, ROCKS_A_PAGE, zone)
