"""The operator's commands: run (demo on this machine), serve, enrol, revoke, demo."""

import asyncio
import json
import os
import secrets
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeVar
from uuid import uuid4

import httpx2
import segno
import sqlalchemy as sa
import typer
from pydantic import ValidationError
from sqlalchemy import Connection

from service.access import passwords, store, tokens
from service.access.permissions import Role
from service.access.site import SYNTHETIC, Offers
from service.app import PROJECTED, create_app
from service.cards import audio
from service.demo import FILE as DEMO_FILE
from service.demo import AlreadyThere, enrol_synthetic, load_cohort, walk
from service.evidence import store as evidence
from service.evidence.calibration import calibration, replay, written_month
from service.foundation import clock, log, paper
from service.foundation.database import Database, InUse, connect, open_database
from service.foundation.problems import RefusesToStart
from service.foundation.server import server
from service.foundation.settings import ROOT, DemoSettings, Settings
from service.intake import pickup
from service.intake.acts import check_pickup_key
from service.intake.context import PICKUP_KEYS
from service.intake.pickup import Keys
from service.vocabulary.languages import locales_in
from service.wording import reviews, translations
from service.wording.inventory import CatalogueError, Signer
from service.wording.lint import issues

T = TypeVar("T")
MESSAGES = ROOT / "messages"
TO_COME_IN = timedelta(minutes=10)
app = typer.Typer(help=__doc__, no_args_is_help=True, pretty_exceptions_enable=False)
enrol = typer.Typer(
    help="Give a site, a tablet, an instrument or a person a way in.", no_args_is_help=True
)
app.add_typer(enrol, name="enrol")
words = typer.Typer(
    help="The words: check them, and keep the translators' files.", no_args_is_help=True
)
app.add_typer(words, name="words")


@app.callback()
def begin() -> None:
    """Whatever a command writes, only its owner reads."""
    os.umask(0o077)


Site = Annotated[str, typer.Option(help="The site's short name.")]


@app.command()
def run() -> None:
    """Serve a demo on this machine: no secrets to set, credentials in the open. PORT and DATA_DIR apply."""
    settings = _or_refuse(DemoSettings.on_this_machine)
    typer.echo(f"Caillou, demo: {settings.public_url}/  (stop with Ctrl-C)")
    _serve(settings)


@app.command()
def serve() -> None:
    """Serve for real. Needs PICKUP_KEY, WORDS_POLICY and PUBLIC_URL, and says which one is missing."""
    _serve(_settings())


@enrol.command("site")
def enrol_site(
    id: Annotated[str, typer.Argument(help="A short name, as in lyon-1.")],
    name: str,
    naloxone: Annotated[bool, typer.Option(help="Whether naloxone is given out here.")] = True,
    rest: Annotated[bool, typer.Option(help="Whether there is a place to rest here.")] = False,
) -> None:
    """A centre or team that takes rocks in."""
    _write(lambda connection: store.add_site(connection, id, name, Offers(naloxone, rest)))
    typer.echo(f"site {id}")


@enrol.command("tablet")
def enrol_tablet(
    label: str,
    site: Site,
    square: Annotated[
        Path | None, typer.Option(help="Also draw the square code into this file (SVG).")
    ] = None,
) -> None:
    """A tablet of one site: a code to type or scan on it within ten minutes, at PUBLIC_URL/tablet/. Works once."""
    settings = _settings()
    code, now = pickup.new_label(secrets.randbelow), clock.now()
    digest = Keys.of(settings.pickup_secret).digest(code)

    def announce(connection: Connection) -> None:
        _unused(connection, label)
        store.announce(
            connection, digest=digest, label=label, site=site, now=now, ends_at=now + TO_COME_IN
        )

    _write(announce)
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
    _credential(label, "script", Role.OUTREACH, site)


@enrol.command("instrument")
def enrol_instrument(label: str) -> None:
    """A laboratory's instrument; its token is shown once."""
    _credential(label, "instrument", Role.INSTRUMENT, None)


