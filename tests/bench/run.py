"""Our service beside its limit and the plain way.

`python -m tests.bench.run [--rounds 5] [--only submit,card]`

In each round every server takes each operation in turn, so that what the machine does meanwhile
falls on all of them; what counts is the ratio by round. Answers and rows are checked, seconds are
never judged.
"""

import itertools
import os
import platform
import tempfile
import uuid
from collections.abc import Callable
from concurrent.futures import Executor
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated
from uuid import UUID

import orjson
import typer

from tests.bench import report, wire
from tests.bench.load import PATIENCE, Outcome, Plan, ask, drive, generator
from tests.bench.report import OPERATIONS, Findings
from tests.bench.servers import NAMES, PLAIN, Server, new_codes, running

CONNECTIONS = 16
BURST = 2_000
SEED = 500
KNOWN = 100  # answers that are asked for again and again
MOST_A_SECOND = 8_000  # requests prepared for each second; a faster server ends its turn early
MOST_ALONE = 4_000
RETRIES_CHECKED = 20
EXPECTED = {
    "submit": 201,
    "submit-1": 201,
    "burst": 201,
    "assay": 201,
}  # every other answer is a 200
NOT_OFFERED = {("card", PLAIN), ("card-new", PLAIN)}
NEEDS = {
    "retry": ("submit",),
    "assay": ("submit",),
    "messages-new": ("submit", "assay"),
    "card-new": ("submit", "assay"),
}


@dataclass(frozen=True)
class Samples:
    """New samples, and the requests that bring them."""

    ids: list[UUID]
    requests: list[bytes]

    @classmethod
    def new(cls, codes: list[str]) -> "Samples":
        ids = [uuid.uuid4() for _ in codes]
        return cls(ids, [wire.put_sample(id, code) for id, code in zip(ids, codes, strict=True)])


@dataclass
class Contender:
    """A server, and what it has acknowledged so far."""

    server: Server
    taken: list[UUID] = field(default_factory=list)
    latest: list[bytes] = field(default_factory=list)
    answered: list[UUID] = field(default_factory=list)
    unread: list[UUID] = field(default_factory=list)


@dataclass
class Bench:
    """One run: how long, with what load generator, and what it found."""

    seconds: float
    load: Executor
    findings: Findings = field(default_factory=Findings)

    def turn(self, operation: str, contender: Contender, fresh: dict[str, Samples]) -> Outcome:
        """One server's turn at one operation, and the work it was."""
        before = contender.server.cpu()
        outcome = self._turn(operation, contender, fresh)
        return replace(outcome, cpu=contender.server.cpu() - before)

    def _turn(self, operation: str, contender: Contender, fresh: dict[str, Samples]) -> Outcome:
        match operation:
            case "submit":
                return self.submit(contender, fresh["submit"], CONNECTIONS, self.seconds)
            case "submit-1":
                return self.submit(contender, fresh["submit-1"], 1, self.seconds)
            case "burst":
                return self.submit(contender, fresh["burst"], CONNECTIONS, PATIENCE)
            case "retry":
                return self.repeat(contender, contender.latest)
            case "assay":
                return self.assay(contender, int(MOST_A_SECOND * self.seconds), self.seconds)
            case "messages-new":
                return self.once(contender, [wire.get_messages(id) for id in contender.unread])
            case "messages":
                return self.repeat(
                    contender, [wire.get_messages(id) for id in contender.answered[:KNOWN]]
                )
            case "card-new":
                return self.once(contender, [wire.get_card(id) for id in contender.unread])
            case _:
                return self.repeat(
                    contender, [wire.get_card(id) for id in contender.answered[:KNOWN]]
                )

    def submit(
        self, contender: Contender, samples: Samples, connections: int, seconds: float
    ) -> Outcome:
        outcome = self.drive(Plan(contender.server.port, samples.requests, connections, seconds))
        contender.taken += samples.ids[: outcome.sent]
        contender.latest = samples.requests[: outcome.sent]
        return outcome

    def assay(self, contender: Contender, most: int, seconds: float) -> Outcome:
        """One assay for each of the samples that have none yet."""
        waiting = contender.server.samples(after=len(contender.answered), limit=most)
        requests = [wire.put_assay(uuid.uuid4(), label) for _, label in waiting]
        outcome = self.drive(Plan(contender.server.port, requests, CONNECTIONS, seconds))
        contender.unread = [id for id, _ in waiting[: outcome.sent]]
        contender.answered += contender.unread
        return outcome

    def once(self, contender: Contender, requests: list[bytes]) -> Outcome:
        return self.drive(Plan(contender.server.port, requests, CONNECTIONS, self.seconds))

    def repeat(self, contender: Contender, requests: list[bytes]) -> Outcome:
        return self.drive(
            Plan(contender.server.port, requests, CONNECTIONS, self.seconds, again=True)
        )

    def drive(self, plan: Plan) -> Outcome:
        return self.load.submit(drive, plan).result(timeout=plan.seconds + 2 * PATIENCE)

    def check_statuses(self, operation: str, contender: Contender, outcome: Outcome) -> None:
        odd = {
            status: n
            for status, n in outcome.statuses.items()
            if n and status != EXPECTED.get(operation, 200)
        }
        if odd or not outcome.sent:
            self.findings.faults.append(
                f"{contender.server.name}, {operation}: {odd} of {outcome.sent}"
            )


