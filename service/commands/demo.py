"""The demo's own command: one rock walked through it, or a synthetic survey loaded into it."""

import json
import os
from pathlib import Path
from typing import Annotated

import typer

from service.access import tokens
from service.access.site import SYNTHETIC
from service.commands import terminal
from service.commands.walk import AlreadyThere, Client, NoAnswer, load_cohort, walk
from service.demo import FILE, enrol_synthetic
from service.foundation.database import connect
from service.foundation.settings import DemoSettings


def demo(
    into: Annotated[Path, typer.Option(help="Where the cards go.")] = Path("demo"),
    survey: Annotated[
        bool, typer.Option("--survey", help="Load 144 synthetic rocks instead.")
    ] = False,
) -> None:
    """Walk one rock through a running demo and leave its cards to look at.

    Or load the synthetic survey.
    """
    data_dir = Path(os.environ.get("DATA_DIR", "data"))
    try:
        if survey:
            typer.echo(_load_survey(data_dir))
        else:
            for path in walk(data_dir, into):
                typer.echo(path)
    except (FileNotFoundError, NoAnswer):
        terminal.refuse("No demo answers here. Start `make run` first, with the same DATA_DIR.")
    except AlreadyThere:
        terminal.refuse("The synthetic rocks are there already.")


def _load_survey(data_dir: Path) -> str:
    """Load the synthetic rocks; the sentence that says where to see them."""
    known: dict[str, str] = json.loads((data_dir / FILE).read_text())
    token = tokens.mint()

    engine = connect(DemoSettings.on_this_machine().database)
    with engine.begin() as connection:
        enrol_synthetic(connection, token)
    engine.dispose()

    rocks = load_cohort(Client(known["base_url"]).ask, token, known["lab"])
    return f"{rocks} synthetic rocks: {known['base_url']}/survey/?site={SYNTHETIC}"
