"""The operator's commands for the whole service: run, serve, rebuild, calibrate."""

import asyncio
from datetime import datetime

import typer

from service.app import PROJECTED, create_app
from service.commands import terminal
from service.evidence import store as evidence
from service.evidence.calibration import calibration, replay, written_month
from service.evidence.dose import FEWEST_PREDICTIONS, LEAST_HELD, Market
from service.foundation import clock, log
from service.foundation.database import InUse
from service.foundation.problems import RefusesToStart
from service.foundation.projections import Projection, Rebuilt
from service.foundation.server import server
from service.foundation.settings import DemoSettings, Settings
from service.intake.acts import check_pickup_key
from service.intake.context import PICKUP_KEYS
from service.intake.pickup import Keys
from service.wording.inventory import CatalogueError


def run() -> None:
    """Serve a demo on this machine: no secrets to set, credentials in the open.

    PORT and DATA_DIR apply.
    """
    settings = terminal.settings_or_refuse(DemoSettings.on_this_machine)
    typer.echo(f"Caillou, demo: {settings.public_url}/  (stop with Ctrl-C)")
    _serve(settings)


def serve() -> None:
    """Serve for real.

    Needs PICKUP_KEY, WORDS_POLICY and PUBLIC_URL, and says which one is missing.
    """
    _serve(terminal.settings())


def rebuild() -> None:
    """Derive anew, from every sample and answer held, all that is derived; and say what was wrong.

    Stop the server first: on SQLite it would wait.
    """
    now = clock.now()
    wrong = 0

    for projection in PROJECTED.each:
        rebuilt = _rebuild(projection, now)
        typer.echo(f"{projection.name}: {rebuilt.samples} rocks; {rebuilt.wrong or 'none'} wrong")
        wrong += rebuilt.wrong

    if wrong:
        raise typer.Exit(1)


def calibrate() -> None:
    """How well the estimate did on this network's own past, and what the card says of it now.

    Each rock is predicted from those known before it.
    """
    now = clock.now()
    past = terminal.write(lambda connection: evidence.past(connection, evidence.REPLAYED))
    market = terminal.write(lambda connection: evidence.market(connection, now))
    report = calibration(replay(past))

    typer.echo(f"{report.rocks} rocks, half-life {market.half_life_months} months")
    typer.echo(_card_says(market))
    for level, share in report.coverage.items():
        published = report.coverage_published[level]
        typer.echo(
            f"{level:.0%} interval: {share:.1%} (the published survey alone: {published:.1%})"
        )

    if report.above is not None:
        typer.echo(f"hold more than the 80% interval: {report.above:.1%}")
    if report.sharpness is not None:
        typer.echo(f"as wide as the published survey's: {report.sharpness:.2f}")

    for month in report.bias:
        bias = "too few to tell"
        if month.median_mg is not None:
            bias = f"measured less expected {month.median_mg:+.1f} mg"
        typer.echo(f"{written_month(month.month)}: {month.rocks} rocks, {bias}")


def _card_says(market: Market) -> str:
    """Which sentence the card says of an estimate, and why."""
    if market.doubt == "few_known":
        known = f"{market.past.rocks} predictions are known, fewer than {FEWEST_PREDICTIONS}"
        return f'the card says "may hold more": {known}'

    held = f"{market.past.held:.0%} of the last {market.past.rocks} predictions held"
    if market.doubt == "often_missed":
        return f'the card says "may hold more": {held}, fewer than {LEAST_HELD:.0%}'

    return f'the card says "8 in 10": {held}'


def _rebuild(projection: Projection, now: datetime) -> Rebuilt:
    return terminal.write(lambda connection: projection.rebuild(connection, now))


def _serve(settings: Settings) -> None:
    log.start()
    try:
        service = create_app(settings)
        asyncio.run(_try_out(settings, PICKUP_KEYS.of(service)))
    except (CatalogueError, RefusesToStart) as error:
        terminal.refuse(f"Refuses to start: {error}", code=2)
    except InUse as error:
        terminal.refuse(
            f"Refuses to start: {error} is already being served by another process.", code=2
        )

    server(service, settings).run()


async def _try_out(settings: Settings, keys: Keys) -> None:
    """Open the database once before serving: what is wrong with it is said in one sentence."""
    database = terminal.opened(settings.database)
    try:
        await database.read(lambda connection: check_pickup_key(connection, keys))
    finally:
        database.close()
