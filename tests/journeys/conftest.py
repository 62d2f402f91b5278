"""What every journey may ask for."""

from tests.journeys.browser import browser, demo, served, visit

__all__ = ["browser", "demo", "served", "visit"]
