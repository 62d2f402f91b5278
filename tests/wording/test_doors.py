"""The words through HTTP: languages as asked, once each; the same texts for the holder of the code."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from service.app import RefusesToStart, create_app
from tests.conftest import Rock, make_settings
from tests.rocks import result

ALL = ("fr", "en", "ar", "ru")


def test_each_language_stands_alone_and_repeats_freely(take_in: Callable[..., Rock]) -> None:
    rock = take_in()
    rock.assayed()
    body = rock.worker.get(f"{rock.path}/messages?lang=ru&lang=fr&lang=ru").json()
    assert body["languages"] == ["ru", "fr"]
    assert body["state"] == "answered"
    assert set(body["draft_mark"]) == {"ru", "fr"}
    for message in body["messages"]:
        assert set(message["text"]) == set(message["review"]) == {"ru", "fr"}
        assert message["evidence"]
        assert message["rule"]
    alone = rock.worker.get(f"{rock.path}/messages?lang=ru").json()["messages"]
    assert [m["text"]["ru"] for m in alone] == [m["text"]["ru"] for m in body["messages"]]
    assert all(set(m["text"]) == {"ru"} for m in alone)


def test_without_a_wish_the_cards_languages_are_used(take_in: Callable[..., Rock], anyone: TestClient) -> None:
    rock = take_in(card_languages=["ar", "fr"])
    assert rock.worker.get(f"{rock.path}/messages").json()["languages"] == ["ar", "fr"]
    assert anyone.get(f"/v1/results/{rock.code}").json()["languages"] == ["ar", "fr"]


def test_a_language_we_do_not_speak_is_refused_with_those_we_do(take_in: Callable[..., Rock]) -> None:
    refused = take_in().worker.get("/v1/vocabulary?lang=xx")
    assert refused.status_code == 422
    assert refused.json()["errors"] == [
        {"pointer": "/lang", "detail": "Unknown code. Known codes: fr, en, ar, ru."}
    ]


def test_languages_are_honest_about_their_state(anyone: TestClient) -> None:
    spoken = {one["code"]: one for one in anyone.get("/v1/languages").json()["languages"]}
    assert tuple(spoken) == ALL
    assert spoken["ar"]["direction"] == "rtl"
    for language in spoken.values():
        assert language["coverage"] == 1
        assert set(language["review"]) == {"draft"}


def test_the_vocabulary_has_labels(anyone: TestClient) -> None:
    french = anyone.get("/v1/vocabulary?lang=fr").json()
    english = anyone.get("/v1/vocabulary", headers={"Accept-Language": "en"}).json()
    assert (french["language"], english["language"]) == ("fr", "en")
    assert {"code": "gc_ms", "label": "GC-MS"} in english["lists"]["method"]
    assert all(one["label"] for codes in french["lists"].values() for one in codes)
    names = {one["code"]: one["label"] for one in french["substances"]}
    assert names["levamisole"] == "lévamisole"
    assert len(names) == len(english["substances"]) > 50


def test_naloxone_is_promised_only_where_there_is_some(
    take_in: Callable[..., Rock], knock: Callable[[str], Any]
) -> None:
    here = take_in()
    here.assayed(result("heroin"))
    assert "do-opioid" in here.said()
    neighbour = knock("neighbour")
    code = neighbour.post("/v1/pickup-pads", {"count": 1}).json()["codes"][0]
    there = Rock(neighbour, knock("lab"), code)
    there.assayed(result("heroin"))
    assert "do-opioid-no-stock" in there.said()
    assert "do-opioid" not in there.said()


def test_only_approved_words_means_none_while_all_are_drafts(tmp_path: Path) -> None:
    settings = make_settings(f"sqlite:///{tmp_path / 'x.db'}", tmp_path, words_policy="approved")
    with pytest.raises(RefusesToStart, match="no approved French text for alert-opioid"):
        create_app(settings)
