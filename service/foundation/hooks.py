"""What must be kept up in the same transaction when a sample, an assay or an erasure is written.

Rooms to the right of a writer register here (in app.py), so that the writer need not know them. A hook that
fails takes the whole write with it: nothing is ever half kept.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import Connection

Hook = Callable[[Connection, UUID], None]


@dataclass(frozen=True)
class Hooks:
    """Each list is called with the connection and the sample's id, in order, before the commit."""

    written: list[Hook] = field(default_factory=list)
    """A sample, or an assay of it."""
    erased: list[Hook] = field(default_factory=list)
