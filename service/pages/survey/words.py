"""What the survey's figures are called in the reader's language, and how numbers are written."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from service.evidence.reference import SURVEY
from service.observatory.survey.asked import Asked, ComputedAs
from service.observatory.survey.shares import Share
from service.observatory.survey.whole import Survey

UNBROKEN = "\u00a0"


@dataclass(frozen=True, slots=True)
class Words:
    """`say` translates, `called` names a substance."""

    say: Callable[..., str]
    called: Callable[[str], str]
    language: str

    def column(self, name: str) -> str:
        """A column of the table, with its unit."""
        _ = self.say
        return {
            "content_percent": _("Cocaine content, %"),
            "weight_mg": _("Weight, mg"),
            "cocaine_mg": _("Cocaine, mg"),
            "price_eur": _("Price, €"),
            "eur_per_g": _("€ per g"),
            "eur_per_g_pure": _("€ per g of cocaine itself"),
            "guess_percent": _("What people guessed, %"),
        }[name]

    def share(self, name: str) -> str:
        _ = self.say
        return {
            "price_15_20_eur": _("Price from 15 to 20 €"),
            "weight_100_150_mg": _("Weight from 100 to 150 mg"),
            "content_50_70_percent": _("Content from 50 to 70 %"),
            "bought_at_home_or_by_appointment": _("Bought at home or by appointment"),
        }[name]

    def question(self, name: str) -> str:
        """What the groups of a comparison were asked."""
        _ = self.say
        return {
            "quality": _("Quality, as judged before use"),
            "seller_type": _("Seller"),
            "place_type": _("Place"),
        }[name]

    def about(self, name: str) -> str:
        """A published number's own qualifier, as in "almost 50"."""
        _ = self.say
        return {"almost": _("almost"), "about": _("about")}.get(name, "")

    def number(self, value: float | None, digits: int = 0) -> str:
        if value is None:
            return "–"
        told = f"{value:.{digits}f}"
        told = told.removeprefix("-") if not float(told) else told
        return told.replace(".", ",") if self.language == "fr" else told

    def p(self, value: float | None) -> str:
        if value is None:
            return "–"
        return f"< {self.number(0.001, 3)}" if value < 0.001 else self.number(value, 3)

    def percent(self, share: Share) -> str:
        """As in "67 %"; of none, a dash."""
        return "–" if share.percent is None else f"{self.number(share.percent)} %"

    def bounds(self, share: Share) -> str:
        """As in "58–74 %"."""
        if share.low is None or share.high is None:
            return "–"
        digits = 1 if share.high < 10 else 0
        return f"{self.number(share.low, digits)}–{self.number(share.high, digits)} %"

    def span(self, name: str) -> str:
        """A month, a quarter or an area, as in 11/2026 or Q4 2026."""
        year, _dash, part = name.partition("-")
        if not part:
            return name
        if part.startswith("Q"):
            return self.say("Q{quarter} {year}", quarter=part[1:], year=year)
        return f"{part}/{year}"

    def day(self, day: date) -> str:
        return f"{day:%d/%m/%Y}"

    def period(self, survey: Survey, asked: Asked) -> str:
        """From when to when: as asked, else of the rocks there are."""
        first, last = asked.since or survey.first, asked.until or survey.last
        if first is None or last is None:
            return self.say("no rock")
        return f"{self.day(first)}–{self.day(last)}"

    def basis(self, asked: Asked) -> str:
        _ = self.say
        return (
            _("contents as reported")
            if asked.basis is ComputedAs.REPORTED
            else _("contents as base")
        )

    def rests_on(
        self, survey: Survey, asked: Asked, n: int, site: str | None, *, synthetic: bool = False
    ) -> str:
        """Under every picture and table: period, where, how many, basis."""
        _ = self.say
        where = [one for one in (asked.area and _("area {area}", area=asked.area), site) if one]
        return " · ".join(
            [
                *([_("SYNTHETIC: no real rocks")] if synthetic else []),
                self.period(survey, asked),
                *where,
                _("N = {n}", n=n).replace(" ", UNBROKEN),
                self.basis(asked).replace(" ", UNBROKEN),
            ]
        )

    @property
    def published(self) -> str:
        """As in "published 2018–2019"."""
        return self.say("published {years}", years=SURVEY.years)