def main(
    rounds: Annotated[int, typer.Option(min=1, max=20)] = 5,
    seconds: Annotated[float, typer.Option(min=0.2, max=20)] = 2,
    only: Annotated[str, typer.Option(help="Operations, comma-separated.")] = ",".join(OPERATIONS),
    folder: Annotated[
        Path | None, typer.Option(help="Where the databases go; on the disk to be measured.")
    ] = None,
) -> None:
    """Run and print; the exit code tells whether every answer and every row was right."""
    wished = {needed for one in only.split(",") for needed in (one, *NEEDS.get(one, ()))}
    operations = [one for one in OPERATIONS if one in wished]
    sizes = {
        "submit": int(MOST_A_SECOND * seconds),
        "submit-1": int(MOST_ALONE * seconds),
        "burst": BURST,
    }
    sizes = {name: size for name, size in sizes.items() if name in operations}
    codes = new_codes(SEED + rounds * sum(sizes.values()))
    with ExitStack() as stack:
        place = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-", dir=folder)))
        load = stack.enter_context(generator())
        contenders = [
            Contender(stack.enter_context(running(name, place / str(number), codes)))
            for number, name in enumerate(NAMES)
        ]
        bench = Bench(seconds, load)
        _say(f"{rounds} rounds x {seconds} s, {CONNECTIONS} connections, {platform.platform()}")
        _rounds(bench, contenders, operations, rounds, sizes, codes)
        for contender in contenders:
            bench.findings.memory[contender.server.name] = contender.server.memory()
            _check_rows(bench.findings, contender)
    for line in report.lines(bench.findings):
        _say(line)
    raise typer.Exit(1 if bench.findings.faults else 0)


def _rounds(
    bench: Bench,
    contenders: list[Contender],
    operations: list[str],
    rounds: int,
    sizes: dict[str, int],
    codes: list[str],
) -> None:
    supply = iter(codes)
    _seed(bench, contenders, Samples.new(list(itertools.islice(supply, SEED))))
    for number in range(rounds):
        fresh = {
            name: Samples.new(list(itertools.islice(supply, size))) for name, size in sizes.items()
        }
        first = number % len(contenders)
        for operation in operations:
            for contender in (*contenders[first:], *contenders[:first]):
                if (operation, contender.server.name) in NOT_OFFERED:
                    continue
                outcome = bench.turn(operation, contender, fresh)
                bench.check_statuses(operation, contender, outcome)
                bench.findings.add(operation, contender.server.name, outcome)
        _say(f"round {number + 1} done, load {os.getloadavg()[0]:.1f}")


def _seed(bench: Bench, contenders: list[Contender], samples: Samples) -> None:
    """Samples with an answer, to be read later; it warms every server and is not measured."""
    for contender in contenders:
        bench.check_statuses(
            "submit", contender, bench.submit(contender, samples, CONNECTIONS, PATIENCE)
        )
        bench.check_statuses("assay", contender, bench.assay(contender, SEED, PATIENCE))


def _check_rows(findings: Findings, contender: Contender) -> None:
    """Each acknowledged sample is stored once, each result is a row, a retry gets its label."""
    server = contender.server
    stored = dict(server.samples())
    acknowledged = len(contender.taken)
    results = len(contender.answered) * len(wire.PANEL)
    checks: dict[str, Callable[[], bool]] = {
        "samples": lambda: (
            len(server.samples()) == acknowledged and set(stored) == set(contender.taken)
        ),
        "results": lambda: server.result_rows() == results,
        "labels": lambda: all(
            _keeps_label(server, request, stored) for request in _some(contender)
        ),
    }
    findings.faults += [
        f"{server.name}: {name} are not as acknowledged"
        for name, right in checks.items()
        if not right()
    ]
    findings.checked.append(
        f"{server.name}: {acknowledged} samples acknowledged, "
        f"{len(stored)} stored, {results} results"
    )


def _some(contender: Contender) -> list[bytes]:
    return contender.latest[:RETRIES_CHECKED]


def _keeps_label(server: Server, request: bytes, stored: dict[UUID, str]) -> bool:
    status, body = ask(server.port, request)
    receipt = orjson.loads(body)
    return status == 200 and bool(stored[UUID(receipt["id"])] == receipt["lab_label"])


def _say(line: str) -> None:
    typer.echo(line)


if __name__ == "__main__":
    typer.run(main)
