"""The endpoint of exports: exact data, for the network's coordinator alone."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date, timedelta
from functools import partial
from typing import Annotated
from urllib.parse import urlsplit
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query
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
from service.foundation.strict import Text
from service.intake.sample import EARLIEST
from service.observatory.export import store
from service.observatory.export.files import Schema, zipped
from service.observatory.export.rock import Circumstances, Rock
from service.observatory.export.store import Wanted
from service.observatory.store import midnight
from service.observatory.survey.asked import check_filters

router = APIRouter(tags=["exports"], default_response_class=Response)
ROCKS_A_PAGE = 50
LAST = date(2999, 12, 31)
ZIP = "application/zip"


@router.get(
    "/v1/export",
    responses={200: {"content": {ZIP: {"schema": {"type": "string", "format": "binary"}}}}},
)
async def get_export(
    database: Db,
    settings: Config,
    actor: Annotated[Actor, Depends(Require(Permission.EXPORT_DATA))],
    schema: Schema,
    from_: Annotated[date | None, Query(alias="from", ge=EARLIEST.date(), le=LAST)] = None,
    to: Annotated[date | None, Query(ge=EARLIEST.date(), le=LAST)] = None,
    site: Annotated[Text | None, Query(max_length=40)] = None,
    organisation: Annotated[Text | None, Query(max_length=120)] = None,
) -> Response:
    """A zip of the data, its codebook and what the schema cannot hold, so that none of them travels alone.

    `from` and `to` are days on which rocks were taken in, both included. `organisation` is whom TEDI's rows name:
    by default the host of this service.
    """
    zone = settings.zone
    sites = await database.read(access.sites)
    check_filters(from_, to, site, sites)

    wanted = Wanted(
        since=midnight(from_, zone) if from_ else None,
        until=midnight(to + timedelta(days=1), zone) if to else None,
        site=site,
    )
    circumstances = Circumstances(
        organisation=organisation or urlsplit(settings.public_url).hostname or "",
        demo=settings.demo,
        secret=settings.pickup_secret,
    )
    line = AuditEntry(clock.now(), actor.id, actor.role, Action.EXPORTED, None, None)
    await database.write(lambda connection: access.record(connection, line))
    name = f"caillou-{'demo-' if settings.demo else ''}{schema}.zip"
    return StreamingResponse(
        zipped(schema, _pages(database, wanted, zone), circumstances),
        media_type=ZIP,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
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
