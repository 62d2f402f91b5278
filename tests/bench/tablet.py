"""A long walk of one tablet through everything that fails.

`python -m tests.bench.tablet [steps] [seed]`

Prints what happened and what the service had of it; fails where a rock was lost, doubled or stale.
"""

import random
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import expect, sync_playwright

from service.foundation.database import connect, migrate
from tests.journeys.browser import ARGUMENTS, PATIENCE_MS, chromium, serve
from tests.journeys.tablets import Site, tablet
from tests.journeys.wandering import wander


def main(steps: int, seed: int) -> None:
    expect.set_options(timeout=PATIENCE_MS)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        migrated = Path(folder) / "migrated.db"
        engine = connect(f"sqlite:///{migrated}")
        with engine.begin() as connection:
            migrate(connection)
        engine.dispose()
        data = Path(folder) / "data"
        data.mkdir()
        browser = playwright.chromium.launch(
            executable_path=chromium(playwright), args=list(ARGUMENTS)
        )
        with serve(migrated, data, demo=False) as served, tablet(browser, Site.new(served)) as made:
            told = wander(made, random.Random(seed), steps)
        browser.close()
    sys.stdout.write(f"seed {seed}. {told}\n")
    if (told.lost, told.doubled, told.wrong) != (0, 0, 0):
        sys.exit(1)


if __name__ == "__main__":
    main(*(int(given) for given in (*sys.argv[1:], *("500", "1")[len(sys.argv) - 1 :])))
