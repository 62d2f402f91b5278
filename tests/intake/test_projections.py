"""What is kept up beside a write is kept up in the same transaction: all of it, or nothing."""

import uuid
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from fastapi import FastAPI
from sqlalchemy import Connection

from service.foundation.context import PROJECTIONS
from service.foundation.projections import Projection, Projections, Rebuilt
from service.foundation.settings import Settings
from tests.conftest import Knocker, Rock
from tests.intake.test_samples import count
from tests.rocks import assay_body, rock_body

Keep = Callable[[Connection, UUID, datetime], None]


def also(app: FastAPI, keep: Keep, forget: Keep) -> None:
    """Keep one more projection up in the running service."""

    def fill(connection: Connection, now: datetime) -> None:
        pass

    def rebuild(connection: Connection, now: datetime) -> Rebuilt:
        return Rebuilt(0, 0)

    held = PROJECTIONS.of(app)
    planted = Projection("planted", keep, forget, fill, rebuild)
    PROJECTIONS.provide(app, Projections((*held.each, planted)))


def breaking(connection: Connection, sample: UUID, now: datetime) -> None:
    connection.execute(sa.text("DELETE FROM audit_log"))
    raise RuntimeError("this projection cannot keep up")


def test_each_write_keeps_its_projections_up_before_the_commit(
    app: FastAPI, take_in: Callable[..., Rock], worker: Knocker
) -> None:
    seen: list[tuple[str, UUID, int]] = []

    def watching(event: str) -> Keep:
        def watch(connection: Connection, sample: UUID, now: datetime) -> None:
            rows = connection.execute(sa.text("SELECT count(*) FROM samples")).scalar() or 0
            seen.append((event, sample, rows))

        return watch

    also(app, watching("written"), watching("erased"))
    rock = take_in()
    id = UUID(rock.id)
    worker.put(rock.path, rock.body)
    rock.assayed()
    worker.delete(rock.path)
    assert seen == [("written", id, 1), ("written", id, 1), ("erased", id, 1)]


def test_a_projection_that_fails_takes_the_write_with_it(
    app: FastAPI,
    take_in: Callable[..., Rock],
    worker: Knocker,
    lab: Knocker,
    code: str,
    settings: Settings,
) -> None:
    rock = take_in()
    before = PROJECTIONS.of(app)
    also(app, breaking, breaking)
    assert worker.put(f"/v1/samples/{uuid.uuid4()}", rock_body(code)).status_code == 500
    assert lab.put(f"/v1/assays/{uuid.uuid4()}", assay_body(rock.label)).status_code == 500
    assert worker.delete(rock.path).status_code == 500
    assert (
        count(settings, "samples"),
        count(settings, "assays"),
        count(settings, "audit_log"),
    ) == (
        1,
        0,
        1,
    )
    PROJECTIONS.provide(app, before)
    assert worker.put(f"/v1/samples/{uuid.uuid4()}", rock_body(code)).status_code == 201
