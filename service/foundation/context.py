"""What the running app holds, and how an endpoint says in its signature that it uses it.

Each thing is declared once, with its type: `Db = Annotated[Database, Depends(DATABASE)]` here, the
others in the `context.py` of the room that owns them. `create_app` provides them; nobody else reads
`app.state`.
"""

from typing import Annotated, Generic, Protocol, TypeVar

from fastapi import Depends, FastAPI, Request

from service.foundation.database import Database
from service.foundation.problems import Flaw, Problem, ProblemBody
from service.foundation.projections import Projections
from service.foundation.settings import Settings

T = TypeVar("T")


class Provided(Generic[T]):
    """One thing that the app holds while it runs.

    As a dependency, it gives that thing to an endpoint.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def provide(self, app: FastAPI, thing: T) -> None:
        setattr(app.state, self.name, thing)

    def of(self, app: FastAPI) -> T:
        """The thing itself. Raises AttributeError before it was provided."""
        thing: T = getattr(app.state, self.name)
        return thing

    async def __call__(self, request: Request) -> T:
        app: FastAPI = request.app
        return self.of(app)


class Refuser(Protocol):
    """Puts a refusal into the reader's language, for answers that carry one beside others."""

    def describe(self, problem: Problem, request: Request) -> ProblemBody:
        """The problem's body (RFC 9457)."""

    def describe_flaw(self, flaw: Flaw, request: Request) -> str:
        """The flaw's sentence."""


SETTINGS: Provided[Settings] = Provided("settings")
DATABASE: Provided[Database] = Provided("database")
PROJECTIONS: Provided[Projections] = Provided("projections")
REFUSER: Provided[Refuser] = Provided("refuser")

Config = Annotated[Settings, Depends(SETTINGS)]
Db = Annotated[Database, Depends(DATABASE)]
KeptUp = Annotated[Projections, Depends(PROJECTIONS)]
Refusals = Annotated[Refuser, Depends(REFUSER)]
