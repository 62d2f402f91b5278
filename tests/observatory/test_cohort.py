"""The published table, read back from the synthetic cohort through HTTP.

And that the cohort stays what it is.
"""

import csv
import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient

from service.access.site import SYNTHETIC
from service.commands.walk import AlreadyThere, Ask, load_cohort
from service.demo import enrol_synthetic
from service.evidence.reference import SURVEY
from service.foundation.database import connect
from service.foundation.settings import Settings
from service.observatory.cohort import FILE, SAYS, cohort
from service.observatory.survey.columns import COLUMNS
from tests.conftest import Knocker, Rock, token_of
from tests.observatory.make_cohort import written
from tests.rocks import assay_body, result, rock_body


def asking(client: TestClient) -> Ask:
    """The demo's client, over this one."""

    def ask(
        method: str, path: str, token: str = "", body: object = None, accept: str = "*/*"
    ) -> bytes:
        headers = {"Authorization": f"Bearer {token}", "Accept": accept}
        response = client.request(method, path, headers=headers, json=body)
        return response.raise_for_status().content

    return ask


@pytest.fixture
def loaded(anyone: TestClient, settings: Settings) -> TestClient:
    """The service with the cohort in it, taken in and answered through HTTP."""
    engine = connect(settings.database)
    with engine.begin() as connection:
        enrol_synthetic(connection, "token-of-synthetic")
    engine.dispose()
    assert load_cohort(asking(anyone), "token-of-synthetic", token_of("lab")) == 144
    return anyone


def published(subject: str) -> dict[str, float]:
    return SURVEY.numbers(subject)


def test_the_published_survey_is_read_back(
    loaded: TestClient, knock: Callable[[str], Knocker]
) -> None:
    coordinator = knock("coordinator")
    told: dict[str, Any] = coordinator.get(f"/v1/survey?site={SYNTHETIC}").json()
    assert (told["n"], told["counted"], told["hardly_any"], told["synthetic"]) == (
        144,
        138,
        6,
        True,
    )

    cells = {
        (column, figure): round(told["characteristics"][column][figure])
        for column in COLUMNS
        for figure in ("mean", "median", "min", "max")
    }
    assert cells == {
        (column, figure): SURVEY.figures[column, figure].value for column, figure in cells
    }
    assert len(cells) == 24
    assert {told["characteristics"][column]["n"] for column in COLUMNS} == {
        138,
        108,
    }  # a price is often missing

    r = {pair: told["correlations"][pair]["r"] for pair in told["correlations"]}
    assert round(r["weight_mg~cocaine_mg"], 2) == published("weight_mg~cocaine_mg")["r"] == 0.84
    assert round(r["price_eur~cocaine_mg"], 1) == published("price_eur~cocaine_mg")["r"] == 0.3
    assert (
        round(r["guess_percent~cocaine_mg"], 1) == published("guess_percent~cocaine_mg")["r"] == 0.3
    )
    assert all(
        one["p"] < 0.05 and one["low"] < one["r"] < one["high"]
        for one in told["correlations"].values()
    )
    assert (
        round(told["guess_percent"]["guessed"]["mean"]) == published("guess_percent")["mean"] == 45
    )

    shares = {name: one["percent"] for name, one in told["shares"].items()}
    assert 45 < shares["price_15_20_eur"] < 50  # almost half
    assert 37 < shares["weight_100_150_mg"] < 40  # almost 40 %
    assert 48 < shares["content_50_70_percent"] < 52  # half
    assert 23 < shares["bought_at_home_or_by_appointment"] < 27  # a quarter

    found = {
        name: round(told["prevalence"][name]["percent"]) for name in published("found_percent")
    }
    assert found == published("found_percent")
    assert told["prevalence"]["amphetamine"] == {
        **{"count": 0, "n": 144, "percent": 0, "low": 0},
        "high": pytest.approx(2.53, abs=0.01),
    }
    assert (told["prevalence"]["ammonia"]["count"], told["prevalence"]["ammonia"]["n"]) == (0, 60)
    believed = {
        name: round(told["beliefs"][name]["believed"]["percent"])
        for name in published("believed_percent")
    }
    assert believed == published("believed_percent")
    assert (
        told["beliefs"]["phenacetin"]["believed"]["count"]
        == published("believed_people")["phenacetin"]
        == 1
    )
    assert told["beliefs"]["amphetamine"]["found_where_believed"]["count"] == 0
    lowest, highest = published("blamed_percent").values()
    assert all(
        lowest <= one["percent"] <= highest for one in told["effects_blamed_on_cuts"].values()
    )

    for name, one in told["comparisons"].items():
        predictive = one["difference"]["p"] < 0.05
        assert predictive == name.startswith("price_eur"), name
        assert 0 <= one["difference"]["epsilon2"] < (0.5 if predictive else 0.06)

    # Counted alone, teaching nothing, never open, and in no file but their own.
    for query, rocks in (("", 0), (f"&site={SYNTHETIC}", 144)):
        packed = zipfile.ZipFile(
            io.BytesIO(coordinator.get(f"/v1/export?schema=samples{query}").content)
        )
        rows = csv.DictReader(io.TextIOWrapper(packed.open("data.csv"), "utf-8-sig"))
        assert len({row["sample"] for row in rows}) == rocks
    assert coordinator.get("/v1/survey").json()["n"] == 0
    assert coordinator.get("/v1/estimate/calibration").json()["rocks"] == 0
    assert loaded.get("/v1/open/survey").json()["n"] is None
    with pytest.raises(AlreadyThere):
        load_cohort(asking(loaded), "token-of-synthetic", token_of("lab"))


def test_the_file_says_what_it_is_and_is_what_its_program_makes() -> None:
    assert FILE.read_text("utf-8") == written()
    assert FILE.read_text("utf-8").startswith(f"# {SAYS}\n")
    rocks = list(cohort())
    assert (
        len({rock.sample["id"] for rock in rocks}) == len({rock.assay_id for rock in rocks}) == 144
    )
    assert {rock.sample["note_to_lab"] for rock in rocks} == {"SYNTHETIC"}
    assert {rock.assay["laboratory"] for rock in rocks} == {"synthetic"}


def test_what_is_made_up_to_train_with_warns_nobody(
    loaded: TestClient, knock: Callable[[str], Knocker], take_in: Callable[..., Rock]
) -> None:
    made_up = {"Authorization": "Bearer token-of-synthetic"}
    code = loaded.post("/v1/pickup-pads", json={"count": 1}, headers=made_up).json()["codes"][0]
    path = "/v1/samples/0192f3a1-7c3e-7000-8000-00000000beef"
    label = loaded.put(path, json=rock_body(code), headers=made_up).json()["lab_label"]
    assay = assay_body(label, result("fentanyl"))
    assert (
        knock("lab").put("/v1/assays/0192f3b0-1d2e-7000-8000-00000000beef", assay).status_code
        == 201
    )
    assert "alert-recent" not in take_in().said()
    proposals = knock("coordinator").get("/v1/notices/proposals").json()["proposals"]
    assert [one for one in proposals if one["substance"] == "fentanyl"] == []
