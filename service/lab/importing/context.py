"""What an import uses of the running service."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends

from service.foundation.context import Config, Db, KeptUp, Refusals, Refuser
from service.foundation.database import Database
from service.foundation.projections import Projections
from service.foundation.settings import Settings


@dataclass(frozen=True, slots=True)
class ImportContext:
    """Where assays are kept, how a file is read that says nothing of it, who words refusals."""

    database: Database
    settings: Settings
    projections: Projections
    refuser: Refuser


async def _context(
    database: Db, settings: Config, projections: KeptUp, refuser: Refusals
) -> ImportContext:
    return ImportContext(database, settings, projections, refuser)


Importing = Annotated[ImportContext, Depends(_context)]
