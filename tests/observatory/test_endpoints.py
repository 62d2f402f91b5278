"""The survey through its doors: which rocks count, and what is asked for.

And that nothing outlives its rock.
"""

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from service.evidence.reference import PUBLISHED_SURVEY
from service.foundation import clock
from service.foundation.database import connect
from service.foundation.projections import Rebuilt
from service.foundation.settings import Settings
from service.observatory import projection, store
from service.observatory.csv import csv_file
from service.observatory.survey.asked import Asked
from service.observatory.wire import OPEN_EXAMPLE, SURVEY_EXAMPLE
from service.vocabulary.substances import COCAINE_BASE_PER_HYDROCHLORIDE
from tests.conftest import Knocker, Rock
from tests.rocks import cocaine, result

Rocks = Callable[..., Rock]
Knock = Callable[[str], Knocker]


def survey(knock: Knock, query: str = "") -> dict[str, Any]:
    answer = knock("coordinator").get(f"/v1/survey{query}")
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def cell(told: dict[str, Any], column: str) -> tuple[int, float | None]:
    return told["characteristics"][column]["n"], told["characteristics"][column]["median"]


def bought(**facts: Any) -> dict[str, Any]:
    return {
        "price_eur": 20,
        "place_type": "street",
        "area": "75118",
        "seller_type": "street_seller",
        **facts,
    }


def test_a_rock_counts_by_the_answer_in_force_and_as_long_as_it_is_here(
    take_in: Rocks, knock: Knock
) -> None:
    rock = take_in()
    assert survey(knock)["n"] == 0  # it waits
    early = rock.assayed(cocaine(90), status="preliminary")
    assert survey(knock)["n"] == 0
    rock.assayed(cocaine(50), result("levamisole"), id=early, version=2, rock_weight_mg=140.0)
    told = survey(knock)
    assert (told["n"], told["counted"]) == (1, 1)
    assert (cell(told, "content_percent"), cell(told, "cocaine_mg")) == ((1, 50), (1, 70))
    assert told["prevalence"]["levamisole"] | {"low": 0} == {
        "count": 1,
        "n": 1,
        "percent": 100,
        "low": 0,
        "high": 100,
    }

    rock.assayed(
        cocaine(60), id=early, version=3, status="corrected", reason="mix-up", rock_weight_mg=140.0
    )
    told = survey(knock)
    assert cell(told, "content_percent") == (1, 60)
    assert "levamisole" not in told["prevalence"]

    rock.worker.put(rock.path, {**rock.body, "revision": 2, "transaction": bought(price_eur=14)})
    assert cell(survey(knock), "eur_per_g")[1] == pytest.approx(100)

    assert rock.worker.delete(rock.path).status_code == 204
    told = survey(knock)
    assert (told["n"], cell(told, "content_percent"), told["prevalence"]) == (0, (0, None), {})


def test_an_answer_taken_back_is_surveyed_no_more(take_in: Rocks, knock: Knock) -> None:
    rock = take_in()
    analysis = rock.assayed(cocaine(50))
    assert survey(knock)["n"] == 1
    rock.lab.post(f"/v1/assays/{analysis}/withdrawal", {"reason": "wrong vial"})
    assert survey(knock)["n"] == 0


def test_which_rocks_count_and_with_which_weight(take_in: Rocks, knock: Knock) -> None:
    """As the finding has it: a piece has no weight, powder is no rock, 6 % is not more than 6 %."""
    take_in(weight_mg=100).assayed(cocaine(50), rock_weight_mg=101.0)
    take_in(weight_mg=200).assayed(
        cocaine(50), rock_weight_mg=40.0
    )  # the laboratory had a piece of it
    take_in(weighed="piece").assayed(cocaine(50), rock_weight_mg=90.0)
    take_in(already_used=True).assayed(cocaine(50), rock_weight_mg=90.0)
    take_in(form="powder").assayed(cocaine(99))
    take_in().assayed(cocaine(6.0))
    take_in().assayed(result("cocaine", "not_detected"))
    take_in().assayed(result("cocaine", "not_tested"))
    take_in().assayed(result("cocaine"))
    told = survey(knock)
    assert (told["n"], told["counted"], told["hardly_any"]) == (8, 4, 2)
    assert told["characteristics"]["weight_mg"] == {
        "n": 2,
        "mean": 150.5,
        "median": 150.5,
        "min": 101,
        "max": 200,
    }


