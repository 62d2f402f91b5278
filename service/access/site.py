"""What a site has for the people who come: settings that decide what a card may promise."""

from dataclasses import dataclass

SYNTHETIC = "synthetic"
"""The site whose rocks are made up, to show or to train with.

They are never counted with others and teach nothing.
"""


@dataclass(frozen=True, slots=True)
class Offers:
    naloxone: bool = True
    """Naloxone is given out here, for nothing."""
    rest: bool = False
    """There is a place to rest here."""


USUAL = Offers()
