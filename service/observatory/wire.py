"""What crosses HTTP of the survey, by example: exact for those who run it, blunted for everyone.

The shapes are those of shapes.py; the published figures in them are the published ones.
"""

from service.observatory.serialise import published_survey

# --- Exact ---------------------------------------------------------------------------------------

_CONTENT = {"n": 138, "mean": 57.1, "median": 58.9, "min": 14.0, "max": 100.0}
_GUESSED = {"n": 120, "mean": 45.2, "median": 45.0, "min": 5.0, "max": 100.0}
_LEVAMISOLE = {"count": 72, "n": 144, "percent": 50.0, "low": 41.6, "high": 58.4}
_SHARE = {"count": 65, "n": 138, "percent": 47.1, "low": 38.6, "high": 55.8}
_TOO_LOW = {"count": 84, "n": 120, "percent": 70.0, "low": 61.0, "high": 78.0}


def _span(name: str, counted: int, half: dict[str, float]) -> dict[str, object]:
    """A span of which half of the rocks hold levamisole."""
    return {
        "name": name,
        "rocks": half["n"],
        "characteristics": {"content_percent": {**_CONTENT, "n": counted}},
        "prevalence": {"levamisole": half},
    }


_HALF_OF_24 = {"count": 12, "n": 24, "percent": 50.0, "low": 29.1, "high": 70.9}
_HALF_OF_52 = {"count": 26, "n": 52, "percent": 50.0, "low": 35.8, "high": 64.2}
_HALF_OF_70 = {"count": 35, "n": 70, "percent": 50.0, "low": 37.8, "high": 62.2}
_HALF_OF_74 = {"count": 37, "n": 74, "percent": 50.0, "low": 38.1, "high": 61.9}

SURVEY_EXAMPLE: dict[str, object] = {
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
    "characteristics": {"content_percent": _CONTENT},
    "correlations": {
        "weight_mg~cocaine_mg": {"n": 138, "r": 0.84, "low": 0.78, "high": 0.88, "p": 1e-37}
    },
    "shares": {"price_15_20_eur": _SHARE},
    "prevalence": {"levamisole": _LEVAMISOLE},
    "beliefs": {
        "levamisole": {
            "believed": {"count": 19, "n": 140, "percent": 13.6, "low": 8.4, "high": 20.4},
            "found": _LEVAMISOLE,
            "found_where_believed": {
                "count": 13,
                "n": 19,
                "percent": 68.4,
                "low": 43.4,
                "high": 87.4,
            },
        }
    },
    "guess_percent": {"guessed": _GUESSED, "measured": _CONTENT, "too_low": _TOO_LOW},
    "effects_blamed_on_cuts": {
        "tight_jaw": {"count": 56, "n": 112, "percent": 50.0, "low": 40.4, "high": 59.6}
    },
    "comparisons": {
        "content_percent~quality": {
            "groups": {"bad": {"n": 35, "median": 59.5}, "good": {"n": 40, "median": 58.0}},
            "difference": {
                "n": 75,
                "groups": ["bad", "good"],
                "h": 0.3,
                "epsilon2": 0.004,
                "p": 0.58,
            },
        }
    },
    "distributions": {
        "price_eur": {"n": 108, "step": 5, "counts": [0, 0, 14, 38, 31, 12, 7, 3, 2, 1]}
    },
    "by_quarter": [_span("2026-Q1", 68, _HALF_OF_70), _span("2026-Q2", 70, _HALF_OF_74)],
    "by_month": [_span("2026-01", 23, _HALF_OF_24)],
    "by_area": [_span("75118", 50, _HALF_OF_52)],
    "published": published_survey(),
    "compared_with": [
        {
            "reference": "powder-2018",
            "source": "TREND Île-de-France and OFDT, in OFDT/Inserm 2020",
            "years": "2018",
            "population": "powder, not crack",
            "basis": "not stated",
            "figures": [
                {
                    "of": "powder_eur_per_g",
                    "figure": "ile_de_france",
                    "value": 63.0,
                    "place": "section 2, note 10: TREND, Île-de-France 2018, and nationally",
                }
            ],
        }
    ],
}

# --- Blunted -------------------------------------------------------------------------------------

_BLUNT = {"count": 30, "n": 45, "percent": 67, "low": 51, "high": 80}
_HIDDEN = {"count": None, "n": None, "percent": None, "low": None, "high": None}
_NEWEST_QUARTER: dict[str, object] = {
    "period": "2026-Q3",
    "n": 45,
    "characteristics": {"content_percent": {"n": 45, "mean": 55, "median": 60, "step": 5}},
    "correlations": {"weight_mg~cocaine_mg": {"n": None, "r": None}},
    "shares": {"price_15_20_eur": _HIDDEN},
    "prevalence": {
        "amphetamine": {"count": 0, "n": 45, "percent": 0, "low": 0, "high": 8},
        "levamisole": _BLUNT,
    },
    "believed": {
        "amphetamine": {"count": 20, "n": 45, "percent": 44, "low": 29, "high": 60},
    },
    "effects_blamed_on_cuts": {
        "tight_jaw": {"count": 25, "n": 40, "percent": 62, "low": 45, "high": 77}
    },
    "guess_percent": {"n": 40, "mean": 45, "median": 45, "step": 5},
}
_EARLIER_QUARTER: dict[str, object] = {
    "period": "2026-Q2",
    "n": 75,
    "characteristics": {"content_percent": {"n": 70, "mean": 55, "median": 60, "step": 5}},
    "correlations": {"weight_mg~cocaine_mg": {"n": 70, "r": 0.8}},
    "shares": {"price_15_20_eur": {"count": 35, "n": 70, "percent": 50, "low": 37, "high": 62}},
    "prevalence": {"levamisole": {"count": 50, "n": 75, "percent": 67, "low": 54, "high": 77}},
    "believed": {"levamisole": {"count": 10, "n": 70, "percent": 14, "low": 7, "high": 25}},
    "effects_blamed_on_cuts": {
        "tight_jaw": {"count": 35, "n": 70, "percent": 50, "low": 37, "high": 62}
    },
    "guess_percent": {"n": 65, "mean": 45, "median": 50, "step": 5},
}
OPEN_EXAMPLE: dict[str, object] = {
    **_NEWEST_QUARTER,
    "threshold": 5,
    "basis": "base",
    "earlier": [_EARLIER_QUARTER],
    "published": published_survey(),
}
