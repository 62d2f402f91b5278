"""What warnings and exports cost.

The watch of an assay, a thousand open streams, an export of 100,000 rocks. On an embedded SQLite;
ratios are of one run.
"""

import asyncio
import random
import resource
import statistics
import sys
import tempfile
import time
import tracemalloc
import uuid
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import sqlalchemy as sa
import uvicorn

from service.app import create_app
from service.evidence import measured as evidence
from service.foundation import clock
from service.foundation.database import connect, migrate
from service.observatory.alerts import watch
from service.observatory.alerts.rules import week_of
from service.observatory.alerts.tables import TallyRow
from service.observatory.export import store as export
from service.observatory.export.files import Schema, zipped
from service.observatory.export.rock import Circumstances, Rock
from service.observatory.export.routes import ROCKS_A_PAGE
from service.observatory.notices import stream
from tests.bench.evidence import SITE, fill
from tests.conftest import enrol_everyone, make_settings, token_of

STREAMS = 1_000
ROCKS = 100_000
HISTORIES = (100, 100_000)
ROUNDS = 200
SUBJECTS, SITES, WEEKS = 60, 20, 208


def tell(name: str, said: str) -> None:
    sys.stdout.write(f"{name:42s} {said}\n")


def hook(folder: Path) -> None:
    """What watching adds to an assay, beside what learning from it costs already.

    At two lengths of history.
    """
    for past in HISTORIES:
        engine = connect(f"sqlite:///{folder / f'hook-{past}.db'}")
        with engine.begin() as connection:
            migrate(connection)
            rock = fill(connection, past)[1]
            week = week_of(clock.now())
            chance = random.Random(1)

            def steady(name: str, chance: random.Random = chance) -> int:
                return sum(chance.random() < len(name) / 20 for _ in range(40))

            names = [
                "",
                "cocaine",
                "levamisole",
                "phenacetin",
                *(f"s{number}" for number in range(SUBJECTS - 4)),
            ]
            rows = [
                {
                    "subject": name,
                    "site": place,
                    "week": week - ago,
                    "tested": 40,
                    "found": steady(name),
                }
                for name in names
                for place in ("", SITE, *(f"site{number}" for number in range(SITES)))
                for ago in range(WEEKS if past > 1_000 else 4)
            ]
            connection.execute(sa.insert(TallyRow), rows)
            connection.execute(sa.text("ANALYZE"))
        with engine.begin() as connection:
            now = clock.now()
            watched, learnt, glanced = [], [], []
            for turn in range(ROUNDS):
                started = time.perf_counter()
                evidence.keep(connection, rock, now)
                between = time.perf_counter()
                watch.keep(connection, rock, now)
                watched.append(time.perf_counter() - between)
                learnt.append(between - started)
                if turn == 0:
                    continue
                watch.forget(connection, rock, now)  # so that each turn counts it again
                started = time.perf_counter()
                watch.keep(connection, uuid.UUID(int=turn), now)
                glanced.append(time.perf_counter() - started)
        engine.dispose()
        watching, learning = (statistics.median(one) * 1000 for one in (watched, learnt))
        tell(
            f"hook of an assay, {past:,} past rocks",
            f"{watching:.2f} ms to watch, {learning:.2f} ms to learn "
            f"({watching / learning:.1f} x); "
            f"{statistics.median(glanced) * 1000:.3f} ms where there is nothing to see",
        )


