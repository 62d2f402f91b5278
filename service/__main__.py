"""`python -m service`: the commands."""

from service.commands import app

if __name__ == "__main__":
    app()
