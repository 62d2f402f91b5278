"""What a site has for the people who come: settings that decide what a card may promise."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Offers:
    naloxone: bool = True
    """Naloxone is given out here, for nothing."""
    rest: bool = False
    """There is a place to rest here."""


USUAL = Offers()