async def streams(folder: Path) -> None:
    """A thousand tablets listen; one warning is published."""
    settings = make_settings(f"sqlite:///{folder / 'streams.db'}", folder)
    engine = connect(settings.database)
    with engine.begin() as connection:
        migrate(connection)
    engine.dispose()
    enrol_everyone(settings.database)
    server = uvicorn.Server(
        uvicorn.Config(
            create_app(settings),
            port=0,
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=2,
        )
    )
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    stream.STREAMS_A_CREDENTIAL = STREAMS
    before = resident_mb()
    began = time.perf_counter()
    heads = [await listen(port) for _ in range(STREAMS)]
    first = [asyncio.create_task(event(reader, b"[]")) for reader, _ in heads]
    await asyncio.gather(*first)
    opened = time.perf_counter() - began
    tell(
        f"{STREAMS:,} streams",
        f"open in {opened:.1f} s, {(resident_mb() - before) * 1000 / STREAMS:.0f} kB each",
    )
    waiting = [asyncio.create_task(event(reader, b"ketamine")) for reader, _ in heads]
    await asyncio.sleep(0)
    idle = time.process_time()
    await asyncio.sleep(5)
    tell(
        f"{STREAMS:,} streams, nothing new",
        f"{(time.process_time() - idle) / 5:.1%} of a processor, both ends",
    )
    began = time.perf_counter()
    body = b'{"kind": "found", "substance": "ketamine"}'
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(
        b"POST /v1/notices HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: %d\r\n"
        % len(body)
        + f"Authorization: Bearer {token_of('coordinator')}\r\n\r\n".encode()
        + body
    )
    assert b" 201 " in await reader.readline()
    published = time.perf_counter() - began
    heard = await asyncio.gather(*waiting)
    late = sorted(at - began for at in heard)
    tell(
        f"{STREAMS:,} streams, one notice",
        f"published in {published * 1000:.0f} ms, first heard after {late[0]:.2f} s, "
        f"last after {late[-1]:.2f} s",
    )
    for _, writer in heads:
        writer.close()
    server.should_exit = True
    await serving


async def listen(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(
        b"GET /v1/notices/stream?lang=fr HTTP/1.1\r\nHost: x\r\n"
        + f"Authorization: Bearer {token_of('outreach')}\r\n\r\n".encode()
    )
    return reader, writer


async def event(reader: asyncio.StreamReader, wanted: bytes) -> float:
    """When an event came that holds this."""
    while line := await reader.readline():
        if line.startswith(b"data:") and wanted in line:
            return time.perf_counter()
    raise AssertionError("the stream ended")


async def exports(folder: Path) -> None:
    """Each schema at 100,000 rocks: how fast, and the most that memory grew by."""
    engine = connect(f"sqlite:///{folder / 'export.db'}")
    with engine.begin() as connection:
        migrate(connection)
        fill(connection, ROCKS)
        # What a service in use would have: people's answers beside every rock.
        connection.execute(
            sa.text("UPDATE samples SET place_type = 'street', price_eur = 20, gender = 'man'")
        )
    wanted, zone = (
        export.Wanted(since=clock.now() - timedelta(days=4_000)),
        ZoneInfo("Europe/Paris"),
    )
    circumstances = Circumstances("Caillou", False, b"0" * 32)
    with engine.connect() as connection:

        async def pages() -> AsyncIterator[list[Rock]]:
            after = export.FIRST
            while page := export.page(connection, wanted, after, ROCKS_A_PAGE, zone):
                after = page[-1].id
                yield page

        for schema in Schema:
            started, size, longest = time.perf_counter(), 0, 0.0
            turn = started
            async for part in zipped(schema, pages(), circumstances):
                size += len(part)
                longest, turn = max(longest, time.perf_counter() - turn), time.perf_counter()
            taken = time.perf_counter() - started
            tracemalloc.start()
            async for _ in zipped(schema, pages(), circumstances):
                if time.perf_counter() - turn > 8:
                    break  # memory has long shown its height
            peak = tracemalloc.get_traced_memory()[1] / 1e6
            tracemalloc.stop()
            tell(
                f"export {schema}, {ROCKS:,} rocks",
                f"{taken:.1f} s, {size / 1e6:.1f} MB, {peak:.1f} MB of memory at most, "
                f"{longest * 1000:.0f} ms between two parts at most",
            )
    engine.dispose()


def resident_mb() -> float:
    told = Path("/proc/self/statm")
    if told.exists():
        return int(told.read_text().split()[1]) * resource.getpagesize() / 1e6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


def main() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 4 * STREAMS)), hard))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        hook(folder)
        asyncio.run(streams(folder))
        asyncio.run(exports(folder))


if __name__ == "__main__":
    main()
