"""What both databases share: the engine, the tables' newest form, and what may go wrong."""

import sqlite3
from collections.abc import Callable
from typing import TypeVar

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from sqlalchemy.engine import URL, Connection, Engine, make_url

from service.foundation.settings import ROOT

T = TypeVar("T")
Job = Callable[[Connection], T]

POSTGRES_DISK_FULL = "53100"


class NotStored(Exception):
    """A write did not reach the disk; nothing of it is kept. `full` when the disk had no room."""

    def __init__(self, *, full: bool) -> None:
        super().__init__("storage full" if full else "not stored")
        self.full = full


class InUse(Exception):
    """Another process already serves this SQLite file."""


def parse_url(url: str) -> URL:
    """The address of a database, with the driver that we use. Raises ValueError."""
    address = make_url(url)
    if address.drivername in ("postgresql", "postgres"):
        address = address.set(drivername="postgresql+psycopg")

    if address.drivername not in ("sqlite", "postgresql+psycopg"):
        raise ValueError("DATABASE_URL must start with sqlite:/// or postgresql://")
    return address


def engine_of(url: URL, **options: object) -> Engine:
    """An engine whose errors never quote parameters.

    They hold what people told us, and an error's text may reach a log.
    """
    return sa.create_engine(url, hide_parameters=True, **options)


def migrate(connection: Connection, revision: str = "head") -> None:
    """Bring the tables to this revision."""
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def is_full(error: BaseException) -> bool:
    """Whether the disk had no room, by the code that the database gave."""
    cause: object = getattr(error, "orig", error)
    sqlite_code: object = getattr(cause, "sqlite_errorcode", None)
    postgres_code: object = getattr(cause, "sqlstate", None)

    return sqlite_code == sqlite3.SQLITE_FULL or postgres_code == POSTGRES_DISK_FULL
