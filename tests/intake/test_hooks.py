"""What is kept up beside a write is kept up in the same transaction: all of it, or nothing."""

import uuid
from collections.abc import Callable
from uuid import UUID

import sqlalchemy as sa
from fastapi import FastAPI
from sqlalchemy import Connection

from service.foundation.hooks import Hooks
from service.foundation.settings import Settings
from tests.conftest import Knocker, Rock
from tests.intake.test_samples import count
from tests.rocks import assay_body, rock_body


def breaking(connection: Connection, sample: UUID) -> None:
    connection.execute(sa.text("DELETE FROM trail"))
    raise RuntimeError("this hook cannot keep up")


def test_each_write_calls_its_hooks_before_the_commit(
    app: FastAPI, take_in: Callable[..., Rock], worker: Knocker
) -> None:
    seen: list[tuple[str, UUID, int]] = []

    def watching(event: str) -> Callable[[Connection, UUID], None]:
        def watch(connection: Connection, sample: UUID) -> None:
            rows = connection.execute(sa.text("SELECT count(*) FROM samples")).scalar() or 0
            seen.append((event, sample, rows))

        return watch

    hooks: Hooks = app.state.hooks
    hooks.written.append(watching("written"))
    hooks.erased.append(watching("erased"))
    rock = take_in()
    id = UUID(rock.id)
    worker.put(rock.path, rock.body)
    rock.assayed()
    worker.delete(rock.path)
    assert seen == [("written", id, 1), ("written", id, 1), ("erased", id, 1)]


def test_a_hook_that_fails_takes_the_write_with_it(
    app: FastAPI, take_in: Callable[..., Rock], worker: Knocker, lab: Knocker, code: str, settings: Settings
) -> None:
    rock = take_in()
    hooks: Hooks = app.state.hooks
    hooks.written.append(breaking)
    hooks.erased.append(breaking)
    assert worker.put(f"/v1/samples/{uuid.uuid4()}", rock_body(code)).status_code == 500
    assert lab.put(f"/v1/assays/{uuid.uuid4()}", assay_body(rock.label)).status_code == 500
    assert worker.delete(rock.path).status_code == 500
    assert (count(settings, "samples"), count(settings, "assays"), count(settings, "trail")) == (1, 0, 1)
    for kept in (hooks.written, hooks.erased):
        kept.remove(breaking)
    assert worker.put(f"/v1/samples/{uuid.uuid4()}", rock_body(code)).status_code == 201
