"""Commands that give sites, tablets, programs and people a way in, and take it back."""

import secrets
import sys
from datetime import timedelta
from pathlib import Path
from typing import Annotated
from uuid import uuid4

import segno
import typer
from sqlalchemy import Connection

from service.access import passwords, store, tokens
from service.access.permissions import Role
from service.access.site import Offers
from service.commands import terminal
from service.foundation import clock, paper
from service.intake import pickup
from service.intake.pickup import Keys

TO_COME_IN = timedelta(minutes=10)

enrol = typer.Typer(
    help="Give a site, a tablet, an instrument or a person a way in.", no_args_is_help=True
)

Site = Annotated[str, typer.Option(help="The site's short name.")]


@enrol.command("site")
def enrol_site(
    id: Annotated[str, typer.Argument(help="A short name, as in lyon-1.")],
    name: str,
    naloxone: Annotated[bool, typer.Option(help="Whether naloxone is given out here.")] = True,
    rest: Annotated[bool, typer.Option(help="Whether there is a place to rest here.")] = False,
) -> None:
    """A centre or team that takes rocks in."""
    offers = Offers(naloxone, rest)
    terminal.write(lambda connection: store.add_site(connection, id, name, offers))
    typer.echo(f"site {id}")


@enrol.command("tablet")
def enrol_tablet(
    label: str,
    site: Site,
    square: Annotated[
        Path | None, typer.Option(help="Also draw the square code into this file (SVG).")
    ] = None,
) -> None:
    """A tablet of one site: a code to type or scan on it within ten minutes, at PUBLIC_URL/tablet/.

    It works once.
    """
    settings = terminal.settings()
    code = pickup.new_label(secrets.randbelow)
    digest = Keys.of(settings.pickup_secret).digest(code)
    now = clock.now()

    def announce(connection: Connection) -> None:
        _check_unused(connection, label)
        store.announce(
            connection, digest=digest, label=label, site=site, now=now, ends_at=now + TO_COME_IN
        )

    terminal.write(announce)

    # After the #, which no browser sends: the code stands in no log.
    address = f"{settings.public_url}/tablet/#{code}"
    if square is not None:
        square.write_text(paper.square_code(address))
    if sys.stdout.isatty():
        segno.make(address, error="m", micro=False).terminal(out=sys.stdout, compact=True)
        typer.echo(
            f"Open {settings.public_url}/tablet/ on it and type, or scan, within ten minutes:"
        )
    typer.echo(code)


@enrol.command("script")
def enrol_script(label: str, site: Site) -> None:
    """A program that acts for one site; its token is shown once."""
    _add_credential(label, "script", Role.OUTREACH, site)


@enrol.command("instrument")
def enrol_instrument(label: str) -> None:
    """A laboratory's instrument; its token is shown once."""
    _add_credential(label, "instrument", Role.INSTRUMENT, None)


@enrol.command("person")
def enrol_person(
    name: str,
    role: Role,
    site: Annotated[str | None, typer.Option(help="For outreach: the site's short name.")] = None,
) -> None:
    """Somebody who works here and signs in; their first password is shown once."""
    password = secrets.token_urlsafe(12)
    hashed = passwords.hashed(password)

    def add(connection: Connection) -> None:
        store.add_person(
            connection, id=uuid4().hex, name=name, password=hashed, role=role, site=site
        )

    terminal.write(add)
    typer.echo(f"{name} {password}")


def site(
    id: Annotated[str, typer.Argument(help="The site's short name.")],
    naloxone: Annotated[
        bool | None, typer.Option(help="Whether naloxone is given out here.")
    ] = None,
    rest: Annotated[
        bool | None, typer.Option(help="Whether there is a place to rest here.")
    ] = None,
) -> None:
    """Change what a site's cards may promise, at once: when the naloxone runs out, say so here."""
    changed: dict[str, bool] = {}
    if naloxone is not None:
        changed["naloxone"] = naloxone
    if rest is not None:
        changed["rest"] = rest
    if not changed:
        raise typer.BadParameter("say --naloxone, --no-naloxone, --rest or --no-rest")

    if not terminal.write(lambda connection: store.change_offers(connection, id, **changed)):
        terminal.refuse(f"There is no site {id!r}.")
    typer.echo(f"site {id}")


def revoke(
    name: Annotated[str | None, typer.Argument(help="An id, a label, or a person's name.")] = None,
) -> None:
    """Take a way in back, at once. Without a name: list those there are."""
    if name is None:
        _list_credentials()
        return

    revoked = terminal.write(lambda connection: store.revoke(connection, name))
    typer.echo(f"revoked: {revoked}")
    if not revoked:
        raise typer.Exit(1)


def _list_credentials() -> None:
    credentials = [*terminal.write(store.credentials), *terminal.write(store.people)]
    for credential in credentials:
        who = f"{credential['kind']} {credential['label']!r}"
        typer.echo(f"{who} {credential['role']} {credential['site'] or '-'}")


def _add_credential(label: str, kind: str, role: Role, site: str | None) -> None:
    token = tokens.mint()

    def add(connection: Connection) -> None:
        _check_unused(connection, label)
        credential = store.NewCredential(
            id=uuid4().hex,
            digest=tokens.digest(token),
            kind=kind,
            label=label,
            role=role,
            site=site,
            made_at=clock.now(),
        )
        store.add_credential(connection, credential)

    terminal.write(add)
    typer.echo(token)


def _check_unused(connection: Connection, label: str) -> None:
    """Raise ValueError where a credential of this name is in force."""
    labels = {credential["label"] for credential in store.credentials(connection)}
    if label in labels:
        raise ValueError(
            f"There is a way in named {label!r} already. Revoke it first, or take another name."
        )
