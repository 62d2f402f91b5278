"""What the bench looks at: what waits, and why what was taken back was."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from service.intake import store as intake
from service.lab import store
from service.vocabulary.codes import State

Reasons = dict[str, str | None]
"""Why an answer was taken back, by laboratory label."""


def waiting(
    connection: Connection, *, limit: int, after: tuple[int, datetime, str] | None = None
) -> tuple[list[dict[str, Any]], Reasons]:
    """What waits, in its order, and the reasons of what was taken back."""
    samples = intake.queue(connection, limit=limit, after=after)
    taken_back = [facts["lab_label"] for facts in samples if facts["state"] == State.WITHDRAWN]
    reasons = store.reasons_taken_back(connection, taken_back) if taken_back else {}
    return samples, reasons
