"""What pages hold while the service runs: what a demo shows of itself."""

from service.foundation.context import Provided

DEMO: Provided[dict[str, str] | None] = Provided("demo")
