"""What a worker does with an answer."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from service.foundation.problems import Problem
from service.intake import store as intake
from service.lab import store as lab


def mark_told(connection: Connection, id: UUID, site: str, at: datetime) -> None:
    """The person of this site's sample has been told the answer as it was then.

    Raises Problem for another site's sample.
    """
    held = intake.find(connection, id)
    if held is None or held.site != site:
        raise Problem("not-found")

    lab.mark_reached(connection, id, at)
