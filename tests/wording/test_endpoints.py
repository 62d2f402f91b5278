"""The words through HTTP: languages as asked, once each; the same for the holder of the code."""

from collections.abc import Callable
from typing import Any

from fastapi.testclient import TestClient

from tests.conftest import Rock
from tests.rocks import result

ALL = ("fr", "en", "ar", "ru", "ka", "ro", "pt", "es", "uk", "wo")


def test_each_language_stands_alone_and_repeats_freely(take_in: Callable[..., Rock]) -> None:
    rock = take_in()
    rock.assayed()
    body = rock.worker.get(f"{rock.path}/messages?lang=ru&lang=fr&lang=ru").json()
    assert body["languages"] == ["ru", "fr"]
    assert body["state"] == "answered"
    assert set(body["marks"]) == {"ru", "fr"}
    assert body["interpreter"] == {}
    for message in body["messages"]:
        assert set(message["text"]) == set(message["review"]) == {"ru", "fr"}
        assert message["evidence"]
        assert message["rule"]
    alone = rock.worker.get(f"{rock.path}/messages?lang=ru").json()["messages"]
    assert [m["text"]["ru"] for m in alone] == [m["text"]["ru"] for m in body["messages"]]
    assert all(set(m["text"]) == {"ru"} for m in alone)


def test_without_a_wish_the_cards_languages_are_used(
    take_in: Callable[..., Rock], anyone: TestClient
) -> None:
    rock = take_in(card_languages=["ar", "fr"])
    assert rock.worker.get(f"{rock.path}/messages").json()["languages"] == ["ar", "fr"]
    assert anyone.get(f"/v1/results/{rock.code}").json()["languages"] == ["ar", "fr"]


def test_a_language_we_do_not_speak_is_refused_with_those_we_do(
    take_in: Callable[..., Rock],
) -> None:
    refused = take_in().worker.get("/v1/vocabulary?lang=xx")
    assert refused.status_code == 422
    assert refused.json()["errors"] == [
        {"pointer": "/lang", "detail": f"Unknown code. Known codes: {', '.join(ALL)}."}
    ]


def test_languages_are_honest_about_their_state(anyone: TestClient) -> None:
    spoken = {one["code"]: one for one in anyone.get("/v1/languages").json()["languages"]}
    assert tuple(spoken) == ALL
    assert spoken["ar"]["direction"] == "rtl"
    for language in spoken.values():
        assert language["coverage"] == 1
        assert "missing" not in language["review"]


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


def test_the_worker_gets_talking_points(take_in: Callable[..., Rock]) -> None:
    rock = take_in(card_languages=["ka", "fr"])
    rock.assayed()
    body = rock.worker.get(f"{rock.path}/talk?lang=fr").json()
    assert (body["sample_id"], body["state"], body["languages"]) == (rock.id, "answered", ["fr"])
    points = {point["key"]: point for point in body["points"]}
    assert list(points) == [
        "talk-guess",
        "talk-believed",
        "talk-blames-cuts",
        "talk-basing",
        "talk-amount",
        "talk-range",
        "talk-believed-not-found",
        "talk-not-thought-of",
        "talk-not-tested",
        "talk-levamisole",
        "talk-size",
        "ask-levamisole",
        "ask-size",
        "ask-basing",
        "ask-effects",
        "ask-own-words",
    ]
    assert "57\u00a0%" in points["talk-amount"]["text"]["fr"].replace(" ", "\u00a0")
    assert "lévamisole" in points["talk-not-thought-of"]["text"]["fr"]
    assert "amphétamine" in points["talk-believed-not-found"]["text"]["fr"]
    assert "buprénorphine" in points["talk-not-tested"]["text"]["fr"]
    assert {point["slot"] for point in points.values()} == {"heard", "known", "ask"}
    assert all(point["evidence"] and set(point["review"]) == {"fr"} for point in points.values())
    (told,) = body["if_told"]
    assert told["key"] == "pregnancy"
    assert set(told["text"]) == {"ka", "fr"}


def test_talking_points_come_in_the_workers_language_and_at_their_own_site(
    take_in: Callable[..., Rock], knock: Callable[[str], Any]
) -> None:
    rock = take_in()
    path = f"{rock.path}/talk"
    assert rock.worker.get(path, headers={"Accept-Language": "uk"}).json()["languages"] == ["uk"]
    assert knock("neighbour").get(path).status_code == 404
    assert knock("lab").get(path).status_code == 403
    assert rock.worker.get(f"{path}?lang=xx").status_code == 422
    waiting = {point["key"] for point in rock.worker.get(path).json()["points"]}
    assert {"talk-waiting", "ask-waiting"} <= waiting
    rock.assayed(result("heroin"), status="preliminary")
    early = [point["key"] for point in rock.worker.get(path).json()["points"]]
    assert {"talk-warning-first", "talk-early", "ask-opioid"} <= set(early)
    assert "talk-waiting" not in early


def test_what_a_site_offers_decides_what_its_cards_promise(
    take_in: Callable[..., Rock], knock: Callable[[str], Any]
) -> None:
    here = take_in()
    assert "body-care" in here.said()
    neighbour = knock("neighbour")
    code = neighbour.post("/v1/pickup-pads", {"count": 1}).json()["codes"][0]
    assert "body-care-no-rest" in Rock(neighbour, knock("lab"), code).said()
