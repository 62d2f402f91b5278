"""Run Caillou, let sites and people in, and keep its words."""

import os

import typer

from service.commands import demo, enrolment, operator, words

app = typer.Typer(help=__doc__, no_args_is_help=True, pretty_exceptions_enable=False)


@app.callback()
def keep_private() -> None:
    """Whatever a command writes, only its owner reads."""
    os.umask(0o077)


app.command()(operator.run)
app.command()(operator.serve)
app.command()(demo.demo)
app.add_typer(enrolment.enrol, name="enrol")
app.command()(enrolment.site)
app.command()(enrolment.revoke)
app.command()(operator.rebuild)
app.command()(operator.calibrate)
app.add_typer(words.words, name="words")