@enrol.command("person")
def enrol_person(
    name: str,
    role: Role,
    site: Annotated[str | None, typer.Option(help="For outreach: the site's short name.")] = None,
) -> None:
    """Somebody who works here and signs in; their first password is shown once."""
    password = secrets.token_urlsafe(12)
    hashed = passwords.hashed(password)
    _write(
        lambda connection: store.add_person(
            connection, id=uuid4().hex, name=name, password=hashed, role=role, site=site
        )
    )
    typer.echo(f"{name} {password}")


@app.command()
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
    changed = {
        name: value for name, value in (("naloxone", naloxone), ("rest", rest)) if value is not None
    }
    if not changed:
        raise typer.BadParameter("say --naloxone, --no-naloxone, --rest or --no-rest")
    if not _write(lambda connection: store.change_offers(connection, id, **changed)):
        typer.echo(f"There is no site {id!r}.", err=True)
        raise typer.Exit(1)
    typer.echo(f"site {id}")


@app.command()
def revoke(
    name: Annotated[str | None, typer.Argument(help="An id, a label, or a person's name.")] = None,
) -> None:
    """Take a way in back, at once. Without a name: list those there are."""
    if name is None:
        for one in [*_write(store.credentials), *_write(store.people)]:
            typer.echo(f"{one['kind']} {one['label']!r} {one['role']} {one['site'] or '-'}")
        return
    gone = _write(lambda connection: store.revoke(connection, name))
    typer.echo(f"revoked: {gone}")
    if not gone:
        raise typer.Exit(1)


@app.command()
def rebuild() -> None:
    """Derive anew, from every sample and answer held, all that is derived; and say what was wrong.

    Stop the server first: on SQLite it would wait.
    """
    now = clock.now()
    wrong = 0

    for projection in PROJECTED.each:
        rebuilt = _write(lambda connection, rebuild=projection.rebuild: rebuild(connection, now))
        typer.echo(f"{projection.name}: {rebuilt.samples} rocks; {rebuilt.wrong or 'none'} wrong")
        wrong += rebuilt.wrong

    if wrong:
        raise typer.Exit(1)


@app.command()
def calibrate() -> None:
    """How well the estimate did on this network's own past: each rock predicted from those known before it."""
    months = _settings().half_life_months
    told = calibration(
        replay(_write(lambda connection: evidence.past(connection, evidence.REPLAYED)), months)
    )
    typer.echo(f"{told.rocks} rocks, half-life {months:g} months")
    for level, share in told.coverage.items():
        published = told.coverage_published[level]
        typer.echo(
            f"{level:.0%} interval: {share:.1%} (the published survey alone: {published:.1%})"
        )
    if told.sharpness is not None:
        typer.echo(f"as wide as the published survey's: {told.sharpness:.2f}")
    for month in told.bias:
        bias = (
            "too few to tell"
            if month.median_mg is None
            else f"measured less expected {month.median_mg:+.1f} mg"
        )
        typer.echo(f"{written_month(month.month)}: {month.rocks} rocks, {bias}")


@app.command()
def demo(
    into: Annotated[Path, typer.Option(help="Where the cards go.")] = Path("demo"),
    survey: Annotated[
        bool, typer.Option("--survey", help="Load 144 synthetic rocks instead.")
    ] = False,
) -> None:
    """Walk one rock through a running demo and leave its cards to look at, or load the synthetic survey."""
    data_dir = Path(os.environ.get("DATA_DIR", "data"))
    try:
        for line in [_load_survey(data_dir)] if survey else walk(data_dir, into):
            typer.echo(line)
    except (FileNotFoundError, httpx2.ConnectError):
        _refuse("No demo answers here. Start `make run` first, with the same DATA_DIR.")
    except AlreadyThere:
        _refuse("The synthetic rocks are there already.")


def _load_survey(data_dir: Path) -> str:
    known = json.loads((data_dir / DEMO_FILE).read_text())
    token = tokens.mint()
    engine = connect(DemoSettings.on_this_machine().database)
    with engine.begin() as connection:
        enrol_synthetic(connection, token)
    engine.dispose()
    with httpx2.Client(base_url=known["base_url"]) as client:
        rocks = load_cohort(client, token, known["lab"])
    return f"{rocks} synthetic rocks: {known['base_url']}/survey/?site={SYNTHETIC}"


