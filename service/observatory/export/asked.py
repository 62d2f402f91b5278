"""What an export is asked for."""

from collections.abc import Container
from dataclasses import dataclass
from datetime import date

from service.observatory.export.files import Schema
from service.observatory.survey.asked import check_filters


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportRequest:
    """Rocks taken in from one day to another, both included, of a site.

    `organisation` is whom TEDI's rows name; None is the host of this service.
    """

    schema: Schema
    first: date | None
    last: date | None
    site: str | None
    organisation: str | None

    def check(self, sites: Container[str]) -> None:
        """Raises Unfit for days in the wrong order, and for a site that there is not."""
        check_filters(self.first, self.last, self.site, sites)

    def file_name(self, *, demo: bool) -> str:
        made_up = "demo-" if demo else ""
        return f"caillou-{made_up}{self.schema}.zip"
