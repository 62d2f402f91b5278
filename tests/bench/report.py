"""What a run found, as text: the table, the ratios by round, and which targets hold."""

import statistics
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tests.bench.load import Outcome
from tests.bench.servers import EACH, GROUP, NAMES, OURS, PLAIN

# messages and card go round the same answers; messages-new and card-new ask for each answer once.
OPERATIONS = (
    "submit",
    "submit-1",
    "burst",
    "retry",
    "assay",
    "messages-new",
    "messages",
    "card-new",
    "card",
)
RIVALS = (EACH, GROUP, PLAIN)
Measure = Callable[[Outcome], float]


def rate(outcome: Outcome) -> float:
    return outcome.rate


def p50(outcome: Outcome) -> float:
    return outcome.p50


def p95(outcome: Outcome) -> float:
    return outcome.p95


def cost(outcome: Outcome) -> float:
    return outcome.cost


def elapsed(outcome: Outcome) -> float:
    return outcome.elapsed


@dataclass
class Findings:
    """Outcomes by operation and server, a round each; memory in MB; whatever was wrong."""

    outcomes: dict[str, dict[str, list[Outcome]]] = field(default_factory=dict)
    memory: dict[str, tuple[float, float]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    checked: list[str] = field(default_factory=list)

    def add(self, operation: str, server: str, outcome: Outcome) -> None:
        self.outcomes.setdefault(operation, {}).setdefault(server, []).append(outcome)

    def of(self, operation: str, server: str) -> list[Outcome]:
        return self.outcomes.get(operation, {}).get(server, [])

    def median(self, operation: str, server: str, measure: Measure) -> float | None:
        found = [measure(outcome) for outcome in self.of(operation, server)]
        return statistics.median(found) if found else None

    def ratio(
        self, operation: str, rival: str, measure: Measure = rate, *, to: str | None = None
    ) -> float | None:
        """Ours to the rival's (or to our own other operation's), round by round: the median."""
        pairs = zip(self.of(operation, OURS), self.of(to or operation, rival), strict=False)
        ratios = [measure(ours) / measure(theirs) for ours, theirs in pairs]
        return statistics.median(ratios) if ratios else None


def lines(findings: Findings) -> Iterator[str]:
    yield from _table(findings)
    yield ""
    yield from _ratios(findings)
    yield ""
    for name, (rss, pss) in findings.memory.items():
        yield f"memory after load, {name}: RSS {rss:.0f} MB, PSS {pss:.0f} MB"
    yield ""
    yield from findings.checked
    yield from (f"WRONG: {fault}" for fault in findings.faults)
    yield ""
    yield from _targets(findings)


def _table(findings: Findings) -> Iterator[str]:
    numbers = "".join(f"{name:>9}" for name in ("p50 ms", "p95 ms", "p99 ms", "CPU us"))
    yield f"{'operation':14}{'server':22}{'req/s, median (min-max)':>30}{numbers}"
    for operation in OPERATIONS:
        for server in NAMES:
            if found := findings.of(operation, server):
                rates = [outcome.rate for outcome in found]
                middle = f"{statistics.median(rates):,.0f} ({min(rates):,.0f}-{max(rates):,.0f})"
                times = "".join(
                    f"{statistics.median(times):9.2f}"
                    for times in zip(*((one.p50, one.p95, one.p99) for one in found), strict=True)
                )
                work = statistics.median(outcome.cost for outcome in found)
                yield f"{operation:14}{server:22}{middle:>30}{times}{work:9,.0f}"


def _ratios(findings: Findings) -> Iterator[str]:
    yield from _ratios_of("ours, req/s", findings, rate)
    yield from _ratios_of("ours, CPU", findings, cost)


def _ratios_of(title: str, findings: Findings, measure: Measure) -> Iterator[str]:
    yield (
        f"{title:14}"
        + "".join(f"{rival:>22}" for rival in RIVALS)
        + "   (median of the rounds' ratios)"
    )
    for operation in OPERATIONS:
        found = [findings.ratio(operation, rival, measure) for rival in RIVALS]
        if any(found):
            yield f"{operation:14}" + "".join(f"{_number(one):>22}" for one in found)


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


# --- Targets --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Target:
    text: str
    value: float | None
    bar: float
    at_most: bool = False

    def line(self) -> str:
        if self.value is None:
            return f"not measured  {self.text}"
        holds = self.value <= self.bar if self.at_most else self.value >= self.bar
        return f"{'holds' if holds else 'MISSED':14}{self.text}: {self.value:.2f}"


def _targets(f: Findings) -> Iterator[str]:
    per_card = f.median("card-new", OURS, cost)
    per_messages = f.median("messages-new", OURS, cost)
    burst = f.median("burst", OURS, elapsed)
    targets = (
        Target("submit >= 5 x plain", f.ratio("submit", PLAIN), 5),
        Target("submit >= 0.5 x limit, commit each", f.ratio("submit", EACH), 0.5),
        Target("submit >= 0.25 x limit, group", f.ratio("submit", GROUP), 0.25),
        Target("submit >= 0.35 x limit, group (stretch)", f.ratio("submit", GROUP), 0.35),
        Target("submit p95 <= 30 ms", f.median("submit", OURS, p95), 30, at_most=True),
        Target(
            "submit, 1 connection: p50 <= 5 x limit's",
            f.ratio("submit-1", EACH, p50),
            5,
            at_most=True,
        ),
        Target("retry >= own submit", f.ratio("retry", OURS, to="submit"), 1),
        Target("assay >= 0.13 x limit, group", f.ratio("assay", GROUP), 0.13),
        Target("messages, first asked for, >= 0.2 x limit", f.ratio("messages-new", EACH), 0.2),
        Target("messages, asked for again, >= 0.5 x limit", f.ratio("messages", EACH), 0.5),
        Target("messages p95 <= 15 ms", f.median("messages-new", OURS, p95), 15, at_most=True),
        Target(
            "card, first, >= 0.8 x own messages", f.ratio("card-new", OURS, to="messages-new"), 0.8
        ),
        Target("card, again, >= 0.8 x own messages", f.ratio("card", OURS, to="messages"), 0.8),
        Target("memory <= 120 MB (PSS)", f.memory[OURS][1], 120, at_most=True),
    )
    yield from (target.line() for target in targets)
    if burst:
        yield f"not measured  burst of 2,000 <= 1/6 of ODK's time (ours took {burst:.2f} s)"
    if per_card and per_messages:
        extra = per_card - per_messages
        beyond = f"a first card takes {extra:.0f} us of CPU beyond messages"
        yield f"not measured  card's render <= 100 us ({beyond})"
    yield "not measured  every bar against ODK, PocketBase and DRF"