@words.callback()
def begin_words() -> None:
    """What translators' commands write is for everyone to read."""
    os.umask(0o022)


@words.command("check")
def words_check(
    language: Annotated[str | None, typer.Argument(help="Only this language, as in ka.")] = None,
) -> None:
    """Everything that keeps the words from being printed, by file, language and key."""
    if language is not None:
        _spoken(language)
    wrong = [
        one for one in issues(MESSAGES) if language in (None, one.language) or not one.language
    ]
    for issue in wrong:
        typer.echo(issue)
    typer.echo(f"{len(wrong)} issues" if wrong else "The words are fit to be said.")
    if wrong:
        raise typer.Exit(1)
    for one in locales_in(MESSAGES / "locales.toml") if language is None else (language,):
        gone = reviews.left_behind(
            reviews.signatures(MESSAGES, one), translations.current(MESSAGES, one)
        )
        if gone:
            typer.echo(f"{one}: signed in other words than today's: {', '.join(gone)}")


@words.command("extract")
def words_extract() -> None:
    """Write the templates that translations start from."""
    _written(lambda: translations.extract(MESSAGES))


@words.command("update")
def words_update() -> None:
    """Bring every language's files up to the inventory: what is new is empty, what changed is fuzzy."""
    _written(lambda: translations.update(MESSAGES))


@words.command("compile")
def words_compile(into: Annotated[Path, typer.Argument(file_okay=False)]) -> None:
    """Write .mo files for other programs. The service itself reads the .po files."""
    _written(lambda: translations.compiled(MESSAGES, into))


@words.command("new")
def words_new(
    code: Annotated[str, typer.Argument(help="Two letters, as in it.")],
    name: Annotated[str, typer.Argument(help="What it calls itself, as in Italiano.")],
    locale: Annotated[
        str | None, typer.Option(help="Babel's locale, if it is not the code.")
    ] = None,
) -> None:
    """Begin a language: its entry, its empty files, its glossary."""
    _written(lambda: translations.add(MESSAGES, code, name, locale or code))


@words.command("sign")
def words_sign(
    language: Annotated[str, typer.Argument(help="As in ka; en for the English itself.")],
    keys: Annotated[
        list[str] | None, typer.Argument(help="Keys of messages, codes of substances.")
    ] = None,
    *,
    signer: Annotated[Signer, typer.Option("--as", help="What the person signs as.")],
    by: Annotated[str, typer.Option(help="Who signs: their name, as it will stand in the record.")],
    everything: Annotated[
        bool, typer.Option("--everything", help="Every text of the language.")
    ] = False,
) -> None:
    """Record that somebody has read these words and stands by them. A second speaker comes first."""
    _spoken(language)
    if not by.strip():
        raise typer.BadParameter("say who signs")
    if bool(keys) == everything:
        raise typer.BadParameter("name the keys, or say --everything")
    wrong = [one for one in issues(MESSAGES) if one.language == language]
    said = translations.current(MESSAGES, language)
    chosen = list(said) if everything else list(dict.fromkeys(keys or ()))
    if unfit := [one for one in wrong if not one.key or one.key in chosen]:
        _refuse(f"Not fit to be signed: {unfit[0]}")
    if unsaid := [key for key in chosen if key not in said]:
        _refuse(f"{language} does not say: {', '.join(unsaid)}")
    held = reviews.signatures(MESSAGES, language)
    unread = [
        key
        for key in chosen
        if signer is not Signer.SPEAKER
        and reviews.review(held.get(key, ()), *said[key], required=()) is reviews.Review.DRAFT
    ]
    if unread:
        _refuse(f"No second speaker has signed {_few(unread)} in {language} yet.")
    alone = [
        key
        for key in chosen
        for one in held.get(key, ())
        if one.by == by.strip()
        and one.holds(*said[key])
        and one.signer is not signer
        and Signer.SPEAKER in (one.signer, signer)
    ]
    if alone:
        _refuse(f"{by.strip()} has signed {_few(alone)} already: it takes a second person.")
    today = clock.now().date()
    reviews.sign(
        MESSAGES,
        language,
        [reviews.Signature(key, signer, by.strip(), today, *said[key]) for key in chosen],
    )
    typer.echo(f"{language}: {len(chosen)} texts signed by {by.strip()} as {signer}")


