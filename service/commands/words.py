"""The translators' commands: check the words, keep their files, sign and record them."""

import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Annotated

import typer

from service.cards import audio
from service.commands import terminal
from service.foundation import clock
from service.foundation.settings import ROOT
from service.vocabulary.languages import locales_in
from service.wording import reviews, translations
from service.wording.inventory import CatalogueError, Signer
from service.wording.lint import issues
from service.wording.reviews import Refused, Signing, WhyNot

MESSAGES = ROOT / "messages"

words = typer.Typer(
    help="The words: check them, and keep the translators' files.", no_args_is_help=True
)


@words.callback()
def let_everyone_read() -> None:
    """What translators' commands write is for everyone to read."""
    os.umask(0o022)


@words.command()
def check(
    language: Annotated[str | None, typer.Argument(help="Only this language, as in ka.")] = None,
) -> None:
    """Everything that keeps the words from being printed, by file, language and key."""
    if language is not None:
        _check_spoken(language)

    concerned = [
        issue
        for issue in issues(MESSAGES)
        if language is None or not issue.language or issue.language == language
    ]
    for issue in concerned:
        typer.echo(issue)
    typer.echo(f"{len(concerned)} issues" if concerned else "The words are fit to be said.")
    if concerned:
        raise typer.Exit(1)

    languages = locales_in(MESSAGES / "locales.toml") if language is None else (language,)
    for code in languages:
        signatures = reviews.signatures(MESSAGES, code)
        outdated = reviews.left_behind(signatures, translations.current(MESSAGES, code))
        if outdated:
            typer.echo(f"{code}: signed in other words than today's: {', '.join(outdated)}")


@words.command()
def extract() -> None:
    """Write the templates that translations start from."""
    _list_written(lambda: translations.extract(MESSAGES))


@words.command()
def update() -> None:
    """Bring every language's files up to the inventory.

    What is new is empty, what changed is fuzzy.
    """
    _list_written(lambda: translations.update(MESSAGES))


@words.command("compile")
def compile_(into: Annotated[Path, typer.Argument(file_okay=False)]) -> None:
    """Write .mo files for other programs. The service itself reads the .po files."""
    _list_written(lambda: translations.compiled(MESSAGES, into))


@words.command()
def new(
    code: Annotated[str, typer.Argument(help="Two letters, as in it.")],
    name: Annotated[str, typer.Argument(help="What it calls itself, as in Italiano.")],
    locale: Annotated[
        str | None, typer.Option(help="Babel's locale, if it is not the code.")
    ] = None,
) -> None:
    """Begin a language: its entry, its empty files, its glossary."""
    _list_written(lambda: translations.add(MESSAGES, code, name, locale or code))


@words.command()
def sign(
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
    """Record that somebody has read these words and stands by them.

    A second speaker comes first.
    """
    _check_spoken(language)
    if not by.strip():
        raise typer.BadParameter("say who signs")
    if bool(keys) == everything:
        raise typer.BadParameter("name the keys, or say --everything")

    wrong = [issue for issue in issues(MESSAGES) if issue.language == language]
    texts = translations.current(MESSAGES, language)
    chosen = tuple(texts) if everything else tuple(dict.fromkeys(keys or ()))
    signing = Signing(chosen, signer, by.strip())

    refused = reviews.refusal(signing, texts, reviews.signatures(MESSAGES, language), wrong)
    if refused is not None:
        terminal.refuse(_sentence(refused, signing, language))

    today = clock.now().date()
    reviews.sign(MESSAGES, language, reviews.signed(signing, texts, today))
    typer.echo(f"{language}: {len(chosen)} texts signed by {signing.by} as {signer}")


@words.command()
def record(
    language: Annotated[str, typer.Argument(help="As in ka.")],
    key: Annotated[str, typer.Argument(help="The message that was read.")],
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="Ogg, FLAC or WAV.")],
) -> None:
    """Keep what a person recorded, tied to today's words.

    When they change, a machine reads them again.
    """
    _check_spoken(language)
    texts = translations.current(MESSAGES, language)
    if key not in texts:
        terminal.refuse(f"{language} does not say: {key}")

    text = texts[key].text
    if "{" in text:
        terminal.refuse(f"{key} names an amount or a substance: it cannot be read once for all.")
    _list_written(lambda: [audio.keep(MESSAGES, language, key, text, file)])


def _sentence(refused: Refused, signing: Signing, language: str) -> str:
    """Why nothing was signed, for whoever wanted to."""
    match refused.why:
        case WhyNot.UNFIT:
            return f"Not fit to be signed: {refused.what[0]}"
        case WhyNot.NOT_SAID:
            return f"{language} does not say: {', '.join(refused.what)}"
        case WhyNot.SPEAKER_FIRST:
            return f"No second speaker has signed {_few(refused.what)} in {language} yet."
        case WhyNot.SECOND_PERSON:
            return (
                f"{signing.by} has signed {_few(refused.what)} already: it takes a second person."
            )


def _check_spoken(language: str) -> None:
    if language not in locales_in(MESSAGES / "locales.toml"):
        raise typer.BadParameter(f"we do not speak {language!r}")


def _few(names: Sequence[str]) -> str:
    """The first three names, and how many more there are."""
    first = ", ".join(names[:3])
    if len(names) <= 3:
        return first
    return f"{first} and {len(names) - 3} more"


def _list_written(write: Callable[[], Iterable[Path]]) -> None:
    """Write files and say which."""
    try:
        paths = list(write())
    except CatalogueError as error:
        terminal.refuse(str(error))

    here = Path.cwd()
    for path in paths:
        typer.echo(path.relative_to(here) if path.is_relative_to(here) else path)
