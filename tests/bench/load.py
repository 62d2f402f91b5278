"""A load generator for half a core: raw HTTP/1.1 over kept-alive sockets, in a closed loop.

It sends ready-made bytes and reads no more of an answer than its status and length. It speaks to
this machine only, and stops by itself: at the end of its time, of its requests, or of its patience.
"""

import asyncio
import gc
import itertools
import socket
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from time import perf_counter
from typing import cast

import uvloop

HOST = "127.0.0.1"
PATIENCE = 30.0
CUT = 0  # counted as a status: the connection ended without an answer


@dataclass(frozen=True, slots=True)
class Plan:
    """What to send to a port: each request once, or `again` and again until the time is up."""

    port: int
    requests: list[bytes]
    connections: int
    seconds: float
    again: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came back. The first `sent` requests were sent, in order; latencies are in ms.

    `cpu` is the server's own work in seconds, for whoever can see its process: it hardly depends on
    what else the machine does.
    """

    sent: int
    statuses: dict[int, int]
    elapsed: float
    p50: float
    p95: float
    p99: float
    cpu: float = 0.0

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.answered / self.elapsed

    @property
    def cost(self) -> float:
        """The server's work in microseconds an answer."""
        return self.cpu / self.answered * 1e6

    @property
    def answered(self) -> int:
        return self.sent - self.statuses.get(CUT, 0)


def generator() -> Executor:
    """The process of `drive`: it shares no GIL with whoever prepares the requests."""
    return ProcessPoolExecutor(1, mp_context=get_context("spawn"))


def drive(plan: Plan) -> Outcome:
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(_drive(plan))
    finally:
        gc.enable()
        gc.unfreeze()


async def _drive(plan: Plan) -> Outcome:
    loop = asyncio.get_running_loop()
    shift = _Shift(plan)
    drivers = []
    for _ in range(plan.connections):
        _, driver = await loop.create_connection(lambda: _Driver(shift), HOST, plan.port)
        drivers.append(driver)
    started = perf_counter()
    shift.ends_at = started + plan.seconds
    for driver in drivers:
        driver.send_next()
    try:
        async with asyncio.timeout(plan.seconds + PATIENCE):
            await asyncio.gather(*(driver.done for driver in drivers))
    finally:
        for driver in drivers:
            driver.transport.abort()
    return shift.outcome(perf_counter() - started)


class _Shift:
    """What all connections share: the requests still to send, and what came back so far."""

    def __init__(self, plan: Plan) -> None:
        requests = itertools.cycle(plan.requests) if plan.again else plan.requests
        self.requests: Iterator[bytes] = iter(requests)
        self.ends_at = 0.0
        self.sent = 0
        self.statuses: Counter[int] = Counter()
        self.latencies: list[float] = []

    def outcome(self, elapsed: float) -> Outcome:
        ordered = sorted(self.latencies) or [0.0]
        p50, p95, p99 = (
            ordered[int(share * (len(ordered) - 1))] * 1000 for share in (0.5, 0.95, 0.99)
        )
        return Outcome(self.sent, dict(self.statuses), elapsed, p50, p95, p99)


class _Driver(asyncio.Protocol):
    """One connection: sends, waits for the whole answer, sends the next."""

    transport: asyncio.Transport

    def __init__(self, shift: _Shift) -> None:
        self.shift = shift
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.waiting = False
        self.received = b""
        self.whole = 0  # length of the answer being received; 0 until its head is complete
        self.sent_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's own kind is no subclass

    def send_next(self) -> None:
        now = perf_counter()
        request = next(self.shift.requests, None) if now < self.shift.ends_at else None
        if request is None:
            self._finish()
            return
        self.shift.sent += 1
        self.waiting = True
        self.sent_at = now
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        self.received = self.received + data if self.received else data
        if not self.whole:
            self.whole = length(self.received)
        if self.whole and len(self.received) >= self.whole:
            self.shift.latencies.append(perf_counter() - self.sent_at)
            self.shift.statuses[int(self.received[9:12])] += 1
            self.received, self.whole, self.waiting = b"", 0, False
            self.send_next()

    def connection_lost(self, exc: Exception | None) -> None:
        self._finish()

    def _finish(self) -> None:
        if not self.done.done():
            self.shift.statuses[CUT] += self.waiting
            self.done.set_result(None)


def length(received: bytes) -> int:
    """The answer's length with its head; 0 while the head is incomplete.

    Raises ValueError without a length.
    """
    end = received.find(b"\r\n\r\n")
    if end < 0:
        return 0
    head = received[:end].lower() + b"\r\n"
    start = head.index(b"\r\ncontent-length:") + len(b"\r\ncontent-length:")
    return end + 4 + int(head[start : head.index(b"\r\n", start)])


def ask(port: int, request: bytes) -> tuple[int, bytes]:
    """One request outside any measurement: its status and body."""
    with socket.create_connection((HOST, port), timeout=PATIENCE) as connection:
        connection.sendall(request)
        received, whole = b"", 0
        while not whole or len(received) < whole:
            if not (data := connection.recv(65536)):
                raise ConnectionError("cut before the whole answer")
            received += data
            whole = whole or length(received)
    return int(received[9:12]), received.partition(b"\r\n\r\n")[2]
