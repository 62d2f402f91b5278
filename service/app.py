"""Composes the rooms; the only file that knows everyone."""

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from service import openapi
from service.access.acts import Acting
from service.access.context import RATE_LIMIT
from service.access.rate_limit import RateLimit
from service.cards import routes as cards
from service.cards.audio import recordings
from service.cards.context import RECORDINGS
from service.demo import credentials
from service.evidence import announced, measured
from service.evidence import routes as evidence
from service.evidence.context import REFERENCES
from service.evidence.estimate import routes as estimate
from service.evidence.reference import FOLDER, references
from service.foundation import clock, log
from service.foundation.bodies import Bounded
from service.foundation.context import DATABASE, PROJECTIONS, REFUSER, SETTINGS
from service.foundation.database import Database, open_database
from service.foundation.http import AnswerMiddleware
from service.foundation.projections import Projections
from service.foundation.settings import ROOT, Settings
from service.intake import routes as intake
from service.intake.acts import check_pickup_key
from service.intake.batch import routes as batch
from service.intake.carried import CarriedKey
from service.intake.context import CARRIED_KEY, PICKUP_KEYS
from service.intake.pickup import Keys
from service.lab import routes as lab
from service.lab.acts import SERVICE
from service.lab.bench import routes as lab_bench
from service.lab.closing import routes as lab_closing
from service.lab.custody import routes as lab_custody
from service.lab.importing import routes as lab_importing
from service.lab.labels import routes as lab_labels
from service.lab.names import routes as lab_names
from service.lab.names.acts import catch_up_names
from service.lab.panels import routes as lab_panels
from service.observatory import projection as observatory_projection
from service.observatory import routes as observatory
from service.observatory.alerts import watch
from service.observatory.cache import SurveyCache
from service.observatory.context import CACHE
from service.observatory.export import routes as export
from service.observatory.notices import routes as notices
from service.observatory.notices.context import LISTENERS
from service.observatory.notices.stream import Listeners
from service.pages import routes as pages
from service.pages.bench import routes as bench
from service.pages.bench.closing import routes as bench_closing
from service.pages.bench.names import routes as bench_names
from service.pages.bench.panels import routes as bench_panels
from service.pages.bench.sample import routes as bench_sample
from service.pages.context import DEMO
from service.pages.notices import routes as notice_pages
from service.pages.operator import routes as operator
from service.pages.result import routes as result
from service.pages.sign_in import routes as sign_in
from service.pages.survey import routes as survey
from service.pages.tablet import routes as tablet
from service.pages.tablet.context import SHELL
from service.pages.tablet.shell import Shell
from service.refusals import Describer, answer_refusals
from service.wording import routes as wording
from service.wording.catalogue import Catalogue
from service.wording.context import COMPOSER
from service.wording.message import MessageComposer
from service.wording.ready import check_words
from service.wording.rules import rules

MESSAGES = ROOT / "messages"
STATIC = Path(__file__).parent / "pages" / "static"

ROOMS = (
    intake,
    batch,
    lab,
    lab_bench,
    lab_custody,
    lab_closing,
    lab_names,
    lab_panels,
    lab_labels,
    lab_importing,
    evidence,
    estimate,
    wording,
    cards,
    observatory,
    notices,
    export,
    pages,
    sign_in,
    result,
    bench,
    bench_sample,
    bench_closing,
    bench_names,
    bench_panels,
    survey,
    notice_pages,
    tablet,
    operator,
)

PROJECTED = Projections(
    (
        measured.PROJECTION,
        announced.PROJECTION,
        observatory_projection.PROJECTION,
        watch.PROJECTION,
    )
)


def create_app(settings: Settings) -> FastAPI:
    """The service. Raises CatalogueError or RefusesToStart where it could only do harm."""
    composer = MessageComposer(
        Catalogue(MESSAGES),
        rules(settings.zone),
        only_approved=settings.words_policy == "approved",
    )
    check_words(composer)

    app = _Caillou(
        title="Caillou",
        version="0.1.0",
        description="One rock in, a few plain and true sentences out.",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        # its redirects would name the scheme and host that the client claims
        redirect_slashes=False,
        lifespan=_lifespan,
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
    )
    for room in ROOMS:
        # include_router would make every endpoint a second time
        app.router.routes.extend(room.router.routes)
    app.mount("/static", StaticFiles(directory=STATIC))

    describer = Describer(composer.catalogue)
    answer_refusals(app, describer)

    SETTINGS.provide(app, settings)
    PROJECTIONS.provide(app, PROJECTED)
    REFUSER.provide(app, describer)
    RATE_LIMIT.provide(app, RateLimit())
    PICKUP_KEYS.provide(app, Keys.of(settings.pickup_secret))
    CARRIED_KEY.provide(app, CarriedKey.of(settings.pickup_secret))
    REFERENCES.provide(app, references(FOLDER, settings.data_dir / "references"))
    COMPOSER.provide(app, composer)
    RECORDINGS.provide(app, recordings(MESSAGES))
    CACHE.provide(app, SurveyCache())
    LISTENERS.provide(app, Listeners())
    SHELL.provide(app, Shell.of(STATIC, composer.catalogue))
    DEMO.provide(app, None)
    return app


class _Caillou(FastAPI):
    """FastAPI inside our middleware, with an OpenAPI document that names each endpoint's roles."""

    def build_middleware_stack(self) -> ASGIApp:
        return AnswerMiddleware(Bounded(super().build_middleware_stack()))

    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is None:
            self.openapi_schema = openapi.document(self)
        return self.openapi_schema


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    settings = SETTINGS.of(app)
    database = open_database(settings.database)
    DATABASE.provide(app, database)

    await _catch_up(app, database)
    if settings.demo:
        DEMO.provide(app, await credentials(database, settings))

    app.openapi()
    _collect_seldom()
    log.events.info("ready")
    yield

    database.close()


async def _catch_up(app: FastAPI, database: Database) -> None:
    """Bring what is derived up to what is held."""
    keys, projections, now = PICKUP_KEYS.of(app), PROJECTIONS.of(app), clock.now()
    by = Acting(SERVICE, now, projections)

    await database.read(lambda connection: check_pickup_key(connection, keys))
    await database.write(lambda connection: projections.fill(connection, now))
    await database.write(lambda connection: catch_up_names(connection, by))


def _collect_seldom() -> None:
    """What start-up built is never collected, the rest seldom.

    Full collections stall requests: p99 45 ms with them, 14 ms without.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
