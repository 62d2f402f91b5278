"""A published warning, as a fact that later findings cite: what was said, where, until when."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Self
from uuid import UUID

from service.foundation.problems import Flaw, Unfit, out_of
from service.vocabulary.substances import Family, codes_in

MAX_VERSION = 1_000_000


class Kind(StrEnum):
    """What a notice says. It decides the sentences; nobody types any."""

    FOUND = "found"  # a substance was found
    MORE_OFTEN = "more_often"  # it is found in more rocks than before
    EFFECTS = "effects"  # several people felt what they did not expect
    MUCH_COCAINE = "much_cocaine"  # a rock held more than any of the survey: for the team alone


NAMES_A_SUBSTANCE = frozenset({Kind.FOUND, Kind.MORE_OFTEN})
# What people expect in a rock: that it was found is no warning.
EXPECTED = codes_in(Family.COCAINE)
# No public text says how strong anything is: it would be an advertisement.
FOR_THE_TEAM = frozenset({Kind.MUCH_COCAINE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One version of a notice. `site` is None where it is for the whole network."""

    id: UUID
    version: int
    kind: Kind
    substance: str | None
    site: str | None
    public: bool
    until: datetime
    """When it ends by itself: a warning that nobody renews is not believed for ever."""

    def checked(self) -> Self:
        """This notice, if it breaks no rule; Unfit otherwise."""
        if flaws := tuple(_flaws(self)):
            raise Unfit(*flaws)
        return self


def _flaws(notice: Notice) -> Iterator[Flaw]:
    yield from out_of("/version", notice.version, 1, MAX_VERSION)
    if (notice.substance is not None) != (notice.kind in NAMES_A_SUBSTANCE):
        yield Flaw(
            "/substance", "no-substance-named" if notice.substance is None else "names-no-substance"
        )
    if notice.kind in NAMES_A_SUBSTANCE and notice.substance in EXPECTED:
        yield Flaw("/substance", "expected-anyway")
    if notice.public and notice.kind in FOR_THE_TEAM:
        yield Flaw("/public", "strength-not-public")
