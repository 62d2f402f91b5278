"""One rock, end to end, through HTTP only."""

from collections.abc import Callable
from typing import Any

from fastapi.testclient import TestClient


def test_from_the_tablet_to_the_person(take_in: Callable[..., Any], anyone: TestClient) -> None:
    rock = take_in()

    waiting = anyone.get(f"/v1/results/{rock.code}?lang=en").json()
    assert waiting["state"] == "waiting"
    assert waiting["messages"][0]["key"] == "state-waiting"
    assert "sample_id" not in waiting

    rock.assayed()
    messages = rock.messages("ru", "fr")
    assert [m["key"] for m in messages] == [
        "result-amount",
        "result-share",
        "compare-reference",
        "limits-one-piece",
        "limits-not-detected",
        "limits-not-tested",
        "never-harmless",
        "cut-levamisole",
        "dose-follows-size",
        "guess-vs-measured",
        "guess-too-low",
        "quality-vs-measured",
        "basing-keeps-cuts",
        "effects-from-cocaine",
        "no-amphetamine-subutex",
        "price-look-tell-nothing",
        "emergency-signs",
        "mix-alcohol",
        "pipe-own",
        "body-care",
        "support-your-choice",
        "helpline",
    ]
    assert "138\u00a0mg" in messages[0]["text"]["ru"]
    assert "79\u00a0mg" in messages[0]["text"]["fr"]
    assert messages[0]["review"] == {"ru": "draft", "fr": "draft"}

    held = anyone.get(f"/v1/results/{rock.code}?lang=ru&lang=fr").json()
    assert held["state"] == "answered"
    assert held["messages"] == messages