def test_contents_as_base_or_as_reported(take_in: Rocks, knock: Knock) -> None:
    take_in().assayed(cocaine(60, "hydrochloride"), rock_weight_mg=138.0)
    take_in().assayed(cocaine(6.5, "hydrochloride"))  # 5.8 % as base
    take_in().assayed(cocaine(40, "base"), rock_weight_mg=138.0)
    take_in().assayed(cocaine(50, "unknown"), rock_weight_mg=138.0)
    base, reported = survey(knock), survey(knock, "?basis=reported")
    assert base["characteristics"]["content_percent"]["max"] == pytest.approx(
        60 * COCAINE_BASE_PER_HYDROCHLORIDE
    )
    assert reported["characteristics"]["content_percent"]["max"] == 60
    assert (base["counted"], base["hardly_any"]) == (3, 1)
    assert (reported["counted"], reported["hardly_any"]) == (4, 0)
    assert base["basis"] == {
        "asked": "base",
        "expressed_as": {"hydrochloride": 1, "base": 1, "unknown": 1},
    }
    assert reported["basis"]["asked"] == "reported"


def test_for_any_period_area_and_site(take_in: Rocks, knock: Knock) -> None:
    for place, (day, area) in enumerate(
        [
            ("2026-03-31T23:59:59+02:00", "75118"),
            ("2026-04-01T00:00:00+02:00", "75119"),
            ("2026-05-01T12:00:00+02:00", "93001"),
        ]
    ):
        rock = take_in(taken_at=day, transaction=bought(area=area, price_eur=10 + place))
        rock.assayed(cocaine(50), analysed_at=day)
    asked = {
        "": [10, 11, 12],
        "?to=2026-03-31": [10],
        "?from=2026-04-01": [11, 12],
        "?from=2026-04-01&to=2026-04-30": [11],
        "?area=75": [10, 11],
        "?area=75119": [11],
        "?area=13": [],
        "?site=here": [10, 11, 12],
        "?site=elsewhere": [],
        "?site=synthetic": None,
    }
    for query, prices in asked.items():
        if prices is None:
            assert knock("coordinator").get(f"/v1/survey{query}").status_code == 422
            continue
        price = survey(knock, query)["characteristics"]["price_eur"]
        assert (price["n"], price["min"], price["max"]) == (
            len(prices),
            *((min(prices), max(prices)) if prices else (None, None)),
        ), query
    told = survey(knock, "?from=2026-04-01&area=75")
    assert told["period"] == {
        "from": "2026-04-01",
        "to": None,
        "first": "2026-04-01",
        "last": "2026-04-01",
    }
    assert [one["name"] for one in survey(knock)["by_month"]] == ["2026-03", "2026-04", "2026-05"]
    assert [one["name"] for one in survey(knock)["by_quarter"]] == ["2026-Q1", "2026-Q2"]
    assert [(one["name"], one["rocks"]) for one in survey(knock)["by_area"]] == [
        ("75118", 1),
        ("75119", 1),
        ("93001", 1),
    ]


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("from=yesterday", "/from"),
        ("to=2026-02-30", "/to"),
        ("from=0001-01-01", "/from"),
        ("to=9999-12-31", "/to"),
        ("from=2026-05-02&to=2026-05-01", "/to"),
        ("area=Paris", "/area"),
        ("site=nowhere", "/site"),
        ("basis=pure", "/basis"),
    ],
)
def test_what_cannot_be_asked_is_refused_by_name(knock: Knock, query: str, pointer: str) -> None:
    for path in ("/v1/survey", "/survey/pictures/beliefs.svg", "/survey/"):
        refused = knock("coordinator").get(f"{path}?{query}")
        assert refused.status_code == 422, path
        assert [one["pointer"] for one in refused.json()["errors"]] == [pointer]


