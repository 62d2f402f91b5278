"""A worker's year in hundreds of steps: rocks come, change and go while everything else fails."""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Page

from tests.journeys.tablets import (
    BATCH,
    Fault,
    Tablet,
    lost_answer,
    out_of_order,
    portal,
    unauthorized_by_proxy,
    unauthorized_by_somebody,
    unreachable,
)


@dataclass
class Told:
    """What happened, and what the service had of it in the end."""

    steps: int = 0
    faults: int = 0
    did: Counter[str] = field(default_factory=Counter)
    rocks: int = 0
    erased: int = 0
    lost: int = 0
    doubled: int = 0
    wrong: int = 0
    """Rocks without their last revision at the service, or there although they were taken back."""

    def __str__(self) -> str:
        did = ", ".join(f"{name} {times}" for name, times in sorted(self.did.items()))
        return (
            f"wandering: {self.steps} steps, {self.faults} faults ({did}); "
            f"{self.rocks} rocks, {self.erased} taken back; "
            f"lost {self.lost}, doubled {self.doubled}, wrong {self.wrong}"
        )


ANSWERS: dict[str, Fault] = {
    "500": out_of_order,
    "lost answer": lost_answer,
    "portal": portal,
    "proxy 401": unauthorized_by_proxy,
    "problem 401": unauthorized_by_somebody,
    "refused connection": unreachable,
}


class _Walk:
    def __init__(self, made: Tablet, chance: random.Random) -> None:
        self.made, self.chance, self.told = made, chance, Told()
        self.weights: dict[str, int | None] = {}
        self.erased: set[str] = set()
        self.tabs: list[Page] = []
        self.offline = False

    def step(self) -> None:
        deeds: list[tuple[int, Callable[[], None]]] = [
            (30, self.take_in),
            (22, self.change),
            (5, self.take_back),
            (12, self.other_answer),
            (8, self.network),
            (7, self.kill),
            (5, self.kill_while_sending),
            (4, self.second_tab),
            (7, self.send),
        ]
        (deed,) = self.chance.choices([deed for _, deed in deeds], [weight for weight, _ in deeds])
        self.told.steps += 1
        self.told.did[deed.__name__] += 1
        deed()

    def alive(self) -> list[str]:
        return [id for id in self.weights if id not in self.erased]

    # --- The worker ---

    def take_in(self) -> None:
        weight = self.chance.randint(20, 400)
        self.weights[self.made.take_in(weight)] = weight

    def change(self) -> None:
        if rocks := self.alive():
            id, weight = self.chance.choice(rocks), self.chance.randint(20, 400)
            self.made.change_weight(id, weight)
            self.weights[id] = weight

    def take_back(self) -> None:
        if rocks := self.alive():
            id = self.chance.choice(rocks)
            self.made.take_back(id)
            self.erased.add(id)

    def send(self) -> None:
        self.made.send()

    # --- What fails ---

    def other_answer(self) -> None:
        """A sending that meets a fault, or a DELETE that does."""
        name = self.chance.choice(sorted(ANSWERS))
        self.told.did[name] += 1
        self.told.faults += 1
        with self.made.fault(ANSWERS[name]), self.made.fault(ANSWERS[name], "**/v1/samples/*-*"):
            if self.chance.random() < 0.5:
                self.take_in()
            self.made.send()
            self.made.page.wait_for_timeout(self.chance.randint(0, 80))

    def network(self) -> None:
        self.offline = not self.offline
        self.told.faults += self.offline
        self.made.context.set_offline(self.offline)

    def kill(self) -> None:
        self.told.faults += 1
        self.made.kill()

    def kill_while_sending(self) -> None:
        """The tab dies between asking and hearing; half of the time the service had it."""
        self.told.faults += 1
        act: Fault = self.chance.choice([lost_answer, lambda route: None])
        with self.made.fault(act):
            self.take_in()
            self.made.send()
            self.made.page.wait_for_timeout(self.chance.randint(0, 60))
            self.made.page.close()
        self.made.page = self.made.tab()

    def second_tab(self) -> None:
        if self.tabs:
            self.tabs.pop().close()
        else:
            self.told.faults += 1
            self.tabs.append(self.made.second_tab())

    # --- The end ---

    def end(self) -> Told:
        self.made.context.set_offline(False)
        self.made.context.unroute(BATCH)
        self.made.page.evaluate("dispatchEvent(new Event('online'))")
        self.made.all_confirmed()
        held: dict[str, dict[str, Any]] = self.made.held()
        mine = {id: held.get(id) for id in self.weights}
        self.told.rocks, self.told.erased = len(self.weights), len(self.erased)
        self.told.lost = sum(mine[id] is None for id in self.alive())
        self.told.doubled = len(held.keys() - self.weights.keys())
        self.told.wrong = sum(
            one is not None
            if id in self.erased
            else one is None or one["weight_mg"] != self.weights[id]
            for id, one in mine.items()
        )
        self.made.shows({id: "gone" if id in self.erased else "confirmed" for id in self.weights})
        return self.told


def wander(made: Tablet, chance: random.Random, steps: int) -> Told:
    """So many steps, each drawn by chance; in the end all is sent and the service is asked."""
    walk = _Walk(made, chance)
    for _ in range(steps):
        walk.step()
    return walk.end()
