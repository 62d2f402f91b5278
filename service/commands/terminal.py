"""What the commands have in common: the settings, one short write, and refusals in one sentence."""

from collections.abc import Callable
from contextlib import suppress
from typing import NoReturn, TypeVar

import sqlalchemy as sa
import typer
from pydantic import ValidationError
from sqlalchemy import Connection

from service.foundation.database import Database, InUse, connect, open_database
from service.foundation.settings import Settings

T = TypeVar("T")


def refuse(why: str, code: int = 1) -> NoReturn:
    """End the command with this sentence and exit code."""
    typer.echo(why, err=True)
    raise typer.Exit(code) from None


def settings() -> Settings:
    """The settings of the environment. Ends the command where one is missing or wrong."""
    return settings_or_refuse(Settings)  # type: ignore[arg-type]  # read from the environment


def settings_or_refuse(read: Callable[[], T]) -> T:
    """What is read from the environment. Ends the command and names each setting that is wrong."""
    try:
        return read()
    except ValidationError as error:
        for flaw in error.errors(include_input=False):
            name = str(flaw["loc"][0]).upper()
            what = "is missing" if flaw["type"] == "missing" else flaw["msg"]
            typer.echo(f"{name}: {what}", err=True)
        raise typer.Exit(2) from None


def write(job: Callable[[Connection], T]) -> T:
    """Run one short write on the database, which a server may be using at the same time."""
    url = settings().database

    with suppress(InUse):  # a running server has migrated it
        opened(url).close()

    engine = connect(url)
    try:
        with engine.begin() as connection:
            return job(connection)
    except sa.exc.IntegrityError:
        refuse("There is one of that name already, or the site is unknown.")
    except ValueError as error:
        refuse(str(error))
    finally:
        engine.dispose()


def opened(url: str) -> Database:
    """The database at this address, migrated. Ends the command where there is none."""
    try:
        return open_database(url)
    except (ValueError, sa.exc.ArgumentError):
        refuse("DATABASE_URL: must be sqlite:///path or postgresql://...", code=2)
    except sa.exc.OperationalError as error:
        refuse(f"DATABASE_URL: the database does not answer: {error.orig}", code=2)