def test_as_a_file_of_rows(take_in: Rocks, knock: Knock) -> None:
    take_in().assayed(cocaine(50), result("levamisole"), result("=1+1"), rock_weight_mg=138.0)
    answer = knock("coordinator").get("/v1/survey", headers={"Accept": "text/csv"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = {
        (one["table"], one["row"], one["figure"]): one
        for one in csv.DictReader(io.StringIO(answer.text))
    }
    mean = rows["characteristics", "cocaine_mg", "mean"]
    assert (mean["value"], mean["published"], mean["published_years"]) == (
        "69.0",
        "84.0",
        "2018–2019",
    )
    assert rows["correlations", "weight_mg~cocaine_mg", "r"]["published"] == "0.84"
    assert rows["prevalence", "levamisole", "percent"]["published"] == "67.0"
    assert rows["shares", "price_15_20_eur", "percent"]["published"] == "almost 50"
    assert rows["survey", "n", ""]["value"] == "1"
    assert ("prevalence", "'=1+1", "count") in rows
    assert (
        knock("coordinator").get("/v1/survey", headers={"Accept": "image/png"}).status_code == 406
    )


def test_cells_that_a_spreadsheet_would_run() -> None:
    assert csv_file(("a", "b"), [("=SUM(A1)", -1.5), (None, "plain, text")]) == (
        b'a,b\r\n\'=SUM(A1),-1.5\r\n,"plain, text"\r\n'
    )


def test_the_published_figures_stand_beside(knock: Knock) -> None:
    told = survey(knock)
    assert told["published"]["reference"] == PUBLISHED_SURVEY
    assert told["published"]["years"] == "2018–2019"
    assert told["published"]["characteristics"]["eur_per_g_pure"] == {
        "mean": 248,
        "median": 209,
        "min": 81,
        "max": 614,
    }
    assert told["published"]["shares"]["content_50_70_percent"] == {"about": 50}
    assert {one["years"] for one in told["compared_with"]} == {"2018", "2023"}
    assert SURVEY_EXAMPLE.keys() == told.keys()


def test_anyone_reads_the_open_survey_and_it_takes_no_arguments(
    take_in: Rocks, anyone: TestClient, settings: Settings, knock: Knock
) -> None:
    nothing = anyone.get("/v1/open/survey").json()
    assert (nothing["n"], nothing["earlier"], nothing["threshold"]) == (None, [], 5)
    day = (clock.now() - timedelta(days=200)).isoformat()
    rocks = [take_in(taken_at=day, transaction=bought()) for _ in range(22)]
    for place, rock in enumerate(rocks):
        rock.assayed(
            cocaine(40 + place),
            result("levamisole"),
            result("xylazine", "detected" if place < 2 else "not_detected"),
            analysed_at=day,
        )
    told = anyone.get("/v1/open/survey").json()
    assert told.keys() == OPEN_EXAMPLE.keys()
    assert (told["n"], told["prevalence"]["levamisole"]["count"]) == (20, 20)
    assert "xylazine" not in told["prevalence"]
    assert told["characteristics"]["content_percent"] == {
        "n": 20,
        "mean": 50,
        "median": 50,
        "step": 10,
    }
    refused = anyone.get("/v1/open/survey?site=here&area=75118&a~/b=1")
    pointers = [flaw["pointer"] for flaw in refused.json()["errors"]]
    assert (refused.status_code, pointers) == (422, ["/area", "/a~0~1b", "/site"])
    # An erasure is felt at once, by what is kept in memory too.
    for rock in rocks[:3]:
        assert rock.worker.delete(rock.path).status_code == 204
    assert anyone.get("/v1/open/survey").json()["n"] is None
    assert survey(knock)["n"] == 19


def test_a_survey_is_made_anew_only_when_a_rock_has_changed(
    take_in: Rocks, anyone: TestClient, knock: Knock, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []
    reading = store.rocks

    def read(connection: Any, what: Asked, zone: Any) -> Any:
        asked.append(what)
        return reading(connection, what, zone)

    monkeypatch.setattr(store, "rocks", read)
    rock = take_in()
    rock.assayed(cocaine(50))
    for _ in range(3):
        survey(knock), survey(knock, "?basis=reported"), anyone.get("/v1/open/survey")
    assert len(asked) == 3
    take_in().assayed(cocaine(60))  # of a quarter that is not open yet
    survey(knock), anyone.get("/v1/open/survey")
    assert len(asked) == 4
    rock.worker.delete(rock.path)
    survey(knock), survey(knock)
    assert len(asked) == 5


def test_what_is_kept_up_is_what_would_be_made_anew(
    take_in: Rocks, settings: Settings, knock: Knock
) -> None:
    for percent in (10, 20, 30):
        take_in().assayed(cocaine(percent))
    engine = connect(settings.database)
    with engine.begin() as connection:
        assert projection.rebuild(connection, clock.now()) == Rebuilt(3, 0)
        connection.exec_driver_sql("UPDATE surveyed SET percent = 99")
        connection.exec_driver_sql("DELETE FROM surveyed WHERE reported = 10")
        before = store.version(connection)
        assert projection.rebuild(connection, clock.now()) == Rebuilt(3, 3)
        assert store.version(connection) > before
    engine.dispose()
    assert survey(knock)["characteristics"]["content_percent"]["max"] == 30
