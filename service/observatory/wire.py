"""What crosses HTTP of the survey, by example: exact for those who run it, blunted for everyone."""

from typing import Any

_CHARACTERISTIC = {"n": 138, "mean": 57.1, "median": 58.9, "min": 14.0, "max": 100.0}
_SHARE = {"count": 96, "n": 144, "percent": 66.7, "low": 58.3, "high": 74.3}
SURVEY_EXAMPLE: dict[str, Any] = {
    "n": 144,
    "counted": 138,
    "hardly_any": 6,
    "period": {
        "from": "2026-01-01",
        "to": "2026-06-30",
        "first": "2026-01-02",
        "last": "2026-06-28",
    },
    "area": None,
    "site": None,
    "synthetic": False,
    "basis": {"asked": "base", "expressed_as": {"base": 120, "hydrochloride": 12, "unknown": 6}},
    "characteristics": {"content_percent": _CHARACTERISTIC},
    "correlations": {
        "weight_mg~cocaine_mg": {"n": 138, "r": 0.84, "low": 0.78, "high": 0.88, "p": 1e-37}
    },
    "shares": {"price_15_20_eur": _SHARE},
    "prevalence": {"levamisole": _SHARE},
    "beliefs": {
        "levamisole": {"believed": _SHARE, "found": _SHARE, "found_where_believed": _SHARE}
    },
    "guess_percent": {"guessed": _CHARACTERISTIC, "measured": _CHARACTERISTIC, "too_low": _SHARE},
    "effects_blamed_on_cuts": {"tight_jaw": _SHARE},
    "comparisons": {
        "content_percent~quality": {
            "groups": {"good": {"n": 40, "median": 58.0}, "bad": {"n": 35, "median": 59.5}},
            "difference": {
                "n": 75,
                "groups": ["bad", "good"],
                "h": 0.3,
                "epsilon2": 0.004,
                "p": 0.58,
            },
        }
    },
    "distributions": {"weight_mg": {"n": 138, "step": 25, "counts": [0, 3, 12]}},
    "by_quarter": [
        {
            "name": "2026-Q1",
            "rocks": 70,
            "characteristics": {"content_percent": _CHARACTERISTIC},
            "prevalence": {"levamisole": _SHARE},
        }
    ],
    "by_month": [],
    "by_area": [],
    "published": {"reference": "sintes-crack-2018-2019", "years": "2018–2019"},
    "compared_with": [],
}
_BLUNT = {"count": 30, "n": 45, "percent": 67, "low": 51, "high": 80}
_MIDDLE = {"n": 45, "mean": 55, "median": 60, "step": 5}
OPEN_EXAMPLE: dict[str, Any] = {
    "period": "2026-Q3",
    "n": 45,
    "characteristics": {"content_percent": _MIDDLE},
    "correlations": {"weight_mg~cocaine_mg": {"n": None, "r": None}},
    "shares": {"price_15_20_eur": _BLUNT},
    "prevalence": {
        "levamisole": _BLUNT,
        "amphetamine": {"count": 0, "n": 45, "percent": 0, "low": 0, "high": 8},
    },
    "believed": {"amphetamine": _BLUNT},
    "effects_blamed_on_cuts": {"tight_jaw": _BLUNT},
    "guess_percent": _MIDDLE,
    "threshold": 5,
    "basis": "base",
    "earlier": [],
    "published": {"reference": "sintes-crack-2018-2019", "years": "2018–2019"},
}