@words.command("record")
def words_record(
    language: Annotated[str, typer.Argument(help="As in ka.")],
    key: Annotated[str, typer.Argument(help="The message that was read.")],
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="Ogg, FLAC or WAV.")],
) -> None:
    """Keep what a person recorded, tied to today's words: when they change, a machine reads them again."""
    _spoken(language)
    said = translations.current(MESSAGES, language)
    if key not in said:
        _refuse(f"{language} does not say: {key}")
    words = said[key][1]
    if "{" in words:
        _refuse(f"{key} names an amount or a substance: it cannot be read once for all.")
    _written(lambda: [audio.keep(MESSAGES, language, key, words, file)])


def _spoken(language: str) -> None:
    if language not in locales_in(MESSAGES / "locales.toml"):
        raise typer.BadParameter(f"we do not speak {language!r}")


def _few(names: list[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def _refuse(why: str) -> NoReturn:
    typer.echo(why, err=True)
    raise typer.Exit(1)


def _written(write: Callable[[], Iterable[Path]]) -> None:
    try:
        paths = list(write())
    except CatalogueError as error:
        _refuse(str(error))
    for path in paths:
        typer.echo(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)


def _credential(label: str, kind: str, role: Role, site: str | None) -> None:
    token = tokens.mint()

    def add(connection: Connection) -> None:
        _unused(connection, label)
        store.add_credential(
            connection,
            store.NewCredential(
                id=uuid4().hex,
                digest=tokens.digest(token),
                kind=kind,
                label=label,
                role=role,
                site=site,
                made_at=clock.now(),
            ),
        )

    _write(add)
    typer.echo(token)


def _unused(connection: Connection, label: str) -> None:
    if any(one["label"] == label for one in store.credentials(connection)):
        raise ValueError(
            f"There is a way in named {label!r} already. Revoke it first, or take another name."
        )


def _settings() -> Settings:
    return _or_refuse(Settings)  # type: ignore[arg-type]  # read from the environment


def _or_refuse(make: Callable[[], T]) -> T:
    """What is made from the environment, or an end that names each setting that is wrong."""
    try:
        return make()
    except ValidationError as error:
        for one in error.errors(include_input=False):
            what = "is missing" if one["type"] == "missing" else one["msg"]
            typer.echo(f"{str(one['loc'][0]).upper()}: {what}", err=True)
        raise typer.Exit(2) from None


def _write(job: Any) -> Any:
    """Run one short write on the database that a server may be using."""
    url = _settings().database
    with suppress(InUse):  # a running server has migrated it
        _opened(url).close()
    engine = connect(url)
    try:
        with engine.begin() as connection:
            return job(connection)
    except sa.exc.IntegrityError:
        typer.echo("There is one of that name already, or the site is unknown.", err=True)
        raise typer.Exit(1) from None
    except ValueError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    finally:
        engine.dispose()


def _opened(url: str) -> Database:
    try:
        return open_database(url)
    except (ValueError, sa.exc.ArgumentError):
        typer.echo("DATABASE_URL: must be sqlite:///path or postgresql://...", err=True)
    except sa.exc.OperationalError as error:
        typer.echo(f"DATABASE_URL: the database does not answer: {error.orig}", err=True)
    raise typer.Exit(2)


def _serve(settings: Settings) -> None:
    log.start()
    try:
        service = create_app(settings)
        asyncio.run(_try_out(settings, PICKUP_KEYS.of(service)))
    except (CatalogueError, RefusesToStart) as error:
        typer.echo(f"Refuses to start: {error}", err=True)
        raise typer.Exit(2) from None
    except InUse as error:
        typer.echo(
            f"Refuses to start: {error} is already being served by another process.", err=True
        )
        raise typer.Exit(2) from None
    server(service, settings).run()


async def _try_out(settings: Settings, keys: Keys) -> None:
    """Open the database once before serving, so that what is wrong with it is said in one sentence."""
    database = _opened(settings.database)
    try:
        await database.read(lambda connection: check_pickup_key(connection, keys))
    finally:
        database.close()


if __name__ == "__main__":
    app()
