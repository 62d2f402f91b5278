"""A tablet in a worker's hands: its own browser, let in by a code, and a network that fails."""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import uuid4

from playwright.sync_api import Browser, BrowserContext, Page, Route, expect
from playwright.sync_api import Error as PlaywrightError

from service.access import store, tokens
from service.access.permissions import Role
from service.access.site import Offers
from service.foundation import clock
from service.intake.pickup import Keys, new_label
from tests.conftest import Knocker, Rock, token_of
from tests.journeys.browser import PATIENCE_MS, TABLET, Served, until

BATCH = "**/v1/samples/batch"
REACHED = "**/v1/samples/*/reached?*"
OVER = {"confirmed", "gone"}
"""The states of rocks that wait for nothing."""
Fault = Callable[[Route], None]


@dataclass
class Site:
    """A site of the service, and somebody's token to fill and read it through HTTP."""

    served: Served
    id: str
    holder: str

    @classmethod
    def new(cls, served: Served) -> "Site":
        id = f"site-{uuid4().hex[:8]}"
        with served.database() as connection:
            store.add_site(connection, id, id, Offers(naloxone=True, rest=True))
            store.add_credential(
                connection,
                store.NewCredential(
                    id=id,
                    digest=tokens.digest(token_of(id)),
                    kind="script",
                    label=id,
                    role=Role.OUTREACH,
                    site=id,
                    made_at=clock.now(),
                ),
            )
        return cls(served, id, id)

    @property
    def knock(self) -> Knocker:
        return self.served.knock(self.holder)

    def take_in(self, **facts: Any) -> Rock:
        return self.served.take_in(self.holder, **facts)


def announced(site: Site, label: str = "red tablet") -> str:
    """A code that lets a tablet in, as `enrol tablet` shows it."""
    served = site.served
    draws = iter(uuid4().bytes)
    code = new_label(lambda below: next(draws) % below)
    digest = Keys.of(served.settings.pickup_secret).digest(code)
    now = clock.now()
    with served.database() as connection:
        store.announce(
            connection,
            digest=digest,
            label=label,
            site=site.id,
            now=now,
            ends_at=now + timedelta(minutes=10),
        )
    return code


@dataclass
class Tablet:
    """One device, whose tabs share a store; `sent` counts how often each rock left it."""

    site: Site
    context: BrowserContext
    page: Page
    sent: Counter[str] = field(default_factory=Counter)
    complaints: list[str] = field(default_factory=list)

    # --- Tabs ---

    def tab(self) -> Page:
        page = self.context.new_page()
        page.goto("/tablet/")
        self.ready(page)
        return page

    def second_tab(self) -> Page:
        """Another tab, behind the first: what is in the background draws slowly."""
        page = self.tab()
        self.page.bring_to_front()
        return page

    def ready(self, page: Page | None = None) -> None:
        """The page stands, whichever view it shows, and the worker has it."""
        expect((page or self.page).get_by_role("heading").first).to_be_visible()
        expect((page or self.page).locator("html")).to_have_attribute("data-kept", "yes")

    def kill(self) -> None:
        """The tab is gone in the middle of whatever it did; a new one is opened."""
        self.page.close(run_before_unload=False)
        self.page = self.tab()

    def reload(self) -> None:
        self.page.reload()
        self.ready()

    # --- What a worker does ---

    def take_in_button(self, page: Page | None = None) -> Any:
        return (page or self.page).get_by_role("button", name="Take a rock in")

    def press(self, name: str, page: Page | None = None) -> None:
        (page or self.page).get_by_role("button", name=name, exact=True).click()

    def take_in(self, weight_mg: int | None = None, page: Page | None = None) -> str:
        """A rock as fast as a worker can; its id."""
        page = page or self.page
        before = set(self.states(page))
        self.take_in_button(page).click()
        if weight_mg is not None:
            page.get_by_role("button", name="3 How big is it?").click()
            page.get_by_label("Weight on the scale, in mg").fill(str(weight_mg))
        self.press("Keep it now", page)
        expect(page.get_by_role("heading", name="Kept on this tablet")).to_be_visible()
        self.press("Done", page)
        expect(page.locator("#queue li")).to_have_count(len(before) + 1)
        (new,) = set(self.states(page)) - before
        return new

    def open_rock(self, id: str) -> None:
        self.page.locator(f'#queue li[data-id="{id}"] button').click()
        expect(self.page.locator("#rock-state")).to_be_visible()

    def change_weight(self, id: str, weight_mg: int) -> None:
        self.open_rock(id)
        self.press("Change")
        self.page.get_by_role("button", name="3 How big is it?").click()
        self.page.get_by_label("Weight on the scale, in mg").fill(str(weight_mg))
        self.keep_change()

    def keep_change(self) -> None:
        """Keeps what was changed, and goes back."""
        self.press("Keep it now")
        self.back_from_rock()

    def back_from_rock(self) -> None:
        """Home from a rock, as soon as it is on the screen; an act leads there once it is kept."""
        expect(self.page.locator("#rock-state")).to_be_visible()
        self.press("Back")
        self.at_home()

    def take_back(self, id: str) -> None:
        self.open_rock(id)
        self.press("They take it back")
        self.press("Take it back")
        expect(self.page.get_by_role("heading", name="Taken back")).to_be_visible()
        self.back_from_rock()

    def send(self) -> None:
        self.press("Send now")

    def send_from(self, room: str) -> None:
        """Sends, and is back in this room when that is over."""
        self.press("Rocks")
        self.send()
        until(lambda: not self.is_sending())
        self.press(room)

    # --- What the tablet says ---

    def at_home(self, page: Page | None = None) -> None:
        """The first room stands, and its bar and its list are no older."""
        heading = (page or self.page).get_by_role("heading", name="Rocks of this tablet")
        expect(heading).to_be_visible()

    def is_sending(self) -> bool:
        """Whether it speaks to the service at this moment; the bar says so a moment later."""
        busy: bool = self.page.evaluate(
            """async () => (await import("/static/tablet/sync.js")).standing().busy"""
        )
        return busy

    def states(self, page: Page | None = None) -> dict[str, str]:
        """Each rock's state, as the queue shows it."""
        self.at_home(page)
        read: dict[str, str] = (page or self.page).evaluate(
            """Object.fromEntries([...document.querySelectorAll("#queue li")]
                .map(one => [one.dataset.id, one.dataset.state]))"""
        )
        return read

    def shows(self, states: Mapping[str, str]) -> None:
        """The queue comes to show these; it is drawn a moment after what it shows."""
        until(lambda: self.states() == states)

    def stored(self, store: str, field: str) -> list[Any]:
        """What lies open in each row of a store, whatever the page shows."""
        found: list[Any] = self.page.evaluate(
            """async ([store, field]) => {
                const done = asked => new Promise(give => {
                    asked.onsuccess = () => give(asked.result)
                })
                const db = await done(indexedDB.open("caillou-tablet"))
                const rows = await done(db.transaction(store).objectStore(store).getAll())
                db.close()
                return rows.map(one => one[field])
            }""",
            [store, field],
        )
        return found

    def all_confirmed(self) -> None:
        """Nothing waits any more. The bar alone may still be that of before the last change."""
        until(lambda: set(self.stored("rocks", "state")) <= OVER, 2 * PATIENCE_MS)
        expect(self.page.locator("#status")).to_have_attribute("data-open", "0")

    def held(self) -> dict[str, dict[str, Any]]:
        """Every rock that the service holds of this site, by its id."""
        knock, found, cursor = self.site.knock, dict[str, Any](), None
        while True:
            page = knock.get("/v1/samples" + (f"?cursor={cursor}" if cursor else "")).json()
            for one in page["samples"]:
                assert one["id"] not in found, "listed twice"
                found[one["id"]] = knock.get(f"/v1/samples/{one['id']}").json()
            cursor = page["next"]
            if not cursor:
                return found

    # --- The network ---

    @contextmanager
    def fault(self, act: Fault, pattern: str = BATCH) -> Iterator[None]:
        """While it lasts, what goes there meets this."""
        self.context.route(pattern, act)
        try:
            yield
        finally:
            self.context.unroute(pattern, act)

    def watch(self) -> None:
        def count(request: Any) -> None:
            if request.url.endswith("/v1/samples/batch") and request.method == "POST":
                self.sent.update(one["id"] for one in json.loads(request.post_data)["samples"])

        self.context.on("request", count)
        self.context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        self.context.on("console", self._hear)

    def _hear(self, message: Any) -> None:
        expected = "Failed to load resource" in message.text
        if message.type in ("error", "warning") and not expected:
            self.complaints.append(message.text)


