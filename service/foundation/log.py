"""One line for each request and each event: what happened, never to whom.

Paths hold ids and pickup codes, so the route's template is logged instead; bodies, queries and
addresses never are.
"""

import logging
import sys

requests = logging.getLogger("caillou.request")
events = logging.getLogger("caillou.event")


def start() -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))

    root = logging.getLogger("caillou")
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    root.propagate = False