def lost_answer(route: Route) -> None:
    """The service stores it; nobody hears so."""
    with suppress(
        PlaywrightError
    ):  # its tab was killed, or the fault ended, while the service answered
        route.fetch()
        route.abort()


def out_of_order(route: Route) -> None:
    problem = {"type": "urn:caillou:problem:internal", "title": "Something broke", "status": 500}
    route.fulfill(status=500, content_type="application/problem+json", body=json.dumps(problem))


def portal(route: Route) -> None:
    """A hotel's network answers for everybody."""
    route.fulfill(status=200, content_type="text/html", body="<h1>Welcome, please pay</h1>")


def unauthorized_by_proxy(route: Route) -> None:
    route.fulfill(status=401, content_type="text/html", body="<h1>Proxy authentication</h1>")


def unauthorized_by_somebody(route: Route) -> None:
    """A gateway says it as we would; the token stands all the same."""
    problem = {
        "type": "urn:caillou:problem:not-signed-in",
        "title": "Please sign in",
        "status": 401,
    }
    route.fulfill(status=401, content_type="application/problem+json", body=json.dumps(problem))


def unreachable(route: Route) -> None:
    route.abort("connectionrefused")


@contextmanager
def tablet(
    browser: Browser, site: Site, label: str = "red tablet", **more: Any
) -> Iterator[Tablet]:
    """A new device, let in for the site, on its first page; in the end no console complained."""
    context = browser.new_context(
        **{
            "base_url": site.served.address,
            "locale": "en-GB",
            "viewport": TABLET,
            "accept_downloads": True,
            **more,
        }
    )
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    made = Tablet(site, context, page)
    made.watch()
    try:
        page.goto(f"/tablet/#{announced(site, label)}")
        made.press("Let it in")
        made.press("Later")
        made.ready()
        # Codes have come: from here on it needs no network.
        expect(page.locator("#status")).to_contain_text("in contact")
        yield made
        assert made.complaints == [], made.complaints
    finally:
        for one in (
            context.pages
        ):  # with the streams that they listen to, which a closing context may wait for
            with suppress(PlaywrightError):
                one.close()
        context.close()


def let_in_with_pin(made: Tablet, pin: str) -> None:
    made.press("This tablet")
    made.press("Set a PIN")
    made.page.get_by_label("New PIN").fill(pin)
    made.page.get_by_label("The same again").fill(pin)
    made.press("Set the PIN")
    expect(made.page.get_by_role("heading", name="This tablet", exact=True)).to_be_visible()
    made.press("Rocks")
    made.at_home()
